"""The keys: one table, from which come the help, the bindings and the tooltips; every key has something to press."""

from __future__ import annotations

import json
import re

import pytest

from helpdesk.desk.queries import PAGE
from helpdesk.desk.shortcut import NEVER_FIRST, PLACES, SHORTCUTS, Shortcut
from helpdesk.tickets.lifecycle import Status
from tests.desk.queue_pages import many
from tests.support.inspect import ROOT
from tests.support.page import Element, read
from tests.support.seat import Seat, ticket_in
from tests.support.world import World

SCRIPT = (ROOT / "static/js/keys.js").read_text("utf-8")
FIELDS = {"undo_seconds": "0", "language": "en", "time_zone": "", "theme": "system"}


def deeds_on(page: Element) -> set[str]:
    """What can be pressed on a page."""
    return {name for element in page.with_attribute("data-deed") for name in element["data-deed"].split()}


@pytest.fixture
def pressable(world: World) -> dict[str, set[str]]:
    """What can be pressed in each place: an open ticket, a list with a page before and one after."""
    many(world, 2 * PAGE + 1)
    seat = Seat(world, "Gus")
    first = read(seat.get("/queue/all"))
    second = read(seat.get(next(first.all("a", data_deed="later"))["href"]))
    ticket = deeds_on(read(seat.get("/tickets/ACME-1")))
    return {
        "everywhere": deeds_on(read(seat.get("/me"))), "queue": deeds_on(second), "ticket": ticket, "composer": ticket,
    }  # fmt: skip


def has_a_target(one: Shortcut, pressable: dict[str, set[str]], seat: Seat) -> bool:
    kind, which = one.does
    if kind == "go":
        return seat.get(which).status_code == 200
    if kind == "do":
        return re.search(rf"^  {which}(\(|:)", SCRIPT, re.M) is not None
    if kind == "send":
        return re.search(rf"^const SENT = .*\b{which}: \[", SCRIPT, re.M) is not None
    return which in pressable["ticket" if kind == "row" else one.place]


def test_ux_4_3_every_key_has_something_to_do(world: World, pressable: dict[str, set[str]]) -> None:
    seat = Seat(world, "Gus")
    assert [one for one in SHORTCUTS if not has_a_target(one, pressable, seat)] == []


def test_a_key_without_a_target_is_seen(world: World, pressable: dict[str, set[str]]) -> None:
    seat, bad = (
        Seat(world, "Gus"),
        ("press nothing", "row nothing", "send nothing", "do nothing", "go /nowhere"),
    )
    planted = [Shortcut(("q",), "queue", deed, "Nothing") for deed in bad]
    assert not any(has_a_target(one, pressable, seat) for one in planted)


def test_ux_4_3_one_key_means_one_thing_where_it_counts() -> None:
    for place in PLACES:
        keys = [key for one in SHORTCUTS if one.place in ("everywhere", place) for key in one.keys]
        assert len(keys) == len(set(keys)) or place == "composer", place
    assert {one.place for one in SHORTCUTS} == set(PLACES)


def test_ux_4_3_no_sequence_begins_with_a_key_that_telex_rewrites() -> None:
    first = {keys.split(" ")[0] for one in SHORTCUTS for keys in one.keys if " " in keys}
    assert first == {"g"}
    assert not first & NEVER_FIRST


def test_ux_4_3_no_chord_takes_a_key_from_the_browser() -> None:
    chords = {keys for one in SHORTCUTS for keys in one.keys if "Mod+" in keys}
    letters = {chord for chord in chords if re.fullmatch(r"Mod\+[a-z]", chord)}
    assert letters <= {"Mod+k"}


@pytest.mark.parametrize(("name", "said"), [("Gus", "Open and reply"), ("Linh", "Mở và trả lời")])
def test_the_help_is_a_page_and_says_every_key_in_the_readers_language(world, name, said):
    page = read(Seat(world, name).get("/keys"))
    main = next(page.all("main"))
    rows = main.with_attribute("data-keys")
    assert [json.loads(row["data-keys"]) for row in rows] == [list(one.keys) for one in SHORTCUTS]
    assert said in main.text
    dialog = next(page.all("dialog", id="keys"))
    assert [row["data-which"] for row in dialog.with_attribute("data-keys")] == [
        one.does[1] for one in SHORTCUTS
    ]


def test_every_page_of_the_desk_brings_the_table_and_a_way_to_it(world: World) -> None:
    ticket_in(world, Status.CLOSED)
    for path in (
        "/queue",
        "/tickets/ACME-1",
        "/tickets/new",
        "/search",
        "/notifications",
        "/settings",
        "/performance",
    ):
        page = read(Seat(world, "Mai").get(path))
        assert len(next(page.all("dialog", id="keys")).with_attribute("data-keys")) == len(SHORTCUTS), path
        assert any(link["href"] == "/keys" for link in page.all("a", data_deed="help")), path


def test_WCAG_2_1_4_single_keys_can_be_switched_off(world: World) -> None:
    seat = Seat(world, "Gus")

    def state() -> str:
        return next(read(seat.get("/queue")).all("body"))["data-keys"]

    assert state() == "on"
    assert seat.post("/me", **FIELDS, uses_shortcuts="off").status_code == 303
    assert state() == "off"
    assert "switched off" in seat.get("/keys").text
    assert seat.post("/me", **FIELDS).status_code == 303, "what a form does not name stays"
    assert state() == "off"
    assert seat.post("/me", **FIELDS, uses_shortcuts="on").status_code == 303
    assert state() == "on"


def test_the_keys_are_for_the_desk(world: World) -> None:
    assert world.app.test_client().get("/keys").status_code == 302
