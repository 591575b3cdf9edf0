"""TKT-004, TKT-007, AGT-010: whatever people, customers and workers do, in any order and at once, a life holds.

Never a move that is not in the table, never two assignees, never a move without its event and its line, and the load
of each agent is what he carries.
"""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from helpdesk.agents.agent import Agent
from helpdesk.assignment.decision import Decision
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.core.events import broken_links
from helpdesk.escalations.escalation import Escalation
from helpdesk.sla.clock import Clock
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.ticket import Ticket
from tests.support.databases import both_databases
from tests.support.seat import at_work, events_of, thread_of
from tests.tickets.test_moves import TABLE

LOADS = ("ASSIGNED", "IN_PROGRESS", "WAITING_INTERNAL", "ESCALATED")  # AGT-010
NEED_SOMEBODY = ("ASSIGNED", "IN_PROGRESS", "WAITING_USER", "WAITING_INTERNAL")
PEOPLE = ("Gus", "Linh", "Mai")

DEEDS = {
    **{f"go to {s}": lambda world, t, me, s=s: t.move_to(s, by=me) for s in Status},
    "take": lambda world, t, me: t.take(by=me),
    "give to Gus": lambda world, t, me: t.give_to(world.user("Gus"), by=me),
    "give to Linh": lambda world, t, me: t.give_to(world.user("Linh"), by=me),
    "release": lambda world, t, me: t.release(by=me),
    "reply": lambda world, t, me: t.reply("So.", by=me),
    "reply and wait": lambda world, t, me: t.reply("So?", by=me, then=Status.WAITING_USER),
    "note": lambda world, t, me: t.note("Hm.", by=me),
    "hear": lambda world, t, me: t.hear("And?", by=t.customer),
    "resolve": lambda world, t, me: t.resolve(by=me, note_en="Done.", note_vi="Xong."),
    "reopen": lambda world, t, me: t.reopen(by=me),
    "confirm": lambda world, t, me: t.confirm(by=t.customer, rating=5),
    "close": lambda world, t, me: t.close(by=me, reason="spam"),
    "escalate": lambda world, t, me: Escalation.raise_by_hand(t, by=me, level=1, reason="Look."),
    "assign": lambda world, t, me: Decision.make(t.id),
    "delete": lambda world, t, me: t.delete(by=me),
    "restore": lambda world, t, me: t.restore(by=me),
    "answer": lambda world, t, me: t.auto_reply(key="auto"),
}
STEPS = st.tuples(
    st.sampled_from([*sorted(DEEDS), "merge", "wait", "sweep"]), st.sampled_from(PEOPLE),
    st.integers(0, 2), st.integers(0, 2),
)  # fmt: skip


def step(world, tickets: list[int], deed: str, who: str, which: int, other: int) -> None:
    """One deed of somebody, which the ticket may refuse; a deleted one is behind no door but that of restoring."""
    try:
        if deed == "wait":
            clock.travel(50 * 3600)
        elif deed == "sweep":
            sweep(world)
        elif deed == "merge":
            merge(world, tickets[which], tickets[other], who)
        else:
            with at_work(world, tickets[which], who) as (ticket, me):
                if ticket.deleted_at is None or deed in ("restore", "delete"):
                    DEEDS[deed](world, ticket, me)
    except Refusal:
        pass


def merge(world, source: int, target: int, who: str) -> None:
    with world.inside():
        me = world.user(who)
        numbers = [world.one(Ticket, id=each).number for each in (source, target)]
        one, two = Ticket.find_two(*numbers, me)
        if one and two:
            one.merge_into(two, by=me)


def sweep(world) -> None:
    for work in (Ticket.close_silent, Clock.mark_due, Escalation.climb_due):
        with world.inside():
            work()


def check(world, tickets: list[int]) -> None:
    with world.inside():
        for ticket_id in tickets:
            check_life(world, ticket_id)
        carried = list(
            db.session.scalars(
                select(Ticket.assignee_id).where(Ticket.status.in_(LOADS), Ticket.deleted_at.is_(None))
            )
        )
        for profile in db.session.scalars(select(Agent)):
            assert profile.load == carried.count(profile.user_id), profile.user.name


def check_life(world, ticket_id: int) -> None:
    """Every status that it ever had follows from the one before by a move of the table, told once in each record."""
    status, assignee = Status.OPEN, None
    moves = [event for event in events_of(ticket_id) if "to" in event.data and "from" in event.data]
    moves = [event for event in moves if event.name != "ticket.reprioritised"]
    for event in moves:
        assert event.data["from"] == status, "a move is missing, or told twice"
        to, given = Status(event.data["to"]), event.name == "ticket.assigned"
        assert to in TABLE[status] or (given and to == status), (status, to)
        if given:
            assert (event.data["before"] or {}).get("id") == assignee, "two had it at once"
            assignee = event.data["assignee"]["id"]
        elif to == Status.OPEN:
            assignee = None
        status = to
    ticket = world.one(Ticket, id=ticket_id)
    assert (ticket.status, ticket.assignee_id) == (status, assignee)
    assert ticket.assignee_id or status not in NEED_SOMEBODY
    lines = [m for m in thread_of(ticket_id) if m.kind == "system" and "to" in m.event_data]
    assert [(m.event_name, m.event_data["to"]) for m in lines] == [(e.name, e.data["to"]) for e in moves]
    running = [c for c in ticket.tracker.clocks if c.running_since and not c.met_at]
    assert not (running and (ticket.deleted_at or status in ("RESOLVED", "CLOSED")))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=10, max_size=40))
def test_TKT_004_any_sequence_of_deeds_stays_in_the_table(world, steps):
    tickets = [world.ticket() for _ in range(3)]
    for each in steps:
        step(world, tickets, *each)
    check(world, tickets)
    world.run_reactions()
    check(world, tickets)
    with world.inside():
        assert broken_links() == []


@both_databases
def test_TKT_004_several_people_at_once_lose_nothing(world):
    tickets = [world.ticket() for _ in range(3)]
    deeds = [
        deed
        for deed in [*sorted(DEEDS), "merge", "sweep"]
        if deed not in ("close", "confirm", "go to CLOSED")
    ]

    def life(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(20):
            deed = chance.choice(["close", *deeds, *deeds])
            step(world, tickets, deed, chance.choice(PEOPLE), chance.randrange(3), chance.randrange(3))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(life, range(4)))
    check(world, tickets)
    with world.inside():
        happened = sum(len(events_of(each)) for each in tickets)
    assert happened > 20, "too little happened to prove anything"
    world.run_reactions()
    check(world, tickets)
    with world.inside():
        assert broken_links() == []
