"""SLA-011: when would it be due? The account of a ticket that does not exist."""

from __future__ import annotations

import re

import pytest

from helpdesk.core import clock
from helpdesk.sla.calendar import CalendarVersion
from helpdesk.sla.clock import Clock
from helpdesk.sla.policy import PolicyVersion
from helpdesk.sla.tracker import Tracker
from tests.desk.sla_pages import T0, lines, office, section, shown, words
from tests.support.page import Element


@pytest.fixture(autouse=True)
def _still():
    with clock.frozen(T0):
        yield


def imagined(page: Element, kind: str) -> Element:
    return next(page.all("section", id=f"what-if-{kind}"))


def due(part: Element) -> str:
    facts = [words(each) for each in part.all() if each.tag in ("dt", "dd")]
    return dict(zip(facts[::2], facts[1::2], strict=True))["Due"]


def test_SLA_011_an_imagined_ticket_is_explained_and_nothing_is_stored(any_world):
    with any_world.inside():
        office("Asia/Ho_Chi_Minh")
    any_world.ticket()
    with any_world.inside():
        before = [any_world.count(model) for model in (Clock, Tracker, PolicyVersion, CalendarVersion)]
    page = shown(any_world, start="2026-11-06T16:00", priority="HIGH")
    assert due(imagined(page, "first")) == "9 Nov 2026, 03:00:00 UTC"  # 10:00 on Monday at the office
    assert due(imagined(page, "next")) == "9 Nov 2026, 05:00:00 UTC"
    assert due(imagined(page, "resolution")) == "10 Nov 2026, 09:00:00 UTC"
    assert lines(imagined(page, "first")) == [
        ("open", "yes", "1"),
        ("closed", "no", "1"),
        ("open", "yes", "2"),
    ]
    assert "The resolution is due" in section(page, "resolution").text  # what is real is told as real
    assert "The resolution would be due" in imagined(page, "resolution").text
    start = next(page.all("input", name="start"))
    assert (start["value"], start["type"]) == ("2026-11-06T16:00", "datetime-local")
    with any_world.inside():
        assert [
            any_world.count(model) for model in (Clock, Tracker, PolicyVersion, CalendarVersion)
        ] == before


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ("2026-11-06T16:00:00Z", "7 Nov 2026, 00:00:00 UTC"),
        ("2026-11-06T16:00:00+07:00", "6 Nov 2026, 17:00:00 UTC"),
        ("2026-11-06T16:00:00 07:00", "6 Nov 2026, 17:00:00 UTC"),  # a plus that nobody encoded
        ("2026-11-06 16:00", "7 Nov 2026, 00:00:00 UTC"),
        ("2026-11-06", "6 Nov 2026, 08:00:00 UTC"),
        ("", "4 Nov 2026, 17:00:00 UTC"),
    ],
)
def test_SLA_011_a_start_is_read_as_it_is_meant(world, start, said):
    world.ticket()
    assert due(imagined(shown(world, start=start, priority="MEDIUM"), "first")) == said


def test_SLA_011_any_policy_on_offer_can_be_tried(world):
    world.ticket()
    with world.inside():
        gold = office()
    page = shown(world, policy=str(gold), start="2026-11-06T16:00")
    assert due(imagined(page, "first")) == "9 Nov 2026, 10:00:00 UTC"
    assert (
        due(imagined(shown(world, start="2026-11-06T16:00", policy=""), "first"))
        == "7 Nov 2026, 00:00:00 UTC"
    )


BAD_STARTS = [
    "tomorrow", "2026-13-01T00:00", "1999-12-31T00:00", "9999-12-31T23:59", "0001-01-01T00:00", "1" * 30,
    "2026-11-06T16:00+99:99", "<b>x</b>", "\ud800", "🙂", "2026-11-06T16:00" + "0" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("start", BAD_STARTS)
def test_SLA_011_a_start_that_cannot_be_is_refused_and_kept(world, start):
    world.ticket()
    page = shown(world, start=start.encode("utf-8", "replace").decode(), priority="LOW", code=400)
    field = next(page.all("input", name="start"))
    assert field["aria-invalid"] == "true"
    assert "Enter a day and a time" in page.text
    assert section(page, "first")  # what is real is told all the same
    assert next(page.all("title")).text.startswith("Error:")
    if re.fullmatch(r"[\w:+<>/-]{3,60}", start):
        assert field["value"] == start


@pytest.mark.parametrize(("name", "value"), [("priority", "URGENT"), ("policy", "9" * 30), ("policy", "x")])
def test_SLA_011_a_choice_that_is_none_is_refused(world, name, value):
    world.ticket()
    page = shown(world, **{name: value}, code=400)
    assert "Choose one of the list." in page.text


def test_Q_1_another_organizer_s_policy_cannot_be_tried(world):
    world.ticket()
    with world.inside("globex"):
        theirs = office()
    shown(world, policy=str(theirs), code=400)
