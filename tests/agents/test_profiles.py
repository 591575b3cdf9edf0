"""AGT-001, AGT-003, AGT-004: who may change what of whom, what is kept, and what is said."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from helpdesk.accounts.user import Membership
from helpdesk.agents.agent import Agent
from helpdesk.agents.agent_skill import AgentSkill
from helpdesk.agents.group import Group, GroupMember
from helpdesk.agents.leave import Leave
from helpdesk.agents.profile import MOST_LEAVES
from helpdesk.agents.skill import Skill
from helpdesk.core.db import db
from helpdesk.core.errors import NotAllowed, Refusal
from helpdesk.core.events import Event
from helpdesk.organizers.merchant import Merchant


def events(name):
    """What was recorded of a kind, in order; inside the organizer."""
    return list(db.session.scalars(select(Event).where(Event.name == name).order_by(Event.id)))


@pytest.fixture
def house(world):
    """Inside acme, with the people at hand."""
    with world.inside():
        yield world


def gus(house):
    return Agent.of(house.user("Gus").id, lock=True)


def skill(house, name="Repairs"):
    return Skill.create({"name_en": name, "name_vi": ""}, by=house.user("Mai"))


def group(house, *names, lead=None, called="Care"):
    ids = [house.user(name).id for name in names]
    values = {
        "name_en": called,
        "name_vi": "",
        "member_ids": sorted(ids),
        "lead_id": lead and house.user(lead).id,
    }
    return Group.create(values, by=house.user("Mai"))


# Profiles -------------------------------------------------------------------------------------------------------


def test_AGT_001_a_user_is_made_assignable_once(any_world):
    with any_world.inside():
        mai, ada = any_world.user("Mai"), any_world.user("Ada")
        first = Agent.make(mai, by=ada)
        assert (first.languages, first.availability, first.load, first.cap) == (["vi"], "online", 0, 20)
        assert Agent.make(mai, by=ada).id == first.id
        assert [one.data["changed"] for one in events("agent.changed")] == [{"is_assignable": [False, True]}]
        with pytest.raises(NotAllowed):
            Agent.make(ada, by=any_world.user("Gus"))


def test_AGT_003_what_changed_is_said_old_and_new_and_nothing_else(house):
    one, mai, repairs = gus(house), house.user("Mai"), skill(house)
    version = one.version
    shop = house.one(Merchant, prefix="BETA").id
    values = {
        "cap": 5, "languages": ["vi", "en"], "skills": {repairs.id: 3}, "merchants": [shop], "substitute_id": None,
    }  # fmt: skip
    one.change(values, by=mai)
    both = sorted(db.session.scalars(select(Merchant.id)))
    [event] = events("agent.changed")
    assert event.data["changed"] == {
        "cap": [20, 5], "languages": [["en"], ["en", "vi"]], "skills": [{}, {str(repairs.id): 3}],
        "merchants": [both, [shop]],
    }  # fmt: skip
    assert (event.data["user"], event.data["called"], event.ticket_id) == (one.user_id, "Gus", None)
    assert one.version == version + 1
    one.change(values, by=mai)
    assert (one.version, len(events("agent.changed"))) == (version + 1, 1)


@pytest.mark.parametrize("cap", [-1, 1001, 10**20])
def test_AGT_003_a_cap_is_a_number_from_0_to_1000(house, cap):
    with pytest.raises(Refusal):
        gus(house).change({"cap": cap}, by=house.user("Mai"))
    assert gus(house).cap == 20


def test_AGT_001_somebody_changes_his_own_hours_and_no_more(house):
    one = gus(house)
    one.change(
        {"schedule": {}, "time_zone": "Europe/Berlin", "substitute_id": house.user("Linh").id}, by=one.user
    )
    assert (one.user.time_zone, one.is_on_shift, one.availability) == ("Europe/Berlin", False, "offline")
    for values in ({"cap": 1000}, {"languages": []}, {"skills": {}}, {"merchants": []}, {"groups": []}):
        with pytest.raises(NotAllowed):
            one.change(values, by=one.user)
    with pytest.raises(NotAllowed):
        one.change({"schedule": None}, by=house.user("Linh"))
    with pytest.raises(NotAllowed):
        one.take_leave(date(2099, 1, 1), date(2099, 1, 1), by=house.user("Linh"))


def test_AGT_002_nobody_stands_in_who_cannot(house):
    one, mai, linh = gus(house), house.user("Mai"), house.user("Linh")
    for who in (one.user_id, mai.id, 99999, 10**17):
        with pytest.raises(Refusal):
            one.change({"substitute_id": who}, by=mai)
    one.change({"substitute_id": linh.id}, by=mai)
    Agent.of(linh.id, lock=True).change(
        {"substitute_id": one.user_id}, by=mai
    )  # a ring is broken where it is used
    linh.is_active = False
    db.session.flush()
    one.change({"cap": 3}, by=mai)  # who was there before stays
    one.change({"substitute_id": None}, by=mai)
    with pytest.raises(Refusal):
        one.change({"substitute_id": linh.id}, by=mai)


def test_AGT_001_a_link_to_a_merchant_ends_and_begins_again(house):
    one, mai = gus(house), house.user("Mai")
    shop = house.one(Merchant, prefix="ACME").id
    one.change({"merchants": []}, by=mai)
    assert list(db.session.scalars(one.user.merchant_ids())) == []
    assert house.count(Membership, user_id=one.user_id) == 2
    one.change({"merchants": [shop]}, by=mai)
    assert list(db.session.scalars(one.user.merchant_ids())) == [shop]
    assert house.count(Membership, user_id=one.user_id) == 2


def test_AGT_003_a_skill_that_is_archived_stays_with_who_has_it(house):
    one, mai = gus(house), house.user("Mai")
    repairs, invoices = skill(house), skill(house, "Invoices")
    one.change({"skills": {repairs.id: 2, invoices.id: 4}}, by=mai)
    repairs.archive(by=mai)
    db.session.flush()
    one.change({"skills": {invoices.id: 5}}, by=mai)
    assert AgentSkill.levels_of(one.user_id) == {invoices.id: 5}
    repairs.restore(by=mai)
    db.session.flush()
    assert AgentSkill.levels_of(one.user_id) == {repairs.id: 2, invoices.id: 5}
    one.change({"skills": {}}, by=mai)
    assert house.count(AgentSkill, user_id=one.user_id) == 2, "taken away, never removed"


def test_AGT_009_leave_is_entered_once_and_not_for_days_that_are_over(house):
    one = gus(house)
    days = date(2099, 1, 1), date(2099, 1, 3)
    first = one.take_leave(*days, by=one.user, note="x")
    assert one.take_leave(*days, by=one.user).id == first.id
    assert first.note == "x", "nothing was said about it"
    assert one.take_leave(*days, by=one.user, note="y").id == first.id
    assert first.note == "y"
    for wrong in ((date(2020, 1, 1), date(2020, 1, 2)), (date(2099, 1, 3), date(2099, 1, 1)),
                  (date(2099, 1, 1), date(2100, 1, 3))):  # fmt: skip
        with pytest.raises(Refusal):
            one.take_leave(*wrong, by=one.user)
    assert house.count(Leave, user_id=one.user_id) == 1
    for n in range(2, MOST_LEAVES + 1):
        one.take_leave(
            date.fromordinal(days[0].toordinal() + n), date.fromordinal(days[1].toordinal() + n), by=one.user
        )
    with pytest.raises(Refusal):
        one.take_leave(date(2098, 1, 1), date(2098, 1, 1), by=one.user)


# Teams ----------------------------------------------------------------------------------------------------------


def test_AGT_004_a_team_has_members_and_a_lead_who_is_one_of_them(any_world):
    with any_world.inside():
        care = group(any_world, "Gus", "Linh", lead="Gus")
        mai, both = any_world.user("Mai"), care.values["member_ids"]
        with pytest.raises(Refusal):
            care.change({"member_ids": [any_world.user("Linh").id]}, by=mai)
        with pytest.raises(Refusal):
            care.change({"lead_id": mai.id}, by=mai)
        care.change({"member_ids": [any_world.user("Linh").id], "lead_id": any_world.user("Linh").id}, by=mai)
        care.change({"member_ids": both, "lead_id": None}, by=mai)
        assert (care.values["member_ids"], care.lead_id, care.version) == (both, None, 3)
        assert any_world.count(GroupMember, group_id=care.id) == 2, "membership ends and begins again"
        assert len(events("group.changed")) == 2


def test_AGT_004_from_his_own_page_each_team_says_what_changed(house):
    one, mai = gus(house), house.user("Mai")
    care, desk = group(house, "Gus"), group(house, "Linh", called="Desk")
    one.change({"groups": [desk.id]}, by=mai)
    assert (care.values["member_ids"], one.user_id in desk.values["member_ids"]) == ([], True)
    assert {event.data["group"] for event in events("group.changed")} == {care.id, desk.id}
    assert (care.version, desk.version) == (2, 2), "a page of the team that is open shows an older state now"
    [event] = events("agent.changed")
    assert event.data["changed"] == {"groups": [[care.id], [desk.id]]}


def test_AGT_004_a_lead_does_not_leave_his_team_unseen(house):
    one, care = gus(house), group(house, "Gus", lead="Gus")
    with pytest.raises(Refusal):
        one.change({"groups": []}, by=house.user("Mai"))
    assert care.lead_id == one.user_id


def test_AGT_004_only_active_users_of_ones_own_organizer_become_members(world):
    with world.inside("globex"):
        gil = world.user("Gil").id
    with world.inside():
        world.user("Linh").is_active = False
        db.session.flush()
        for who in (gil, world.user("Linh").id, 99999):
            values = {"name_en": "x", "name_vi": "", "member_ids": [who], "lead_id": None}
            with pytest.raises(Refusal), db.session.begin_nested():
                Group.create(values, by=world.user("Mai"))
        assert world.count(Group) == 0


@pytest.mark.parametrize("make", [group, skill])
def test_AGT_004_archiving_and_restoring_are_said_once(house, make):
    mai, row = house.user("Mai"), make(house)
    kind = type(row).__name__.lower()
    for deed in (row.archive, row.archive, row.restore, row.restore):
        deed(by=mai)
    names = [f"{kind}.{word}" for word in ("created", "archived", "restored")]
    assert [len(events(name)) for name in names] == [1, 1, 1]
    assert row.archived_at is None


@pytest.mark.parametrize("make", [group, skill])
def test_AGT_004_only_managers_touch_teams_and_skills(house, make):
    row, agent = make(house), house.user("Gus")
    values = {"name_en": "Mine", "name_vi": ""}
    whole = values | {"member_ids": [], "lead_id": None}
    for deed in (lambda: type(row).create(whole, by=agent), lambda: row.change(values, by=agent),
                 lambda: row.archive(by=agent), lambda: row.restore(by=agent)):  # fmt: skip
        with pytest.raises(NotAllowed):
            deed()
    row.change(values, by=house.user("Mai"))
    row.change(values, by=house.user("Mai"))
    assert (row.name_en, row.version) == ("Mine", 2)
