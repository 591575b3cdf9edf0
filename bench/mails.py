"""Mails: how many two workers hand to a mail server in a second, and the queue page while ten thousand leave."""

import asyncio
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from sqlalchemy import func, insert, select, update

from bench.fanout import signed_in
from bench.figures import percentile, running, spread
from bench.places import KINDS, place, served
from helpdesk import create_app
from helpdesk.accounts.customer import Customer
from helpdesk.accounts.user import User
from helpdesk.config import Config
from helpdesk.core import clock
from helpdesk.core.db import db, reading, transaction
from helpdesk.core.events import Event, Reaction, _events
from helpdesk.core.tenancy import inside
from helpdesk.demo.seed import seed_demo
from helpdesk.notifications.delivery import Delivery
from helpdesk.notifications.lane import Lane
from helpdesk.notifications.letter import message_id
from helpdesk.organizers.merchant import Merchant
from helpdesk.organizers.organizer import Organizer
from helpdesk.tickets.message import Message
from helpdesk.tickets.opening import Opening
from helpdesk.tickets.ticket import Ticket
from tests.support.process import HelpdeskProcess

WORKERS, TICKETS, MAILS = 2, 200, int(os.environ.get("BENCH_MAILS", "4000"))
QUEUED = int(os.environ.get("BENCH_QUEUED", "10000"))
PAGES, PAUSE_SECONDS, PATIENCE = 150, 0.05, 300
BEYOND = 10**9  # so far the sequence of events does not come: nobody reacts to these
NEVER = datetime(2100, 1, 1, tzinfo=UTC)
WORDS = """Hello Ben,

your parcel left our store **yesterday**. You can follow it at https://parcels.example/track/4711.

1. It goes to Hanoi first.
2. From there it comes to you within two days.

If it has not come by Friday, write to us again and we will send another one at once."""


def main() -> None:
    """Print the rate, and what a mail costs, on both databases."""
    for kind in KINDS:
        with place("mails", kind) as (app, env):
            with app.app_context():
                seed_demo()
            organizer = fill(app, MAILS)
            with app.app_context(), inside(organizer):
                make_due()
            rate(env | {"HELPDESK_BASE_URL": "https://help.example"}, organizer, kind)
    for kind in KINDS:
        with mail_server() as (url, _), served(kind), running(HELPDESK_SMTP_URL=url) as product:
            drain(product, kind)


def fill(app: Flask, mails: int) -> int:
    """Replies to customers, each with its delivery that is not due yet; the organizer in which they wait."""
    with app.app_context(), transaction():
        organizer = db.session.scalars(select(Organizer.id).order_by(Organizer.id)).first() or 0
    with app.app_context(), inside(organizer), transaction():
        merchant = db.session.scalars(select(Merchant).order_by(Merchant.id)).first()
        agent = db.session.scalars(select(User).where(User.role == "agent").order_by(User.id)).first()
        assert merchant
        assert agent
        tickets = []
        for n in range(TICKETS):
            who = Customer.find_or_create(merchant, email=f"ben{n}@mail.example", name="Ben", language="en")
            ticket = Ticket.create(merchant, who, Opening(f"Question {n}", "Where is my parcel?"), by=who)
            tickets.append((ticket, Message.write(ticket, "agent_reply", WORDS, by=agent)))
        db.session.flush()
        now = clock.now()
        db.session.execute(insert(_events), [
            {"organizer_id": organizer, "ticket_id": ticket.id, "name": "ticket.replied", "actor": agent.actor,
             "data": {"message": message.id}, "created_at": now, "relayed_at": now, "sequence": BEYOND + n, "hash": "-"}
            for n in range(mails) for ticket, message in tickets[n % TICKETS : n % TICKETS + 1]
        ])  # fmt: skip
    with app.app_context(), inside(organizer), transaction():
        events = db.session.execute(
            select(Event.id, Event.ticket_id).where(Event.name == "ticket.replied")
        ).all()
        known = {ticket.id: ticket for ticket in db.session.scalars(select(Ticket))}
        for event_id, ticket_id in events:
            db.session.add(_delivery(event_id, known[ticket_id]))
    with app.app_context():
        db.engine.dispose()
    return organizer


def _delivery(event_id: int, ticket: Ticket) -> Delivery:
    return Delivery(
        event_id=event_id, ticket_id=ticket.id, recipient_kind="customer", recipient_id=ticket.customer_id,
        channel="mail", address=ticket.customer.email, language="en" if event_id % 2 else "vi", reason="customer",
        template="ticket.replied.customer", message_id=message_id(ticket.number, event_id, f"c{ticket.customer_id}"),
        next_at=NEVER, via_merchant_id=ticket.merchant_id,
    )  # fmt: skip


def rate(env: dict[str, str], organizer: int, kind: str) -> None:
    """How fast all of them leave."""
    with mail_server() as (url, counted):
        seconds, spent = _work_off(env | {"HELPDESK_SMTP_URL": url}, organizer)
        took, server = counted()
    each = spent / took * 1000
    print(
        f"{f'{WORKERS} workers, {kind}':<58} {took / seconds:7.1f} mails/s   {each:.2f} ms of a worker's CPU each, "
        f"{server / took * 1000:.2f} ms of the server's"
    )
    assert took == MAILS, took


def _work_off(env: dict[str, str], organizer: int) -> tuple[float, float]:
    """Seconds from when all workers are ready to when all are done, and the CPU seconds that they spent."""
    command = [sys.executable, "-m", "bench.mails", "worker", str(organizer)]
    workers = [
        subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(WORKERS)
    ]
    for worker in workers:
        assert worker.stdout
        assert worker.stdout.readline() == "ready\n"
    began = time.perf_counter()
    for worker in workers:
        assert worker.stdin
        worker.stdin.close()
    spent = sum(float(worker.stdout.readline()) for worker in workers if worker.stdout)
    seconds = time.perf_counter() - began
    assert [worker.wait() for worker in workers] == [0] * WORKERS
    return seconds, spent


def work(organizer: int) -> None:
    """One process: send until nothing waits."""
    app = create_app(replace(Config.from_env(dict(os.environ)), rate_limits=False))
    with app.app_context(), inside(organizer):
        with transaction():
            _waiting()
        print("ready", flush=True)
        sys.stdin.read()
        before = time.process_time()
        left = 1
        while left:
            while Lane().send():
                pass
            with transaction():
                left = _waiting()
        print(time.process_time() - before, flush=True)


def _waiting() -> int:
    return db.session.scalar(select(func.count(Delivery.id)).where(Delivery.next_at.is_not(None))) or 0


def drain(product: HelpdeskProcess, kind: str) -> None:
    """The queue page while nothing is sent, and while ten thousand mails leave."""
    url = os.environ.get("HELPDESK_DATABASE_URL") or f"sqlite:///{product.data_dir}/helpdesk.sqlite3"
    own = {"HELPDESK_DATA_DIR": str(product.data_dir), "HELPDESK_DATABASE_URL": url}
    app = create_app(Config.from_env(own))
    browser, _ = signed_in(product.address)

    def look() -> float:
        time.sleep(PAUSE_SECONDS)
        began = time.perf_counter()
        browser.open(f"{product.address}/queue").read()
        return time.perf_counter() - began

    organizer = fill(app, QUEUED)
    with app.app_context(), inside(organizer):
        _wait_for_reactions()
    idle, busy = [look() for _ in range(PAGES)], []
    with app.app_context(), inside(organizer):
        make_due()
        until = time.monotonic() + PATIENCE
        began = time.monotonic()
        while (left := _left()) and time.monotonic() < until:
            busy += [look() for _ in range(10)]
    seconds = time.monotonic() - began
    spread(f"queue page, idle, {kind}", idle)
    spread(
        f"queue page while {QUEUED:,} mails leave, {kind}",
        busy,
        f"{(QUEUED - left) / seconds:.0f} mails/s, {left} left",
    )
    print(f"{'p95 against idle':<58} {percentile(busy, 0.95) / percentile(idle, 0.95):.2f} times")


def make_due() -> None:
    """Let all of them leave."""
    with transaction():
        db.session.execute(update(Delivery).where(Delivery.next_at == NEVER).values(next_at=clock.now()))
    db.engine.dispose()


def _left() -> int:
    with reading():
        return _waiting()


def _wait_for_reactions() -> None:
    """Until workers have done everything about the tickets that were just made."""
    until, left = time.monotonic() + PATIENCE, 1
    while left:
        assert time.monotonic() < until, f"{left} reactions were not done"
        time.sleep(0.5)
        with reading():
            unsealed = select(func.count(Event.id)).where(Event.sequence.is_(None))
            open_ = select(func.count(Reaction.id)).where(Reaction.next_at.is_not(None))
            left = (db.session.scalar(unsealed) or 0) + (db.session.scalar(open_) or 0)
            left += db.session.scalar(select(func.count(Delivery.id)).where(Delivery.next_at < NEVER)) or 0


class Counter(asyncio.Protocol):
    """Takes every mail and forgets it. As short as can be: what is measured is who sends."""

    taken = 0

    def connection_made(self, transport: Any) -> None:
        """Greet."""
        self.transport, self.waiting, self.is_data = transport, b"", False
        transport.write(b"220 here\r\n")

    def data_received(self, data: bytes) -> None:
        """Commands, one answer each; a mail ends with a dot."""
        self.waiting += data
        while True:
            one, end, rest = self.waiting.partition(b"\r\n.\r\n" if self.is_data else b"\r\n")
            if not end:
                return
            self.waiting = rest
            if self.is_data:
                type(self).taken += 1
            self.is_data = not self.is_data and one.upper() == b"DATA"
            self.transport.write(b"354 go on\r\n" if self.is_data else b"250 OK\r\n")
            if one.upper() == b"QUIT":
                self.transport.close()


@contextmanager
def mail_server() -> Iterator[tuple[str, Any]]:
    """A mail server in a process of its own: its address, and how to end it and ask what it took and spent."""
    listener = socket.create_server(("127.0.0.1", 0))
    command = [sys.executable, "-m", "bench.mails", "serve", str(listener.fileno())]
    server = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, pass_fds=[listener.fileno()]
    )

    def counted() -> tuple[int, float]:
        taken, spent = server.communicate()[0].split()
        return int(taken), float(spent)

    try:
        yield f"smtp://127.0.0.1:{listener.getsockname()[1]}", counted
    finally:
        server.kill()
        server.wait()
        listener.close()


def serve(number: int) -> None:
    """Take mails until nobody wants to know any more."""

    async def run() -> None:
        listener = socket.socket(fileno=number)
        await asyncio.get_running_loop().create_server(Counter, sock=listener)
        await asyncio.to_thread(sys.stdin.read)
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(Counter.taken, used.ru_utime + used.ru_stime, flush=True)

    asyncio.run(run())


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["worker", organizer]:
            work(int(organizer))
        case ["serve", number]:
            serve(int(number))
        case _:
            main()
