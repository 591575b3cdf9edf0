"""SLA-001, SLA-002, SLA-004: policies are made, changed in versions, made the default, archived and restored."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.core.events import Event
from helpdesk.organizers.merchant import Merchant
from helpdesk.sla.calendar import Calendar
from helpdesk.sla.policy import SHIPPED_KEY, Policy, PolicyVersion
from tests.sla.desk_time import HOUR, T0, targets
from tests.tickets.policies import calendar, change, make, values


def said(world, name=None):
    with world.inside():
        own = select(Event).where(Event.name.startswith("policy.")).order_by(Event.id)
        return [(one.name, one.data) for one in db.session.scalars(own) if name in (None, one.name)]


def versions(world, policy_id):
    with world.inside():
        own = select(PolicyVersion).where(PolicyVersion.policy_id == policy_id).order_by(PolicyVersion.number)
        return list(db.session.scalars(own))


def merchant(world, prefix):
    with world.inside():
        return world.one(Merchant, prefix=prefix)


def test_SLA_004_a_change_of_what_is_asked_for_makes_the_next_version_and_edits_none(any_world):
    made = make(any_world)
    before = versions(any_world, made)[0]
    change(any_world, made, targets=targets(first=2 * HOUR, next=None, resolution=9 * HOUR))
    change(any_world, made, warn_percent=50)
    change(any_world, made, pausing_statuses=["WAITING_INTERNAL", "WAITING_USER"])
    first, second, third, fourth = versions(any_world, made)
    assert (first.targets, first.warn_percent) == (before.targets, 75)
    assert second.target("LOW", "first") == 2 * HOUR
    assert (third.warn_percent, third.targets) == (50, second.targets)
    assert fourth.pausing_statuses == ["WAITING_USER", "WAITING_INTERNAL"]
    assert [one.number for one in (first, second, third, fourth)] == [1, 2, 3, 4]
    with any_world.inside():
        assert {one.created_by_id for one in (first, fourth)} == {any_world.user("Mai").id}
    changes = [data["changes"] for name, data in said(any_world) if name == "policy.changed"]
    assert [list(each) for each in changes] == [["targets"], ["warn_percent"], ["pausing_statuses"]]
    assert changes[1] == {"warn_percent": [75, 50]}


def test_SLA_004_a_name_makes_no_version_and_the_same_again_says_nothing(any_world):
    made = make(any_world)
    change(any_world, made, name_vi="Nhanh")
    change(any_world, made, name_vi="Nhanh")
    change(any_world, made, targets=targets(resolution=8 * HOUR, first=HOUR, next=2 * HOUR))
    assert len(versions(any_world, made)) == 1
    assert [name for name, _ in said(any_world)] == ["policy.created", "policy.changed"]
    assert said(any_world)[1][1]["changes"] == {"name_vi": ["", "Nhanh"]}


BAD = {
    "a target of no time": {"targets": targets(first=0)},
    "a negative target": {"targets": targets(first=-60)},
    "more than a year": {"targets": targets(resolution=525_601 * 60)},
    "half a minute": {"targets": targets(first=90)},
    "a fraction": {"targets": targets(first=60.0)},
    "a warning after the critical mark": {"warn_percent": 90, "critical_percent": 75},
    "both at once": {"warn_percent": 80, "critical_percent": 80},
    "a warning at nothing": {"warn_percent": 0},
    "a critical mark at the end": {"critical_percent": 100},
    "a status that cannot pause": {"pausing_statuses": ["OPEN"]},
    "a calendar that is not there": {"calendar_id": 99_999},
    "a store that is not there": {"merchant_ids": [99_999]},
}


@pytest.mark.parametrize("what", BAD)
def test_SLA_001_what_cannot_be_asked_for_is_refused_and_nothing_is_saved(world, what):
    made = make(world)
    with pytest.raises(Refusal):
        make(world, "Other", **BAD[what])
    with pytest.raises(Refusal):
        change(world, made, name_en="Half", **BAD[what])
    with world.inside():
        assert (world.count(Policy, name_en="Other"), world.count(Policy, name_en="Half")) == (0, 0)
    assert len(versions(world, made)) == 1


def test_SLA_001_one_minute_and_one_year_are_both_fine(world):
    made = make(world, targets=targets(first=60, next=None, resolution=525_600 * 60))
    assert versions(world, made)[0].target("HIGH", "resolution") == 525_600 * 60


def test_SLA_003_the_calendar_is_ones_own_and_in_use(world):
    theirs, own = calendar(world, slug="globex"), calendar(world)
    with pytest.raises(Refusal, match="one of the calendars"):
        make(world, calendar_id=theirs)
    made = make(world, calendar_id=own)
    with world.inside():
        world.one(Calendar, id=own).archived_at = T0
    with pytest.raises(Refusal, match="one of the calendars"):
        make(world, "Second", calendar_id=own)
    change(world, made, warn_percent=50)  # it keeps what it has
    assert [one.calendar_id for one in versions(world, made)] == [own, own]


def test_SLA_003_a_target_that_the_hours_never_reach_is_refused(world):
    rare = calendar(world, {"mon": [["09:00", "09:01"]]})
    with pytest.raises(Refusal, match="more than a hundred years"):
        make(world, calendar_id=rare, targets=targets(resolution=525_600 * 60))
    make(world, calendar_id=rare, targets=targets(resolution=60 * 60))


def test_SLA_001_another_organizer_s_store_is_refused(world):
    with world.inside("globex"):
        glob = world.one(Merchant, prefix="GLOB").id
    with pytest.raises(Refusal, match="one of your stores"):
        make(world, merchant_ids=[glob])
    with world.inside():
        assert world.count(Policy, name_en="Fast") == 0


def test_SLA_001_the_shipped_policy_cannot_be_edited_or_archived(world):
    with world.inside():
        shipped = world.one(Policy, key=SHIPPED_KEY).id
    for deed in (
        lambda policy, mai: policy.change(values(), by=mai),
        lambda policy, mai: policy.archive(by=mai),
    ):
        with pytest.raises(Refusal, match="comes with the product"), world.inside():
            deed(Policy.locked(shipped), world.user("Mai"))
    assert len(versions(world, shipped)) == 1


def test_SLA_004_there_is_one_default_and_the_shipped_one_stands_behind_it(any_world):
    world = any_world
    first, second = make(world, is_default=True), make(world, "Second")

    def default():
        with world.inside():
            return Policy.default().id

    def make_default(policy_id):
        with world.inside():
            Policy.locked(policy_id).make_default(by=world.user("Mai"))

    assert default() == first
    make_default(second)
    make_default(second)
    assert default() == second
    with world.inside():
        assert not world.one(Policy, id=first).is_default
        shipped = world.one(Policy, key=SHIPPED_KEY).id
    change(world, second, is_default=False)
    assert default() == shipped
    moves = [(data["from"]["id"], data["to"]["id"]) for _, data in said(world, "policy.defaulted")]
    assert moves == [(shipped, first), (first, second), (second, shipped)]


def test_SLA_004_a_store_has_one_policy_and_the_one_that_loses_it_is_told(any_world):
    acme, beta = merchant(any_world, "ACME").id, merchant(any_world, "BETA").id
    first = make(any_world, merchant_ids=[acme, beta])
    second = make(any_world, "Second", merchant_ids=[beta])
    assert (merchant(any_world, "ACME").policy_id, merchant(any_world, "BETA").policy_id) == (first, second)
    changed = [
        (data["policy"], data["changes"]["merchant_ids"]) for _, data in said(any_world, "policy.changed")
    ]
    assert changed == [(first, [[], [acme, beta]]), (first, [[acme, beta], [acme]]), (second, [[], [beta]])]
    with any_world.inside():
        assert any_world.one(Policy, id=first).version > 1  # an open page of it is stale now
    change(any_world, first, merchant_ids=[])
    assert merchant(any_world, "ACME").policy_id is None


def test_SLA_004_archiving_hands_over_stores_and_the_default(any_world):
    world = any_world
    acme = merchant(world, "ACME").id
    made, other = make(world, merchant_ids=[acme], is_default=True), make(world, "Other")
    gone = make(world, "Gone")

    def archive(policy_id, replacement=None):
        with world.inside():
            policy = Policy.locked(policy_id)
            policy.archive(db.session.get(Policy, replacement) if replacement else None, by=world.user("Mai"))

    archive(gone)
    for wrong in (None, made, gone):
        with pytest.raises(Refusal):
            archive(made, wrong)
    archive(made, other)
    archive(made, other)
    assert merchant(world, "ACME").policy_id == other
    with world.inside():
        assert Policy.default().id == other
        assert world.one(Policy, id=made).deleted_at
        Policy.locked(made).restore(by=world.user("Mai"))
        Policy.locked(made).restore(by=world.user("Mai"))
    with world.inside():
        assert world.one(Policy, id=made).deleted_at is None
        assert Policy.default().id == other  # what it had stays with the other
    names = [name for name, _ in said(world) if name in ("policy.archived", "policy.restored")]
    assert names == ["policy.archived", "policy.archived", "policy.restored"]


def test_SLA_004_an_archived_policy_is_not_changed_and_is_no_default(world):
    made = make(world)
    with world.inside():
        Policy.locked(made).archive(by=world.user("Mai"))
    with pytest.raises(Refusal, match="Restore it first"):
        change(world, made, warn_percent=50)
    with pytest.raises(Refusal, match="Restore it first"), world.inside():
        Policy.locked(made).make_default(by=world.user("Mai"))
