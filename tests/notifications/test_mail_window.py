"""NTF-005: how long mails wait for others is set up on a page, and kept from being overwritten unseen."""

from __future__ import annotations

import pytest

from helpdesk.core.events import Event
from helpdesk.notifications.preference_topic import CATALOGUE
from helpdesk.organizers.organizer import Organizer
from tests.notifications.post import GUS, Post
from tests.support.page import form, read
from tests.support.seat import Seat
from tests.support.world import World

PATH = "/settings/notifications"


def window(world: World, slug: str = "acme") -> int:
    with world.inside(slug):
        return Organizer.present().mail_window_seconds


@pytest.mark.parametrize("typed,kept", [("0", 0), ("3600", 3600), (" 90 ", 90)])
def test_NTF_005_the_window_is_set_up(any_world: World, typed: str, kept: int) -> None:
    mai = Seat(any_world, "Mai")
    answer = form(mai.get(PATH), PATH).send(mai.client, mail_window_seconds=typed)
    assert answer.status_code == 303
    assert (window(any_world), window(any_world, "globex")) == (kept, 120)
    with any_world.inside():
        event = any_world.one(Event, name="organizer.changed")
        assert event.data["changes"] == {"mail_window_seconds": [120, kept]}
        assert event.actor["name"] == "Mai"


@pytest.mark.parametrize(
    "typed", ["", " ", "-1", "3601", "1.5", "x", "9" * 30, "１２", "\x00", "<b>7</b>", "1e3"]
)
@pytest.mark.parametrize("name", ["Ada", "Mai"])
def test_what_is_no_number_of_seconds_is_refused_in_words(world: World, name: str, typed: str) -> None:
    seat = Seat(world, name)
    answer = form(seat.get(PATH), PATH).send(seat.client, mail_window_seconds=typed)
    said = {"Ada": "Enter a whole number from 0 to 3600.", "Mai": "Nhập số nguyên từ 0 đến 3600."}[name]
    assert (answer.status_code, window(world)) == (422, 120)
    assert said in answer.text


def test_the_same_number_again_is_no_change(world: World) -> None:
    mai = Seat(world, "Mai")
    assert form(mai.get(PATH), PATH).send(mai.client).status_code == 303
    with world.inside():
        assert world.count(Event, name="organizer.changed") == 0


def test_what_somebody_else_saved_meanwhile_is_shown_and_not_overwritten(any_world: World) -> None:
    ada, mai = Seat(any_world, "Ada"), Seat(any_world, "Mai")
    mine = form(ada.get(PATH), PATH)
    form(mai.get(PATH), PATH).send(mai.client, mail_window_seconds="60")
    answer = mine.send(ada.client, mail_window_seconds="300")
    assert (answer.status_code, window(any_world)) == (409, 60)
    cells = [cell.text for cell in read(answer).all("td", class_="clash-text")]
    assert cells == ["300", "60"]
    assert form(answer, PATH).send(ada.client).status_code == 303
    assert window(any_world) == 300


def test_who_chose_the_same_meanwhile_is_no_clash(world: World) -> None:
    ada, mai = Seat(world, "Ada"), Seat(world, "Mai")
    mine = form(ada.get(PATH), PATH)
    form(mai.get(PATH), PATH).send(mai.client, mail_window_seconds="60")
    assert mine.send(ada.client, mail_window_seconds="60").status_code == 303


def test_NTF_005_mails_wait_as_long_as_was_said(post: Post) -> None:
    mai, made = Seat(post, "Mai"), post.assigned()
    form(mai.get(PATH), PATH).send(mai.client, mail_window_seconds="600")
    post.hear(made, "Hello?")
    post.wait(590)
    assert post.sent_to(GUS) == []
    post.wait(11)
    assert len(post.sent_to(GUS)) == 1


def test_Q_2_agents_do_not_set_it_up(world: World) -> None:
    assert Seat(world, "Gus").post(PATH, mail_window_seconds="1").status_code == 403
    assert window(world) == 120


def test_NTF_003_the_page_shows_the_whole_catalogue(world: World) -> None:
    page = read(Seat(world, "Ada").get(PATH))
    rows = {row["data-topic"]: [cell.text for cell in row.children if not isinstance(cell, str)]
            for row in page.with_attribute("data-topic")}  # fmt: skip
    assert list(rows) == [topic.key for topic in CATALOGUE]
    assert rows["ticket.replied.assignee"] == ["Somebody replies", "The assignee", "Mail, gathered"]
    assert "always" in rows["escalation.raised.managers"][2]
