"""ux A6: the command palette: what can be done, or what was typed means; in either language, for who looks."""

from __future__ import annotations

import pytest

from helpdesk.tickets.lifecycle import Status
from tests.support.page import Element, read
from tests.support.seat import Seat, ticket_in
from tests.support.world import World


def groups(page: Element) -> dict[str, list[str]]:
    """Heading → what the commands under it are called."""
    return {
        next(group.all("span")).text: [next(option.all("span")).text for option in group.all("li", role="option")]
        for group in page.all("div", role="group")
    }  # fmt: skip


def found(seat: Seat, words: str = "", **query: str) -> dict[str, list[str]]:
    answer = seat.get("/palette", q=words, **query)
    assert answer.status_code == 200
    return groups(read(answer))


def addresses(seat: Seat, words: str) -> list[str]:
    return [e["data-address"] for e in read(seat.get("/palette", q=words)).with_attribute("data-address")]


def test_with_nothing_typed_it_shows_what_there_is(world: World) -> None:
    there = found(Seat(world, "Mai"), lang="en")
    assert list(there) == ["Go to", "Create", "Settings"]
    assert {"To do", "Mine", "Snoozed", "Notifications", "Your settings"} <= set(there["Go to"])
    assert "SLA policies" in there["Settings"]


def test_everything_that_it_leads_to_is_there(world: World) -> None:
    for name in ("Gus", "Mai"):
        seat = Seat(world, name)
        for address in addresses(seat, ""):
            assert seat.client.get(address, follow_redirects=True).status_code == 200, f"{name}: {address}"


def test_nobody_is_offered_what_is_not_his(world: World) -> None:
    assert "Policies" not in str(found(Seat(world, "Gus")).get("Settings"))
    assert found(Seat(world, "Gus"), "SLA policies") == {}


@pytest.mark.parametrize(("words", "address"), [
    ("to do", "/queue/todo"), ("can xu ly", "/queue/todo"), ("Cần xử lý", "/queue/todo"), ("CÂN XƯ", "/queue/todo"),
    ("Ca\u0302\u0300n", "/queue/todo"), ("unassigned", "/queue/unassigned"), ("chinh sach", "/settings/policies"),
    ("tao", "/tickets/new"), ("phim tat", "/keys"), ("queue resolved", "/queue/resolved"),
])  # fmt: skip
@pytest.mark.parametrize("name", ["Mai", "Ada"])
def test_names_of_either_language_marks_or_not(world: World, name: str, words: str, address: str) -> None:
    assert address in addresses(Seat(world, name), words)


def test_a_number_leads_to_its_ticket(world: World) -> None:
    world.ticket("Broken jug")
    gus = Seat(world, "Gus")
    for words in ("ACME-1", "acme-1", "#ACME-1", "1", "#1", "jug", "broken ju"):
        assert found(gus, words)["Tickets"] == ["Broken jug"], words
    assert addresses(gus, "jug") == ["/tickets/ACME-1"]


def test_neighbours_and_strangers_find_nothing(world: World, pat: str) -> None:
    world.ticket("Broken jug")
    for name in ("Gil", pat):
        assert found(Seat(world, name), "jug") == {}
        assert found(Seat(world, name), "ACME-1") == {}
    assert world.app.test_client().get("/palette").status_code == 302


def test_what_a_ticket_offers_is_offered_on_a_ticket_only(world: World) -> None:
    ticket_in(world, Status.ASSIGNED)
    gus = Seat(world, "Gus")
    assert "This ticket" not in found(gus)
    there = found(gus, ticket="1")["This ticket"]
    assert {"Reply to customer", "Internal note", "Snooze, or bring back", "Copy the link"} <= set(there)
    page = read(gus.get("/tickets/ACME-1"))
    pressed = read(gus.get("/palette", ticket="1")).with_attribute("data-press")
    deeds = {name for element in page.with_attribute("data-deed") for name in element["data-deed"].split()}
    assert {one["data-press"] for one in pressed} - {"take"} <= deeds, "what somebody has cannot be taken"


@pytest.mark.parametrize("words", [
    "\x00", "<b>x</b>", "' OR 1=1 --", "%", "*", '"', "x" * 10_000, "\u202e", "🙂", "9" * 30,
    "ACME-" + "9" * 30, "-", "   ",
])  # fmt: skip
def test_whatever_is_typed_has_an_answer(world: World, words: str) -> None:
    answer = Seat(world, "Gus").get("/palette", q=words)
    assert answer.status_code == 200
    assert "<b>x" not in answer.text
    assert read(answer).below


def test_every_page_of_the_desk_has_it(world: World) -> None:
    world.ticket()
    for path in ("/queue", "/tickets/ACME-1", "/me", "/settings"):
        page = read(Seat(world, "Linh").get(path))
        box = next(page.all("input", id="palette-find"))
        assert (box["role"], box["aria-controls"]) == ("combobox", "palette-list")
        assert next(page.all("div", id="palette-list"))["role"] == "listbox"
        assert next(page.all("dialog", id="palette"))["aria-label"] == "Bảng lệnh"
