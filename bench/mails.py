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
from datetime import timedelta
from typing import Any

from aiosmtpd.smtp import SMTP
from flask import Flask
from sqlalchemy import func, insert, select

from bench.places import KINDS, place
from helpdesk import create_app
from helpdesk.accounts.customer import Customer
from helpdesk.accounts.user import User
from helpdesk.config import Config
from helpdesk.core import clock
from helpdesk.core.db import db, transaction
from helpdesk.core.events import Event, _events
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

WORKERS, TICKETS, MAILS = 2, 200, int(os.environ.get("BENCH_MAILS", "4000"))
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
            rate(env | {"HELPDESK_BASE_URL": "https://help.example"}, organizer, kind)


def fill(app: Flask, mails: int) -> int:
    """Replies to customers, each with its delivery that is due; the organizer in which they wait."""
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
             "data": {"message": message.id}, "created_at": now}
            for ticket, message in (tickets[n % TICKETS] for n in range(mails))
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
        next_at=clock.now() - timedelta(seconds=1), via_merchant_id=ticket.merchant_id,
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
        while Lane().send():
            pass
        print(time.process_time() - before, flush=True)


def _waiting() -> int:
    return db.session.scalar(select(func.count(Delivery.id)).where(Delivery.next_at.is_not(None))) or 0


class Counter:
    """Takes every mail and forgets it."""

    taken = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """One more."""
        self.taken += 1
        return "250 OK"


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
        loop, counter = asyncio.get_running_loop(), Counter()
        listener = socket.socket(fileno=number)
        await loop.create_server(lambda: SMTP(counter, hostname="localhost", loop=loop), sock=listener)
        await asyncio.to_thread(sys.stdin.read)
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(counter.taken, used.ru_utime + used.ru_stime, flush=True)

    asyncio.run(run())


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["worker", organizer]:
            work(int(organizer))
        case ["serve", number]:
            serve(int(number))
        case _:
            main()
