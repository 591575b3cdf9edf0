"""The handover of who leaves, beside others who work on the same tickets: nobody waits in a circle, nothing is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from helpdesk.accounts.employment import Employment
from helpdesk.agents.agent import Agent
from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.office.handover import Handover
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.lifecycle import LOADS
from helpdesk.tickets.ticket import Ticket
from tests.office.test_users import given
from tests.support.databases import both_databases, on_postgresql
from tests.support.waiting import beside
from tests.support.world import World


def leave(world: World, name: str, how: str = "queue", colleague: str = "") -> None:
    """What the page does; inside the organizer."""
    one = Employment.of(world.user(name).id, lock=True)
    to = world.user(colleague).id if colleague else None
    tickets = Handover(one.user).begin(to)
    one.deactivate(by=world.user("Mai"))
    Handover(one.user).settle(tickets, how, to, by=world.user("Mai"))


def loads(world: World) -> dict[str, tuple[int, int]]:
    """Name → what his profile says that he carries, what he does carry."""
    with world.inside():
        held = list(db.session.scalars(select(Ticket.assignee_id).where(Ticket.status.in_(LOADS))))
        return {
            one.user.name: (one.load, held.count(one.user_id)) for one in db.session.scalars(select(Agent))
        }


@on_postgresql
@pytest.mark.parametrize(("how", "colleague"), [("queue", ""), ("colleague", "Linh"), ("keep", "")])
def test_M10_a_handover_beside_an_assignment_waits_and_goes_on(how, colleague, world):
    """The assignment has the second ticket and goes on to both agents while the handover waits for that ticket."""
    first, second = given(world), given(world)
    with beside(world, lambda: leave(world, "Gus", how, colleague), after=lambda: Ticket.for_deed(second)):
        Ticket.for_deed(second).assign_to(world.user("Linh"), by=world.user("Mai"))
    with world.inside():
        owners = [Ticket.for_deed(one).assignee for one in (first, second)]
        assert [one and one.name for one in owners] == [
            {"queue": None, "colleague": "Linh", "keep": "Gus"}[how], "Linh"
        ]  # fmt: skip
        assert not world.user("Gus").is_active
    assert all(said == held for said, held in loads(world).values())


@on_postgresql
def test_M10_a_handover_beside_a_change_of_the_profile_waits_and_goes_on(world):
    """Both write the account and the profile: each begins with the organizer."""
    given(world)

    def move() -> None:
        Employment.of(world.user("Gus").id, lock=True)
        Agent.of(world.user("Gus").id, lock=True).change(
            {"time_zone": "Asia/Ho_Chi_Minh"}, by=world.user("Mai")
        )

    with beside(world, move):
        leave(world, "Gus")
    with world.inside():
        gus = world.user("Gus")
        assert (gus.is_active, gus.time_zone) == (False, "Asia/Ho_Chi_Minh")


@both_databases
def test_M10_handovers_and_assignments_at_once_lose_nothing(world):
    numbers, start = [given(world) for _n in range(8)], Barrier(2)

    def hand() -> None:
        start.wait()
        with world.inside():
            leave(world, "Gus", "colleague", "Linh")

    def assign() -> int:
        start.wait()
        for number in reversed(numbers):
            with world.inside():
                ticket = Ticket.for_deed(number)
                ticket.release(by=world.user("Mai"))
                ticket.assign_to(world.user("Linh"), by=world.user("Mai"))
        return len(numbers)

    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(hand), pool.submit(assign)]
    assert [one.result() for one in both] == [None, len(numbers)]
    assert loads(world) == {"Gus": (0, 0), "Linh": (8, 8)}


def test_M10_a_colleague_who_does_not_work_for_all_stores_is_refused_before_anything_changes(world):
    number = given(world)
    with world.inside():
        world.user("Linh").work_only_for([world.one(Merchant, prefix="BETA").id])
    with pytest.raises(Refusal, match="Linh"), world.inside():
        leave(world, "Gus", "colleague", "Linh")
    with world.inside():
        assert world.user("Gus").is_active
        assert Ticket.for_deed(number).assignee.name == "Gus"


def test_M10_what_is_finished_or_deleted_stays_where_it_is(world):
    done, gone = given(world), given(world)
    with world.inside():
        Ticket.for_deed(done).resolve(by=world.user("Gus"), note_en="Done.", note_vi="Xong.")
        Ticket.for_deed(gone).delete(by=world.user("Ada"))
    with world.inside():
        assert Handover(world.user("Gus")).count == 0
        leave(world, "Gus", "queue")
    with world.inside():
        assert Ticket.for_deed(done).assignee.name == "Gus"
