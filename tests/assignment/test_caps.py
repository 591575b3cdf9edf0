"""AGT-010: caps are exact, however many workers run at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from helpdesk.accounts.user import User
from helpdesk.agents.agent import Agent
from helpdesk.assignment.decision import Decision
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.ticket import Ticket

WORKERS, TICKETS = 8, 60
CAPS = {"Gus": 7, "Linh": 5, "Tam": 3, "Uyen": 1, "Vy": 0}


def hire(world) -> None:
    """Five agents with small caps."""
    with world.inside():
        merchant = world.customer("Bea").merchant
        for name in set(CAPS) - {"Gus", "Linh"}:
            user = User(
                name=name,
                email=f"{name.lower()}@acme.example",
                role="agent",
                language="vi",
                password_hash="-",
            )
            db.session.add(user)
            db.session.flush()
            user.works_for(merchant)
            db.session.add(Agent(user_id=user.id, languages=["vi"]))
        db.session.flush()
        for name, cap in CAPS.items():
            Agent.of(world.user(name).id).cap = cap


def loads(world) -> dict[str, tuple[int, int]]:
    """Name → what his profile says, what he holds."""
    with world.inside():
        held = list(db.session.scalars(select(Ticket.assignee_id).where(Ticket.status == Status.ASSIGNED)))
        return {p.user.name: (p.load, held.count(p.user_id)) for p in db.session.scalars(select(Agent))}


@pytest.fixture
def crowd(any_world):
    hire(any_world)
    made = [any_world.ticket() for _ in range(TICKETS)]
    return any_world, made


def test_AGT_010_automation_never_takes_an_agent_above_his_cap(crowd):
    world, made = crowd

    def work(ticket_id):
        with world.inside():
            Decision.make(ticket_id)

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, [*made, *made]))  # every ticket twice, as a sweep and a reaction may
    assert loads(world) == {name: (cap, cap) for name, cap in CAPS.items()}
    with world.inside():
        tickets = db.session.scalars(select(Ticket)).all()
        assert sum(t.status == Status.ASSIGNED for t in tickets) == sum(CAPS.values())
        assert all((t.assignee_id is None) == (t.status == Status.OPEN) for t in tickets)
        assigned = [
            e.ticket_id for e in db.session.scalars(select(Event).where(Event.name == "ticket.assigned"))
        ]
        assert len(assigned) == len(set(assigned)) == sum(CAPS.values())
        chosen = [d for d in db.session.scalars(select(Decision)) if d.chosen_id]
        assert len(chosen) == sum(CAPS.values())


def test_AGT_010_workers_and_people_at_once_leave_each_ticket_with_one_assignee(crowd):
    world, made = crowd

    def decide(ticket_id):
        with world.inside():
            Decision.make(ticket_id)

    def take(ticket_id):
        with world.inside():
            ticket, gus = Ticket.for_deed(ticket_id), world.user("Gus")
            if ticket.assignee_id is None:
                ticket.take(by=gus)

    with ThreadPoolExecutor(WORKERS) as pool:
        jobs = [pool.submit(decide, each) for each in made] + [pool.submit(take, each) for each in made[::4]]
    for job in jobs:
        job.result()
    now = loads(world)
    assert all(said == held for said, held in now.values())
    assert all(
        held <= CAPS[name] for name, (_, held) in now.items() if name != "Gus"
    )  # by hand he may go beyond
    with world.inside():
        assigned = [
            e.ticket_id for e in db.session.scalars(select(Event).where(Event.name == "ticket.assigned"))
        ]
        assert len(assigned) == len(set(assigned))
