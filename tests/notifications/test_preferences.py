"""NTF-003: everybody chooses what he is told, how and when; escalations to managers cannot be switched off."""

from __future__ import annotations

import re
from typing import Any

import pytest

from helpdesk.notifications.mail_preference import MailPreference
from helpdesk.notifications.preference import Preference
from helpdesk.notifications.preference_topic import BATCHED, LIVE, NOW, OF_USERS, OFF, TOPICS
from tests.support.page import form, read
from tests.support.seat import Seat
from tests.support.world import World

PATH, DEFAULTS = "/me/notifications", "/me/notifications/defaults"
REPLY, ESCALATION = TOPICS["ticket.replied.assignee"], TOPICS["escalation.raised.managers"]
TIMES = {
    "digest": "daily",
    "digest_hour": "9",
    "quiet_from": "22:00",
    "quiet_to": "07:00",
    "quiet_days": "fri",
}
SHIPPED = {
    "ticket.created.customer": NOW, "ticket.created.group": BATCHED, "ticket.assigned.assignee": BATCHED,
    "ticket.replied.customer": BATCHED, "ticket.replied.assignee": BATCHED, "ticket.noted.mention": BATCHED,
    "ticket.resolved.customer": BATCHED, "ticket.closed.customer": BATCHED, "ticket.reopened.assignee": BATCHED,
    "ticket.replied.follower": LIVE, "ticket.noted.follower": LIVE, "ticket.resolved.follower": LIVE,
    "ticket.closed.follower": LIVE, "ticket.reopened.follower": LIVE, "sla.breached.follower": LIVE,
    "ticket.woken.assignee": LIVE,
    "sla.warned.assignee": LIVE, "sla.critical.assignee": NOW, "sla.breached.assignee": NOW,
    "escalation.raised.managers": NOW, "mail.failed.assignee": LIVE, "link.renewed.customer": NOW,
}  # fmt: skip


def kept(world: World, name: str = "Gus") -> Preference:
    with world.inside():
        return Preference.of(world.user(name).id)


def shown(world: World, name: str = "Gus") -> dict[str, str]:
    with world.inside():
        return Preference.shown_to(world.user(name))


def test_NTF_003_the_catalogue_as_it_is_shipped() -> None:
    assert {key: topic.channel for key, topic in TOPICS.items()} == SHIPPED
    assert [topic.key for topic in TOPICS.values() if topic.is_fixed] == ["escalation.raised.managers"]
    assert [topic.key for topic in TOPICS.values() if not topic.is_held] == ["escalation.raised.managers"]
    assert all(str(topic.label) for topic in OF_USERS)


@pytest.mark.parametrize("name", ["Gus", "Linh", "Mai", "Ada"])
def test_NTF_003_the_page_shows_the_defaults_and_takes_a_choice_without_a_script(
    world: World, name: str
) -> None:
    seat = Seat(world, name)
    page = seat.get(PATH)
    assert page.status_code == 200
    own = form(page, PATH)
    assert own.fields[REPLY.field] == BATCHED
    assert own.fields["digest"] == "none"
    assert own.send(seat.client, **TIMES, **{REPLY.field: NOW}).status_code == 303
    mine = kept(world, name)
    assert (mine.choices, mine.digest, mine.digest_hour) == ({REPLY.key: NOW}, "daily", 9)
    assert (mine.quiet_from, mine.quiet_to) == ("22:00", "07:00")
    assert form(seat.get(PATH), PATH).fields[REPLY.field] == NOW


def test_NTF_003_back_to_the_defaults(world: World) -> None:
    seat = Seat(world, "Gus")
    seat.post(PATH, **TIMES, **{REPLY.field: OFF})
    assert kept(world).choices == {REPLY.key: OFF}
    assert seat.post(DEFAULTS).status_code == 303
    mine = kept(world)
    assert (mine.choices, mine.digest, mine.quiet_from, len(mine.quiet_days)) == ({}, "none", "", 7)


def test_NTF_003_an_escalation_cannot_be_switched_off(world: World) -> None:
    seat = Seat(world, "Mai")
    page = seat.get(PATH)
    radios = [one for one in read(page).all("input") if one.attributes.get("name") == ESCALATION.field]
    assert len(radios) == 4
    assert all("disabled" in one.attributes for one in radios)
    assert seat.post(PATH, **TIMES, **{ESCALATION.field: OFF}).status_code == 303
    with world.inside():
        mine = Preference.of(world.user("Mai").id)
        assert mine.channel(ESCALATION) == NOW
        mine.choices = {ESCALATION.key: OFF}
        assert mine.channel(ESCALATION) == NOW, "whatever is kept"


def test_a_mail_that_was_unsubscribed_by_link_shows_and_can_be_had_again(world: World) -> None:
    with world.inside():
        MailPreference.refuse("user", world.user("Gus").id, REPLY.kind, 1)
    assert shown(world)[REPLY.key] == LIVE
    seat = Seat(world, "Gus")
    own = form(seat.get(PATH), PATH)
    assert own.fields[REPLY.field] == LIVE
    own.send(seat.client)
    assert shown(world)[REPLY.key] == LIVE, "saving the page as it is subscribes to nothing"
    own.send(seat.client, **{REPLY.field: BATCHED})
    assert shown(world)[REPLY.key] == BATCHED
    with world.inside():
        assert not MailPreference.refuses("user", world.user("Gus").id, REPLY.kind, 1)


def test_a_topic_that_is_not_sent_stays_as_it_is(world: World) -> None:
    seat = Seat(world, "Gus")
    seat.post(PATH, **TIMES, **{REPLY.field: OFF})
    seat.post(PATH, **TIMES)
    assert shown(world)[REPLY.key] == OFF


@pytest.mark.parametrize("field", [
    {REPLY.field: "pigeon"}, {REPLY.field: ""}, {REPLY.field: "\x00"}, {REPLY.field: "x" * 1_000_000},
    {"digest": "weekly"}, {"digest": ""}, {"digest_hour": "24"}, {"digest_hour": "-1"}, {"digest_hour": "9" * 30},
    {"digest_hour": "½"}, {"digest_hour": ""}, {"quiet_from": "25:00"}, {"quiet_from": "22:00\n"}, {"quiet_to": ""},
    {"quiet_from": "7"}, {"quiet_from": "٢٢:٠٠"}, {"quiet_from": "\u202e00:22"}, {"quiet_to": "22:00"},
    {"quiet_days": "someday"}, {"quiet_days": "<b>fri"}, {"quiet_from": "2\u0662:00"}, {"quiet_to": "🌙"},
])  # fmt: skip
@pytest.mark.parametrize("language", ["en", "vi"])
def test_what_is_not_on_offer_is_refused_and_changes_nothing(
    world: World, field: dict[str, Any], language: str
) -> None:
    seat = Seat(world, "Gus" if language == "en" else "Linh")
    answer = seat.post(PATH, **TIMES | field)
    harmless = field in ({"quiet_from": "22:00\n"}, {"quiet_from": "\u202e00:22"})
    assert answer.status_code == (303 if harmless else 422)
    if not harmless:
        assert re.search(r'class="error-summary"', answer.text)
        assert f'lang="{language}"' in answer.text
        assert kept(world, "Gus" if language == "en" else "Linh").digest == "none"


def test_Q_1_everybody_has_his_own(world: World) -> None:
    Seat(world, "Gus").post(PATH, **TIMES, **{REPLY.field: OFF})
    assert shown(world, "Linh")[REPLY.key] == BATCHED
    assert Seat(world, "Gil").get(PATH).status_code == 200
    with world.inside("globex"):
        assert Preference.shown_to(world.user("Gil"))[REPLY.key] == BATCHED
