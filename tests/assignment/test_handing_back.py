"""AGT-002: who is away for long hands back what he has not begun; what a person gave him stays his (AGT-007)."""

from __future__ import annotations

import pytest

from helpdesk.agents.agent import Agent
from helpdesk.assignment.load_check import LoadCheck
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.escalations.escalation import Escalation
from helpdesk.organizers.organizer import Organizer
from helpdesk.tickets.lifecycle import Status
from tests.assignment.steps import agent, decisions, holder, nobody, sweep
from tests.support.seat import Seat, at_work, ticket_in

S = Status


def placed(world) -> int:
    """A ticket that the worker gave to Gus."""
    agent(world, "Linh", availability="busy")
    made = world.ticket()
    world.run_reactions()
    agent(world, "Linh", availability="online")
    assert holder(world, made) == "Gus"
    return made


def away(world, minutes: int | None = 30) -> None:
    with world.inside():
        Organizer.present().hand_back_minutes = minutes
    with world.inside():
        gus = Agent.of(world.user("Gus").id, lock=True)
        gus.choose("away", by=gus.user)


def pass_time(world, minutes: int) -> None:
    clock.travel(minutes * 60)
    with world.inside():
        while Agent.settle_due():
            pass
    world.run_reactions()


def test_AGT_002_who_is_away_for_long_hands_back_what_he_has_not_begun(world):
    begun, untouched = placed(world), placed(world)
    with at_work(world, begun) as (ticket, gus):
        ticket.move_to(S.IN_PROGRESS, by=gus)
    away(world)
    pass_time(world, 29)
    assert holder(world, untouched) == "Gus"
    pass_time(world, 2)
    assert holder(world, untouched) == "Linh"
    assert holder(world, begun) == "Gus"
    with world.inside():
        assert LoadCheck.run() == 0


@pytest.mark.parametrize("minutes", [None, 30])
def test_AGT_002_who_comes_back_in_time_or_may_keep_it_keeps_it(world, minutes):
    untouched = placed(world)
    away(world, minutes)
    pass_time(world, 20)
    if minutes:
        with world.inside():
            gus = Agent.of(world.user("Gus").id, lock=True)
            gus.choose("online", by=gus.user)
    pass_time(world, 600)
    assert holder(world, untouched) == "Gus"


def test_AGT_002_it_goes_to_the_substitute_though_others_have_more_room(world):
    untouched = placed(world)
    with world.inside():
        Agent.of(world.user("Gus").id).substitute_id = world.user("Linh").id
        mai = Agent(user_id=world.user("Mai").id, languages=["vi"], load=0)
        db.session.add(mai)
    agent(world, "Linh", load=15)
    away(world)
    pass_time(world, 31)
    assert holder(world, untouched) == "Linh"
    (chosen, _, row), *_ = decisions(world, untouched)[::-1]
    assert (chosen, row.rule_name_en, row.strategy) == ("Linh", "Substitute of Gus", "fixed")


def test_AGT_007_what_a_person_gave_him_stays_his(world):
    by_hand, again = ticket_in(world, S.ASSIGNED, "Gus"), placed(world)
    clock.travel(60)
    with at_work(world, again, "Mai") as (
        ticket,
        mai,
    ):  # placed by the worker, and then given away and back by hand
        ticket.give_to(world.user("Linh"), by=mai)
        ticket.give_to(world.user("Gus"), by=mai)
    away(world)
    pass_time(world, 60)
    assert [holder(world, each) for each in (by_hand, again)] == ["Gus", "Gus"]


def test_AGT_002_who_asks_for_it_hands_back_all_that_he_has_not_begun(world):
    by_hand, by_worker = ticket_in(world, S.ASSIGNED, "Gus"), placed(world)
    answer = Seat(world, "Gus").post("/me/availability", availability="away", hand_back="1")
    assert answer.status_code == 303
    world.run_reactions()
    assert [holder(world, each) for each in (by_hand, by_worker)] == ["Linh", "Linh"]


def test_AGT_011_the_page_says_that_it_was_given_by_hand_after_the_decision(world):
    placed(world)
    page = Seat(world, "Gus").get("/tickets/ACME-1").text
    assert "It was given by hand after that" not in page
    clock.travel(60)
    with at_work(world, 1, "Mai") as (ticket, mai):
        ticket.give_to(world.user("Ada"), by=mai)
    page = Seat(world, "Gus").get("/tickets/ACME-1").text
    assert "It was given by hand after that: Ada has it since" in page
    assert "Gus was chosen by the rule" in page


def test_SLA_008_that_nobody_was_there_ends_when_somebody_is_and_begins_anew(world):
    def open_ones(made) -> list[str]:
        with world.inside():
            rows = db.session.scalars(db.select(Escalation).where(Escalation.ticket_id == made)).all()
            return [row.outcome or "open" for row in rows]

    nobody(world)
    made = world.ticket()
    world.run_reactions()
    assert open_ones(made) == ["open"]
    agent(world, "Linh", cap=20)
    sweep(world)
    world.run_reactions()
    assert (holder(world, made), open_ones(made)) == ("Linh", ["assigned"])
    agent(world, "Linh", cap=0)
    with at_work(world, made, "Mai") as (ticket, mai):
        ticket.release(by=mai)
    world.run_reactions()
    assert open_ones(made) == ["assigned", "open"]
