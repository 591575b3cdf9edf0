"""AGT-005, AGT-006, AGT-007: whom a rule can choose from, and how it sees each of them."""

from __future__ import annotations

import pytest

from helpdesk.accounts.user import Membership
from helpdesk.agents.agent import Agent
from helpdesk.assignment.facts import Facts
from helpdesk.assignment.rule import Rule
from helpdesk.assignment.staff import Staff, line_of
from helpdesk.assignment.trial import Trial
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.ticket import Ticket
from tests.assignment.rules import hire, make, skill, team, user_id
from tests.support.seat import at_work


@pytest.mark.parametrize("user,substitutes,line", [
    (1, {}, [1]), (1, {1: 2}, [1, 2]), (1, {1: 2, 2: 3, 3: None}, [1, 2, 3]), (1, {1: 1}, [1]),
    (1, {1: 2, 2: 1}, [1, 2]), (1, {1: 2, 2: 3, 3: 2}, [1, 2, 3]), (2, {1: 2, 2: 3}, [2, 3]),
])  # fmt: skip
def test_AGT_006_a_line_of_substitutes_ends_and_never_goes_round(user, substitutes, line):
    assert line_of(user, substitutes) == line


@pytest.fixture
def crowd(world):
    """Gus (en), Linh (vi, en), Tam and Uyen (vi) of ACME; Vy of BETA only."""
    hire(world, "Tam", languages=["vi"])
    hire(world, "Uyen", languages=["vi"])
    hire(world, "Vy", "BETA", languages=["vi"])
    return world


def profile(world, name, **values):
    with world.inside():
        agent = Agent.of(world.user(name).id)
        for key, value in values.items():
            setattr(agent, key, value)


def facts(world, **values):
    with world.inside():
        said = {"priority": "MEDIUM", "language": "vi", "source": "form", "at": clock.now()} | values
        return Facts(merchant_id=world.one(Merchant, prefix="ACME").id, **said)


def seen(world, candidates=None, strategy="load_balanced", **values):
    """Name → the candidate that the rule sees."""
    said = facts(world, **values)
    with world.inside():
        rule = Rule(id=0, name_en="x", conditions={}, candidates=candidates or {}, strategy=strategy)
        return {one.name: one for one in Staff(said).for_rule(rule)}


def able(world, candidates=None, strategy="load_balanced", **values):
    """Whom the rule could choose, the best first."""
    said = facts(world, **values)
    with world.inside():
        rule = Rule(id=0, name_en="x", conditions={}, candidates=candidates or {}, strategy=strategy)
        return [one.name for one in rule.way.order(Staff(said).for_rule(rule))]


def test_AGT_007_without_a_pool_it_is_everybody_of_the_store(crowd):
    assert set(seen(crowd)) == {"Gus", "Linh", "Tam", "Uyen"}
    assert set(able(crowd)) == {"Gus", "Linh", "Tam", "Uyen"}


def test_AGT_005_a_pool_is_a_team_or_people_or_both(crowd):
    group = team(crowd, "Desk", "Gus", "Linh", "Vy")
    tam = user_id(crowd, "Tam")
    assert set(able(crowd, {"group": group})) == {"Gus", "Linh"}  # Vy does not work for the store
    assert set(able(crowd, {"users": [tam]})) == {"Tam"}
    assert set(able(crowd, {"group": group, "users": [tam]})) == {"Gus", "Linh", "Tam"}
    assert seen(crowd, {"users": [tam]})["Gus"].passed_over == "not_in_pool"
    assert able(crowd, {"users": [user_id(crowd, "Vy"), 99999]}) == []


def test_AGT_005_a_ticket_that_a_team_has_goes_to_nobody_else(crowd):
    desk, other = team(crowd, "Desk", "Gus", "Tam"), team(crowd, "Other", "Linh")
    assert set(able(crowd, group_id=desk)) == {"Gus", "Tam"}
    assert seen(crowd, group_id=desk)["Linh"].passed_over == "not_in_group"
    assert able(crowd, {"group": other}, group_id=desk) == []
    assert able(crowd, {"users": [user_id(crowd, "Tam")]}, group_id=desk) == ["Tam"]


def test_AGT_005_the_language_and_the_skills_are_asked_for_only_where_a_rule_says_so(crowd):
    repairs = skill(crowd, "Repairs", Gus=5, Linh=3, Tam=2)
    cables = skill(crowd, "Cables", Linh=1)
    assert set(able(crowd, {"language": True})) == {"Linh", "Tam", "Uyen"}
    assert seen(crowd, {"language": True})["Gus"].passed_over == "lacks_language"
    assert seen(crowd)["Gus"].speaks is False
    assert set(able(crowd, {"language": True}, language="en")) == {"Gus", "Linh"}
    asked = {"skills": [{"skill": repairs, "level": 3}]}
    assert set(able(crowd, asked)) == {"Gus", "Linh"}  # the level itself is enough
    passed = seen(crowd, asked)
    assert {name: [tuple(lack) for lack in one.lacks] for name, one in passed.items() if one.lacks} == {
        "Tam": [(repairs, 3, 2)], "Uyen": [(repairs, 3, 0)],
    }  # fmt: skip
    both = {"skills": [*asked["skills"], {"skill": cables, "level": 1}]}
    assert able(crowd, both) == ["Linh"]
    assert seen(crowd, both)["Linh"].fit == 4
    category = {"category_skills": True}
    assert set(able(crowd, category, skills=((repairs, 5),))) == {"Gus"}
    assert len(able(crowd, {}, skills=((repairs, 5),))) == 4
    assert able(crowd, asked, "skill_based") == ["Gus", "Linh"]


@pytest.mark.parametrize("values,why", [
    ({"is_on_shift": False}, "off_shift"), ({"availability": "busy"}, "availability:busy"),
    ({"availability": "away"}, "availability:away"), ({"availability": "offline"}, "availability:offline"),
    ({"load": 5, "cap": 5}, "at_cap"), ({"load": 6, "cap": 5}, "at_cap"), ({"cap": 0}, "at_cap"),
    ({"load": 4, "cap": 5}, None),
])  # fmt: skip
def test_AGT_007_who_cannot_have_it_and_why(crowd, values, why):
    profile(crowd, "Gus", **values)
    assert seen(crowd)["Gus"].passed_over == why


def test_AGT_007_who_left_the_store_or_was_deactivated_is_no_candidate(crowd):
    with crowd.inside():
        crowd.user("Tam").deactivate()
        store = crowd.one(Merchant, prefix="ACME").id
        crowd.one(Membership, user_id=crowd.user("Gus").id, merchant_id=store).deleted_at = clock.now()
    assert set(seen(crowd)) == {"Linh", "Uyen"}


def substitutes(world, **line):
    for name, other in line.items():
        profile(world, name, substitute_id=user_id(world, other))


def test_AGT_006_a_fixed_agent_while_he_is_there_and_nobody_else(crowd):
    substitutes(crowd, Gus="Linh")
    fixed = {"fixed": user_id(crowd, "Gus")}
    assert able(crowd, fixed, "fixed") == ["Gus"]
    profile(crowd, "Gus", load=20, cap=20)  # at work without room: nobody stands in for him
    assert able(crowd, fixed, "fixed") == []
    assert able(crowd, {}, "fixed") == []  # a rule without its person


@pytest.mark.parametrize(
    "absence", [{"availability": "away"}, {"availability": "offline"}, {"is_on_shift": False}]
)
def test_AGT_006_his_substitute_while_he_is_absent(crowd, absence):
    substitutes(crowd, Gus="Linh", Linh="Tam", Tam="Gus")
    fixed = {"fixed": user_id(crowd, "Gus")}
    profile(crowd, "Gus", **absence)
    assert able(crowd, fixed, "fixed") == ["Linh"]
    assert (seen(crowd, fixed, "fixed")["Linh"].stands_in_for, seen(crowd, fixed, "fixed")["Linh"].place) == (
        "Gus",
        1,
    )
    profile(crowd, "Linh", **absence)
    assert able(crowd, fixed, "fixed") == ["Tam"]
    profile(crowd, "Tam", **absence)  # the line goes round
    assert able(crowd, fixed, "fixed") == []


def test_AGT_006_a_line_may_lead_through_another_store(crowd):
    substitutes(crowd, Gus="Vy", Vy="Uyen")
    profile(crowd, "Gus", availability="away")
    assert able(crowd, {"fixed": user_id(crowd, "Gus")}, "fixed") == ["Uyen"]


def test_AGT_006_busy_is_there(crowd):
    substitutes(crowd, Gus="Linh")
    profile(crowd, "Gus", availability="busy")
    assert able(crowd, {"fixed": user_id(crowd, "Gus")}, "fixed") == []


def test_AGT_005_a_named_person_who_is_absent_is_stood_in_for(crowd):
    substitutes(crowd, Gus="Linh", Tam="Linh")
    named = {"users": [user_id(crowd, name) for name in ("Gus", "Tam")]}
    profile(crowd, "Gus", availability="away")
    assert set(able(crowd, named)) == {"Tam", "Linh"}
    assert seen(crowd, named)["Linh"].stands_in_for == "Gus"
    substitutes(crowd, Gus="Tam")  # who is named himself stands in for nobody
    assert set(able(crowd, named)) == {"Tam"}
    assert seen(crowd, named)["Tam"].stands_in_for is None


def served(world, name, seconds):
    """A ticket of Bea that somebody had."""
    clock.travel(seconds)
    made = world.ticket()
    with at_work(world, made, name) as (ticket, me):
        ticket.take(by=me)
    return made


def last_agent(world, **values):
    with world.inside():
        customer = world.customer("Bea").id
    return able(world, {}, "last_agent", customer_id=customer, **values)


def test_AGT_006_the_last_agent_of_the_customer_comes_first(crowd):
    served(crowd, "Tam", 10)
    made = served(crowd, "Uyen", 10)
    assert last_agent(crowd)[:2] == ["Uyen", "Tam"]
    assert last_agent(crowd, ticket_id=made)[0] == "Tam"  # the ticket itself is no earlier one
    with at_work(crowd, made, "Mai") as (ticket, _mai):
        ticket.deleted_at = clock.now()
    assert last_agent(crowd)[0] == "Tam"
    assert able(crowd, {}, "last_agent")[0] in ("Gus", "Linh")  # a customer whom nobody knows


def test_AGT_006_an_absent_predecessor_hands_on_to_his_substitute(crowd):
    served(crowd, "Tam", 10)
    served(crowd, "Uyen", 10)
    profile(crowd, "Uyen", availability="away")
    assert last_agent(crowd)[0] == "Tam"
    substitutes(crowd, Uyen="Gus")
    assert last_agent(crowd)[0] == "Gus"
    profile(crowd, "Gus", load=20, cap=20)
    assert last_agent(crowd)[0] == "Tam"


def test_AGT_006_turns_are_a_rules_own(crowd):
    made, other = (make(crowd, name, strategy="round_robin") for name in ("a", "b"))
    said = facts(crowd)
    given = []
    for _ in range(8):
        with crowd.inside():
            rule = db.session.get_one(Rule, made)
            best = rule.way.order(Staff(said).for_rule(rule))[0]
            rule.give_turn(best.user_id)
            given.append(best.name)
    assert given[:4] == given[4:]
    assert len(set(given[:4])) == 4
    with crowd.inside():
        rule = db.session.get_one(Rule, other)
        assert {one.turn for one in Staff(said).for_rule(rule)} == {0}


def test_AGT_005_the_first_rule_that_fits_and_has_somebody_wins(crowd):
    gus, tam = user_id(crowd, "Gus"), user_id(crowd, "Tam")
    made = {
        "vip": make(crowd, "vip", conditions={"vip": True}),
        "gus": make(crowd, "gus", strategy="fixed", candidates={"fixed": gus}),
        "tam": make(crowd, "tam", strategy="fixed", candidates={"fixed": tam}),
        "all": make(crowd, "all"),
    }
    profile(crowd, "Gus", availability="away")
    said = facts(crowd)
    with crowd.inside():
        trial = Trial.of(said, Rule.in_force(said.merchant_id))
        assert (trial.rule.id, trial.best.name) == (made["tam"], "Tam")
        assert [(each["rule"], each["why"]) for each in trial.passes] == [
            (made["vip"], "vip"), (made["gus"], "nobody"),
        ]  # fmt: skip
        assert trial.passes[0]["called"] == {"en": "vip", "vi": "vip (vi)"}


def test_AGT_007_where_no_rule_has_anybody_the_last_that_fits_says_why(crowd):
    for name in ("Gus", "Linh", "Tam", "Uyen"):
        profile(crowd, name, availability="away")
    make(crowd, "vip", conditions={"vip": True})
    said = facts(crowd)
    with crowd.inside():
        trial = Trial.of(said, Rule.in_force(said.merchant_id))
        assert (trial.rule.is_shipped, trial.best, len(trial.candidates)) == (True, None, 4)
        assert [each["why"] for each in trial.passes] == ["vip", "nobody"]
    with crowd.inside():
        empty = Trial.of(said, [])
        assert (empty.rule, empty.best, empty.candidates) == (None, None, [])


def test_Q_1_rules_of_another_store_are_not_tried(crowd):
    with crowd.inside():
        stores = {prefix: crowd.one(Merchant, prefix=prefix).id for prefix in ("ACME", "BETA")}
    for name, store in (("beta", stores["BETA"]), ("acme", stores["ACME"]), ("all", None)):
        make(crowd, name, merchant_id=store)
    made = crowd.ticket()
    crowd.run_reactions()
    with crowd.inside():
        names = [rule.name_en for rule in Rule.in_force(stores["ACME"]) if not rule.is_shipped]
        assert names == ["acme", "all"]
        assert db.session.get_one(Ticket, made).assignee is not None
