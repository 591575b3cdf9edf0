"""SLA-008: escalations that a customer or an agent asks for, and their doors."""

from __future__ import annotations

import pytest

from helpdesk.core import clock
from helpdesk.core.errors import Refusal
from helpdesk.escalations.escalation import Escalation
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.ticket import Ticket
from tests.escalations.test_escalations import late, raised
from tests.sla.desk_time import HOUR, MINUTE, T0, go_to
from tests.support.seat import Seat, at_work, ticket_in

S = Status


@pytest.fixture(autouse=True)
def _still():
    with clock.frozen(T0):
        yield


def ask(world, made):
    with at_work(world, made) as (ticket, _):
        Escalation.raise_by_customer(ticket, "Please hurry.", by=ticket.customer)


def test_SLA_008_a_customer_may_ask_once_in_24_hours(world):
    made = ticket_in(world, S.IN_PROGRESS)
    ask(world, made)
    for seconds in (0, 5, 24 * HOUR - 1):
        go_to(seconds)
        with pytest.raises(Refusal):
            ask(world, made)
    with world.inside():
        row = world.one(Escalation, ticket_id=made)
        assert (row.trigger, row.level, row.reason) == ("customer", 1, "Please hurry.")
        assert row.raised_by["kind"] == "customer"
    go_to(24 * HOUR)
    ask(world, made)
    assert len(raised(world, made)) == 2


def test_SLA_008_the_24_hours_count_from_the_request_and_not_from_its_climb(world):
    made = ticket_in(world, S.IN_PROGRESS)
    ask(world, made)
    for minutes in (60, 240):
        go_to(minutes * MINUTE)
        with world.inside():
            Escalation.climb_due()
    assert [level for level, *_ in raised(world, made)] == [1, 2, 3]
    go_to(24 * HOUR)
    ask(world, made)
    assert [level for level, *_ in raised(world, made)] == [1, 2, 3, 1]


def test_SLA_008_one_ticket_s_request_does_not_block_another_s(world):
    first, second = ticket_in(world, S.IN_PROGRESS), ticket_in(world, S.IN_PROGRESS)
    ask(world, first)
    ask(world, second)
    assert len(raised(world, second)) == 1


@pytest.mark.parametrize("end", [S.RESOLVED, S.CLOSED])
def test_SLA_008_a_finished_request_is_not_escalated(world, end):
    made = ticket_in(world, end)
    with pytest.raises(Refusal):
        ask(world, made)
    assert raised(world, made) == []


# By hand --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [1, 2, 3])
def test_SLA_008_an_agent_escalates_with_a_reason(world, level):
    made = ticket_in(world, S.IN_PROGRESS)
    answer = Seat(world, "Gus").post("/tickets/ACME-1/escalations", level=level, reason="Press is calling.")
    assert answer.status_code == 303
    assert raised(world, made) == [(level, "manual", None)]
    with world.inside():
        assert world.one(Ticket, id=made).status == S.ESCALATED
        row = world.one(Escalation, ticket_id=made)
        assert (row.reason, row.raised_by["name"]) == ("Press is calling.", "Gus")


@pytest.mark.parametrize("values", [
    {"level": "1", "reason": ""}, {"level": "1", "reason": "  \n "}, {"level": "4", "reason": "x"},
    {"level": "0", "reason": "x"}, {"level": "", "reason": "x"}, {"level": "1", "reason": "x" * 2001},
])  # fmt: skip
def test_SLA_008_without_a_reason_or_a_level_nothing_is_escalated(world, values):
    made = ticket_in(world, S.IN_PROGRESS)
    assert Seat(world, "Gus").post("/tickets/ACME-1/escalations", **values).status_code == 422
    assert raised(world, made) == []
    with world.inside():
        assert world.one(Ticket, id=made).status == S.IN_PROGRESS


@pytest.mark.parametrize("end", [S.RESOLVED, S.CLOSED])
def test_SLA_008_a_finished_ticket_is_not_escalated_by_hand(world, end):
    made = ticket_in(world, end)
    answer = Seat(world, "Gus").post("/tickets/ACME-1/escalations", level="1", reason="Still.")
    assert (answer.status_code, raised(world, made)) == (409, [])


def test_SLA_008_a_manual_escalation_climbs_from_when_it_was_raised(world):
    made = ticket_in(world, S.IN_PROGRESS)
    go_to(HOUR)
    Seat(world, "Gus").post("/tickets/ACME-1/escalations", level="1", reason="Look.")
    go_to(2 * HOUR - 1)
    with world.inside():
        Escalation.climb_due()
    assert len(raised(world, made)) == 1
    go_to(2 * HOUR)
    with world.inside():
        Escalation.climb_due()
    assert [level for level, *_ in raised(world, made)] == [1, 2]


# Through the page -----------------------------------------------------------------------------------------------


def test_SLA_007_an_acknowledgement_through_the_page(world):
    made = late(world)
    with world.inside():
        id_ = world.one(Escalation, ticket_id=made).id
    answer = Seat(world, "Mai").post(f"/escalations/{id_}/acknowledgement")
    assert (answer.status_code, answer.location) == (303, "/tickets/ACME-1")
    assert raised(world, made) == [(1, "breach", "acknowledged")]


def test_Q_1_a_neighbour_s_escalation_is_not_there(world):
    made = late(world)
    with world.inside():
        id_ = world.one(Escalation, ticket_id=made).id
    gil = Seat(world, "Gil")
    assert gil.post(f"/escalations/{id_}/acknowledgement").status_code == 404
    assert gil.post("/tickets/ACME-1/escalations", level="1", reason="Hi").status_code == 404
    assert gil.post("/escalations/999999/acknowledgement").status_code == 404
    assert raised(world, made) == [(1, "breach", None)]
