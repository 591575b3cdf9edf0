"""SLA-001, SLA-002, Q-1: what nobody may send to the pages of policies; a clear answer, nothing half saved."""

from __future__ import annotations

import pytest

from helpdesk.organizers.merchant import Merchant
from helpdesk.sla.policy import Policy
from tests.support.page import read
from tests.tickets.policies import calendar, make
from tests.tickets.test_policy_pages import PATH, editor, english, numbers


@pytest.fixture
def mai(world):
    return english(world)


HOSTILE = [
    "1e9",
    "-1",
    "NaN",
    "0",
    "9" * 30,
    "1.234",
    "0.001",
    "١٢",
    "525601",
    "abc",
    "1 2",
    "∞",
    "<b>1</b>",
    "0x10",
]


@pytest.mark.parametrize("number", HOSTILE)
def test_SLA_001_a_target_that_is_no_time_is_refused_with_a_sentence(world, mai, number):
    made = make(world)
    answer = editor(mai, made).send(mai.client, first_high=number, first_high_unit="minutes", name_en="Half")
    assert answer.status_code == 422
    page = read(answer)
    assert "Enter a number like 4 or 1.5" in next(page.all(id="first_high-error")).text
    assert next(page.all("input", id="first_high"))["value"] == number
    assert "Error:" in next(page.all("title")).text
    assert numbers(world, made) == [1]
    with world.inside():
        assert world.count(Policy, name_en="Half") == 0


@pytest.mark.parametrize(("field", "value"), [
    ("warn_percent", "0"), ("warn_percent", "1e1"), ("warn_percent", "-5"), ("warn_percent", ""),
    ("critical_percent", "100"), ("critical_percent", "9" * 30), ("critical_percent", "60"),
    ("first_high_unit", "weeks"), ("pausing_statuses", ["OPEN"]), ("pausing_statuses", ["x"]),
    ("calendar_id", "99999"), ("calendar_id", "9" * 30), ("calendar_id", "abc"), ("merchant_ids", ["99999"]),
    ("merchant_ids", ["9" * 30]), ("name_en", " "), ("version", "abc"),
])  # fmt: skip
def test_SLA_002_what_cannot_be_chosen_is_refused_with_a_sentence(world, mai, field, value):
    made = make(world)
    answer = editor(mai, made).send(mai.client, **{field: value, "first_low": "7"})
    assert answer.status_code == 422
    assert next(read(answer).all(id="errors")).text
    assert next(read(answer).all("input", id="first_low"))["value"] == "7"
    assert numbers(world, made) == [1]


def test_Q_1_nothing_of_another_organizer_can_be_named(world, mai):
    made = make(world)
    theirs = calendar(world, slug="globex")
    with world.inside("globex"):
        glob = world.one(Merchant, prefix="GLOB").id
    foreign = make(world, "Theirs", slug="globex", by="Gil")
    for field, value in (("calendar_id", str(theirs)), ("merchant_ids", [str(glob)])):
        assert editor(mai, made).send(mai.client, **{field: value}).status_code == 422
    for path in ("", "/archival", "/restoration", "/default"):
        assert mai.post(f"{PATH}/{foreign}{path}").status_code == 404
    assert mai.get(f"{PATH}/{foreign}").status_code == 404
    assert mai.post(f"{PATH}/{made}/archival", replacement=foreign).status_code == 422
    assert "Theirs" not in mai.get(f"{PATH}/new", copy=foreign).text
    assert "Theirs" not in mai.get(PATH).text
    assert numbers(world, made) == [1]
