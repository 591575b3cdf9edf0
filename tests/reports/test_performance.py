"""AGT-008: what counts for whom, exactly once, as hand-made lives of tickets say it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Event, record
from helpdesk.reports import subscribers
from helpdesk.reports.agent_credit import AgentCredit
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.message import Message
from helpdesk.tickets.ticket import Ticket
from tests.reports import lives
from tests.reports.lives import MONDAY, TODAY, days_of, some_of, total_of
from tests.support.seat import at_work
from tests.tickets.held import holds

RESOLVED = ("resolutions", "resolution_seconds", "resolution_wall_seconds")


@pytest.fixture
def world(any_world):
    """The cast on both databases, on a Monday, with nobody online."""
    lives.nobody_online(any_world)
    with clock.frozen(MONDAY):
        yield any_world


@pytest.fixture
def solved(world):
    """A ticket of Gus's: answered after 10 minutes, resolved after 30, everything heard."""
    ticket_id = world.ticket()
    lives.assign(world, ticket_id, "Gus")
    lives.tick(world, 600)
    lives.reply(world, ticket_id)
    lives.tick(world, 1200)
    lives.resolve(world, ticket_id)
    lives.tick(world)
    return ticket_id


SOLVED = {
    "handled": 1, "responses": 1, "response_seconds": 600, "response_wall_seconds": 600,
    "resolutions": 1, "resolution_seconds": 1800, "resolution_wall_seconds": 1800, "kept": 2,
}  # fmt: skip


def test_AGT_008_a_whole_life_is_counted_once(world, solved):
    lives.tick(world, 60)
    lives.rate(world, solved, 4)
    lives.tick(world)
    assert days_of(world, "Gus") == {TODAY: SOLVED | {"ratings": 1, "rating_sum": 4}}
    assert total_of(world, "Mai") == total_of(world, "Linh") == {}


def test_AGT_008_a_reopened_ticket_is_no_resolution_until_it_is_resolved_again(world, solved):
    lives.tick(world, 3600)
    lives.reopen(world, solved)
    lives.tick(world)
    assert some_of(world, "Gus", *RESOLVED, "kept", "handled", "responses") == (0, 0, 0, 1, 1, 1)
    lives.tick(world, 900)
    lives.resolve(world, solved, "Linh")
    lives.tick(world)
    assert some_of(world, "Gus", *RESOLVED, "kept", "handled") == (0, 0, 0, 2, 1)  # he has it still
    assert some_of(world, "Linh", *RESOLVED, "kept", "handled") == (1, 2700, 6300, 0, 1)


def test_AGT_008_a_ticket_resolved_again_by_the_same_agent_counts_once_on_the_later_day(world, solved):
    lives.tick(world, 24 * 3600)
    lives.reopen(world, solved)
    lives.resolve(world, solved)
    lives.tick(world)
    later = TODAY + timedelta(days=1)
    assert days_of(world, "Gus")[later]["resolutions"] == 1
    assert "resolutions" not in days_of(world, "Gus")[TODAY]
    assert some_of(world, "Gus", "resolutions", "handled") == (1, 1)


def test_AGT_008_a_ticket_that_changes_hands_counts_for_each_what_he_did(world):
    ticket_id = world.ticket()
    lives.assign(world, ticket_id, "Gus")
    lives.tick(world, 300)
    lives.reply(world, ticket_id)
    lives.tick(world, 300)
    lives.assign(world, ticket_id, "Linh")
    lives.tick(world, 600)
    lives.resolve(world, ticket_id, "Linh")
    lives.tick(world)
    lives.rate(world, ticket_id, 5)
    lives.tick(world)
    assert total_of(world, "Gus") == {
        "handled": 1, "responses": 1, "response_seconds": 300, "response_wall_seconds": 300, "kept": 1,
    }  # fmt: skip
    assert total_of(world, "Linh") == {
        "handled": 1, "resolutions": 1, "resolution_seconds": 1200, "resolution_wall_seconds": 1200, "kept": 1,
        "ratings": 1, "rating_sum": 5,
    }  # fmt: skip


def test_AGT_008_a_broken_promise_is_of_who_had_the_ticket_when_it_was_due(world):
    ticket_id = world.ticket()
    lives.assign(world, ticket_id, "Gus")
    due = lives.due(world, ticket_id, "first")
    lives.travel_to(due, 60)  # the monitor has not looked yet
    lives.assign(world, ticket_id, "Linh")
    lives.tick(world, 60)
    assert (some_of(world, "Gus", "broken"), some_of(world, "Linh", "broken")) == ((1,), (0,))
    lives.reply(world, ticket_id, "Linh")  # late: her first response, and no promise kept
    lives.tick(world)
    assert some_of(world, "Linh", "responses", "handled", "kept", "broken") == (1, 1, 0, 0)
    assert days_of(world, "Gus") == {due.date(): {"broken": 1}}


def test_AGT_008_a_promise_on_a_ticket_of_nobody_is_nobodys(world):
    ticket_id = world.ticket()
    lives.travel_to(lives.due(world, ticket_id, "first"), 60)
    lives.tick(world)
    lives.resolve(world, ticket_id, "Linh")  # without taking it
    lives.tick(world)
    assert some_of(world, "Linh", "resolutions", "kept", "broken", "handled") == (1, 0, 0, 1)
    assert total_of(world, "Gus") == {}


def test_AGT_008_handed_back_at_the_due_instant_it_is_nobodys(world):
    ticket_id = world.ticket()
    lives.assign(world, ticket_id, "Gus")
    lives.tick(world, 60)
    with at_work(world, ticket_id) as (ticket, gus):
        ticket.release(by=gus)
    lives.travel_to(lives.due(world, ticket_id, "first"), 60)
    lives.tick(world)
    assert total_of(world, "Gus") == {}


def test_AGT_008_notes_comments_and_customers_words_count_for_nobody(world):
    ticket_id = world.ticket()
    lives.assign(world, ticket_id, "Gus")
    with at_work(world, ticket_id) as (ticket, gus):
        ticket.note("A note", by=gus)
        ticket.comment("A remark", by=gus)
        ticket.hear("And?", by=ticket.customer)
    lives.tick(world)
    assert total_of(world, "Gus") == {}


def test_AGT_008_a_reply_that_was_taken_back_never_counts(world):
    holds(world, 30)
    ticket_id = world.ticket()
    lives.assign(world, ticket_id, "Gus")
    lives.tick(world, 100)
    message_id = lives.reply(world, ticket_id)
    lives.tick(world, 10)
    with at_work(world, ticket_id) as (ticket, gus):
        message = Message.reply_on(ticket, message_id)
        assert message is not None
        assert ticket.take_back(message, by=gus)
    lives.tick(world, 60)
    assert total_of(world, "Gus") == {}
    lives.reply(world, ticket_id)  # at 170 seconds, and it leaves at 200
    lives.tick(world, 45)
    assert some_of(world, "Gus", "handled", "responses", "response_seconds", "kept") == (1, 1, 200, 1)


def test_AGT_008_the_first_reply_is_the_one_that_left_first(world):
    holds(world, 30, "Gus")
    ticket_id = world.ticket()
    lives.reply(world, ticket_id, "Gus")
    lives.tick(world, 5)
    lives.reply(world, ticket_id, "Linh")
    lives.tick(world, 60)
    assert some_of(world, "Linh", "responses", "response_seconds", "handled") == (1, 5, 1)
    assert some_of(world, "Gus", "responses", "handled") == (0, 1)


def test_AGT_008_a_changed_rating_counts_as_the_new_one(world, solved):
    lives.rate(world, solved, 2)
    lives.tick(world)
    with at_work(world, solved) as (ticket, _):
        ticket.rating = 5
        record("ticket.rated", on=ticket, by=ticket.customer, rating=5)
    lives.tick(world)
    assert some_of(world, "Gus", "ratings", "rating_sum") == (1, 5)


def test_AGT_008_reactions_may_come_twice_late_and_backwards(world, solved):
    lives.reopen(world, solved)
    lives.resolve(world, solved)
    lives.rate(world, solved, 3)
    lives.tick(world)
    counted = days_of(world, "Gus")
    with world.inside():
        events = db.session.scalars(select(Event).where(Event.ticket_id == solved).order_by(Event.id)).all()
        for event in [*reversed(events), *events]:
            subscribers.count([event])
        subscribers.count(events)
    assert days_of(world, "Gus") == counted
    assert some_of(world, "Gus", "resolutions", "ratings", "kept") == (1, 1, 2)


def test_AGT_008_two_workers_on_one_ticket_count_once(world):
    made = [world.ticket() for _ in range(6)]
    for ticket_id in made:
        lives.assign(world, ticket_id, "Gus")
        lives.reply(world, ticket_id)
        lives.resolve(world, ticket_id, "Linh")

    def settle(ids):
        with world.inside():
            AgentCredit.settle(ids)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(settle, [made, made[::-1], made[:3], made[3:], made, made[1:5]]))
    assert some_of(world, "Gus", "handled", "responses", "kept") == (6, 6, 12)
    assert some_of(world, "Linh", "handled", "resolutions") == (6, 6)


def test_AGT_008_a_deleted_ticket_counts_for_nothing_until_it_is_restored(world, solved):
    with at_work(world, solved, "Mai") as (ticket, mai):
        ticket.delete(by=mai)
    lives.tick(world)
    assert total_of(world, "Gus") == {}
    with at_work(world, solved, "Mai") as (ticket, mai):
        ticket.restore(by=mai)
    lives.tick(world)
    assert days_of(world, "Gus") == {TODAY: SOLVED}


def test_AGT_008_a_ticket_merged_into_another_is_no_resolution(world, solved):
    other = world.ticket()
    with world.inside():
        source, target = Ticket.find_two("ACME-1", "ACME-2", world.user("Mai"))
        source.merge_into(target, by=world.user("Mai"))
    lives.tick(world)
    assert some_of(world, "Gus", "resolutions", "handled", "responses", "kept") == (0, 1, 1, 2)
    lives.resolve(world, other, "Linh")
    lives.tick(world)
    assert some_of(world, "Linh", "resolutions") == (1,)


def test_AGT_008_time_waited_for_the_customer_is_no_time_to_resolution(world):
    ticket_id = world.ticket()
    lives.assign(world, ticket_id, "Gus")
    lives.tick(world, 600)
    with at_work(world, ticket_id) as (ticket, gus):
        ticket.reply("Which order?", by=gus, then=Status.WAITING_USER)
    lives.tick(world, 10_000)
    with at_work(world, ticket_id) as (ticket, _):
        ticket.hear("This one.", by=ticket.customer)
    lives.tick(world, 300)
    lives.resolve(world, ticket_id)
    lives.tick(world)
    assert some_of(world, "Gus", *RESOLVED) == (1, 900, 10_900)


def test_AGT_008_a_day_begins_at_midnight_where_the_agent_is(world):
    with world.inside():
        world.user("Linh").time_zone = "Asia/Ho_Chi_Minh"  # Gus says nothing: UTC
    lives.travel_to(MONDAY.replace(hour=16, minute=59, second=59))
    for name in ("Gus", "Linh"):
        lives.reply(world, world.ticket(), name)
    lives.tick(world, 1)
    for name in ("Gus", "Linh"):
        lives.reply(world, world.ticket(), name)
    lives.tick(world)
    handled = {name: {d: n["handled"] for d, n in days_of(world, name).items()} for name in ("Gus", "Linh")}
    assert handled == {
        "Gus": {date(2026, 11, 23): 2},
        "Linh": {date(2026, 11, 23): 1, date(2026, 11, 24): 1},
    }


def test_AGT_008_what_is_counted_stays_on_its_day_when_the_agent_moves(world):
    lives.travel_to(MONDAY.replace(hour=18))
    ticket_id = world.ticket()
    lives.reply(world, ticket_id)
    lives.tick(world)
    with world.inside():
        world.user("Gus").time_zone = "Asia/Ho_Chi_Minh"
    lives.resolve(world, ticket_id)
    lives.tick(world)
    days = days_of(world, "Gus")
    assert days[date(2026, 11, 23)]["handled"] == 1
    assert days[date(2026, 11, 24)]["resolutions"] == 1


def test_AGT_008_merchants_and_organizers_are_counted_apart(world):
    ticket_id = world.ticket(by="Cyd")
    lives.resolve(world, ticket_id, "Gil", "globex")
    lives.tick(world)
    assert total_of(world, "Gil", "globex")["resolutions"] == 1
    with world.inside():
        assert db.session.scalars(select(AgentCredit)).all() == []
