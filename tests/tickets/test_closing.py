"""TKT-010: how a ticket is confirmed, rated and closed, by its customer or by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.core.events import Event
from helpdesk.organizers.organizer import Organizer
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.ticket import Ticket
from tests.support.seat import at_work, bring_to, events_of, thread_of, ticket_in

S = Status
HOUR = 3600


def hear(world, made):
    with at_work(world, made) as (ticket, _):
        ticket.hear("It is not over.", by=ticket.customer)


def auto_close(world):
    with world.inside():
        Ticket.close_silent()


def status(world, made):
    with world.inside():
        return world.one(Ticket, id=made).status


def names(made):
    return [event.name for event in events_of(made)]


def test_TKT_010_the_customer_confirms_and_rates(world):
    made = ticket_in(world, S.RESOLVED)
    with at_work(world, made) as (ticket, _):
        ticket.confirm(by=ticket.customer, rating=4, comment="Quick.")
    with world.inside():
        ticket = world.one(Ticket, id=made)
        assert (ticket.status, ticket.closed_by, ticket.rating, ticket.rating_comment) == (
            S.CLOSED, "customer", 4, "Quick.")  # fmt: skip
        assert ticket.auto_close_at is None
        assert names(made)[-2:] == ["ticket.closed", "ticket.rated"]
        assert events_of(made)[-2].actor["kind"] == "customer"


def test_TKT_010_confirming_twice_changes_nothing_and_the_first_rating_stays(world):
    made = ticket_in(world, S.RESOLVED)
    for rating in (None, 5, 1):
        with at_work(world, made) as (ticket, _):
            ticket.confirm(by=ticket.customer, rating=rating)
    with world.inside():
        assert world.one(Ticket, id=made).rating == 5
        assert names(made).count("ticket.closed") == names(made).count("ticket.rated") == 1


@pytest.mark.parametrize("where", [s for s in Status if s not in (S.RESOLVED, S.CLOSED)])
def test_TKT_010_only_a_resolution_is_confirmed(world, where):
    made = ticket_in(world, where)
    with pytest.raises(Refusal), at_work(world, made) as (ticket, _):
        ticket.confirm(by=ticket.customer, rating=5)
    assert status(world, made) == where


def test_TKT_010_it_closes_by_itself_48_hours_after_it_was_resolved(world):
    made = ticket_in(world, S.RESOLVED)
    with world.inside():
        ticket = world.one(Ticket, id=made)
        assert ticket.auto_close_at - ticket.resolved_at == timedelta(hours=48)
    clock.travel(48 * HOUR - 60)
    auto_close(world)
    assert status(world, made) == S.RESOLVED
    clock.travel(60)
    auto_close(world)
    auto_close(world)
    with world.inside():
        ticket = world.one(Ticket, id=made)
        assert (ticket.status, ticket.closed_by, ticket.auto_close_at) == (S.CLOSED, "auto", None)
        assert names(made).count("ticket.closed") == 1
        assert events_of(made)[-1].actor["kind"] == "system"
        assert thread_of(made)[-1].event_name == "ticket.closed"


def test_TKT_010_the_hours_are_the_organizer_s_setting_at_the_time(world):
    with world.inside():
        Organizer.present().auto_close_hours = 2
    made = ticket_in(world, S.RESOLVED)
    with world.inside():
        Organizer.present().auto_close_hours = 500  # what was promised to the customer stays
    clock.travel(2 * HOUR)
    auto_close(world)
    assert status(world, made) == S.CLOSED


def test_TKT_010_a_reply_in_between_cancels_it(world):
    made = ticket_in(world, S.RESOLVED)
    clock.travel(47 * HOUR)
    hear(world, made)
    clock.travel(48 * HOUR)
    auto_close(world)
    assert status(world, made) == S.ASSIGNED


def test_TKT_010_resolved_again_it_waits_48_hours_anew(world):
    made = ticket_in(world, S.RESOLVED)
    clock.travel(47 * HOUR)
    hear(world, made)
    with at_work(world, made) as (ticket, me):
        ticket.resolve(by=me, note_en="Now.", note_vi="Giờ thì xong.")
    clock.travel(47 * HOUR)
    auto_close(world)
    assert status(world, made) == S.RESOLVED
    clock.travel(HOUR)
    auto_close(world)
    assert status(world, made) == S.CLOSED


def test_TKT_010_a_deleted_ticket_does_not_close_by_itself(world):
    made = ticket_in(world, S.RESOLVED)
    with world.inside():
        world.one(Ticket, id=made).deleted_at = clock.now()
    clock.travel(49 * HOUR)
    auto_close(world)
    assert status(world, made) == S.RESOLVED


def test_TKT_010_after_a_day_of_downtime_all_of_them_are_closed_in_batches(world, monkeypatch):
    from helpdesk.tickets import closing

    monkeypatch.setattr(closing, "BATCH", 2)
    made = [ticket_in(world, S.RESOLVED) for _ in range(5)]
    clock.travel(72 * HOUR)
    rounds = 0
    with world.inside():
        while Ticket.close_silent():
            rounds += 1
    assert rounds == 2
    assert {status(world, each) for each in made} == {S.CLOSED}


def test_TKT_010_several_are_closed_in_the_order_of_their_ids(world):
    made = [world.ticket() for _ in range(3)]
    for each in reversed(made):
        bring_to(world, each, S.RESOLVED)
        clock.travel(60)
    clock.travel(72 * HOUR)
    with world.inside():
        Ticket.close_silent()
        closed = db.session.scalars(select(Event).where(Event.name == "ticket.closed").order_by(Event.id))
        assert [event.ticket_id for event in closed] == made


def test_TKT_010_a_ticket_that_is_looked_at_early_stays_as_it_is(world):
    made = ticket_in(world, S.RESOLVED)
    with at_work(world, made) as (ticket, _):
        ticket.close_if_silent(ticket.auto_close_at - timedelta(seconds=1))
        assert ticket.status == S.RESOLVED
        ticket.close_if_silent(ticket.auto_close_at)
        assert ticket.status == S.CLOSED
