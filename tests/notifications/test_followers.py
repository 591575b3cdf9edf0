"""Followers and snoozers are told: with their reason, not of their own deeds, and only of what they may see still."""

from __future__ import annotations

from datetime import timedelta

import pytest

from helpdesk.accounts.user import Membership
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.notifications.delivery import Delivery
from helpdesk.notifications.notification import Notification
from helpdesk.notifications.preference import Preference
from helpdesk.notifications.preference_topic import NOW
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.follower import Follower
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.snooze import Snooze
from tests.support.page import read
from tests.support.seat import Seat, at_work, ticket_in
from tests.support.world import World

HOUR = timedelta(hours=1)


def told(world: World, name: str) -> list[tuple[str, str]]:
    """Event and reason of what somebody is told on the screen, in order."""
    world.run_reactions()
    with world.inside():
        own = (
            db.select(Notification)
            .where(Notification.user_id == world.user(name).id)
            .order_by(Notification.id)
        )
        return [(row.event.name, row.reason) for row in db.session.scalars(own)]


@pytest.fixture
def followed(world: World) -> int:
    """A ticket of Linh's that Gus and Mai follow."""
    made = ticket_in(world, Status.ASSIGNED, "Linh")
    with at_work(world, made) as (ticket, gus):
        for user in (gus, world.user("Mai"), world.user("Linh")):
            Follower.follow(ticket, by=user)
    world.run_reactions()
    return made


def test_NTF_followers_hear_what_happens(world: World, followed: int) -> None:
    with at_work(world, followed, "Linh") as (ticket, linh):
        ticket.hear("Hello?", by=ticket.customer)
        ticket.note("Look at this.", by=linh)
        ticket.resolve(by=linh, note_vi="Xong.")
    wanted = [(f"ticket.{name}", "follower") for name in ("replied", "noted", "resolved")]
    assert told(world, "Gus") == wanted
    assert told(world, "Mai") == wanted
    assert told(world, "Linh") == [("ticket.replied", "assignee")], (
        "the assignee as such, and of his own deeds nothing"
    )


def test_nobody_hears_of_his_own_deed(world: World, followed: int) -> None:
    with at_work(world, followed, "Gus") as (ticket, gus):
        ticket.note("Mine.", by=gus)
    assert told(world, "Gus") == []
    assert told(world, "Mai") == [("ticket.noted", "follower")]


def test_a_ticket_that_came_back_with_a_reply_is_told_once(world: World, followed: int) -> None:
    with at_work(world, followed, "Linh") as (ticket, linh):
        ticket.resolve(by=linh, note_vi="Xong.")
        ticket.hear("Not at all.", by=ticket.customer)
    assert told(world, "Gus") == [("ticket.resolved", "follower"), ("ticket.replied", "follower")]


def test_who_stopped_hears_nothing_more(world: World, followed: int) -> None:
    with at_work(world, followed, "Gus") as (ticket, gus):
        Follower.unfollow(ticket, by=gus)
        ticket.hear("Hello?", by=ticket.customer)
    assert told(world, "Gus") == []


def test_who_may_not_see_it_any_more_hears_nothing(world: World, followed: int) -> None:
    with world.inside():
        shop, gus = world.one(Merchant, prefix="ACME"), world.user("Gus")
        world.one(Membership, user_id=gus.id, merchant_id=shop.id).deleted_at = clock.now()
    with at_work(world, followed, "Linh") as (ticket, _):
        ticket.hear("Hello?", by=ticket.customer)
    assert told(world, "Gus") == []
    assert told(world, "Mai") == [("ticket.replied", "follower")]


def test_mails_only_for_who_wants_them_and_follows_still(world: World, followed: int) -> None:
    with world.inside():
        for name in ("Gus", "Mai"):
            Preference.choose({"ticket.replied.follower": NOW}, {}, by=world.user(name))
    with at_work(world, followed, "Linh") as (ticket, _):
        ticket.hear("Hello?", by=ticket.customer)
    world.run_reactions()
    with world.inside():
        rows = {
            row.recipient_id: row
            for row in db.session.scalars(db.select(Delivery).filter_by(reason="follower"))
        }
        gus, mai = world.user("Gus"), world.user("Mai")
        assert set(rows) == {gus.id, mai.id}
        assert {row.template for row in rows.values()} == {"ticket.replied.user"}
        ticket = rows[gus.id].ticket
        Follower.unfollow(ticket, by=gus)
        db.session.flush()
        assert rows[gus.id].why_not(ticket) == "the user does not follow the ticket any more"
        assert rows[mai.id].why_not(ticket) is None


def test_the_bell_says_why_in_both_languages(world: World, followed: int) -> None:
    with at_work(world, followed, "Linh") as (ticket, linh):
        ticket.note("Look.", by=linh)
    world.run_reactions()
    assert "you follow the ticket" in Seat(world, "Gus").get("/notifications").text
    assert "bạn theo dõi phiếu" in Seat(world, "Mai").get("/notifications").text


def test_the_page_of_preferences_offers_it(world: World) -> None:
    page = read(Seat(world, "Gus").get("/me/notifications"))
    fields = {field["name"] for field in page.with_attribute("name")}
    assert {"ticket_replied_follower", "ticket_woken_assignee", "sla_breached_follower"} <= fields


def test_ux_A10_a_ticket_that_comes_back_is_told_to_whose_it_is_and_who_put_it_away(world: World) -> None:
    made = ticket_in(world, Status.ASSIGNED, "Linh")
    with at_work(world, made, "Mai") as (ticket, mai):
        Snooze.begin(ticket, clock.now() + HOUR, by=mai)
    before = told(world, "Linh")
    clock.travel(2 * 3600)
    with world.inside():
        assert Snooze.wake_due()
    assert told(world, "Linh") == [*before, ("ticket.woken", "assignee")]
    assert told(world, "Mai") == [("ticket.woken", "snoozer")]
    assert "its time has come" in Seat(world, "Gus").get("/tickets/ACME-1").text


def test_that_the_customer_wrote_is_told_once(world: World) -> None:
    made = ticket_in(world, Status.ASSIGNED, "Linh")
    with at_work(world, made, "Mai") as (ticket, mai):
        Snooze.begin(ticket, clock.now() + HOUR, by=mai)
    before = told(world, "Linh")
    with at_work(world, made, "Linh") as (ticket, _):
        ticket.hear("Hello?", by=ticket.customer)
    assert told(world, "Linh") == [*before, ("ticket.replied", "assignee")]
    assert told(world, "Mai") == []
