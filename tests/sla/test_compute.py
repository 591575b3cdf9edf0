"""`helpdesk calendar compute` answers every published example, and every bad line with a sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.sla.compute import compute_lines

EXAMPLES: dict[str, Any] = json.loads((Path(__file__).parent / "data/sla_examples.json").read_text("utf-8"))
LISTS = {
    **dict.fromkeys(("due", "due_seconds", "pause"), "due"),
    **dict.fromkeys(("elapsed", "elapsed_seconds", "elapsed_pause"), "elapsed"),
}
CASES = [(op, case) for name, op in LISTS.items() for case in EXAMPLES[name]]
OFFICE = {"mon": [["09:00", "17:00"]]}
DUE = {"op": "due", "tz": "UTC", "schedule": OFFICE, "start": "2026-01-05T10:00:00Z", "minutes": 60}
SPAN = {"from": "2026-01-05T10:00:00Z", "to": "2026-01-05T11:00:00Z"}
ELAPSED = {"op": "elapsed", "tz": "UTC", "schedule": OFFICE, **SPAN}


def answers(*lines: str | dict[str, Any]) -> list[dict[str, Any]]:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    return [json.loads(answer) for answer in compute_lines(texts)]


def expected(op: str, case: dict[str, Any]) -> dict[str, Any]:
    if op == "due":
        return {"due": case["due"]}
    return {"seconds": case["seconds"] if "seconds" in case else case["minutes"] * 60}


def test_SLA_003_every_list_of_the_examples_is_read() -> None:
    assert set(EXAMPLES) - {"format"} == set(LISTS)
    assert len(CASES) == 99


@pytest.mark.parametrize(("op", "case"), CASES, ids=[f"{op}-{case['id']}" for op, case in CASES])
def test_SLA_003_a_published_example_is_answered_exactly(op: str, case: dict[str, Any]) -> None:
    assert answers({**case, "op": op}) == [expected(op, case)]


def test_SLA_003_the_contract_s_own_lines() -> None:
    week = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    here = {"tz": "Europe/Berlin", "schedule": week, "holidays": ["2026-01-01"]}
    due = {"op": "due", **here, "start": "2026-01-02T08:00:00Z"}
    assert answers(
        {**due, "minutes": 120},
        {**due, "seconds": 7200},
        {"op": "elapsed", **here, "from": "2026-01-01T08:00:00Z", "to": "2026-01-02T10:00:00Z"},
    ) == [{"due": "2026-01-02T10:00:00Z"}, {"due": "2026-01-02T10:00:00Z"}, {"seconds": 7200}]


def test_SLA_003_no_schedule_is_around_the_clock() -> None:
    always = {"op": "elapsed", "schedule": None, "from": "2026-03-28T00:00:00Z", "to": "2026-03-30T00:00:00Z"}
    assert answers(always, {**always, "tz": "Europe/Berlin", "holidays": []}) == [{"seconds": 172800}] * 2


def test_SLA_003_a_partial_closure_takes_its_part_of_the_day() -> None:
    line = {**ELAPSED, "to": "2026-01-05T18:00:00Z", "closures": [["2026-01-05", "12:00", "24:00"]]}
    assert answers(line) == [{"seconds": 7200}]


def test_SLA_003_instants_may_carry_an_offset_and_parts_of_a_second() -> None:
    assert answers(
        {**DUE, "start": "2026-01-05T11:00:00+01:00"},
        {**DUE, "start": "2026-01-05T10:00:00.250Z"},
    ) == [{"due": "2026-01-05T11:00:00Z"}, {"due": "2026-01-05T11:00:00.250000Z"}]


WRONG: list[tuple[str, str | dict[str, Any]]] = [
    ("not JSON", '{"op": "due"'),
    ("empty", ""),
    ("nested without end", "[" * 100_000),
    ("a number of many digits", '{"op": 1' + "0" * 5000 + "}"),
    ("not an object", "[1, 2]"),
    ("no op", {}),
    ("op", {**DUE, "op": "overdue"}),
    ("op of another type", {**DUE, "op": ["due"]}),
    ("no schedule", {name: value for name, value in DUE.items() if name != "schedule"}),
    ("no zone", {name: value for name, value in DUE.items() if name != "tz"}),
    ("unknown zone", {**DUE, "tz": "Europe/Atlantis"}),
    ("a folder as zone", {**DUE, "tz": "Europe"}),
    ("a path as zone", {**DUE, "tz": "../UTC"}),
    ("the machine's own zone", {**DUE, "tz": "localtime"}),
    ("a zone with leap seconds", {**DUE, "tz": "right/UTC"}),
    ("a number as zone", {**DUE, "tz": 1}),
    ("unknown zone around the clock", {**DUE, "tz": "Nowhere", "schedule": None}),
    ("never open", {**DUE, "schedule": {}}),
    ("never open in elapsed", {**ELAPSED, "schedule": {"mon": [], "tue": [["09:00", "09:00"]]}}),
    ("unknown day", {**DUE, "schedule": {"monday": [["09:00", "17:00"]]}}),
    ("a list as schedule", {**DUE, "schedule": [["09:00", "17:00"]]}),
    ("a text as day", {**DUE, "schedule": {"mon": "09:00-17:00"}}),
    ("a text as interval", {**DUE, "schedule": {"mon": ["09"]}}),
    ("three times", {**DUE, "schedule": {"mon": [["09:00", "12:00", "13:00"]]}}),
    ("25 o'clock", {**DUE, "schedule": {"mon": [["09:00", "25:00"]]}}),
    ("after midnight's end", {**DUE, "schedule": {"mon": [["09:00", "24:01"]]}}),
    ("minute 60", {**DUE, "schedule": {"mon": [["09:60", "12:00"]]}}),
    ("a number as time", {**DUE, "schedule": {"mon": [[9, 17]]}}),
    ("a date that is none", {**DUE, "holidays": ["2026-02-30"]}),
    ("a date of another form", {**DUE, "holidays": ["20260101"]}),
    ("a number as date", {**DUE, "holidays": [20260101]}),
    ("a text as holidays", {**DUE, "holidays": "2026-01-01"}),
    ("a reversed closure", {**DUE, "closures": [["2026-01-05", "17:00", "09:00"]]}),
    ("a closure without times", {**DUE, "closures": ["2026-01-05"]}),
    ("a naive start", {**DUE, "start": "2026-01-05T10:00:00"}),
    ("a date as start", {**DUE, "start": "2026-01-05"}),
    ("no start", {name: value for name, value in DUE.items() if name != "start"}),
    ("a number as start", {**DUE, "start": 0}),
    ("a start too early", {**DUE, "start": "0001-01-01T00:00:00Z"}),
    ("no target", {name: value for name, value in DUE.items() if name != "minutes"}),
    ("two targets", {**DUE, "seconds": 3600}),
    ("a negative target", {**DUE, "minutes": -1}),
    ("half a minute", {**DUE, "minutes": 0.5}),
    ("a text as target", {**DUE, "minutes": "60"}),
    ("true as target", {**DUE, "minutes": True}),
    ("not a number", {**DUE, "minutes": float("nan")}),
    ("a huge target", {**DUE, "minutes": 10**30}),
    ("due after the calendar's end", {**DUE, "start": "9998-12-28T10:00:00Z", "minutes": 6000}),
    ("to before from", {**ELAPSED, "to": "2026-01-05T09:59:59Z"}),
    ("a reversed pause", {**DUE, "pauses": [["2026-01-05T11:00:00Z", "2026-01-05T10:00:00Z"]]}),
    ("a pause without end", {**DUE, "pauses": [["2026-01-05T11:00:00Z", None]]}),
    ("a pause of one instant", {**DUE, "pauses": [["2026-01-05T11:00:00Z"]]}),
    ("a naive pause", {**DUE, "pauses": [["2026-01-05T11:00:00", "2026-01-05T12:00:00"]]}),
]


@pytest.mark.parametrize("line", [line for _, line in WRONG], ids=[name for name, _ in WRONG])
def test_SLA_003_a_bad_line_gets_a_sentence_and_the_rest_goes_on(line: str | dict[str, Any]) -> None:
    before, wrong, after = answers(DUE, line, ELAPSED)
    assert (before, after) == ({"due": "2026-01-05T11:00:00Z"}, {"seconds": 3600})
    assert list(wrong) == ["error"]
    assert 5 < len(wrong["error"]) < 200


TEXTS = st.text(max_size=8) | st.sampled_from(["09:00", "2026-01-05"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


CHANGES = st.dictionaries(st.sampled_from([*DUE, *ELAPSED, "holidays", "closures", "pauses"]), ANYTHING)


@settings(max_examples=250, deadline=None)
@given(st.sampled_from([DUE, ELAPSED]), CHANGES)
def test_SLA_003_no_line_stops_the_others(line: dict[str, Any], changes: dict[str, Any]) -> None:
    (answer,) = answers({**line, **changes})
    assert len(answer) == 1
    assert set(answer) <= {"due", "seconds", "error"}
