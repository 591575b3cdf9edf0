"""Saved views: whose they are, what they hold for who looks, and that nothing of them is lost."""

from __future__ import annotations

import pytest

from helpdesk.agents.group import Group
from helpdesk.core.events import Robot
from helpdesk.desk import saved_view
from helpdesk.desk.saved_view import SavedView
from helpdesk.tickets.lifecycle import Status
from tests.desk.queue_pages import link, many, numbers
from tests.support.page import form, read
from tests.support.seat import Seat, ticket_in
from tests.support.world import World

LIST = {"view": "all", "query": "priority=HIGH&assignee=me&sort=newest"}


@pytest.fixture
def team(world: World) -> int:
    """Gus leads it, Linh is in it."""
    with world.inside():
        gus, linh = world.user("Gus"), world.user("Linh")
        values = {
            "name_en": "Parcels", "name_vi": "", "lead_id": gus.id, "member_ids": sorted([gus.id, linh.id]),
        }  # fmt: skip
        return Group.create(values, by=Robot("test", "Test")).id


def save(seat: Seat, name: str = "Urgent ones", scope: str | int = "own", **list_: str) -> str:
    """Save a list; the address that follows."""
    answer = seat.post("/queue/saved", name_en=name, scope=str(scope), **(LIST | list_))
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def beside(seat: Seat) -> dict[str, str]:
    """The addresses of the saved views beside the list, in their order, with their counts."""
    (saved,) = read(seat.get("/queue")).all("div", id="saved-views")
    items = list(saved.all("a", class_="nav-item"))
    return {item["href"]: next(iter(item.all("span", class_="count"))).text for item in items}


def events(world: World) -> list[str]:
    with world.inside():
        from helpdesk.core.db import db
        from helpdesk.core.events import Event

        named = db.select(Event.name).where(Event.name.like("view.%")).order_by(Event.id)
        return list(db.session.scalars(named))


def test_UX_A1_a_list_is_saved_as_its_address_says_it(world):
    """In the fixed order, what is usual left out, and “me” for whoever looks; not how many rows somebody likes."""
    at = save(Seat(world, "Gus"), query="sort=newest&assignee=me&status=CLOSED,OPEN&priority=&size=100&no=1")
    with world.inside():
        kept = world.one(SavedView)
        assert (kept.view, kept.query) == ("all", "status=OPEN,CLOSED&assignee=me&sort=newest")
        assert at == f"/queue/saved/{kept.id}"


def test_UX_A1_it_shows_the_list_under_its_name_with_its_count(world):
    many(world, 2, priority="HIGH")
    many(world, 1)
    gus = Seat(world, "Gus")
    at = save(gus, "High", query="priority=HIGH&sort=oldest")
    page = read(gus.get(at))
    assert numbers(page) == ["ACME-1", "ACME-2"]
    assert next(iter(page.all("h1"))).text == "High"
    assert beside(gus) == {at: "2"}
    assert numbers(read(gus.get(f"{at}/rows"))) == ["ACME-1", "ACME-2"]


def test_UX_A1_pages_of_a_saved_view_stay_in_it(world):
    many(world, 30, priority="HIGH")
    gus = Seat(world, "Gus")
    at = save(gus, query="priority=HIGH")
    first = read(gus.get(at, size="25"))
    assert len(numbers(first)) == 25
    onwards = link(first, "next")
    assert onwards.startswith(f"{at}?size=25&after=")
    assert len(numbers(read(gus.get(onwards)))) == 5


def test_UX_A1_one_that_was_narrowed_further_can_be_saved_in_its_place(world):
    many(world, 1, priority="HIGH")
    many(world, 1, priority="LOW")
    gus = Seat(world, "Gus")
    at = save(gus, query="priority=HIGH")
    answer = gus.get(f"{at}?priority=LOW")
    assert numbers(read(answer)) == ["ACME-2"]
    assert "changed, not saved" in answer.text
    assert form(answer, f"{at}/filter").send(gus.client).headers["Location"] == at
    assert numbers(read(gus.get(at))) == ["ACME-2"]
    assert gus.post(f"{at}/filter", view="all", query="").status_code == 400
    assert events(world) == ["view.created", "view.changed"]


def test_UX_A1_a_form_without_any_filter_leads_to_the_whole_view(world):
    gus = Seat(world, "Gus")
    at = save(gus, query="priority=HIGH")
    assert gus.get(f"{at}?status=&priority=&sort=").headers["Location"] == "/queue/all"
    assert gus.get(f"{at}?status=&priority=HIGH&sort=").headers["Location"] == at


def test_UX_A1_somebodys_own_is_there_for_nobody_else(world):
    at = save(Seat(world, "Gus"))
    for name in ("Linh", "Mai", "Ada", "Gil"):
        seat = Seat(world, name)
        for path in ("", "/rows", "/edit"):
            assert seat.get(f"{at}{path}").status_code == 404, (name, path)
        for deed in ("", "/filter", "/archival", "/restoration", "/pin", "/place"):
            assert seat.post(f"{at}{deed}", pinned="1", direction="up", **LIST).status_code == 404, (
                name,
                deed,
            )
        assert beside(seat) == {}


def test_AGT_004_a_teams_view_is_kept_by_who_leads_it_and_by_managers(world, team):
    gus, linh, mai = Seat(world, "Gus"), Seat(world, "Linh"), Seat(world, "Mai")
    at = save(gus, "Of the team", team)
    assert list(beside(linh)) == list(beside(gus)) == [at]
    assert beside(mai) == {}, "she is not in it, and can pin it"
    assert "Gus" in linh.get("/queue").text
    for deed in ("/filter", "/archival"):
        assert linh.post(f"{at}{deed}", **LIST).status_code == 403
    assert linh.post(at, name_en="Mine now").status_code == 403
    assert linh.post("/queue/saved", name_en="x", scope=str(team), **LIST).status_code == 422, (
        "not offered to her"
    )
    assert mai.post(at, name_en="Of all", name_vi="", scope=str(team)).status_code == 303
    mai.post(f"{at}/pin", pinned="1")
    assert list(beside(mai)) == [at]


def test_Q_1_a_teams_view_shows_each_what_he_may_see(world, team, pat):
    many(world, 1)
    many(world, 1, "BETA")
    with world.inside():
        group, members = world.one(Group, id=team), [world.user(name).id for name in ("Gus", "Linh", "Pat")]
        group.change({"member_ids": sorted(members)}, by=Robot("test", "Test"))
    at = save(Seat(world, "Gus"), "Everything", team, query="sort=oldest")
    assert numbers(read(Seat(world, "Gus").get(at))) == ["ACME-1", "BETA-1"]
    assert numbers(read(Seat(world, "Pat").get(at))) == ["BETA-1"]
    assert beside(Seat(world, "Pat")) == {at: "1"}


def test_UX_A1_me_is_whoever_looks(world, team):
    ticket_in(world, Status.ASSIGNED, "Gus")
    ticket_in(world, Status.ASSIGNED, "Linh")
    at = save(Seat(world, "Gus"), "Mine", team, query="assignee=me")
    assert numbers(read(Seat(world, "Gus").get(at))) == ["ACME-1"]
    assert numbers(read(Seat(world, "Linh").get(at))) == ["ACME-2"]


def test_UX_A1_an_archived_view_comes_back(world):
    gus = Seat(world, "Gus")
    at = save(gus)
    after = gus.post(f"{at}/archival")
    assert beside(gus) == {}
    page = gus.get(after.headers["Location"])
    assert "“Urgent ones” is archived." in page.text
    form(page, f"{at}/restoration").send(gus.client)
    assert list(beside(gus)) == [at]
    gus.post(f"{at}/archival")
    gus.post(f"{at}/archival")
    assert events(world) == ["view.created", "view.archived", "view.restored", "view.archived"]


def test_UX_A1_pins_stand_first_in_everybodys_own_order(world, team):
    gus, linh = Seat(world, "Gus"), Seat(world, "Linh")
    one, two, three = (save(gus, name, team) for name in ("One", "Two", "Three"))
    for at in (three, two):
        gus.post(f"{at}/pin", pinned="1")
    assert list(beside(gus)) == [three, two, one]
    gus.post(f"{two}/place", direction="up")
    gus.post(f"{two}/place", direction="up")
    assert list(beside(gus)) == [two, three, one]
    assert list(beside(linh)) == [one, two, three]
    gus.post(f"{two}/pin", pinned="0")
    assert list(beside(gus)) == [three, one, two]


def test_UX_A1_there_is_an_end_to_them(world, monkeypatch):
    monkeypatch.setattr(saved_view, "MOST", 2)
    gus = Seat(world, "Gus")
    first = save(gus)
    save(gus)
    answer = gus.post("/queue/saved", name_en="Kept words", scope="own", **LIST)
    assert answer.status_code == 409
    assert "There are 2 saved views already" in answer.text
    assert "Kept words" in answer.text
    gus.post(f"{first}/archival")
    save(gus)
    assert gus.post(f"{first}/restoration").status_code == 409


def test_UX_A1_two_who_rename_it_meet(world, team):
    gus, mai = Seat(world, "Gus"), Seat(world, "Mai")
    at = save(gus, "Before", team)
    shown = form(mai.get(f"{at}/edit"), at)
    gus.post(at, name_en="His", scope=str(team))
    answer = shown.send(mai.client, name_en="Hers")
    assert answer.status_code == 409
    assert "His" in answer.text
    assert form(answer, at).send(mai.client).status_code == 303
    with world.inside():
        assert world.one(SavedView).name_en == "Hers"


@pytest.mark.parametrize(
    "query", ["status=NOTHING", "tag=%00", "a" * 1900, "&&&=", "customer=%ff%fe", "%", "size=9"]
)
def test_UX_A1_what_nobody_would_save_finds_nothing_and_breaks_nothing(any_world, query):
    many(any_world, 1)
    gus = Seat(any_world, "Gus")
    at = save(gus, query=query)
    assert gus.get(at).status_code == 200
    assert gus.get("/queue").status_code == 200


def test_UX_A1_nothing_without_a_name_or_of_a_view_that_is_none(world):
    gus = Seat(world, "Gus")
    assert gus.post("/queue/saved", name_en=" ", scope="own", **LIST).status_code == 422
    assert gus.post("/queue/saved", name_en="x", scope="own", view="nothing", query="").status_code == 400
    assert gus.post("/queue/saved", name_en="x", scope="999", **LIST).status_code == 422
    assert events(world) == []


def test_ux_7_who_can_use_a_view_is_not_asked_as_who_has_a_skill(world):
    for address in ("/queue/all?priority=HIGH", "/queue/saved/{}/edit"):
        if "{}" in address:
            address = address.format(save(Seat(world, "Mai")).rpartition("/")[2])
        asked = Seat(world, "Mai").get(address).text  # her desk is in Vietnamese
        assert "Ai được dùng" in asked
        assert "kỹ năng" not in asked
