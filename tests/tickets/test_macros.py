"""Macros: several steps under one name (UX M8), shown before they are done, all or none."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.tickets.bulk_run import BulkRun
from helpdesk.tickets.canned_reply import CannedReply
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.macro import Macro
from helpdesk.tickets.ticket import Ticket
from helpdesk.tickets.ticket_deed import TicketDeed
from tests.support.page import read
from tests.support.seat import Seat, events_of, thread_of, ticket_in
from tests.support.world import World

NAMES = {"name_en": "Look into it", "name_vi": "Xem xét"}


@pytest.fixture
def gus(world: World) -> Seat:
    return Seat(world, "Gus")


def macro(world: World, *deeds: TicketDeed, owner: str | None = None) -> int:
    """A macro for everybody, or for one; its id."""
    with world.inside():
        owner_id = world.user(owner).id if owner else None
        values: dict[str, Any] = {**NAMES, "deeds": [deed.said for deed in deeds]}
        return Macro.create(values, by=world.user("Mai"), owner_id=owner_id, group_id=None).id


def canned(world: World, body: str, owner: str | None = None) -> int:
    with world.inside():
        words = {"name_en": "Soon", "body_en": body, "body_vi": f"{body} (vi)"}
        owner_id = world.user(owner).id if owner else None
        return CannedReply.create(words, by=world.user("Mai"), owner_id=owner_id, group_id=None).id


def number(world: World, ticket_id: int) -> str:
    with world.inside():
        return db.session.get_one(Ticket, ticket_id).number


def count(world: World, model: Any) -> int:
    with world.inside():
        return world.count(model)


def test_UX_M8_the_preview_says_what_would_happen_and_changes_nothing(world: World, gus: Seat) -> None:
    ticket = world.ticket()
    reply = canned(world, "Hello {{customer_name}}")
    which = macro(
        world, TicketDeed("assign", "me"), TicketDeed("priority", "MEDIUM"), TicketDeed("reply", str(reply)),
        TicketDeed("status", "IN_PROGRESS"),
    )  # fmt: skip
    before = count(world, Event)
    page = read(gus.post(f"/tickets/{number(world, ticket)}/macros/{which}/preview"))
    assert "Hello Bea (vi)" in page.text  # in the customer's language
    assert "It is so already." in page.text  # the priority
    assert count(world, Event) == before
    with world.inside():
        assert db.session.get_one(Ticket, ticket).assignee_id is None
        assert [message.kind for message in thread_of(ticket)] == ["comment"]


def applied(world: World, seat: Seat, base: str) -> TestResponse:
    """What was shown is done."""
    seat.post(f"{base}/preview")
    with world.inside():
        run = max(db.session.scalars(select(BulkRun.id)))
    return seat.post(f"{base}/runs", run=run)


def test_UX_M8_applied_twice_it_is_done_once_and_as_it_was_shown(world: World, gus: Seat) -> None:
    ticket, reply = world.ticket(), canned(world, "We look into it.")
    which = macro(
        world, TicketDeed("assign", "me"), TicketDeed("note", "Called."), TicketDeed("reply", str(reply))
    )
    base = f"/tickets/{number(world, ticket)}/macros/{which}"
    run = next(read(gus.post(f"{base}/preview")).all("input", name="run"))["value"]
    with world.inside():
        db.session.get_one(Macro, which).change({"deeds": [TicketDeed("follow").said]}, by=world.user("Mai"))
    assert [gus.post(f"{base}/runs", run=run).status_code for _ in range(2)] == [303, 303]
    with world.inside():
        kinds = sorted(message.kind for message in thread_of(ticket) if message.kind != "system")
        assert kinds == ["agent_reply", "comment", "internal_note"]
        assert db.session.get_one(Macro, which).used_count == 1


@pytest.mark.parametrize("run", ["", "0", "9" * 30, "x", "2147483648"])
def test_UX_M8_nothing_is_done_that_was_not_shown(world: World, gus: Seat, run: str) -> None:
    ticket = world.ticket()
    base = f"/tickets/{number(world, ticket)}/macros/{macro(world, TicketDeed('follow'))}"
    assert gus.post(f"{base}/runs", run=run).status_code == 404


def test_UX_M8_a_run_of_another_ticket_or_of_another_macro_is_not_there(world: World, gus: Seat) -> None:
    first, second = number(world, world.ticket()), number(world, world.ticket())
    one, other = macro(world, TicketDeed("follow")), macro(world, TicketDeed("assign", "me"))
    run = next(read(gus.post(f"/tickets/{first}/macros/{one}/preview")).all("input", name="run"))["value"]
    for base in (f"/tickets/{second}/macros/{one}", f"/tickets/{first}/macros/{other}"):
        assert gus.post(f"{base}/runs", run=run).status_code == 404


def test_UX_M8_a_reply_that_also_resolves_says_so(world: World, gus: Seat) -> None:
    ticket, reply = world.ticket(), canned(world, "Done.")
    which = macro(world, TicketDeed("reply", f"{reply}:RESOLVED"))
    assert "and resolve" in gus.post(f"/tickets/{number(world, ticket)}/macros/{which}/preview").text


def test_UX_M8_a_shared_macro_sends_no_private_reply(world: World) -> None:
    mai, private = Seat(world, "Mai"), canned(world, "Mine.", owner="Mai")
    sent = {**NAMES, "step": [f"reply|{private}"], "words": [""]}
    assert "own canned reply" in mai.post("/settings/macros?lang=en", **sent, scope="all").text
    assert mai.post("/settings/macros", **sent, scope="own").status_code == 303


def test_UX_M8_applied_it_is_all_done_and_can_be_undone_at_once(world: World, gus: Seat) -> None:
    ticket = world.ticket()
    which = macro(
        world, TicketDeed("assign", "me"), TicketDeed("priority", "HIGH"), TicketDeed("add_tags", "late"),
        TicketDeed("status", "IN_PROGRESS"),
    )  # fmt: skip
    answer = applied(world, gus, f"/tickets/{number(world, ticket)}/macros/{which}")
    assert answer.status_code == 303
    page = read(gus.get(answer.location))
    assert "The macro is done." in page.text
    with world.inside():
        now = db.session.get_one(Ticket, ticket)
        assert (now.assignee.name, now.priority, now.status) == ("Gus", "HIGH", "IN_PROGRESS")
        assert db.session.get_one(Macro, which).used_count == 1
        run = max(db.session.scalars(select(BulkRun.id)))
    assert gus.post(f"/bulk/{run}/undo", back=number(world, ticket)).location.endswith(number(world, ticket))
    with world.inside():
        now = db.session.get_one(Ticket, ticket)
        assert (now.assignee_id, now.priority, now.status, now.tags) == (None, "MEDIUM", "OPEN", [])


def test_UX_M8_a_step_that_cannot_be_done_keeps_back_all_others(world: World, gus: Seat) -> None:
    ticket = ticket_in(world, Status.ASSIGNED, "Linh")
    which = macro(world, TicketDeed("priority", "HIGH"), TicketDeed("assign", "me"))
    base = f"/tickets/{number(world, ticket)}/macros/{which}"
    page = read(gus.post(f"{base}/preview"))
    assert "Linh has this ticket already." in page.text
    assert not list(page.all("form", action=f"{base}/runs"))
    answer = applied(world, gus, base)
    assert answer.status_code == 409
    with world.inside():
        assert db.session.get_one(Ticket, ticket).priority == "MEDIUM"
        assert "ticket.reprioritised" not in [event.name for event in events_of(ticket)]


def test_UX_A3_a_reply_with_a_placeholder_that_is_not_filled_is_not_sent(world: World, gus: Seat) -> None:
    ticket, reply = world.ticket(), canned(world, "Order {{order_id}}")
    which = macro(world, TicketDeed("reply", str(reply)))
    answer = applied(world, gus, f"/tickets/{number(world, ticket)}/macros/{which}")
    assert answer.status_code == 409
    assert "{{order_id}}" in answer.text
    with world.inside():
        assert len(thread_of(ticket)) == 1


def test_UX_M8_settings_keep_the_steps_in_their_order(world: World, gus: Seat) -> None:
    steps = ["priority|HIGH", "note|", "assign|me", *[""] * 5]
    words = ["", "Call them", *[""] * 6]
    sent = {**NAMES, "scope": "own", "step": steps, "words": words}
    assert gus.post("/settings/macros", **sent).status_code == 303
    with world.inside():
        made = db.session.scalars(select(Macro)).one()
        which = made.id
        assert made.ordered == [
            TicketDeed("priority", "HIGH"), TicketDeed("note", "Call them"), TicketDeed("assign", "me"),
        ]  # fmt: skip
    page = read(gus.get(f"/settings/macros/{which}"))
    assert "Call them" in page.text
    moved = read(gus.post(f"/settings/macros/{which}", **sent, move="2:up"))
    chosen = [option["value"] for option in moved.all("option") if "selected" in option.attributes]
    assert chosen[-3:] == ["priority|HIGH", "assign|me", "note|"]


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([], []),
        (["note|"], ["  "]),
        (["add_tags|"], [","]),
        (["add_tags|"], ["x" * 41]),
        (["status|RESOLVED"], [""]),
        (["delete|"], [""]),
        (["assign|999999"], [""]),
        (["note|"], ["x" * 5001]),
        (["priority|HIGH"] * 9, [""] * 9),
    ],
)
def test_UX_M8_what_is_no_step_is_refused_and_said(
    world: World, gus: Seat, steps: list[str], words: list[str]
) -> None:
    answer = gus.post("/settings/macros", **NAMES, scope="own", step=steps, words=words)
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert count(world, Macro) == 0


def test_UX_M8_an_agent_neither_uses_nor_sees_what_is_somebody_elses(world: World, gus: Seat) -> None:
    ticket, hers = world.ticket(), macro(world, TicketDeed("follow"), owner="Linh")
    everybodys = macro(world, TicketDeed("follow"))
    base = f"/tickets/{number(world, ticket)}/macros"
    assert gus.post(f"{base}/{hers}/preview").status_code == 404
    assert gus.post(f"{base}/{hers}/runs").status_code == 404
    assert gus.get(f"/settings/macros/{hers}").status_code == 404
    assert gus.post(f"/settings/macros/{everybodys}/archival").status_code == 403
    assert gus.post("/settings/macros", **NAMES, scope="all", step=["follow|"], words=[""]).status_code == 422


def test_UX_M8_a_change_against_an_older_state_shows_both(world: World, gus: Seat) -> None:
    which = macro(world, TicketDeed("follow"), owner="Gus")
    sent = {**NAMES, "scope": "own", "step": ["priority|LOW"], "words": [""], "version": "1"}
    assert gus.post(f"/settings/macros/{which}", **sent).status_code == 303
    late = gus.post(f"/settings/macros/{which}", **{**sent, "step": ["priority|HIGH"]})
    assert late.status_code == 409
    assert "Change the priority: Low" in late.text
