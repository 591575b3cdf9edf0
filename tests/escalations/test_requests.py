"""SLA-008: escalations that a customer or an agent asks for, and their doors."""

from __future__ import annotations

import pytest

from helpdesk.accounts.user import Membership
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.escalations.escalation import Escalation
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.ticket import Ticket
from tests.escalations.steps import climb, raised, rows, step, team, tick
from tests.escalations.test_escalations import late
from tests.sla.desk_time import HOUR, MINUTE, T0, go_to
from tests.support.page import form
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


# On the customer's page ------------------------------------------------------------------------------------------


def customer_page(world, client, made):
    client.get(world.link(made))
    return lambda: client.get(f"/requests/{made}?lang=en")


@pytest.mark.parametrize("htmx", [False, True])
def test_SLA_008_the_page_says_that_he_asked_and_when_he_can_ask_again(world, client, htmx):
    made = ticket_in(world, S.IN_PROGRESS)
    page = customer_page(world, client, made)
    early = form(page(), "/escalation")
    answer = early.send(client, reason="I wait for a week.", htmx=htmx)
    assert answer.status_code == (200 if htmx else 303)
    shown = answer.text if htmx else page().text
    assert 'datetime="2026-03-02T09:00:00Z"' in shown  # when he asked
    assert 'datetime="2026-03-03T09:00:00Z"' in shown
    assert 'name="reason"' not in shown
    go_to(HOUR)
    late = early.send(client, reason="Still <b>nothing</b>.", htmx=htmx)  # from an old window
    assert late.status_code == 422
    assert "You can ask again from 3 March 2026, 09:00 (UTC)." in late.text
    assert "Still &lt;b&gt;nothing&lt;/b&gt;." in late.text
    assert len(raised(world, made)) == 1
    go_to(24 * HOUR)
    assert form(page(), "/escalation").send(client, reason="Again.").status_code == 303
    assert len(raised(world, made)) == 2


def test_SLA_008_what_the_desk_escalates_is_not_told_to_the_customer(world, client):
    made = late(world)
    shown = customer_page(world, client, made)().text
    assert "deadline" not in shown
    assert 'name="reason"' in shown


def test_SLA_008_a_finished_request_offers_nothing_to_ask_for(world, client):
    made = ticket_in(world, S.RESOLVED)
    assert 'name="reason"' not in customer_page(world, client, made)().text


def test_SLA_008_a_request_whose_first_level_waits_counts_as_asked(world, client):
    with world.inside():
        step(1, 30, trigger="customer")
    made = ticket_in(world, S.IN_PROGRESS)
    page = customer_page(world, client, made)
    assert form(page(), "/escalation").send(client, reason="Hurry.").status_code == 303
    assert raised(world, made) == [(0, "customer", None)]
    assert 'datetime="2026-03-03T09:00:00Z"' in page().text
    go_to(30 * MINUTE)
    climb(world)
    row = rows(world, made)[1]
    assert (row.level, row.reason, row.raised_by["kind"]) == (1, "Hurry.", "customer")


# The panel ------------------------------------------------------------------------------------------------------


def test_SLA_007_the_panel_says_what_why_who_and_how_it_ended(world):
    with world.inside():
        (
            step(1, 0, "assignee", "managers"),
            step(2, 60, "admins", priority_to="HIGH", group_id=team(world, "Linh")),
        )
    made = ticket_in(world, S.IN_PROGRESS)
    Seat(world, "Gus").post("/tickets/ACME-1/escalations", level=1, reason="Press <i>is</i> calling.")
    go_to(HOUR)
    tick(world)
    ada = Seat(world, "Ada")
    newest = rows(world, made)[-1].id
    page = ada.get("/tickets/ACME-1").text
    for words in (
        "Raised by hand", "Press &lt;i&gt;is&lt;/i&gt; calling.", "Raised by: Gus · went to Mai (Managers)",
        "Nobody acknowledged it, so it climbed", "Raised by: The escalation ladder · went to Ada (Administrators)",
        "The priority was raised to “High”.", "It was given to the team “Night”.",
        '<span class="property-name">Team</span>',
    ):  # fmt: skip
        assert words in page, words
    assert page.index(f'data-escalation="{newest}"') < page.index("so it climbed")
    assert ada.post(f"/escalations/{newest}/acknowledgement").status_code == 303
    assert ada.post(f"/escalations/{newest}/acknowledgement").status_code == 303  # quietly nothing
    assert "Acknowledged by Ada" in ada.get("/tickets/ACME-1").text
    audit = ada.get("/tickets/ACME-1/audit").text
    assert (
        "The escalation ladder escalated the ticket to level 2. The priority was raised to “High”." in audit
    )
    assert "The escalation ladder gave the ticket to the team “Night”." in audit


def test_Q_1_an_agent_of_another_merchant_cannot_acknowledge(world):
    made = late(world)
    with world.inside():
        linh = world.user("Linh")
        for link in db.session.query(Membership).filter_by(user_id=linh.id):
            link.deleted_at = clock.now()
    assert (
        Seat(world, "Linh").post(f"/escalations/{rows(world, made)[0].id}/acknowledgement").status_code == 404
    )
    assert raised(world, made) == [(1, "breach", None)]
