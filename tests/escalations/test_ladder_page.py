"""SLA-009: managers edit the ladder, the general one and a policy's, and play it on a ticket."""

from __future__ import annotations

from typing import Any

import pytest

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.escalations.escalation import Escalation
from helpdesk.escalations.ladder_step import LadderStep
from helpdesk.sla.policy import Policy
from helpdesk.tickets.lifecycle import Status
from tests.escalations.steps import step, team
from tests.sla.desk_time import T0
from tests.support.seat import Seat, ticket_in

GENERAL = "/settings/ladder"


@pytest.fixture(autouse=True)
def _still():
    with clock.frozen(T0):
        yield


@pytest.fixture
def ada(world) -> Seat:
    return Seat(world, "Ada")


def row(
    mark: str, level: Any = 1, minutes: Any = 0, *told: str, trigger: str = "breach", **more: Any
) -> dict[str, Any]:
    """What the fields of one step send."""
    values = {
        "trigger": trigger,
        "level": level,
        "delay_minutes": minutes,
        "told": list(told) or ["managers"],
    }
    values |= {"group_id": "", "priority_to": ""} | more
    return {f"{mark}-{name}": value for name, value in values.items()}


def form(*rows: dict[str, Any], state: str = "", deed: str = "save") -> dict[str, Any]:
    """A whole form."""
    marks = [next(iter(each)).partition("-")[0] for each in rows]
    return {"row": marks, "state": state, "deed": deed} | {k: v for each in rows for k, v in each.items()}


def own(world, policy_id: int | None = None) -> list[tuple[Any, ...]]:
    """The live steps: trigger, level, delay, told."""
    with world.inside():
        steps = db.session.query(LadderStep).filter_by(policy_id=policy_id, archived_at=None)
        steps = steps.filter(LadderStep.organizer_id.is_not(None))
        return sorted((s.trigger, s.level, s.delay_minutes, tuple(s.told)) for s in steps)


def state_of(seat: Seat, url: str = GENERAL) -> str:
    """What the page says that it was made from."""
    return seat.get(url).text.partition('name="state" value="')[2].partition('"')[0]


def test_SLA_009_the_shipped_ladder_is_there_to_copy(world, ada):
    page = ada.get(GENERAL).text
    assert 'value="0"' in page
    assert 'value="60"' in page
    assert 'value="240"' in page
    assert own(world) == []
    same = form(
        row("a", 1, 0, "assignee", "managers"), row("b", 2, 60), row("c", 3, 240, "managers", "admins")
    )
    assert ada.post(GENERAL, **same).status_code == 303
    assert own(world) == []  # saved as it was: nothing is anybody's own


def test_SLA_009_a_ladder_is_saved_told_and_undone(world, ada):
    with world.inside():
        night = team(world, "Linh")
    sent = form(
        row("a", 1, 5, "assignee", "lead"), row("b", 2, 50, "admins", group_id=night, priority_to="HIGH"),
        row("x", 1, 0, "managers", trigger="customer"),
    )  # fmt: skip
    answer = ada.post(GENERAL, **sent)
    assert (answer.status_code, answer.location) == (303, f"{GENERAL}?saved=1")
    assert own(world) == [
        ("breach", 1, 5, ("assignee", "lead")), ("breach", 2, 50, ("admins",)), ("customer", 1, 0, ("managers",)),
    ]  # fmt: skip
    with world.inside():
        event = world.one(Event, name="ladder.changed")
        old, new = event.data["changes"]["steps"]
        assert (event.ticket_id, event.actor["name"], old) == (None, "Ada", [])
        assert [(s["level"], s["group"] and s["group"]["en"], s["priority_to"]) for s in new] == [
            (1, None, None), (2, "Night", "HIGH"), (1, None, None)]  # fmt: skip
    assert ada.post(GENERAL, **(sent | {"state": state_of(ada)})).status_code == 303
    with world.inside():
        assert world.count(Event, name="ladder.changed") == 1  # the same again changes nothing
        kept = {
            s.id for s in db.session.query(LadderStep).filter_by(level=2).filter(LadderStep.group_id == night)
        }
    less = form(row("b", 2, 50, "admins", group_id=night, priority_to="HIGH"), state=state_of(ada))
    assert ada.post(GENERAL, **less).status_code == 303
    with world.inside():
        assert {
            s.id for s in db.session.query(LadderStep).filter_by(archived_at=None, level=2) if s.group_id
        } == kept
    assert ada.post(f"{GENERAL}/reset").status_code == ada.post(f"{GENERAL}/reset").status_code == 303
    assert own(world) == []
    with world.inside():
        assert world.count(Event, name="ladder.changed") == 3
    page = ada.get(GENERAL).text
    assert page.count("<li><details") == 3


def test_SLA_009_a_policy_has_its_own_ladder_the_shipped_policy_too(world, ada):
    with world.inside():
        shipped = db.session.query(Policy).filter_by(key="shipped").one().id
    url = f"/settings/policies/{shipped}/ladder"
    assert ada.post(url, **form(row("a", 1, 10, "admins"))).status_code == 303
    assert (own(world, shipped), own(world)) == ([("breach", 1, 10, ("admins",))], [])
    with world.inside("globex"):
        assert [s.delay_minutes for s in LadderStep.ladder(shipped, "breach")] == [0, 60, 240]
    assert ada.post(f"{url}/reset").status_code == 303
    assert own(world, shipped) == []


@pytest.mark.parametrize(("rows", "sentence"), [
    ([row("a", 1, "")], "Enter the minutes"),
    *[([row("a", 1, typed)], "Enter a whole number") for typed in ("1.5", "-1", "9" * 30, "٣", "43201", "<b>")],
    ([row("a", 4, 0)], "Choose one of the list"), ([row("a", "", 0)], "Choose one of the list"),
    ([row("a", 1, 0, told=[])], "Choose at least one"), ([row("a", 1, 0, "everybody")], "Choose one of the list"),
    ([row("a", 1, 0, group_id="99999")], "Choose one of the list"), ([row("a", 1, 0, priority_to="LOW")], "Choose"),
    ([row("a", 1, 0, trigger="full moon")], "Choose one of the list"),
    ([row("a", 1, 0), row("b", 1, 60)], "Each level can be there once"),
    ([row("a", 1, 60), row("b", 2, 60)], "has to come later"), ([row("a", 2, 5), row("b", 1, 60)], "has to come later"),
    ([row(f"a{n}", 1, n) for n in range(25)], "at most three steps"),
    ([row("a", 1, "0\x00")], None), ([row("a", 1, " 5 ")], None),
])  # fmt: skip
def test_SLA_009_a_ladder_that_makes_no_sense_is_refused_in_words(world, ada, rows, sentence):
    answer = ada.post(GENERAL, **form(*rows))
    if sentence is None:
        assert answer.status_code == 303
        return
    assert answer.status_code == 422
    assert sentence in answer.text
    assert own(world) == []


def test_SLA_009_what_was_typed_wrongly_is_still_there(world, ada):
    page = ada.post(GENERAL, **form(row("a", 2, "soon <b>", "lead"))).text
    assert 'value="soon &lt;b&gt;"' in page
    assert 'name="a-told" value="lead" checked' in page or 'name="s0-told" value="lead" checked' in page


def test_SLA_009_steps_are_added_and_removed_without_scripts_and_unsaved(world, ada):
    page = ada.post(GENERAL, **form(row("a", 1, 5), deed="add-breach")).text
    assert ('name="a-level"' in page, 'name="s0-level"' in page) == (True, True)
    assert (
        'id="s0-delay_minutes" name="s0-delay_minutes" inputmode="numeric" autocomplete="off" value="65"'
        in page
    )
    page = ada.post(GENERAL, **form(row("a", 1, 5), row("b", 2, 9), deed="remove-a")).text
    assert ('name="a-level"' in page, 'name="b-level"' in page) == (False, True)
    full = form(row("a", 1, 5), row("b", 2, 9), row("c", 3, 10), deed="add-breach")
    assert ada.post(GENERAL, **full).text.count('name="row"') == 3
    assert own(world) == []


def test_TKT_008_two_managers_at_once_see_both_values(world, ada):
    state = state_of(ada)
    assert ada.post(GENERAL, **form(row("a", 1, 5), state=state)).status_code == 303
    late = ada.post(GENERAL, **form(row("a", 1, 7), state=state))
    assert late.status_code == 409
    assert ("7 min after it" in late.text, "5 min after it" in late.text) == (True, True)
    assert own(world) == [("breach", 1, 5, ("managers",))]
    again = form(row("a", 1, 7), state=late.text.partition('name="state" value="')[2].partition('"')[0])
    assert ada.post(GENERAL, **again).status_code == 303
    assert own(world) == [("breach", 1, 7, ("managers",))]


def test_SLA_009_playing_shows_instants_and_people_and_changes_nothing(world, ada):
    with world.inside():
        (
            step(1, 0, "assignee", "managers"),
            step(2, 90, "admins", group_id=team(world, "Linh"), priority_to="CRITICAL"),
        )
    ticket_in(world, Status.ASSIGNED)
    page = ada.get(GENERAL, play=1, ticket="acme-1", trigger="breach").text
    assert 'datetime="2026-03-02T17:00:00Z"' in page  # eight hours after it came: its breach
    assert 'datetime="2026-03-02T18:30:00Z"' in page
    assert "Gus (Assignee), Mai (Managers)" in page
    assert "Gus is not in it and hands it back." in page
    now = ada.get(GENERAL, play=1, ticket="", trigger="customer").text
    assert 'datetime="2026-03-02T10:30:00Z"' in now
    for strange in ("ACME-99", "GLOB-1", "9" * 30, "<b>"):
        assert "There is no such ticket." in ada.get(GENERAL, play=1, ticket=strange, trigger="breach").text
    assert ada.get(GENERAL, play=1, ticket="ACME-1", trigger="nothing").status_code == 200
    with world.inside():
        assert world.count(Escalation) == 0


def test_Q_1_a_policy_that_is_not_there_or_not_ours_has_no_ladder(world, ada):
    with world.inside("globex"):
        policy = Policy(name_en="Theirs", name_vi="Của họ")
        db.session.add(policy)
        db.session.flush()
        id_ = policy.id
    for strange in (id_, 10**12, "9" * 30, "x"):
        assert ada.get(f"/settings/policies/{strange}/ladder").status_code == 404
        assert ada.post(f"/settings/policies/{strange}/ladder", **form(row("a"))).status_code == 404
    assert Seat(world, "Gus").get(GENERAL).status_code == 403
