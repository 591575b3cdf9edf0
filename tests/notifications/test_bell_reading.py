"""NTF-001: what is read and unread, and that everybody has his own bell."""

from __future__ import annotations

import pytest

from helpdesk.accounts.user import Membership
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.organizers.merchant import Merchant
from tests.notifications.bell_pages import PATH, given, groups, hear, shown, unread
from tests.support.page import form, read
from tests.support.seat import Seat, at_work
from tests.support.world import World


def test_NTF_001_a_group_is_marked_as_read_and_back(any_world: World) -> None:
    world = any_world
    one, other = given(world), given(world)
    hear(world, one)
    hear(world, one)
    hear(world, other)
    world.run_reactions()
    gus = Seat(world, "Gus")
    answer = form(gus.get(PATH), f"{PATH}/ACME-1/reading").send(gus.client)
    assert (answer.status_code, unread(world)) == (303, 1)
    done = gus.get(answer.headers["Location"])
    assert form(done, "/undo").send(gus.client).status_code == 303
    assert unread(world) == 3


def test_NTF_001_everything_is_marked_as_read_and_back(world: World) -> None:
    made = given(world)
    for _ in range(3):
        hear(world, made)
    world.run_reactions()
    gus = Seat(world, "Gus")
    page = gus.get(PATH)
    hear(world, made, "Later than the page")
    world.run_reactions()
    answer = form(page, f"{PATH}/reading").send(gus.client)
    assert unread(world) == 1, "what came after the page was not read"
    form(gus.get(answer.headers["Location"]), "/undo").send(gus.client)
    assert unread(world) == 4


def test_what_was_read_is_kept_for_later(world: World) -> None:
    made = given(world)
    hear(world, made)
    hear(world, made)
    world.run_reactions()
    gus = Seat(world, "Gus")
    form(gus.get(PATH), f"{PATH}/ACME-1/reading").send(gus.client)
    assert form(gus.get(PATH), f"{PATH}/ACME-1/keeping").send(gus.client).status_code == 303
    assert unread(world) == 1


def test_NTF_001_who_looks_at_the_ticket_has_read_it(world: World) -> None:
    made = given(world)
    hear(world, made)
    world.run_reactions()
    gus = Seat(world, "Gus")
    bell = read(gus.get(f"{PATH}/bell"))
    assert [a["data-about"] for a in bell.all("a", id="bell")] == ["ACME-1"]
    assert gus.post(f"{PATH}/ACME-1/reading", htmx=True).status_code == 204
    assert unread(world) == 0


def test_reading_twice_changes_nothing(world: World) -> None:
    hear(world, given(world))
    world.run_reactions()
    gus = Seat(world, "Gus")
    for _ in range(2):
        assert gus.post(f"{PATH}/ACME-1/reading", htmx=True).status_code == 204
    assert unread(world) == 0


@pytest.mark.parametrize("at", ["", "x", "-1", "9" * 30, "１２", "1e5", "\x00"])
def test_an_instant_that_is_none_takes_nothing_back(world: World, at: str) -> None:
    assert Seat(world, "Gus").post(f"{PATH}/reading/undo", at=at).status_code == 400


@pytest.mark.parametrize("odd", ["x", "-1", "9" * 30, "１"])
def test_an_id_that_is_none_reads_nothing(world: World, odd: str) -> None:
    hear(world, given(world))
    world.run_reactions()
    for path in (f"{PATH}/reading", f"{PATH}/ACME-1/reading"):
        assert Seat(world, "Gus").post(path, up_to=odd).status_code == 400
    assert unread(world) == 1


# Rights --------------------------------------------------------------------------------------------------------


def test_Q_1_everybody_has_his_own_bell(any_world: World) -> None:
    world = any_world
    hear(world, given(world))
    world.run_reactions()
    for name, slug in (("Linh", "acme"), ("Mai", "acme"), ("Gil", "globex")):
        assert unread(world, name, slug) == 0
        assert groups(Seat(world, name)) == []
        Seat(world, name).post(f"{PATH}/reading")
    assert unread(world) == 1
    assert Seat(world, "Linh").post(f"{PATH}/ACME-1/reading", htmx=True).status_code == 204
    assert unread(world) == 1
    assert Seat(world, "Gil").post(f"{PATH}/ACME-1/reading").status_code == 404


def test_Q_1_what_one_may_not_see_any_more_is_neither_counted_nor_shown(any_world: World) -> None:
    world = any_world
    hear(world, given(world))
    assert unread(world) == 1
    with world.inside():
        shop, gus = world.one(Merchant, prefix="ACME"), world.user("Gus")
        link = world.one(Membership, user_id=gus.id, merchant_id=shop.id)
        link.deleted_at = clock.now()
    assert (unread(world), shown(Seat(world, "Gus")), groups(Seat(world, "Gus"))) == (0, 0, [])
    with world.inside():
        db.session.get_one(Membership, link.id).deleted_at = None
    assert unread(world) == 1, "nothing is lost"


def test_Q_1_what_one_may_not_see_is_not_read_with_the_rest(world: World) -> None:
    hear(world, given(world))
    world.run_reactions()
    with world.inside():
        shop, gus = world.one(Merchant, prefix="ACME"), world.user("Gus")
        link = world.one(Membership, user_id=gus.id, merchant_id=shop.id)
        link.deleted_at = clock.now()
    Seat(world, "Gus").post(f"{PATH}/reading")
    with world.inside():
        db.session.get_one(Membership, link.id).deleted_at = None
    assert unread(world) == 1


def test_Q_1_a_deleted_ticket_is_neither_counted_nor_shown(world: World) -> None:
    made = given(world)
    hear(world, made)
    assert unread(world) == 1
    with at_work(world, made, "Mai") as (ticket, mai):
        ticket.delete(by=mai)
    assert (unread(world), groups(Seat(world, "Gus"))) == (0, [])


def test_MSG_003_the_page_holds_nothing_that_was_written(world: World) -> None:
    made = given(world)
    with at_work(world, made, "Linh") as (ticket, linh):
        ticket.note("@Gus a secret word", by=linh)
    world.run_reactions()
    gus = Seat(world, "Gus")
    for path in (PATH, f"{PATH}/bell", "/queue"):
        assert "secret word" not in gus.get(path).text
