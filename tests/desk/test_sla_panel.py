"""SLA-005, SLA-012: a ticket's promises where people work: on its page, in the queue, and nowhere a customer looks."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from helpdesk.core import clock
from helpdesk.sla.tracker import Tracker
from helpdesk.tickets.lifecycle import Status
from tests.desk.sla_pages import HOUR, T0, go_on, office, rounds, shown
from tests.support.page import Element
from tests.support.seat import Seat


@pytest.fixture(autouse=True)
def _still():
    with clock.frozen(T0):
        yield


def panel(world, name: str = "Gus") -> list[Element]:
    page = shown(world, "/tickets/ACME-1", name)
    return list(next(page.all("ul", class_="clocks")).all("li", class_="clock"))


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (Status.WAITING_USER, "resolution", "The clock stands while the customer is asked."),
        (Status.RESOLVED, "first", "The clock stands because the ticket is resolved."),
        (Status.CLOSED, "first", "The clock stands because the ticket is closed."),
    ],
)
def test_SLA_005_the_panel_says_why_a_clock_stands(world, status, kind, words):
    world.ticket()
    go_on(world, 0, lambda t, me: t.take(by=me))
    if status == Status.WAITING_USER:
        go_on(world, 1.5, lambda t, me: t.move_to(status, by=me))
    else:
        go_on(world, 1.5, lambda t, me: t.resolve(by=me, note_en="Done.", note_vi="Xong."))
    if status == Status.CLOSED:
        go_on(world, 1, lambda t, me: t.confirm(by=t.customer))
    (clock_,) = [each for each in panel(world) if each["data-kind"] == kind]
    assert words in clock_.text
    assert "1 h 30 min used" in clock_.text
    assert "Paused" in clock_.text


def test_SLA_011_each_clock_of_the_panel_leads_to_its_account(world):
    world.ticket()
    for each in panel(world):
        (link,) = each.all("a")
        path, _, anchor = link["href"].partition("#")
        assert anchor in {found["id"] for found in shown(world, path).with_attribute("id")}
        assert link.text.startswith("Why?")


def test_SLA_005_of_the_questions_the_panel_lists_the_last_one_and_what_was_missed(world):
    rounds(world, 3)
    with world.inside():
        tracker = world.one(Tracker, ticket_id=1)
        clock.travel(HOUR)
        tracker.answered(clock.now())
        clock.travel(60)
        tracker.asked(clock.now())
        clock.travel(60)
        tracker.answered(clock.now())
        tracker.asked(clock.now())
    kinds = [each["data-kind"] for each in panel(world)]
    assert sorted(kinds) == ["first", "next", "next", "resolution"]


def test_SLA_012_a_badge_holds_what_it_counts_with_and_who_listens_hears_the_instant(world):
    with world.inside():
        office()
    world.ticket()
    badge = next(each for each in panel(world) if each["data-kind"] == "first")
    time = next(badge.all("time", class_="sla"))
    ms = {name: str(int((T0 + timedelta(hours=h)).timestamp() * 1000)) for name, h in
          {"data-due": 2, "data-warn": 1.5, "data-critical": 1.8}.items()}  # fmt: skip
    assert {name: time[name] for name in ms} == ms
    assert (time["data-state"], time["data-kind"], time["datetime"]) == (
        "running",
        "first",
        "2026-11-04T11:00:00Z",
    )
    ticking = next(time.all("span", class_="sla-text"))
    assert ticking["aria-hidden"] == "true"
    tip = next(badge.all("span", class_="sla-tip"))
    assert "due 4 Nov 2026, 11:00 UTC" in tip.text
    assert "Target: 2 working hours" in tip.text


def test_SLA_012_the_row_shows_the_nearest_promise_and_no_link(world):
    world.ticket()
    row = next(shown(world, "/queue").all("tr", data_ticket="ACME-1"))
    assert [badge["data-kind"] for badge in row.all("time", class_="sla")] == ["first"]
    assert [link["href"] for link in row.all("a")] == ["/tickets/ACME-1"]


def test_SLA_012_every_answer_says_what_time_it_is(world):
    for path in ("/healthz", "/login", "/queue"):
        answer = Seat(world, "Gus").get(path)
        assert answer.headers["X-Server-Now"] == str(int(T0.timestamp() * 1000))


def test_PRT_customers_never_read_of_it(world):
    world.ticket()
    customer = world.app.test_client()
    answer = customer.get(world.link(1), follow_redirects=True)
    assert answer.status_code == 200
    assert not re.search(r"\bSLA\b|class=\"sla|/sla", answer.text)
