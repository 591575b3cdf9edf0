"""NTF-001: the browser's own notification and the sound, for whoever has asked for them."""

from __future__ import annotations

import pytest

from helpdesk.core.db import db
from helpdesk.notifications.preference import Preference
from helpdesk.notifications.preference_topic import BATCHED, LIVE, NOW, TOPICS
from tests.notifications.bell_pages import given, hear
from tests.support.page import Element, form, read
from tests.support.seat import Seat, at_work
from tests.support.world import World

OWN, BELL = "/me/notifications", "/notifications/bell"
FAILED = TOPICS["mail.failed.assignee"]


def asked(world: World, **loud: bool) -> Seat:
    """Gus, who has asked for it."""
    with world.inside():
        Preference.choose({}, loud, by=world.user("Gus"))
    return Seat(world, "Gus")


def news(seat: Seat) -> list[Element]:
    return read(seat.get(BELL)).with_attribute("data-news")


def test_it_is_chosen_and_taken_back_on_the_own_page(any_world: World) -> None:
    gus = Seat(any_world, "Gus")
    assert "is_heard" not in form(gus.get(OWN), OWN).fields
    form(gus.get(OWN), OWN).send(gus.client, is_heard="y", is_shown_by_browser="y")
    page = form(gus.get(OWN), OWN)
    assert (page.fields["is_heard"], page.fields["is_shown_by_browser"]) == ("y", "y")
    form(gus.get(OWN), f"{OWN}/defaults").send(gus.client)
    with any_world.inside():
        mine = Preference.of(any_world.user("Gus").id)
        assert (mine.is_heard, mine.is_shown_by_browser) == (False, False)


def test_who_has_not_asked_is_told_nothing_by_the_browser(world: World) -> None:
    hear(world, given(world))
    world.run_reactions()
    assert news(Seat(world, "Gus")) == []


@pytest.mark.parametrize("loud,marks", [
    ({"is_shown_by_browser": True}, {"data-shown"}), ({"is_heard": True}, {"data-heard"}),
    ({"is_shown_by_browser": True, "is_heard": True}, {"data-shown", "data-heard"}),
])  # fmt: skip
def test_the_browser_is_told_the_newest_of_each_ticket(
    world: World, loud: dict[str, bool], marks: set[str]
) -> None:
    first, second = given(world), given(world)
    for ticket_id in (first, second, second):
        hear(world, ticket_id, "SECRET words")
    world.run_reactions()
    found = news(asked(world, **loud))
    assert [(one["data-number"], one["data-words"]) for one in found] == [
        ("ACME-2", "Bea replied."),
        ("ACME-1", "Bea replied."),
    ]
    for one in found:
        assert {"data-shown", "data-heard"} & one.attributes.keys() == marks
        assert "SECRET" not in str(one.attributes)


def test_MSG_003_the_browser_says_nothing_of_a_note(world: World) -> None:
    made = given(world)
    with at_work(world, made, "Linh") as (ticket, linh):
        ticket.note("@Gus a secret word", by=linh)
    world.run_reactions()
    gus = asked(world, is_shown_by_browser=True)
    assert [one["data-words"] for one in news(gus)] == ["Linh wrote an internal note."]
    assert "secret" not in gus.get(BELL).text


def test_NTF_003_there_is_no_mail_about_mails_that_fail(world: World) -> None:
    assert FAILED.channels == [LIVE, "off"]
    gus = Seat(world, "Gus")
    for channel in (NOW, BATCHED):
        answer = form(gus.get(OWN), OWN).send(gus.client, **{FAILED.field: channel})
        assert answer.status_code == 422
    with world.inside():
        me = world.user("Gus")
        Preference.choose({FAILED.key: NOW}, {}, by=me)
        db.session.flush()
        assert Preference.of(me.id).channel(FAILED) == LIVE
