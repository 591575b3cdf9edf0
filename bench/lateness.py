"""How late the marks of a running product come: from the instant of a threshold to when it was noticed."""

import os
import random
import time
from collections.abc import Sequence
from datetime import datetime

from flask import Flask
from sqlalchemy import select

from bench.figures import percentile, running, spread
from bench.places import KINDS, served
from helpdesk import create_app
from helpdesk.accounts.customer import Customer
from helpdesk.config import Config
from helpdesk.core import clock
from helpdesk.core.db import db, reading, transaction
from helpdesk.core.tenancy import inside
from helpdesk.organizers.merchant import Merchant
from helpdesk.organizers.organizer import Organizer
from helpdesk.sla.clock import Clock
from helpdesk.sla.policy import Policy, PolicyVersion
from helpdesk.tickets.lifecycle import Priority
from helpdesk.tickets.opening import Opening
from helpdesk.tickets.ticket import Ticket
from tests.support.process import HelpdeskProcess

TICKETS, PAUSE_SECONDS, PATIENCE = 120, 0.5, 60
SECONDS = {"LOW": 40, "MEDIUM": 33, "HIGH": 27, "CRITICAL": 21}  # promised for a first response


def main() -> None:
    """Tickets come for a minute, nobody answers; two workers, which also assign, escalate and send mail."""
    for kind in KINDS:
        with served(kind), running() as product:
            late = measure(product)
        over = sum(seconds > 2 for seconds in late)
        spread(
            f"threshold to mark, {kind}",
            late,
            f"{len(late)} marks, {over} over 2 s, most {percentile(late, 1):.2f} s",
        )


def measure(product: HelpdeskProcess) -> list[float]:
    """Seconds by which each mark came later than its threshold."""
    own = {"HELPDESK_DATA_DIR": str(product.data_dir), "HELPDESK_REDIS_URL": product.state["redis_url"]}
    url = os.environ.get("HELPDESK_DATABASE_URL") or f"sqlite:///{product.data_dir}/helpdesk.sqlite3"
    app = create_app(Config.from_env(own | {"HELPDESK_DATABASE_URL": url}))
    chance = random.Random(4)
    with app.app_context(), transaction():
        organizer = db.session.scalars(select(Organizer.id).where(Organizer.slug == "acme")).one()
    with app.app_context(), inside(organizer), transaction():
        _promise()
    for number in range(TICKETS):
        with app.app_context(), inside(organizer), transaction():
            merchant = db.session.scalars(select(Merchant).where(Merchant.prefix == "ACME")).one()
            who = {"email": f"late{number}@mail.example", "name": "Late", "language": "en"}
            customer = Customer.find_or_create(merchant, **who)
            opening = Opening("Where is it?", "It has not come.", chance.choice([*Priority]))
            Ticket.create(merchant, customer, opening, by=customer)
        time.sleep(PAUSE_SECONDS)
    return _lateness(app, organizer)


def _promise() -> None:
    policy = Policy(name_en="Seconds", is_default=True)
    db.session.add(policy)
    db.session.flush()
    targets = {
        priority: {"first": seconds, "next": None, "resolution": None}
        for priority, seconds in SECONDS.items()
    }
    db.session.add(PolicyVersion(policy_id=policy.id, number=1, targets=targets))


def _lateness(app: Flask, organizer: int) -> list[float]:
    until = time.monotonic() + max(SECONDS.values()) + PATIENCE
    while True:
        with app.app_context(), inside(organizer), reading():
            own = select(Clock).where(Clock.kind == "first", Clock.is_off.is_(False))
            clocks: Sequence[Clock] = db.session.scalars(own).all()
        waiting = [each for each in clocks if each.breached_at is None and each.running_since]
        assert time.monotonic() < until, f"{len(waiting)} were never marked by {clock.now()}"
        if not waiting:
            return [late for each in clocks for late in _late(each)]
        time.sleep(1)


def _late(each: Clock) -> list[float]:
    pairs: list[tuple[datetime | None, datetime | None]] = [
        (each.warn_at, each.warned_at),
        (each.critical_at, each.critical_marked_at),
        (each.breached_at, each.breach_noticed_at),
    ]
    return [(noticed - at).total_seconds() for at, noticed in pairs if at and noticed]


if __name__ == "__main__":
    main()
