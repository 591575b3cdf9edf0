"""AGT-007: what waits is tried again when something changed, and what is handed back goes to others."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from helpdesk.accounts.customer import Customer
from helpdesk.accounts.user import Membership
from helpdesk.agents.agent import Agent
from helpdesk.agents.agent_skill import AgentSkill
from helpdesk.agents.group import Group, GroupMember
from helpdesk.agents.skill import Skill
from helpdesk.assignment import backlog as module
from helpdesk.assignment.load_check import LoadCheck
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.category import Category
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.ticket import Opening, Ticket
from tests.assignment.steps import agent, decisions, holder, nobody, sweep
from tests.support.jobs import run_jobs
from tests.support.seat import Seat, at_work, ticket_in
from tests.support.world import World

S = Status


@pytest.mark.parametrize("change", ["comes online", "cap is raised", "capacity frees"])
def test_AGT_007_the_sweep_places_what_waited_once_there_is_room(world, change):
    agent(world, "Gus", availability="offline")
    agent(world, "Linh", cap=1)
    first = world.ticket()
    world.run_reactions()
    assert holder(world, first) == "Linh"
    made = world.ticket()
    world.run_reactions()
    sweep(world)
    assert holder(world, made) is None
    if change == "comes online":
        agent(world, "Gus", availability="online")
    elif change == "cap is raised":
        agent(world, "Linh", cap=2)
    else:
        with at_work(world, first, "Linh") as (ticket, linh):
            ticket.reply("Done.", by=linh, then=S.WAITING_USER)
    sweep(world)
    assert holder(world, made) == ("Gus" if change == "comes online" else "Linh")


def test_AGT_007_the_sweep_goes_by_the_nearest_deadline(world):
    nobody(world)
    low = world.ticket(priority="LOW")
    medium = world.ticket(priority="MEDIUM")
    critical = world.ticket(priority="CRITICAL")
    world.run_reactions()
    agent(world, "Linh", cap=1)
    sweep(world)
    assert [holder(world, each) for each in (low, medium, critical)] == [None, None, "Linh"]


def test_AGT_007_tickets_that_nobody_can_have_do_not_hold_up_the_others(world, monkeypatch):
    monkeypatch.setattr(module, "PAGE", 3)
    with world.inside():  # nobody works for BETA any more
        beta = world.one(Merchant, prefix="BETA")
        for link in db.session.scalars(db.select(Membership).where(Membership.merchant_id == beta.id)):
            link.deleted_at = clock.now()
        ben = Customer.find_or_create(beta, email="ben@mail.example", name="Ben", language="en")
        for _ in range(5):
            Ticket.create(beta, ben, Opening("Hello", "Hi"), by=ben)
    nobody(world)
    made = world.ticket()
    world.run_reactions()
    agent(world, "Linh", cap=20)
    sweep(world)
    sweep(world)
    assert holder(world, made) == "Linh"


def test_AGT_007_a_backlog_is_worked_off_page_by_page(world, monkeypatch):
    monkeypatch.setattr(module, "PAGE", 2)
    nobody(world)
    made = [world.ticket() for _ in range(5)]
    world.run_reactions()
    agent(world, "Linh", cap=20)
    sweep(world)
    assert {holder(world, each) for each in made} == {"Linh"}


@pytest.fixture
def busy_world(world, make_app, redis_url):
    """The cast with a Redis, so that wake-ups reach a worker; no sweep ever runs in these tests."""
    return World(make_app(redis_url=redis_url))


CHANGES = {
    "comes online": lambda w: Seat(w, "Gus").post("/me/availability", availability="online"),
    "resolves": lambda w: Seat(w, "Linh").post(
        "/tickets/ACME-1/resolution", note_en="Done.", note_vi="Xong."
    ),
    "waits for the customer": lambda w: Seat(w, "Linh").post("/tickets/ACME-1/status", status="WAITING_USER"),
    "is closed": lambda w: Seat(w, "Mai").post("/tickets/ACME-1/closure", reason="spam"),
    "is deleted": lambda w: Seat(w, "Mai").post("/tickets/ACME-1/deletion"),
    "is given to a manager": lambda w: Seat(w, "Mai").post("/tickets/ACME-1/assignment", agent="me"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_AGT_007_what_waits_is_tried_again_at_once_when_something_changes(busy_world, change):
    world = busy_world
    agent(world, "Gus", availability="offline", chosen="offline")
    agent(world, "Linh", cap=1)
    first = world.ticket()
    run_jobs(world.app)
    assert holder(world, first) == "Linh"
    made = world.ticket()
    run_jobs(world.app)
    assert holder(world, made) is None
    assert CHANGES[change](world).status_code == 303
    run_jobs(world.app)
    assert holder(world, made) == ("Gus" if change == "comes online" else "Linh")


def test_AGT_007_a_ticket_that_looks_different_to_the_rules_is_tried_again(busy_world):
    world = busy_world
    with world.inside():
        skill = Skill(name_en="Engines", name_vi="Động cơ")
        db.session.add(skill)
        db.session.flush()
        machines = Category(name_en="Machines", required_skills=[{"skill": skill.id, "level": 3}], position=9)
        db.session.add(machines)
        db.session.flush()
        category = machines.id
    made = world.ticket(category_id=category)
    run_jobs(world.app)
    assert holder(world, made) is None
    assert Seat(world, "Mai").post("/tickets/ACME-1/category", category="").status_code == 303
    run_jobs(world.app)
    assert holder(world, made) in ("Gus", "Linh")


def test_AGT_007_the_shipped_rule_asks_for_the_skills_of_the_category(world):
    with world.inside():
        skill = Skill(name_en="Engines", name_vi="Động cơ")
        db.session.add(skill)
        db.session.flush()
        machines = Category(name_en="Machines", required_skills=[{"skill": skill.id, "level": 3}], position=9)
        db.session.add(machines)
        AgentSkill.set(world.user("Gus").id, {skill.id: 2})
        AgentSkill.set(world.user("Linh").id, {skill.id: 3})
        db.session.flush()
        category = machines.id
    agent(world, "Linh", load=15)  # Gus has more room
    made = world.ticket(category_id=category)
    world.run_reactions()
    ((chosen, candidates, _),) = decisions(world, made)
    assert chosen == "Linh"
    assert {c["name"]: c["reason"] for c in candidates}["Gus"] == "has “Engines” at level 2, 3 is asked for"


def team(world, *names: str) -> int:
    with world.inside():
        group = Group(name_en="Parcels", name_vi="Bưu kiện")
        db.session.add(group)
        db.session.flush()
        db.session.add_all(GroupMember(group_id=group.id, user_id=world.user(name).id) for name in names)
        return group.id


def test_CAT_002_a_new_ticket_is_its_category_s_team_s(world):
    group = team(world, "Linh")
    with world.inside():
        world.one(Category, name_en="Delivery").group_id = group
        category = world.one(Category, name_en="Delivery").id
    agent(world, "Linh", load=15)
    made = world.ticket(category_id=category)
    world.run_reactions()
    with world.inside():
        assert world.one(Ticket, id=made).group_id == group
    ((chosen, candidates, _),) = decisions(world, made)
    assert chosen == "Linh"
    assert {c["name"]: c["reason"] for c in candidates}["Gus"] == "not in the team that has the ticket"


def test_CAT_002_a_team_in_which_nobody_works_for_the_merchant_does_not_get_it(world):
    group = team(world)
    with world.inside():
        world.one(Category, name_en="Delivery").group_id = group
        category = world.one(Category, name_en="Delivery").id
    made = world.ticket(category_id=category)
    world.run_reactions()
    with world.inside():
        assert world.one(Ticket, id=made).group_id is None
    assert holder(world, made) in ("Gus", "Linh")


def test_AGT_007_of_many_alike_only_one_is_asked_for_in_vain(world):
    with world.inside():
        skill = Skill(name_en="Engines")
        db.session.add(skill)
        db.session.flush()
        machines = Category(name_en="Machines", required_skills=[{"skill": skill.id, "level": 1}], position=9)
        db.session.add(machines)
        db.session.flush()
        category = machines.id
    made = [world.ticket(category_id=category) for _ in range(6)]
    other = world.ticket(category_id=category, priority="HIGH")
    world.run_reactions()
    asked = []
    with world.app.app_context():
        engine = db.engine

    @event.listens_for(engine, "before_cursor_execute")
    def count(connection, cursor, statement, *_):
        asked.append("FROM agents JOIN users" in statement)

    world.work_off()
    event.remove(engine, "before_cursor_execute", count)
    assert {holder(world, each) for each in (*made, other)} == {None}
    assert asked.count(True) == 2, "once for the six that are alike, once for the other"


@pytest.mark.parametrize("said,held", [(7, 2), (0, 2), (3, 0)])
def test_AGT_010_a_load_that_is_not_true_is_found_put_right_and_told(any_world, said, held):
    world = any_world
    for _ in range(held):
        ticket_in(world, S.ASSIGNED, "Gus")
    with world.inside():
        assert LoadCheck.run() == 0
    agent(world, "Gus", load=said)
    with world.inside():
        assert LoadCheck.run() == 1
        assert Agent.of(world.user("Gus").id).load == held
        told = world.one(Event, name="agent.load_corrected")
        assert (told.data["from"], told.data["to"], told.actor["name"]) == (said, held, "load-check")
    with world.inside():
        assert LoadCheck.run() == 0
