"""Followers: who wants to hear of a ticket that is not his; for himself alone, and as long as he may see it."""

from __future__ import annotations

import pytest

from helpdesk.core.events import Event
from helpdesk.tickets.follower import Follower
from tests.support.databases import any_world  # noqa: F401
from tests.support.page import form, read
from tests.support.seat import Seat, at_work
from tests.support.world import World

PATH = "/tickets/ACME-1/following"


def followers(world: World, ticket_id: int) -> list[str]:
    with world.inside():
        return [user.name for user in Follower.of(ticket_id)]


def test_ux_A4_following_and_stopping_without_scripts(world: World) -> None:
    made, gus = world.ticket(), Seat(world, "Gus")
    page = gus.get("/tickets/ACME-1")
    assert "Nobody follows this ticket." in page.text
    assert form(page, PATH).send(gus.client).status_code == 303
    assert followers(world, made) == ["Gus"]
    page = gus.get("/tickets/ACME-1")
    assert "Stop following" in page.text
    assert form(page, PATH).send(gus.client).status_code == 303
    assert followers(world, made) == []


def test_the_answer_to_scripts_is_the_panel_alone(world: World) -> None:
    world.ticket()
    answer = Seat(world, "Linh").post(PATH, htmx=True, follow="1")
    panel = read(answer)
    assert answer.status_code == 200
    assert next(panel.all("section"))["id"].endswith("-followers")
    assert "Linh" in panel.text
    assert "Bỏ theo dõi" in panel.text


def test_twice_is_once_and_again_is_again(any_world: World) -> None:  # noqa: F811
    made = any_world.ticket()
    with at_work(any_world, made) as (ticket, gus):
        Follower.unfollow(ticket, by=gus)
        for _ in range(2):
            Follower.follow(ticket, by=gus)
        Follower.follow(ticket, by=any_world.user("Linh"))
    assert followers(any_world, made) == ["Gus", "Linh"]
    with at_work(any_world, made) as (ticket, gus):
        for _ in range(2):
            Follower.unfollow(ticket, by=gus)
    assert followers(any_world, made) == ["Linh"]
    with at_work(any_world, made) as (ticket, gus):
        Follower.follow(ticket, by=gus)
        assert any_world.count(Follower, ticket_id=made) == 2
    assert followers(any_world, made) == ["Gus", "Linh"]


def test_it_changes_nothing_on_the_ticket(world: World) -> None:
    made = world.ticket()
    with at_work(world, made) as (ticket, gus):
        before = ticket.version, world.count(Event)
        Follower.follow(ticket, by=gus)
        assert (ticket.version, world.count(Event)) == before


def test_who_is_here_no_more_is_not_shown(world: World) -> None:
    made = world.ticket()
    with at_work(world, made) as (ticket, gus):
        Follower.follow(ticket, by=gus)
        gus.deactivate()
    assert followers(world, made) == []


@pytest.mark.parametrize("said", ["", "0", "true", "\x00", "x" * 10**6, "11", "１"])
def test_whatever_is_not_a_yes_is_a_no(world: World, said: str) -> None:
    made, gus = world.ticket(), Seat(world, "Gus")
    gus.post(PATH, follow="1")
    assert gus.post(PATH, follow=said).status_code == 303
    assert followers(world, made) == []


def test_a_stranger_follows_nothing(world: World) -> None:
    made = world.ticket()
    assert Seat(world, "Gil").post(PATH, follow="1").status_code == 404
    with world.inside("globex"):
        assert world.count(Follower) == 0
    assert followers(world, made) == []
