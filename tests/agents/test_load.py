"""AGT-010, TKT-004, TKT-007: whatever people do in whatever order, loads, moves and the record stay true."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import select

from helpdesk.agents.agent import Agent
from helpdesk.assignment.decision import Decision
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.core.events import broken_links
from helpdesk.escalations.escalation import Escalation
from helpdesk.tickets.lifecycle import Priority, Status
from helpdesk.tickets.ticket import Ticket
from tests.support.seat import at_work, events_of, thread_of
from tests.tickets.test_moves import TABLE

LOADS = ("ASSIGNED", "IN_PROGRESS", "WAITING_INTERNAL", "ESCALATED")  # AGT-010
TICKETS, STEPS = 4, 60
MOVES = {"ticket.transitioned", "ticket.resolved", "ticket.reopened", "ticket.closed", "ticket.assigned"}

DEEDS = {
    "move": lambda t, me, chance: t.move_to(chance.choice(list(Status)), by=me),
    "take": lambda t, me, _: t.take(by=me),
    "give": lambda t, me, chance: t.give_to(chance.choice(COLLEAGUES), by=me),
    "release": lambda t, me, _: t.release(by=me),
    "reply": lambda t, me, chance: t.reply("So.", by=me, then=chance.choice([None, Status.WAITING_USER])),
    "note": lambda t, me, _: t.note("Hm.", by=me),
    "hear": lambda t, me, _: t.hear("And?", by=t.customer),
    "resolve": lambda t, me, _: t.resolve(by=me, note_en="Done.", note_vi="Xong."),
    "reopen": lambda t, me, _: t.reopen(by=me),
    "confirm": lambda t, me, chance: t.confirm(by=t.customer, rating=chance.randint(1, 5)),
    "close": lambda t, me, _: t.close(by=me, reason="spam"),
    "escalate": lambda t, me, _: Escalation.raise_by_hand(t, by=me, level=1, reason="Look."),
    "reprioritise": lambda t, me, chance: t.reprioritise(chance.choice(list(Priority)), by=me),
    "decide": lambda t, me, _: Decision.make(t.id),
    "close if silent": lambda t, me, _: t.close_if_silent(clock.now()),
}
ENDINGS = ("confirm", "close")  # rare, or everything would be over soon
COLLEAGUES: list = []


def step(world, chance: random.Random, tickets: list[int]) -> None:
    """One deed of somebody, which the ticket may refuse."""
    names = [name for name in DEEDS if name not in ENDINGS or chance.random() < 0.6]
    deed = chance.choice([*names, *["move"] * 5])
    try:
        with at_work(world, chance.choice(tickets), chance.choice(["Gus", "Linh", "Mai"])) as (ticket, me):
            COLLEAGUES[:] = [world.user("Gus"), world.user("Linh")]
            DEEDS[deed](ticket, me, chance)
    except Refusal:
        pass
    clock.travel(chance.choice([1, 60, 7200]))


def check_loads(world) -> None:
    with world.inside():
        carried = list(db.session.scalars(select(Ticket.assignee_id).where(Ticket.status.in_(LOADS))))
        for profile in db.session.scalars(select(Agent)):
            assert profile.load == carried.count(profile.user_id), profile.user.name


def check_record(world, ticket_id: int) -> None:
    """Every status that the ticket ever had is in the record, one move of the table after another."""
    with world.inside():
        status, assignee = "OPEN", None
        moves = [event for event in events_of(ticket_id) if event.name in MOVES]
        for event in moves:
            assert event.data["from"] == status, "a move is missing"
            to = event.data["to"]
            given = event.name == "ticket.assigned"
            assert to in TABLE[Status(status)] or (given and status == to), (status, to)
            if given:
                assert (event.data["before"] or {}).get("id") == assignee
                assignee = event.data["assignee"]["id"]
            elif to == "OPEN":
                assignee = None
            status = to
        ticket = world.one(Ticket, id=ticket_id)
        assert (ticket.status, ticket.assignee_id) == (status, assignee)
        lines = [m for m in thread_of(ticket_id) if m.kind == "system" and m.event_name in MOVES]
        assert [m.event_data["to"] for m in lines] == [event.data["to"] for event in moves]
        if status in ("ASSIGNED", "IN_PROGRESS", "WAITING_USER", "WAITING_INTERNAL"):
            assert ticket.assignee_id


@pytest.mark.parametrize("seed", range(4))
def test_AGT_010_TKT_007_any_sequence_of_deeds_keeps_loads_moves_and_record(world, seed):
    chance = random.Random(seed)
    tickets = [world.ticket() for _ in range(TICKETS)]
    for number in range(STEPS):
        step(world, chance, tickets)
        if number % 10 == 9:
            check_loads(world)
    for ticket_id in tickets:
        check_record(world, ticket_id)
    world.run_reactions()
    check_loads(world)
    with world.inside():
        assert broken_links() == []


def test_the_sequences_reach_every_status(world):
    """Or the test above would prove little."""
    seen = set()
    for seed in range(3):
        chance = random.Random(seed)
        tickets = [world.ticket() for _ in range(3)]
        for _ in range(40):
            step(world, chance, tickets)
        with world.inside():
            seen |= {e.data["to"] for t in tickets for e in events_of(t) if e.name in MOVES}
    assert seen == set(Status)


def test_AGT_010_a_load_never_falls_below_nothing(world):
    with world.inside():
        gus = world.user("Gus")
        Agent.give_back(gus.id)
        assert Agent.of(gus.id).load == 0


@pytest.mark.parametrize("load,cap,availability,taken", [
    (0, 1, "online", True), (1, 1, "online", False), (2, 1, "online", False), (0, 0, "online", False),
    (0, 1, "busy", False), (0, 1, "away", False), (0, 1, "offline", False),
])  # fmt: skip
def test_AGT_010_a_place_is_taken_only_below_the_cap_and_online(world, load, cap, availability, taken):
    with world.inside():
        profile = Agent.of(world.user("Gus").id)
        profile.load, profile.cap, profile.availability = load, cap, availability
        db.session.flush()
        assert Agent.take(profile.user_id, within_cap=True) is taken
        assert profile.load == load + taken
