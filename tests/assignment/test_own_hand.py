"""AGT-007: what an agent hands back by his own hand goes to somebody else, and to him only by hand."""

from __future__ import annotations

import pytest

from helpdesk.tickets.lifecycle import Status
from tests.assignment.steps import agent, chosen_again, decisions, holder, nobody, sweep
from tests.support.seat import Seat, at_work

S = Status


def given(world) -> int:
    """A ticket that the worker gave to Gus, who is the best for the next one, too."""
    agent(world, "Linh", load=9)
    made = world.ticket()
    world.run_reactions()
    assert holder(world, made) == "Gus"
    return made


@pytest.mark.parametrize("choice", ["", "auto"])
def test_AGT_007_what_an_agent_handed_back_goes_to_somebody_else(any_world, choice):
    world = any_world
    made = given(world)
    assert Seat(world, "Gus").post("/tickets/ACME-1/assignment", agent=choice).status_code == 303
    world.run_reactions()
    assert holder(world, made) == "Linh"
    [_, (_, last, decision)] = decisions(world, made)
    assert {"name": "Gus", "eligible": False, "reason": "handed it back"} in last
    assert chosen_again(decision) == decision.chosen_id


def test_AGT_007_what_the_only_agent_handed_back_waits_for_another(world):
    made = given(world)
    agent(world, "Linh", availability="offline")
    with at_work(world, made) as (ticket, gus):
        ticket.release(by=gus)
    world.run_reactions()
    sweep(world)
    assert holder(world, made) is None
    other = world.ticket()  # only this very ticket is not his
    world.run_reactions()
    assert holder(world, other) == "Gus"
    agent(world, "Linh", availability="online", load=0)
    sweep(world)
    assert holder(world, made) == "Linh"


def test_AGT_007_one_that_was_handed_back_says_nothing_of_others_like_it(world):
    """Gus may have the second; that he gave the first back is no reason to pass it over (`Backlog._page`)."""
    made = given(world)
    nobody(world)
    with at_work(world, made) as (ticket, gus):
        ticket.release(by=gus)
    other = world.ticket()
    world.run_reactions()
    agent(world, "Gus", availability="online")
    sweep(world)
    assert (holder(world, made), holder(world, other)) == (None, "Gus")


def test_AGT_007_who_handed_it_back_may_have_it_again_by_hand_and_once_it_was_reopened(world):
    made = given(world)
    agent(world, "Linh", availability="offline")
    with at_work(world, made) as (ticket, gus):
        ticket.release(by=gus)
    with at_work(world, made, "Mai") as (ticket, mai):
        ticket.give_to(world.user("Gus"), by=mai)
    assert holder(world, made) == "Gus"
    with at_work(world, made) as (ticket, gus):
        ticket.resolve(by=gus, note_en="Done.", note_vi="Xong.")
    with at_work(world, made, "Mai") as (ticket, mai):
        ticket.reopen(by=mai, to=S.OPEN)
    world.run_reactions()
    assert holder(world, made) == "Gus"


def test_AGT_007_who_lost_it_to_a_manager_s_hand_may_get_it_again(world):
    made = given(world)
    agent(world, "Linh", availability="offline")
    with at_work(world, made, "Mai") as (ticket, mai):
        ticket.release(by=mai)
    world.run_reactions()
    assert holder(world, made) == "Gus"
