"""MSG-005: `@name` in a note notifies that agent, with or without marks, and nobody who may not read it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from helpdesk.accounts.user import User
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.mention import Mention
from tests.support.seat import at_work, ticket_in


def person(name: str, email: str) -> User:
    return User(name=name, email=email)


PEOPLE = [
    person("Nguyễn Văn Đức", "duc.nguyen@acme.example"),
    person("Nguyễn Thị Hoa", "hoa@acme.example"),
    person("Gus Holt", "gus@acme.example"),
    person("Gustav Berg", "berg@acme.example"),
]


def called(note: str) -> list[str]:
    from helpdesk.core.fulltext import fold, words
    from helpdesk.tickets.mention import _AT

    typed = [tuple(fold(word) for word in words(part)) for part in _AT.findall(note)]
    return [
        m.user.name
        for call in typed
        for m in Mention.among(PEOPLE)
        if any(call[: len(c)] == c for c in m.calls)
    ]


@pytest.mark.parametrize(
    "note,names",
    [
        ("@Gus please look", ["Gus Holt"]),
        ("Hi @gus holt, please", ["Gus Holt"]),
        ("cc @Đức và @hoa", ["Nguyễn Văn Đức", "Nguyễn Thị Hoa"]),
        ("cc @duc", ["Nguyễn Văn Đức"]),
        ("@DUC.NGUYEN?", ["Nguyễn Văn Đức"]),
        ("@nguyen is two people", []),
        ("@nguyen van duc is one", ["Nguyễn Văn Đức"]),
        ("write to gus@acme.example", []),
        ("@gustav", ["Gustav Berg"]),
        ("@gu", []),
        ("an @ alone, and @@gus", []),
    ],
)
def test_MSG_005_a_name_means_one_person(note, names):
    assert called(note) == names


def test_MSG_005_the_note_knows_whom_it_mentions(world):
    made = ticket_in(world, Status.ASSIGNED)
    with at_work(world, made) as (ticket, gus):
        ticket.note("@linh, @Mai and @gil: look at this", by=gus)
        linh, mai = world.user("Linh").id, world.user("Mai").id
    with world.inside():
        noted = db.session.scalars(select(Event).where(Event.name == "ticket.noted")).one()
        assert noted.data["mentions"] == [linh, mai], "Gil is of another organizer"
        assert "look at this" not in str(noted.data)


def test_MSG_005_nobody_is_mentioned_who_may_not_read_it(world):
    made = ticket_in(world, Status.ASSIGNED)
    with at_work(world, made) as (ticket, gus):
        world.user("Linh").is_active = False
        db.session.flush()
        ticket.note("@linh are you there?", by=gus)
    with world.inside():
        noted = db.session.scalars(select(Event).where(Event.name == "ticket.noted")).one()
        assert noted.data["mentions"] == []
