"""NTF-001: a page that was away, at whatever moment, ends as a fresh one."""

from __future__ import annotations

import pytest

from helpdesk.core import clock
from helpdesk.escalations.escalation import Escalation
from helpdesk.tickets.lifecycle import Priority, Status
from helpdesk.tickets.ticket import Ticket
from tests.support.page import Element, read
from tests.support.seat import Seat, at_work, ticket_in

S = Status
PATH = "/tickets/ACME-1"


def messages(page: Element) -> list[str]:
    return [m["data-message"] for m in page.with_attribute("data-message")]


def part(page: Element, suffix: str) -> str:
    """The words and marks of one part of the page, found by the end of its id."""
    found = next(
        e for e in page.with_attribute("id") if e["id"].endswith(suffix) and e.tag in ("header", "section")
    )
    marks = [(e["data-kind"], e["data-state"], e["data-due"]) for e in found.all("time", class_="sla")]
    options = [(o["value"], "selected" in o.attributes) for o in found.all("option")]
    versions = [i["value"] for i in found.all("input", name="version")]
    return repr((sorted(found.attributes.items()), found.text, marks, options, versions))


PARTS = ("-header", "-properties", "-resolution", "-clocks", "-escalations")


def sequence(page: Element) -> str:
    return next(e for e in page.all(id="live-sequence"))["data-sequence"]


def do(world, made, deed, name="Gus"):
    with at_work(world, made, name) as (ticket, me):
        deed(ticket, me)


DEEDS = {
    "reply": lambda t, me: t.reply("Words.", by=me, then=S.WAITING_USER),
    "note": lambda t, me: t.note("Words.", by=me),
    "comment": lambda t, me: t.comment("Words.", by=me),
    "customer": lambda t, me: t.hear("Words.", by=t.customer),
    "move": lambda t, me: t.move_to(S.WAITING_INTERNAL, by=me),
    "release": lambda t, me: t.release(by=me),
    "priority": lambda t, me: t.reprioritise(Priority.CRITICAL, by=me),
    "escalate": lambda t, me: Escalation.raise_by_hand(t, by=me, level=2, reason="Look."),
    "resolve": lambda t, me: t.resolve(by=me, note_en="Done.", note_vi="Xong."),
}


def check(seat: Seat, seen: Element) -> None:
    """What the page had and what it is told make up the fresh page."""
    told, fresh = read(seat.get(f"{PATH}/changes", since=sequence(seen))), read(seat.get(PATH))
    had = messages(seen)
    assert had + [m for m in messages(told) if m not in had] == messages(fresh)
    for suffix in PARTS:
        assert part(told, suffix) == part(fresh, suffix), suffix
    assert sequence(told) == sequence(fresh)


@pytest.mark.parametrize(
    "deed,relayed", [*((deed, True) for deed in DEEDS), ("note", False), ("resolve", False)]
)
def test_NTF_001_a_page_that_missed_one_deed_catches_up(world, deed, relayed):
    made = ticket_in(world, S.IN_PROGRESS)
    world.run_reactions()
    gus = Seat(world, "Gus")
    seen = read(gus.get(PATH))
    clock.travel(1800)
    do(world, made, DEEDS[deed])
    clock.travel(1800)  # away for an hour; a relay may be late, too
    if relayed:
        world.run_reactions()
    check(gus, seen)


def test_NTF_001_a_page_catches_up_from_any_moment(world):
    made = ticket_in(world, S.IN_PROGRESS)
    gus = Seat(world, "Gus")
    pages = []
    for name in ("note", "reply", "customer", "move", "escalate", "resolve", "customer"):
        world.run_reactions()
        pages.append(read(gus.get(PATH)))
        clock.travel(80)
        do(world, made, DEEDS[name])
    world.run_reactions()
    for seen in pages:
        check(gus, seen)


def test_NTF_001_what_is_told_grows_with_what_was_missed_and_not_with_the_thread(world):
    made = ticket_in(world, S.IN_PROGRESS)
    for _ in range(20):
        do(world, made, DEEDS["note"])
    world.run_reactions()
    clock.travel(3600)
    gus = Seat(world, "Gus")
    seen = read(gus.get(PATH))
    do(world, made, DEEDS["note"])
    world.run_reactions()
    assert len(messages(read(gus.get(f"{PATH}/changes", since=sequence(seen))))) == 1


@pytest.mark.parametrize("relayed", [True, False])
def test_NTF_001_a_page_that_missed_a_merge_loses_the_messages_that_went_away(world, relayed):
    made, other = ticket_in(world, S.IN_PROGRESS), world.ticket()
    do(world, made, DEEDS["customer"])
    world.run_reactions()
    gus = Seat(world, "Gus")
    seen = read(gus.get(PATH))
    with world.inside():
        first, second = Ticket.for_deed(made), Ticket.for_deed(other)
        first.merge_into(second, by=world.user("Mai"))
    if relayed:
        world.run_reactions()
    answer = gus.get(f"{PATH}/changes", since=sequence(seen))
    [thread] = read(answer).all("hx-partial", hx_target="#thread")
    assert thread["hx-swap"] == "innerHTML", "what is there no more goes away"
    assert messages(thread) == messages(read(gus.get(PATH)))
    assert len(messages(thread)) < len(messages(seen))


@pytest.mark.parametrize("since", ["", "x", "-1", "0", "9" * 40, "1.5"])
def test_NTF_001_an_odd_number_tells_too_much_rather_than_breaking(world, since):
    ticket_in(world, S.IN_PROGRESS)
    world.run_reactions()
    answer = Seat(world, "Gus").get(f"{PATH}/changes", since=since)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert sequence(read(answer)).isdecimal()


def test_Q_1_only_who_sees_the_ticket_catches_up(world, pat):
    ticket_in(world, S.IN_PROGRESS)
    for name in ("Gil", pat):
        assert Seat(world, name).get(f"{PATH}/changes", since="0").status_code == 404
