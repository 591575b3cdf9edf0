"""TKT-007: the record of a ticket lists everything that happened, as a sentence in the reader's language."""

from __future__ import annotations

from datetime import timedelta

from helpdesk.agents.agent import Agent
from helpdesk.agents.group import Group
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Event, record, subscribed_names
from helpdesk.escalations.escalation import Escalation
from helpdesk.sla.clock import Clock
from helpdesk.tickets.category import Category
from helpdesk.tickets.lifecycle import Priority, Status
from helpdesk.tickets.snooze import Snooze
from helpdesk.tickets.ticket import Ticket
from helpdesk.tickets.ticket_relation import TicketRelation
from tests.escalations.steps import team
from tests.sla.desk_time import own_policy, targets
from tests.support.page import read
from tests.support.seat import Seat, at_work, events_of

S = Status


def eventful(world) -> int:
    """A ticket to which everything happened."""
    with world.inside():
        for agent in db.session.scalars(db.select(Agent)):
            agent.availability = "away"
    made = world.ticket()
    world.run_reactions()  # nobody could be found
    with at_work(world, made) as (ticket, me):
        ticket.take(by=me)
        ticket.note("A note.", by=me)
        ticket.comment("A remark.", by=me)
        ticket.reprioritise(Priority.HIGH, by=me)
        ticket.recategorise(world.one(Category, name_en="Payment"), by=me)
        ticket.retag(["late"], by=me)
        ticket.rename("Where is it now?", by=me)
        ticket.hand_to(db.session.get(Group, team(world, "Gus", "Linh")), by=me)
        other = own_policy(targets=targets(first=3 * 3600, resolution=24 * 3600))
        ticket.remeasure(other, None, why="policy", by=me)
        Snooze.begin(ticket, clock.now() + timedelta(hours=4), by=me)
    clock.travel(5 * 3600)
    with world.inside():
        Clock.mark_due()
        Snooze.wake_due()
    world.run_reactions()
    with at_work(world, made, "Mai") as (ticket, mai):
        db.session.scalars(Escalation.of(made)).first().acknowledge(by=mai)
        ticket.give_to(world.user("Linh"), by=mai)
    with at_work(world, made, "Linh") as (ticket, linh):
        ticket.reply("An answer.", by=linh, then=S.WAITING_USER)
        ticket.hear("A question.", by=ticket.customer)
        ticket.resolve(by=linh, note_vi="Xong.")
        ticket.hear("No.", by=ticket.customer)
    others(world, made)
    with at_work(world, made, "Linh") as (ticket, linh):
        ticket.resolve(by=linh, note_vi="Xong.")
        ticket.confirm(by=ticket.customer, rating=4)
        ticket.follow_up("Again.", by=ticket.customer)
    world.run_reactions()
    return made


def others(world, made: int) -> None:
    """What other tickets have to do with it; and it was gone for a while."""
    duplicate, near = world.ticket(), world.ticket()
    with at_work(world, made, "Mai") as (ticket, mai):
        TicketRelation.relate(ticket, Ticket.for_deed(near), by=mai)
        db.session.flush()
        world.one(TicketRelation).unrelate(by=mai)
        Ticket.for_deed(duplicate).merge_into(ticket, by=mai)
        ticket.delete(by=mai)
        ticket.restore(by=mai)


def test_TKT_007_every_event_has_its_line_in_both_languages(world):
    made = eventful(world)
    with world.inside():
        recorded = [(f"event-{e.id}", e.name) for e in events_of(made)]
    assert {name for _, name in recorded} >= {
        n for n in subscribed_names() - {"ticket.merged"} if n.startswith(("ticket.", "sla.", "assign"))
    }  # one that was merged is not gone on with
    lines = {}
    for name in ("Gus", "Linh"):
        rows = read(Seat(world, name).get("/tickets/ACME-1/audit")).with_attribute("data-event")
        assert [(row["id"], row["data-event"]) for row in rows] == recorded
        lines[name] = [[cell.text for cell in row.all("td")] for row in rows]
    for (_, event), english, vietnamese in zip(recorded, lines["Gus"], lines["Linh"], strict=True):
        assert len(english) == 4
        assert all(english), event
        assert all(vietnamese), event
        assert english[2] != vietnamese[2], event
        assert not {"{", "%(", "None"} & set(english[2].split()), event


def test_TKT_007_each_line_names_who_did_it(world):
    eventful(world)
    rows = read(Seat(world, "Gus").get("/tickets/ACME-1/audit")).with_attribute("data-event")
    who = {(row["data-event"], list(row.all("td"))[1].text) for row in rows}
    assert {("ticket.created", "Bea"), ("ticket.noted", "Gus"), ("escalation.acknowledged", "Mai"),
            ("ticket.replied", "Linh"), ("ticket.replied", "Bea"), ("ticket.rated", "Bea")} <= who  # fmt: skip
    assert all(name for _, name in who)


def test_MSG_003_the_record_holds_nothing_that_was_written(world):
    eventful(world)
    page = Seat(world, "Gus").get("/tickets/ACME-1/audit").text
    for words in ("A note.", "A remark.", "An answer.", "A question."):
        assert words not in page


def test_Q_1_the_record_is_for_who_sees_the_ticket(world, pat):
    eventful(world)
    for name in ("Gil", pat):
        assert Seat(world, name).get("/tickets/ACME-1/audit").status_code == 404


def lines(world, name: str = "Gus", **chosen: str) -> list[tuple[str, str]]:
    """(event, its words) of the record's page."""
    rows = read(Seat(world, name).get("/tickets/ACME-1/audit", **chosen)).with_attribute("data-event")
    return [(row["data-event"], row.text) for row in rows]


def test_TKT_007_the_record_can_be_narrowed_to_a_kind_and_a_person(world):
    eventful(world)
    everything = lines(world)
    with world.inside():
        linh, bea = world.user("Linh").id, world.customer("Bea").id
    kinds = ("messages", "assignment", "classification", "deadlines", "escalations", "life")
    parts = [lines(world, kind=kind) for kind in kinds]
    assert all(parts)
    assert sorted(line for part in parts for line in part) == sorted(everything)
    assert {event for event, _ in parts[0]} == {"ticket.noted", "ticket.commented", "ticket.replied"}
    assert {event for event, _ in lines(world, kind="messages", who=f"user-{linh}")} == {"ticket.replied"}
    assert {event for event, _ in lines(world, who=f"customer-{bea}")} >= {"ticket.created", "ticket.rated"}
    assert {event for event, _ in lines(world, who="system")} >= {"sla.breached", "assignment.failed"}
    people = ("system", *(f"user-{n}" for n in range(1, 9)), *(f"customer-{n}" for n in range(1, 9)))
    assert sum(len(lines(world, who=who)) for who in people) == len(everything)


def test_TKT_007_what_is_no_kind_and_nobody_finds_nothing(world):
    world.ticket()
    for chosen in (
        {"kind": "x"},
        {"who": "user-"},
        {"who": "user-x"},
        {"who": "9" * 40},
        {"kind": "%", "who": "😀"},
    ):
        assert lines(world, **chosen) == []
        assert "/audit" in Seat(world, "Gus").get("/tickets/ACME-1/audit", **chosen).text
    assert len(lines(world, after="x")) == 1
    assert lines(world, after="9" * 18) == []


def test_TKT_007_old_and_new_stand_in_the_readers_words(world):
    eventful(world)
    renamed = ("Where is my order?", "Where is it now?")
    changed = {
        "Gus": [("Normal", "High"), ("–", "Payment"), ("–", "late"), renamed],
        "Linh": [("Bình thường", "Cao"), ("–", "Thanh toán"), ("–", "late"), renamed],
    }
    for name, pairs in changed.items():
        page = read(Seat(world, name).get("/tickets/ACME-1/audit", kind="classification"))
        assert [(d.text, i.text) for d, i in zip(page.all("del"), page.all("ins"), strict=True)] == pairs
    page = read(Seat(world, "Gus").get("/tickets/ACME-1/audit", kind="assignment"))
    assert ("Gus", "Linh") in [
        (d.text, i.text) for d, i in zip(page.all("del"), page.all("ins"), strict=True)
    ]


def test_TKT_007_each_line_shows_its_seal(world):
    world.ticket()
    assert "not sealed yet" in lines(world)[0][1]
    world.run_reactions()
    with world.inside():
        event = world.one(Event, name="ticket.created")
    assert f"{event.sequence} {event.hash[:10]}" in lines(world)[0][1]


def test_TKT_007_a_long_record_has_pages(world):
    made = world.ticket()
    with at_work(world, made) as (ticket, me):
        for n in range(120):
            record("ticket.rated", on=ticket, by=me, rating=n % 5 + 1)
    seat, path, found = Seat(world, "Gus"), "/tickets/ACME-1/audit?kind=life", []
    while path:
        page = read(seat.get(path))
        found += [row["id"] for row in page.with_attribute("data-event")]
        path = next((link["href"] for link in page.all("a", rel="next")), "")
    with world.inside():
        assert found == [f"event-{e.id}" for e in events_of(made)]
