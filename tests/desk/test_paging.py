"""The queue's pages: by cursor, so that no row is lost or shown twice while rows change."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import chain
from types import SimpleNamespace

import pytest

from helpdesk.core.db import db
from helpdesk.desk import queries
from helpdesk.tickets.ticket import NEVER, Ticket
from tests.desk.queue_pages import link, many, numbers
from tests.support.browser import counted
from tests.support.page import read
from tests.support.seat import Seat

ROWS, PAGE = 23, 5


@pytest.fixture
def gus(world, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", PAGE)
    many(world, ROWS)
    return Seat(world, "Gus")


def walk(seat, start, rel, between=lambda n: None) -> list[list[str]]:
    """The rows of each page, following the pager until it ends."""
    pages, url = [], start
    while url:
        page = read(seat.get(url))
        pages.append(numbers(page))
        between(len(pages))
        url = link(page, rel)
        assert len(pages) < 30, "the pager goes round"
    return pages


def rows(pages) -> list[str]:
    return list(chain.from_iterable(pages))


def in_order(world, falling=False) -> list[str]:
    with world.inside():
        key = (Ticket.sort_at.desc(), Ticket.id.desc()) if falling else (Ticket.sort_at, Ticket.id)
        return list(db.session.scalars(db.select(Ticket.number).order_by(*key)))


@pytest.mark.parametrize("view,falling", [("unassigned", False), ("all", False)])
def test_pages_forward_show_every_row_once_in_order(world, gus, view, falling):
    pages = walk(gus, f"/queue/{view}", "next")
    assert [len(page) for page in pages] == [5, 5, 5, 5, 3]
    assert rows(pages) == in_order(world, falling)


@pytest.mark.parametrize("view", ["unassigned", "all"])
def test_pages_back_show_the_same_rows(gus, view):
    forward = walk(gus, f"/queue/{view}", "next")
    url = f"/queue/{view}"
    while following := link(read(gus.get(url)), "next"):
        url = following
    assert walk(gus, url, "prev") == forward[::-1]


def test_the_first_page_has_no_way_back_and_the_last_none_on(gus):
    first = read(gus.get("/queue/unassigned"))
    assert link(first, "prev") is None
    url = link(first, "next")
    while url:
        last = read(gus.get(url))
        url = link(last, "next")
    assert link(last, "prev") is not None


@pytest.mark.parametrize("instants", ["the same", "microseconds apart"])
def test_rows_that_are_due_together_are_neither_lost_nor_repeated(world, gus, instants):
    chance = random.Random(7)
    with world.inside():
        for ticket in db.session.scalars(db.select(Ticket)):
            apart = timedelta(microseconds=0 if instants == "the same" else chance.randrange(40))
            ticket.sort_at = datetime(2031, 7, 5, 11, 13, 17, 123_457, tzinfo=UTC) + apart
    assert rows(walk(gus, "/queue/unassigned", "next")) == in_order(world)
    assert rows(walk(gus, "/queue/all", "next")) == in_order(world)


def test_a_cursor_is_the_exact_place():
    chance = random.Random(1)
    for id_ in range(1, 2000):
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=chance.randrange(10**16))
        assert queries.parse_cursor(queries.cursor(SimpleNamespace(sort_at=at, id=id_))) == (at, id_)
    assert queries.parse_cursor(queries.cursor(SimpleNamespace(sort_at=NEVER, id=5))) == (NEVER, 5)


def test_while_rows_come_and_go_those_that_stay_are_shown_once(world, gus):
    stay = set(in_order(world)[::2])

    def change(_):
        many(world, 1, priority="CRITICAL")  # before everything
        many(world, 1, priority="LOW")  # behind everything
        with world.inside():
            leaving = db.session.scalars(db.select(Ticket).order_by(Ticket.sort_at)).all()
            gone = next((t for t in leaving if t.number not in stay and t.deleted_at is None), None)
            if gone and gone.priority == "MEDIUM":
                gone.deleted_at = datetime(2026, 1, 1, tzinfo=UTC)

    seen = rows(walk(gus, "/queue/unassigned", "next", change))
    assert [n for n in seen if n in stay] == [n for n in in_order(world) if n in stay]
    assert len(seen) == len(set(seen))


def test_a_filter_stays_with_the_pages(world, gus):
    many(world, 7, priority="HIGH")
    pages = walk(gus, "/queue/unassigned?priority=HIGH", "next")
    assert [len(page) for page in pages] == [5, 2]
    with world.inside():
        high = set(db.session.scalars(db.select(Ticket.number).where(Ticket.priority == "HIGH")))
    assert set(rows(pages)) == high


def test_the_rows_alone_are_those_of_the_page(gus):
    first = read(gus.get("/queue/unassigned"))
    second = gus.get(link(first, "next"))
    (queue,) = read(second).all("live-queue")
    alone = gus.get(queue["data-rows-url"])
    assert "<html" not in alone.text
    assert numbers(read(alone)) == numbers(read(second))
    assert link(read(alone), "prev") == link(read(second), "prev")


def test_Q_4_a_page_takes_as_many_queries_for_sixty_tickets_as_for_one(world):
    gus = Seat(world, "Gus")
    asked = []
    for more in (1, 59):
        many(world, more)
        with counted() as sent:
            assert gus.get("/queue/all").status_code == 200
        asked.append(len(sent))
    assert asked[0] == asked[1] <= 12
