"""How late the marks of a running product come: from the instant of a threshold to when it was noticed."""

import os
import random
import time

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
            marks = select(
                Clock.warn_at, Clock.warned_at, Clock.critical_at, Clock.critical_marked_at, Clock.due_at,
                Clock.breach_noticed_at,
            ).where(Clock.kind == "first", Clock.is_off.is_(False))  # fmt: skip
            rows = db.session.execute(marks).all()
        waiting = [row for row in rows if row.breach_noticed_at is None]
        assert time.monotonic() < until, f"{len(waiting)} were never marked by {clock.now()}"
        if not waiting:
            return [(row[n + 1] - row[n]).total_seconds() for row in rows for n in (0, 2, 4)]
        time.sleep(1)


if __name__ == "__main__":
    main()
