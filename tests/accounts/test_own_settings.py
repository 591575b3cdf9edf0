"""/me: what everybody chooses for himself."""

from __future__ import annotations

import pytest

from tests.support.page import form, read
from tests.support.seat import Seat
from tests.support.world import World

FIELDS = {"undo_seconds": "5", "language": "en", "time_zone": "Asia/Ho_Chi_Minh", "theme": "dark"}


@pytest.mark.parametrize("name", ["Gus", "Mai", "Ada"])
def test_everybody_sees_and_changes_his_own(world: World, name: str) -> None:
    seat = Seat(world, name)
    page = seat.get("/me")
    assert page.status_code == 200
    own = form(page, "/me")
    assert own.fields["undo_seconds"] == "0"
    assert own.send(seat.client, **FIELDS).status_code == 303
    with world.inside():
        user = world.user(name)
        assert (user.undo_seconds, user.language, user.time_zone, user.theme) == (
            5, "en", "Asia/Ho_Chi_Minh", "dark")  # fmt: skip
        others = {world.user(other).undo_seconds for other in ("Gus", "Mai", "Ada", "Linh") if other != name}
        assert others == {0}


def test_the_header_of_every_page_leads_there(world: World) -> None:
    links = [link.attributes.get("href") for link in read(Seat(world, "Gus").get("/queue")).all("a")]
    assert "/me" in links


@pytest.mark.parametrize("seconds", ["0", "5", "7", "10", "30"])
def test_the_server_takes_nought_to_thirty_seconds(world: World, seconds: str) -> None:
    seat = Seat(world, "Gus")
    assert seat.post("/me", **FIELDS | {"undo_seconds": seconds}).status_code == 303
    assert form(seat.get("/me"), "/me").fields["undo_seconds"] == seconds


@pytest.mark.parametrize("field", [
    {"undo_seconds": "31"}, {"undo_seconds": "-1"}, {"undo_seconds": ""}, {"undo_seconds": "x"},
    {"undo_seconds": "9" * 30},
    {"undo_seconds": "1.5"}, {"undo_seconds": "\x00"}, {"language": "fr"}, {"time_zone": "Mars/Base"},
    {"theme": "pink"},
    {"time_zone": "../../etc/passwd"},
])  # fmt: skip
def test_what_is_not_on_offer_is_refused_and_changes_nothing(world: World, field: dict[str, str]) -> None:
    answer = Seat(world, "Gus").post("/me", **FIELDS | field)
    assert answer.status_code == 422
    with world.inside():
        user = world.user("Gus")
        assert (user.undo_seconds, user.theme, user.time_zone) == (0, "system", "")


def test_the_language_counts_at_once(world: World) -> None:
    seat = Seat(world, "Gus")
    seat.post("/me", **FIELDS | {"language": "vi"})
    assert "Cài đặt của bạn" in seat.get("/me").text
    assert 'lang="vi"' in seat.get("/queue").text


@pytest.mark.parametrize("field", [
    {"density": "compact"}, {"uses_shortcuts": "off"}, {"after_send": "next"}, {"after_send": "queue"},
])  # fmt: skip
def test_the_desk_as_he_likes_it_is_kept_and_shown(world: World, field: dict[str, str]) -> None:
    seat = Seat(world, "Gus")
    assert seat.post("/me", **FIELDS | field).status_code == 303
    shown = form(seat.get("/me"), "/me").fields
    assert {name: shown[name] for name in field} == field
    assert seat.post("/me", **FIELDS).status_code == 303, "a form that does not name it leaves it"
    assert {name: form(seat.get("/me"), "/me").fields[name] for name in field} == field


@pytest.mark.parametrize("field", [
    {"density": "tiny"}, {"uses_shortcuts": "1"}, {"uses_shortcuts": ""}, {"after_send": "/evil"},
    {"density": "x" * 10**6},
])  # fmt: skip
def test_a_desk_that_nobody_offers_is_refused(world: World, field: dict[str, str]) -> None:
    assert Seat(world, "Gus").post("/me", **FIELDS | field).status_code == 422
    with world.inside():
        user = world.user("Gus")
        assert (user.density, user.uses_shortcuts, user.after_send) == ("comfortable", True, "stay")


def test_a_compact_desk_says_so_to_its_sheets(world: World) -> None:
    seat = Seat(world, "Gus")
    assert "data-density" not in next(read(seat.get("/queue")).all("html")).attributes
    seat.post("/me", **FIELDS | {"density": "compact"})
    assert next(read(seat.get("/queue")).all("html"))["data-density"] == "compact"


@pytest.mark.parametrize(
    ("chosen", "to"), [("stay", "/tickets/ACME-1"), ("next", "/queue"), ("queue", "/queue")]
)
def test_a_sent_reply_leads_where_its_writer_likes(world: World, chosen: str, to: str) -> None:
    """Which ticket is next is known to scripts alone: without them it is the queue."""
    world.ticket()
    seat = Seat(world, "Gus")
    seat.post("/me", **FIELDS | {"after_send": chosen, "undo_seconds": "0"})
    answer = seat.post("/tickets/ACME-1/replies", body="Hello.", then="keep")
    assert (answer.status_code, answer.headers["Location"]) == (303, to)
    note = seat.post("/tickets/ACME-1/notes", body="Between us.")
    assert note.headers["Location"] == "/tickets/ACME-1"
    assert next(read(seat.get("/queue")).all("body"))["data-after-send"] == chosen


def test_a_customer_has_no_such_page(world: World) -> None:
    client = world.app.test_client()
    client.get(world.link(world.ticket()), follow_redirects=True)
    assert client.get("/me").status_code == 302


def test_it_shows_the_language_that_is_in_force_and_keeps_it_when_something_else_is_changed(
    world: World,
) -> None:
    seat = Seat(world, "Gus")
    assert seat.post("/language", lang="vi").status_code == 303
    own = form(seat.get("/me"), "/me")
    assert own.fields["language"] == "vi"
    assert own.send(seat.client, theme="dark").status_code == 303
    assert next(read(seat.get("/queue")).all("html"))["lang"] == "vi"
