"""How many waiting tickets four workers assign in a second, among forty agents, on both databases."""

import os
import subprocess
import sys
import time
from dataclasses import replace

from flask import Flask
from sqlalchemy import func, select

from bench.places import KINDS, place
from helpdesk import create_app
from helpdesk.accounts.customer import Customer
from helpdesk.accounts.user import User
from helpdesk.agents.agent import Agent
from helpdesk.assignment.backlog import Backlog
from helpdesk.assignment.decision import Decision
from helpdesk.assignment.rule import Rule
from helpdesk.config import Config
from helpdesk.core.db import db, transaction
from helpdesk.core.tenancy import inside
from helpdesk.demo.seed import seed_demo
from helpdesk.launch.preflight import keep_what_is_loaded
from helpdesk.organizers.merchant import Merchant
from helpdesk.organizers.organizer import Organizer
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.ticket import Opening, Ticket

WORKERS, AGENTS, TICKETS = 4, 40, 600
WARM = 5  # of each worker before the clock starts: one that has been at work for a while has built its statements
RULES = ("load_balanced", "round_robin")


def main() -> None:
    """Print the rate for the shipped rule, and for one that goes in turn, where workers wait for each other."""
    for kind in KINDS:
        for strategy in RULES:
            with place(f"backlog-{strategy}", kind) as (app, env):
                organizer = _set_up(app, strategy)
                seconds = _work_off(env, organizer)
                with app.app_context(), inside(organizer), transaction():
                    left = _waiting()
                rate = (TICKETS - left) / seconds
                print(
                    f"{f'{WORKERS} workers, {strategy}, {kind}':<58} {rate:7.1f} assignments/s   {left} left over"
                )


def _set_up(app: Flask, strategy: str) -> int:
    """Forty agents with room for all, a rule, and what waits for them."""
    with app.app_context():
        seed_demo()
        with transaction():
            organizer = db.session.scalars(select(Organizer.id).order_by(Organizer.id)).first() or 0
        with inside(organizer), transaction():
            merchant = db.session.scalars(select(Merchant).order_by(Merchant.id)).first()
            assert merchant
            _hire(merchant)
            db.session.add(Rule(name_en=strategy, strategy=strategy, position=0))
            ben = Customer.find_or_create(merchant, email="ben@example.com", name="Ben", language="en")
            for n in range(TICKETS + WORKERS * WARM):
                Ticket.create(merchant, ben, Opening(f"Question {n}", "Where is my parcel?"), by=ben)
        db.engine.dispose()
    return organizer


def _hire(merchant: Merchant) -> None:
    for n in range(AGENTS):
        user = User(name=f"Agent {n}", email=f"agent{n}@acme.example", role="agent", password_hash="-")
        db.session.add(user)
        db.session.flush()
        user.works_for(merchant)
        db.session.add(Agent(user_id=user.id, languages=["en"], cap=TICKETS))


def _work_off(env: dict[str, str], organizer: int) -> float:
    """Seconds from when all workers are ready to when all are done."""
    command = [sys.executable, "-m", "bench.backlog", str(organizer)]
    workers = [
        subprocess.Popen(
            [*command, str(n)], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for n in range(WORKERS)
    ]
    for worker in workers:
        assert worker.stdout
        assert worker.stdout.readline() == "ready\n"
    began = time.perf_counter()
    for worker in workers:
        assert worker.stdin
        worker.stdin.close()
    codes = [worker.wait() for worker in workers]
    assert codes == [0] * WORKERS
    return time.perf_counter() - began


def _waiting() -> int:
    return db.session.scalar(select(func.count()).where(Ticket.status == Status.OPEN)) or 0


def worker(organizer: int, place: int) -> None:
    """One process, the n-th: work until nothing waits."""
    app = create_app(replace(Config.from_env(dict(os.environ)), rate_limits=False))
    with app.app_context(), inside(organizer):
        with transaction():
            own = list(
                db.session.scalars(select(Ticket.id).order_by(Ticket.id).offset(place * WARM).limit(WARM))
            )
        for ticket_id in own:
            with transaction():
                Decision.make(ticket_id)
        keep_what_is_loaded()
        print("ready", flush=True)
        sys.stdin.read()
        left = 1
        while left:
            Backlog.work_off()
            with transaction():
                left = _waiting()


if __name__ == "__main__":
    worker(int(sys.argv[1]), int(sys.argv[2])) if len(sys.argv) > 1 else main()
