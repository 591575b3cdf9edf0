"""NTF-001: the bell. Everybody sees on every page of the desk how much he has not read, and nobody another's."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.notifications.bell import MOST
from helpdesk.notifications.mail_preference import MailPreference
from helpdesk.notifications.notification import Notification
from helpdesk.notifications.notification_group import PAGE, SHOWN
from helpdesk.notifications.preference import Preference
from helpdesk.notifications.preference_topic import LIVE, OFF, TOPICS
from helpdesk.notifications.subscribers import tell
from helpdesk.sla.clock import Clock
from helpdesk.tickets.lifecycle import Status
from tests.notifications.bell_pages import PATH, given, groups, hear, shown, told, unread
from tests.notifications.post import Post
from tests.support.page import read
from tests.support.seat import Seat, at_work, ticket_in
from tests.support.world import World


def test_NTF_001_the_bell_hears_of_everything_that_concerns_one(any_world: World) -> None:
    world = any_world
    made = world.ticket()
    with at_work(world, made, "Mai") as (ticket, mai):
        ticket.assign_to(world.user("Gus"), by=mai)
    hear(world, made)
    with at_work(world, made, "Linh") as (ticket, linh):
        ticket.note("@Gus please look, the customer is angry", by=linh)
    clock.travel(9 * 3600)
    with world.inside():
        Clock.mark_due()
    assert told(world, "Gus")[:3] == ["ticket.assigned", "ticket.replied", "ticket.noted"]
    assert {"sla.warned", "sla.breached"} <= set(told(world, "Gus"))
    assert "escalation.raised" in told(world, "Mai")
    assert told(world, "Linh") == []
    assert shown(Seat(world, "Gus")) == len(told(world, "Gus"))


def test_NTF_003_nobody_is_told_of_what_he_did_himself(world: World) -> None:
    made = ticket_in(world, Status.ASSIGNED)
    with at_work(world, made) as (ticket, gus):
        ticket.note("@Gus remember this", by=gus)
    assert told(world, "Gus") == []
    assert shown(Seat(world, "Gus")) == 0


@pytest.mark.parametrize("channel,heard", [(OFF, []), (LIVE, ["ticket.replied"])])
def test_NTF_003_the_bell_keeps_to_what_was_chosen(world: World, channel: str, heard: list[str]) -> None:
    made = given(world)
    with world.inside():
        chosen = {"ticket.replied.assignee": channel, "ticket.assigned.assignee": OFF}
        Preference.choose(chosen, {}, by=world.user("Gus"))
    hear(world, made)
    assert told(world, "Gus")[1:] == heard


def test_NTF_003_who_unsubscribed_from_mails_still_sees_it_on_the_screen(world: World) -> None:
    made = given(world)
    with world.inside():
        gus, kind = world.user("Gus"), TOPICS["ticket.replied.assignee"].kind
        MailPreference.refuse("user", gus.id, kind, made)
    hear(world, made)
    assert unread(world) == 1


def test_a_ticket_that_comes_back_with_a_reply_is_told_once(world: World) -> None:
    made = given(world)
    with at_work(world, made) as (ticket, gus):
        ticket.resolve(by=gus, note_vi="Xong.")
    hear(world, made, "No.")
    assert told(world, "Gus")[1:] == ["ticket.replied"]
    with world.inside():
        Preference.choose({"ticket.replied.assignee": OFF}, {}, by=world.user("Gus"))
    with at_work(world, made) as (ticket, gus):
        ticket.resolve(by=gus, note_vi="Xong.")
    hear(world, made, "Still not.")
    assert told(world, "Gus")[2:] == ["ticket.reopened"]


def test_R3_a_reaction_that_runs_twice_tells_once(any_world: World) -> None:
    world, made = any_world, given(any_world)
    hear(world, made)
    world.run_reactions()
    with world.inside():
        tell(db.session.scalars(select(Event).where(Event.name == "ticket.replied")).all())
    assert unread(world) == 1


def test_NTF_005_a_mail_that_cannot_be_delivered_is_told_to_the_assignee(post: Post) -> None:
    made = post.assigned()
    with post.inside():
        Notification.read(by=post.user("Gus"))
    post.sink.at_rcpt.append("550 no such user")
    post.reply(made, "Here is your answer.")
    post.send()
    post.run_reactions()
    assert told(post, "Gus")[-1] == "mail.failed"
    page = Seat(post, "Gus").get(PATH).text
    assert "A mail to the customer could not be delivered." in page
    assert [row.template for row in post.deliveries() if row.template.startswith("mail.")] == []


# The page ------------------------------------------------------------------------------------------------------


def test_NTF_001_the_page_has_a_group_per_ticket_newest_first(any_world: World) -> None:
    world = any_world
    first, second = given(world), given(world)
    hear(world, second)
    hear(world, first)
    hear(world, first, "Hello?")
    world.run_reactions()
    assert groups(Seat(world, "Gus")) == [
        ("ACME-1", 2, ["ticket.replied", "ticket.replied", "ticket.assigned"]),
        ("ACME-2", 1, ["ticket.replied", "ticket.assigned"]),
    ]
    assert "You are told because you are the assignee." in Seat(world, "Gus").get(PATH).text


def test_a_group_shows_its_newest_and_says_how_many_there_are(world: World) -> None:
    made = given(world)
    for n in range(SHOWN + 2):
        hear(world, made, f"Number {n}")
    world.run_reactions()
    ((_, count, events),) = groups(Seat(world, "Gus"))
    assert (count, len(events)) == (SHOWN + 2, SHOWN)
    assert "3 earlier ones" in Seat(world, "Gus").get(PATH).text


def test_old_ones_are_not_lost(any_world: World) -> None:
    world = any_world
    for _ in range(PAGE + 3):
        given(world)
    gus, seen, path = Seat(world, "Gus"), [], PATH
    while path:
        page = read(gus.get(path))
        seen += [one["data-told"] for one in page.with_attribute("data-told")]
        path = next((a["href"] for a in page.all("a", rel="next")), "")
    assert seen == [f"ACME-{n}" for n in range(PAGE + 3, 0, -1)]


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "１", "1.5", ""])
def test_a_place_that_is_none_is_refused(world: World, before: str) -> None:
    assert Seat(world, "Gus").get(PATH, before=before).status_code == 400


def test_only_unread_ones(world: World) -> None:
    given(world)
    hear(world, given(world))
    world.run_reactions()
    assert [one[0] for one in groups(Seat(world, "Gus"), show="unread")] == ["ACME-2"]


def test_the_groups_alone_are_those_of_the_page(world: World) -> None:
    for _ in range(2):
        hear(world, given(world))
    world.run_reactions()
    gus = Seat(world, "Gus")
    gus.post(f"{PATH}/ACME-1/reading")
    for query in ({}, {"show": "unread"}):
        assert groups(gus, f"{PATH}/groups", **query) == groups(gus, **query)


def test_the_page_of_who_was_never_told_says_so(world: World) -> None:
    for name in ("Gus", "Linh", "Mai"):
        assert read(Seat(world, name).get(PATH)).all("div", class_="empty")


# The header ----------------------------------------------------------------------------------------------------


def test_NTF_001_the_bell_counts_so_far_and_no_further(world: World) -> None:
    made = given(world)
    with world.inside():
        event = db.session.scalars(select(Event).where(Event.name == "ticket.assigned")).one()
        gus = world.user("Gus")
        for _ in range(MOST + 5):
            db.session.add(Event(
                ticket_id=made, name="ticket.replied", actor=event.actor, data={}, created_at=clock.now(),
            ))  # fmt: skip
        db.session.flush()
        for id_ in db.session.scalars(select(Event.id).where(Event.name == "ticket.replied")):
            db.session.add(Notification(
                event_id=id_, ticket_id=made, user_id=gus.id, reason="assignee", created_at=clock.now(),
            ))  # fmt: skip
    (bell,) = read(Seat(world, "Gus").get("/queue")).all("a", id="bell")
    assert (bell["aria-label"], bell.text) == ("More than 99 unread notifications", "99+")


def test_NTF_001_every_page_of_the_desk_has_the_bell_in_the_readers_words(world: World) -> None:
    hear(world, given(world))
    hear(world, given(world, "Linh"))
    world.run_reactions()
    words = {"Gus": "1 unread notification", "Linh": "1 thông báo chưa đọc"}
    for name, said in words.items():
        for path in ("/queue", "/tickets/ACME-1", "/search", "/settings", "/me", "/performance", PATH):
            answer = Seat(world, name).client.get(path, follow_redirects=True)
            (bell,) = read(answer).all("a", id="bell")
            assert bell["aria-label"] == said, path


def test_the_customers_pages_have_no_bell(world: World) -> None:
    made = given(world)
    client = world.app.test_client()
    page = client.get(world.link(made), follow_redirects=True).text
    assert 'id="bell"' not in page
