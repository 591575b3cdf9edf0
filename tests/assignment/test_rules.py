"""AGT-005: rules are made, changed, ordered, switched and archived; the shipped one stays as it is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from helpdesk.assignment.rule import Rule
from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.core.events import Event, subscribed_names
from helpdesk.core.i18n import speaking
from helpdesk.core.pages import sentence
from tests.assignment.rules import deed, make, order


def events(world):
    with world.inside():
        rows = db.session.scalars(db.select(Event).where(Event.name.startswith("rule.")).order_by(Event.id))
        return [(row.name, row.data) for row in rows]


def test_AGT_005_a_new_rule_is_the_last_of_the_organizers_own(world):
    assert [make(world, name) for name in ("a", "b", "c")]
    assert order(world) == ["a", "b", "c"]
    with world.inside():
        assert Rule.all_in_order()[-1].is_shipped
        assert [rule.position for rule in Rule.all_in_order()[:-1]] == [0, 1, 2]
    assert [name for name, _ in events(world)] == ["rule.created"] * 3


def test_AGT_005_what_is_changed_is_recorded_and_what_is_the_same_is_not(world):
    made = make(world, "a")
    deed(world, made, lambda rule, mai: rule.change({"name_en": "b", "strategy": "load_balanced"}, by=mai))
    deed(world, made, lambda rule, mai: rule.change({"name_en": "b"}, by=mai))
    with world.inside():
        rule = db.session.get_one(Rule, made)
        assert (rule.name_en, rule.version) == ("b", 2)
    name, data = events(world)[-1]
    assert (name, data["changes"], len(events(world))) == ("rule.changed", {"name_en": ["a", "b"]}, 2)


def test_AGT_005_a_form_that_is_sent_twice_makes_one_rule(world):
    first, other = make(world, "a"), make(world, "b")
    with pytest.raises(Refusal, match="There is one called “A” already"):
        make(world, "A")
    with pytest.raises(Refusal, match="already"):
        deed(world, other, lambda rule, mai: rule.change({"name_en": "a"}, by=mai))
    deed(world, first, lambda rule, mai: rule.change({"name_en": "A"}, by=mai))  # its own
    assert order(world) == ["A", "b"]
    deed(world, first, lambda rule, mai: rule.archive(by=mai))
    make(world, "a")
    with pytest.raises(Refusal, match="already"):
        deed(world, first, lambda rule, mai: rule.restore(by=mai))
    assert order(world) == ["b", "a"]


def test_AGT_005_switching_twice_is_quiet_and_outdates_no_editor(world):
    made = make(world, "a")
    for to in (False, False, True):
        deed(world, made, lambda rule, mai, to=to: rule.switch(to, by=mai))
    said = [data["changes"] for name, data in events(world) if name == "rule.changed"]
    assert said == [{"is_on": [True, False]}, {"is_on": [False, True]}]
    with world.inside():
        assert db.session.get_one(Rule, made).version == 1


@pytest.mark.parametrize("which,step,wanted", [
    (0, 1, "bac"), (0, -1, "abc"), (2, 1, "abc"), (2, -1, "acb"), (1, -1, "bac"), (0, 2, "bca"), (2, -9, "cab"),
])  # fmt: skip
def test_AGT_005_a_rule_goes_up_and_down_and_no_further_than_the_end(world, which, step, wanted):
    made = [make(world, name) for name in "abc"]
    deed(world, made[which], lambda rule, mai: rule.step(step, by=mai))
    assert "".join(order(world)) == wanted
    moves = [data for name, data in events(world) if name == "rule.changed"]
    assert len(moves) == (wanted != "abc")


@pytest.mark.parametrize(
    "which,place,wanted", [(0, 2, "bca"), (2, 0, "cab"), (1, 1, "abc"), (0, 99, "bca"), (2, -5, "cab")]
)
def test_AGT_005_a_rule_is_moved_to_a_place(world, which, place, wanted):
    made = [make(world, name) for name in "abc"]
    deed(world, made[which], lambda rule, mai: rule.move_to(place, by=mai))
    assert "".join(order(world)) == wanted


def test_AGT_005_an_archived_rule_is_out_of_the_order_and_comes_back_as_the_last(world):
    made = [make(world, name) for name in "abc"]
    for _ in range(2):
        deed(world, made[0], lambda rule, mai: rule.archive(by=mai))
    assert "".join(order(world)) == "bc"
    for act in (
        lambda rule, mai: rule.change({"name_en": "x"}, by=mai), lambda rule, mai: rule.switch(False, by=mai),
        lambda rule, mai: rule.step(1, by=mai), lambda rule, mai: rule.move_to(1, by=mai),
    ):  # fmt: skip
        with pytest.raises(Refusal, match="archived"):
            deed(world, made[0], act)
    for _ in range(2):
        deed(world, made[0], lambda rule, mai: rule.restore(by=mai))
    assert "".join(order(world)) == "bca"
    assert [name for name, _ in events(world)][3:] == ["rule.archived", "rule.restored"]


def test_AGT_005_an_archived_or_switched_off_rule_decides_nothing(world):
    made = [make(world, name) for name in "abc"]
    deed(world, made[0], lambda rule, mai: rule.archive(by=mai))
    deed(world, made[1], lambda rule, mai: rule.switch(False, by=mai))
    with world.inside():
        merchant = world.customer("Bea").merchant_id
        assert [rule.name_en for rule in Rule.in_force(merchant) if not rule.is_shipped] == ["c"]


def test_AGT_005_nobody_changes_what_comes_with_the_product(world):
    with world.inside():
        shipped = world.one(Rule, key="shipped").id
    for act in (
        lambda rule, mai: rule.change({"name_en": "x"}, by=mai), lambda rule, mai: rule.switch(False, by=mai),
        lambda rule, mai: rule.step(-1, by=mai), lambda rule, mai: rule.move_to(0, by=mai),
        lambda rule, mai: rule.archive(by=mai),
    ):  # fmt: skip
        with pytest.raises(Refusal, match="comes with the product"):
            deed(world, shipped, act)
    assert events(world) == []


def test_AGT_005_each_deed_has_its_sentence_in_both_languages(world):
    made = [make(world, name) for name in "ab"]
    for act in (
        lambda rule, mai: rule.change({"strategy": "fixed"}, by=mai), lambda rule, mai: rule.switch(False, by=mai),
        lambda rule, mai: rule.switch(True, by=mai), lambda rule, mai: rule.step(1, by=mai),
        lambda rule, mai: rule.archive(by=mai), lambda rule, mai: rule.restore(by=mai),
    ):  # fmt: skip
        deed(world, made[0], act)
    with world.inside(), world.app.test_request_context():
        rows = db.session.scalars(
            db.select(Event).where(Event.name.startswith("rule.")).order_by(Event.id)
        ).all()
        said = {}
        for code in ("en", "vi"):
            with speaking(code):
                said[code] = [sentence(row) for row in rows]
    assert said["en"][2:] == [
        "Mai changed the assignment rule “a”.", "Mai switched the assignment rule “a” off.",
        "Mai switched the assignment rule “a” on.",
        "Mai moved the assignment rule “a” from place 1 to place 2.", "Mai archived the assignment rule “a”.",
        "Mai restored the assignment rule “a”.",
    ]  # fmt: skip
    assert all("(vi)” " in f"{line} " or "(vi)”" in line for line in said["vi"])
    assert all(one != other for one, other in zip(said["en"], said["vi"], strict=True))


def together(world, *acts):
    """Deeds of several people, each in a transaction of its own, all begun at the same time."""
    barrier = Barrier(len(acts))

    def run(act):
        with world.inside():
            barrier.wait()
            act()

    with ThreadPoolExecutor(len(acts)) as pool:
        for done in [pool.submit(run, act) for act in acts]:
            done.result()


def test_AGT_005_two_managers_who_order_at_once_leave_one_consistent_order(any_world):
    world = any_world
    made = [make(world, name) for name in "abcd"]

    def moves(rule_id, place):
        return lambda: Rule.locked(rule_id).move_to(place, by=world.user("Mai"))

    for _ in range(3):
        together(world, moves(made[0], 3), moves(made[3], 0), moves(made[1], 2))
        with world.inside():
            rows = [rule for rule in Rule.all_in_order() if not rule.is_shipped]
            assert sorted(rule.name_en for rule in rows) == list("abcd")
            assert [rule.position for rule in rows] == [0, 1, 2, 3]


def test_AGT_005_two_managers_who_make_rules_at_once_get_two_places(any_world):
    world = any_world

    def makes(name):
        values = {"name_en": name, "conditions": {}, "candidates": {}, "strategy": "load_balanced"}
        return lambda: Rule.create(values, by=world.user("Mai"))

    together(world, *map(makes, "abcd"))
    with world.inside():
        places = [rule.position for rule in Rule.all_in_order() if not rule.is_shipped]
        assert places == [0, 1, 2, 3]


def test_AGT_007_the_backlog_hears_of_every_rule_that_may_find_somebody():
    assert {"rule.created", "rule.changed", "rule.restored"} <= subscribed_names()
