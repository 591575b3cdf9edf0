"""Two who edit the same person at once, or he himself: the later one is told field by field, and nothing is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from helpdesk.organizers.merchant import Merchant
from tests.support.databases import both_databases
from tests.support.page import form, read
from tests.support.seat import Seat
from tests.support.world import World


def english(world: World, name: str) -> Seat:
    seat = Seat(world, name)
    seat.client.set_cookie("lang", "en")
    return seat


def sheet(seat: Seat, path: str):
    """The form of a page that changes what the page is about."""
    return form(seat.get(path), path)


def told(answer) -> dict[str, tuple[str, str]]:
    """Field → what was typed, what is there now."""
    assert answer.status_code == 409
    rows = [row for one in read(answer).all("div", class_="card clashes") for row in one.all("tr")][1:]
    cells = ([cell.text.strip() for cell in (*row.all("th"), *row.all("td"))] for row in rows)
    return {label: (typed, present) for label, typed, present in cells}


def paths(world: World, name: str = "Gus") -> tuple[str, str]:
    with world.inside():
        user_id = world.user(name).id
    return f"/settings/users/{user_id}", f"/settings/agents/{user_id}"


@both_databases
def test_M10_of_two_managers_the_later_one_is_told_and_may_then_save(world: World) -> None:
    account, _profile = paths(world)
    mai, ada = english(world, "Mai"), english(world, "Ada")
    first, second = sheet(mai, account), sheet(ada, account)
    assert first.send(mai.client, name="Gustav").status_code == 303
    answer = second.send(ada.client, language="vi")
    assert told(answer) == {"Name": ("Gus", "Gustav"), "Language": ("Tiếng Việt", "English")}
    with world.inside():
        assert (world.user("Gustav").language, world.user("Gustav").version) == ("en", 2)
    again = form(answer, account)
    assert again.send(ada.client, name="Gustav").status_code == 303, "compared, and saved once more"
    with world.inside():
        assert world.user("Gustav").language == "vi"


@both_databases
def test_M10_what_somebody_chose_himself_is_not_taken_back_by_a_managers_older_form(world: World) -> None:
    account, profile = paths(world)
    mai, gus = english(world, "Mai"), english(world, "Gus")
    older = sheet(mai, account), sheet(mai, profile)
    own = sheet(gus, "/me")
    assert own.send(gus.client, language="vi", time_zone="Asia/Ho_Chi_Minh").status_code == 303
    assert told(older[0].send(mai.client, name="Gustav")) == {
        "Name": ("Gustav", "Gus"), "Language": ("English", "Tiếng Việt")
    }  # fmt: skip
    assert told(older[1].send(mai.client, cap="7")) == {
        "Most tickets at once": ("7", "20"), "Time zone": ("–", "Asia/Ho_Chi_Minh")
    }  # fmt: skip
    with world.inside():
        user = world.user("Gus")
        assert (user.language, user.time_zone) == ("vi", "Asia/Ho_Chi_Minh")


@both_databases
def test_M10_ones_own_page_is_told_what_a_manager_changed_meanwhile(world: World) -> None:
    account, profile = paths(world)
    mai, gus = english(world, "Mai"), english(world, "Gus")
    own = sheet(gus, "/me")
    assert sheet(mai, account).send(mai.client, language="vi").status_code == 303
    assert sheet(mai, profile).send(mai.client, time_zone="Europe/Berlin").status_code == 303
    answer = own.send(gus.client, theme="dark")
    assert told(answer) == {
        "Language": ("English", "Tiếng Việt"), "Time zone": ("As on this device", "Europe/Berlin"),
        "Appearance": ("Dark", "As on this device"),
    }  # fmt: skip
    again = form(answer, "/me")
    assert again.fields["theme"] == "dark", "what was chosen is still there"
    assert again.send(gus.client).status_code == 303
    with world.inside():
        assert (world.user("Gus").theme, world.user("Gus").language) == ("dark", "en")


@both_databases
@pytest.mark.parametrize("first", ["account", "profile"])
def test_M10_stores_are_the_same_on_both_pages_of_a_person(first: str, world: World) -> None:
    mai, both = english(world, "Mai"), dict(zip(("account", "profile"), paths(world), strict=True))
    with world.inside():
        shop = str(world.one(Merchant, prefix="BETA").id)
    sheets = {name: sheet(mai, path) for name, path in both.items()}
    fields = {"account": "merchant_ids", "profile": "merchants"}
    later = next(name for name in both if name != first)
    assert sheets[first].send(mai.client, **{fields[first]: shop}).status_code == 303
    answer = sheets[later].send(mai.client, **({"name": "Gustav"} if later == "account" else {"cap": "7"}))
    assert told(answer)["Stores"] == ("Acme Shop, Beta Shop", "Beta Shop")
    with world.inside():
        assert not world.user("Gus").sees_merchant(world.one(Merchant, prefix="ACME").id)


@both_databases
def test_M10_of_two_at_the_same_instant_one_is_told(world: World) -> None:
    account, _profile = paths(world)
    seats, start = [english(world, "Mai"), english(world, "Ada"), english(world, "Gus")], Barrier(3)
    sheets = [sheet(seats[0], account), sheet(seats[1], account), sheet(seats[2], "/me")]
    typed = [{"name": "Gustav"}, {"name": "Gusto"}, {"language": "vi"}]

    def send(n: int) -> int:
        start.wait()
        return sheets[n].send(seats[n].client, **typed[n]).status_code

    with ThreadPoolExecutor(3) as pool:
        codes = list(pool.map(send, range(3)))
    assert sorted(codes) == [303, 409, 409]


def test_M10_a_page_that_is_sent_again_unchanged_is_no_clash(world: World) -> None:
    gus = english(world, "Gus")
    older = sheet(gus, "/me")
    assert older.send(gus.client, theme="dark").status_code == 303
    assert older.send(gus.client, theme="dark").status_code == 303
