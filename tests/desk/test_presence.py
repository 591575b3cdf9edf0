"""NTF-001: who looks at a ticket and who writes on it, told to colleagues and to nobody else, as long as it is so."""

from __future__ import annotations

from typing import Any

import pytest

from helpdesk.accounts.user_session import UserSession
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.desk.presence import MOST_PAGES, Presence
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.ticket import Ticket
from tests.support.page import Element, read
from tests.support.seat import Seat, ticket_in
from tests.support.world import World

PATH = "/tickets/ACME-1/presence"
TAB, OTHER = "0" * 16, "1" * 16


@pytest.fixture
def app(make_app: Any, redis_url: str) -> Any:
    return make_app(redis_url=redis_url)


@pytest.fixture
def made(world: World) -> int:
    return ticket_in(world, Status.IN_PROGRESS)


def say(world: World, name: str, state: str = "viewing", tab: str = TAB, path: str = PATH) -> Element:
    answer = Seat(world, name).post(path, htmx=True, tab=tab, state=state)
    assert answer.status_code == 200, answer.status_code
    return read(answer)


def people(page: Element) -> list[tuple[str, str]]:
    return [(one["data-name"], one["data-state"]) for one in page.all("span", class_="presence-person")]


def here(world: World, made: int) -> list[tuple[str, str]]:
    with world.inside():
        return [(one.name, one.state) for one in Presence.on([made])[made]]


def name_of(world: World, name: str) -> str:
    with world.inside():
        return world.user(name).name


def test_NTF_001_a_colleague_is_seen_viewing_and_then_writing(world, made):
    linh, gus = name_of(world, "Linh"), name_of(world, "Gus")
    say(world, "Linh")
    assert people(say(world, "Gus")) == [(gus, "viewing"), (linh, "viewing")]
    assert people(say(world, "Linh", "writing")) == [(linh, "writing"), (gus, "viewing")]
    page = read(Seat(world, "Gus").get("/tickets/ACME-1"))
    assert people(page) == [(linh, "writing")], "nobody is told of himself"
    assert f"{linh} is writing" in page.text


def test_NTF_001_the_queue_shows_who_is_at_a_ticket(world, made):
    say(world, "Linh")
    linh = name_of(world, "Linh")
    assert people(read(Seat(world, "Mai").get("/queue/all"))) == [(linh, "viewing")]
    assert people(read(Seat(world, "Linh").get("/queue/all"))) == []
    asked = Seat(world, "Mai").get("/queue/presence", tickets=f"{made},999,x,{'9' * 30},-1")
    assert people(read(asked)) == [(linh, "viewing")]


@pytest.mark.parametrize("after,state", [(7.9, "writing"), (8.1, "viewing"), (59.9, "viewing"), (60.1, None)])
def test_NTF_001_what_a_page_said_ends_by_itself(world, made, after, state):
    linh = name_of(world, "Linh")
    with clock.frozen(clock.now()):
        say(world, "Linh", "writing")
        clock.travel(after)
        assert here(world, made) == ([(linh, state)] if state else [])


def test_NTF_001_somebody_in_two_tabs_counts_once(world, made):
    linh = name_of(world, "Linh")
    say(world, "Linh", "idle")
    assert here(world, made) == [(linh, "idle")]
    say(world, "Linh", "writing", OTHER)
    assert here(world, made) == [(linh, "writing")]
    say(world, "Linh", "left", OTHER)
    assert here(world, made) == [(linh, "idle")]
    say(world, "Linh", "left")
    assert here(world, made) == []


def test_NTF_001_three_faces_and_how_many_more(world, made):
    with world.inside():
        ticket = world.one(Ticket, id=made)
        for name in ("Ada", "Mai", "Linh", "Gus"):
            Presence.tell(ticket, world.user(name), TAB, "viewing")
    page = read(Seat(world, "Gus").get("/tickets/ACME-1"))
    assert len(people(page)) == 3
    (more,) = page.all("span", class_="presence-more")
    assert "hidden" in more.attributes
    everybody = say(world, "Gus")
    shown = [one for one in everybody.all("span", class_="presence-person") if "hidden" not in one.attributes]
    (more,) = everybody.all("span", class_="presence-more")
    assert (len(shown), more.text) == (3, "+1")


def test_Q_1_nobody_behind_a_wall_says_or_hears_anything(world, made, pat):
    say(world, "Linh")
    for name in ("Gil", pat):
        seat = Seat(world, name)
        assert seat.post(PATH, htmx=True, tab=TAB, state="viewing").status_code == 404
        assert people(read(seat.get("/queue/presence", tickets=str(made)))) == []
    assert here(world, made) == [(name_of(world, "Linh"), "viewing")]
    with world.inside("globex"):
        assert Presence.on([made])[made] == []


@pytest.mark.parametrize("said", [
    {}, {"tab": TAB}, {"state": "viewing"}, {"tab": "x" * 16, "state": "viewing"}, {"tab": TAB, "state": "Viewing"},
    {"tab": TAB + "\n", "state": "viewing"}, {"tab": "0" * 10000, "state": "viewing"},
    {"tab": "\x00" * 16, "state": "left"},
    {"tab": "٣" * 16, "state": "viewing"}, {"tab": TAB, "state": "\u202eviewing"},
])  # fmt: skip
def test_odd_words_are_refused(world, made, said):
    assert Seat(world, "Gus").post(PATH, htmx=True, **said).status_code == 400
    assert here(world, made) == []


def test_one_ticket_keeps_so_many_pages_and_no_more(world, made):
    with world.inside():
        ticket, gus = world.one(Ticket, id=made), world.user("Gus")
        for n in range(MOST_PAGES + 5):
            Presence.tell(ticket, gus, f"{n:016x}", "viewing")
        redis = world.app.extensions["broker"]
        (key,) = redis.keys(f"helpdesk:presence:*:{made}")
        assert redis.hlen(key) == MOST_PAGES
        assert 0 < redis.pttl(key) <= 60_000, "an abandoned ticket is forgotten by itself"


def test_an_open_page_does_not_keep_a_session_from_going_idle(world, made):
    gus = Seat(world, "Gus")

    def seen_at() -> Any:
        with world.inside():
            last = db.select(UserSession.seen_at).order_by(UserSession.id.desc()).limit(1)
            return db.session.scalar(last)

    before = seen_at()
    clock.travel(1800)
    gus.post(PATH, htmx=True, tab=TAB, state="viewing")
    gus.get("/queue/presence", tickets=str(made))
    assert seen_at() == before
    gus.get("/queue")
    assert seen_at() > before


def test_without_redis_nobody_is_seen_and_nothing_breaks(make_app, world, made):
    world.app.extensions["broker_breaker"]["away_until"] = float("inf")
    assert people(say(world, "Linh")) == []
    assert Seat(world, "Gus").get("/queue/all").status_code == 200
