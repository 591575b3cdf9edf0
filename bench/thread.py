"""The page of a ticket with 500 messages: server time and queries, on both databases."""

import time

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from bench.figures import spread
from bench.pages import counted
from bench.places import KINDS, place
from bench.search import signed_in
from helpdesk.accounts.user import User
from helpdesk.core.db import db, transaction
from helpdesk.core.tenancy import inside
from helpdesk.demo.load import MANAGER, seed_load
from helpdesk.tickets.ticket import Ticket

MESSAGES, TIMES, WARM = 500, 40, 5
TEXT = "Hello, **thank you** for looking into this.\n\n> It was written on Monday\n\nĐơn hàng của tôi ở đâu? https://example.com/{}"


def main() -> None:
    """Print the spread of the ticket's page and of its record."""
    for kind in KINDS:
        with place("thread", kind) as (app, _):
            number = _long_ticket(app)
            client = signed_in(app, MANAGER)
            for name, path in (("ticket page", f"/tickets/{number}"), ("record", f"/tickets/{number}/audit")):
                _time(client, path, f"{name}, {MESSAGES} messages, {kind}")


def _time(client: FlaskClient, path: str, name: str) -> None:
    queries, took = counted(lambda: client.get(path)), []
    for _ in range(WARM + TIMES):
        began = time.perf_counter()
        answer = client.get(path)
        took.append(time.perf_counter() - began)
        assert answer.status_code == 200, answer.status_code
    spread(name, took[WARM:], f"{queries} queries, {len(answer.data) / 1024:.0f} KB")


def _long_ticket(app: Flask) -> str:
    """By the deeds themselves, so that everything is there that a ticket has; its number."""
    with app.app_context():
        seed_load(200)
        manager = User.find(MANAGER)
        assert manager
        organizer_id, user_id = manager.organizer_id, manager.id
    with app.app_context(), inside(organizer_id), transaction():
        me = db.session.get_one(User, user_id)
        me.undo_seconds = 0
        open_ = select(Ticket.id).where(Ticket.status == "IN_PROGRESS").order_by(Ticket.id).limit(1)
        ticket = Ticket.for_deed(db.session.scalars(open_).one())
        for n in range(MESSAGES // 4):
            ticket.hear(TEXT.format(n), by=ticket.customer)
            ticket.note(TEXT.format(n), by=me)
            ticket.comment(TEXT.format(n), by=me)
            ticket.reply(TEXT.format(n), by=me)
        return ticket.number


if __name__ == "__main__":
    main()
