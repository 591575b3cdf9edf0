"""A process that writes notes at a steady rate, as bulk runs and workers write theirs: not by a page of the desk."""

import json
import os
import sys
import time
from dataclasses import replace

from sqlalchemy import select

from helpdesk import create_app
from helpdesk.accounts.user import User
from helpdesk.config import Config
from helpdesk.core.db import db, transaction
from helpdesk.core.tenancy import inside
from helpdesk.launch.preflight import keep_what_is_loaded
from helpdesk.tickets.ticket import Ticket

AGENT = "gus@acme.example"


def main(rate: float, seconds: float, most: int, place: int, writers: int) -> None:
    """The n-th of some writers, on its part of up to so many tickets in turn.

    Says `ready`, waits for the end of its input, and prints what it did: a list of the ticket's number, when the deed
    began and when it was committed, in seconds of `time.perf_counter`.
    """
    app = create_app(replace(Config.from_env(dict(os.environ)), rate_limits=False))
    with app.app_context():
        agent = User.find(AGENT)
        assert agent
        organizer, did = agent.organizer_id, []
        with inside(organizer), transaction():
            found = db.session.execute(select(Ticket.id, Ticket.number).order_by(Ticket.id).limit(most)).all()
            numbers = found[place::writers]
        keep_what_is_loaded()
        print("ready", flush=True)
        sys.stdin.read()
        start = time.perf_counter() + place / (rate * writers)
        for turn in range(int(rate * seconds)):
            time.sleep(max(0.0, start + turn / rate - time.perf_counter()))
            id_, number = numbers[turn % len(numbers)]
            began = time.perf_counter()
            with inside(organizer), transaction():
                writer = db.session.get_one(User, agent.id)
                Ticket.for_deed(id_).note("Looked at.", by=writer)
            did.append((number, began, time.perf_counter()))
    json.dump(did, sys.stdout)


if __name__ == "__main__":
    main(float(sys.argv[1]), float(sys.argv[2]), *map(int, sys.argv[3:]))
