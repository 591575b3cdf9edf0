"""CAT-001, CAT-002, CAT-004, CAT-005: the tree of categories, and what follows from it for tickets."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.core.events import Event
from helpdesk.organizers.form_key import FormKey
from helpdesk.organizers.merchant import Merchant
from helpdesk.sla.policy import Policy, PolicyVersion
from helpdesk.tickets.category import Category
from helpdesk.tickets.ticket import Ticket
from tests.portal.test_form import GIVEN
from tests.support.page import form, read
from tests.support.seat import ticket_in


def plant(world, *names, under=None, **values):
    """A line of categories, each below the one before; the id of the last."""
    for name in names:
        with world.inside():
            parent = db.session.get(Category, under) if under else None
            under = Category.create(
                {"name_en": name, "name_vi": "", **values}, parent=parent, by=world.user("Mai")
            ).id
    return under


def deed(world, category_id, act):
    with world.inside():
        return act(Category.tree(lock=True).by_id[category_id], world.user("Mai"))


def line(world, category_id):
    with world.inside():
        tree = Category.tree()
        return [one.name_en for one in tree.line(tree.by_id[category_id])]


def merchant(world, prefix):
    with world.inside():
        return world.one(Merchant, prefix=prefix).id


def test_CAT_001_five_levels_and_no_more(world):
    fifth = plant(world, "1", "2", "3", "4", "5")
    assert line(world, fifth) == ["1", "2", "3", "4", "5"]
    with pytest.raises(Refusal, match="at most 5 levels"):
        plant(world, "6", under=fifth)


def test_CAT_001_a_moved_branch_counts_with_all_its_levels(world):
    third, branch = plant(world, "1", "2", "3"), plant(world, "a")
    plant(world, "b", "c", under=branch)
    with pytest.raises(Refusal, match="at most 5 levels"):
        deed(world, branch, lambda one, mai: one.move_to(db.session.get(Category, third), by=mai))
    with world.inside():
        second = world.one(Category, name_en="2").id
    deed(world, branch, lambda one, mai: one.move_to(db.session.get(Category, second), by=mai))
    with world.inside():
        leaf = world.one(Category, name_en="c").id
    assert line(world, leaf) == ["1", "2", "a", "b", "c"]


def test_CAT_001_a_branch_is_not_moved_into_itself(world):
    top = plant(world, "top")
    low = plant(world, "middle", "low", under=top)
    for target in (top, low):
        with pytest.raises(Refusal, match="into itself"):
            deed(world, top, lambda one, mai, to=target: one.move_to(db.session.get(Category, to), by=mai))
    assert line(world, low) == ["top", "middle", "low"]


def test_CAT_001_two_moves_at_once_make_no_cycle(any_world):
    world = any_world
    first, second = plant(world, "first"), plant(world, "second")
    together = Barrier(2)

    def move(pair):
        one, other = pair
        try:
            with world.inside():
                together.wait()
                category = Category.tree(lock=True).by_id[one]
                category.move_to(db.session.get(Category, other), by=world.user("Mai"))
        except Refusal as refusal:
            return refusal.message
        return "moved"

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(move, [(first, second), (second, first)]))
    assert sorted(word == "moved" for word in said) == [False, True]
    assert {len(line(world, first)), len(line(world, second))} == {1, 2}


def test_CAT_001_two_children_at_once_make_no_sixth_level(any_world):
    world = any_world
    fourth, branch = plant(world, "1", "2", "3", "4"), plant(world, "a")
    together = Barrier(2)

    def grow(name):
        try:
            with world.inside():
                together.wait()
                tree, mai = Category.tree(lock=True), world.user("Mai")
                if name == "move":
                    tree.by_id[branch].move_to(tree.by_id[fourth], by=mai)
                else:
                    Category.create({"name_en": "b"}, parent=tree.by_id[branch], by=mai)
        except Refusal:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(grow, ["move", "create"])) == [False, True]
    with world.inside():
        tree = Category.tree()
        assert max(len(tree.line(one)) for one in tree.by_id.values()) <= 5


def test_CAT_001_siblings_change_places_and_stop_at_the_ends(world):
    plant(world, "a")
    last = plant(world, "b")

    def order():
        with world.inside():
            return [one.name_en for one in Category.tree().below(None)]

    assert order() == ["Delivery", "Payment", "a", "b"]
    deed(world, last, lambda one, mai: one.step(-1, by=mai))
    deed(world, last, lambda one, mai: one.step(-1, by=mai))
    assert order() == ["Delivery", "b", "Payment", "a"]
    for _ in range(3):
        deed(world, last, lambda one, mai: one.step(-1, by=mai))
    assert order() == ["b", "Delivery", "Payment", "a"]
    with world.inside():
        assert world.one(Category, name_en="Delivery").version == 1  # who edits a neighbour is not disturbed


def test_CAT_001_a_category_is_for_some_merchants_and_its_children_for_no_more(world):
    acme, beta = merchant(world, "ACME"), merchant(world, "BETA")
    top = plant(world, "top", merchant_ids=[acme])
    low = plant(world, "low", under=top)
    with world.inside():
        tree = Category.tree()
        assert tree.merchants_of(tree.by_id[low]) == {acme}
        assert [option.path for option in tree.options(beta)] == ["Delivery", "Payment"]
        assert [option.path for option in tree.options(acme)] == ["Delivery", "Payment", "top", "top › low"]
    with pytest.raises(Refusal, match="limited to fewer stores"):
        plant(world, "other", under=top, merchant_ids=[beta])
    with pytest.raises(Refusal, match="for no store at all"):
        both = plant(world, "for beta", merchant_ids=[beta])
        deed(world, both, lambda one, mai: one.move_to(db.session.get(Category, top), by=mai))
    with pytest.raises(Refusal, match="for no store at all"):
        wide = plant(world, "wide")
        plant(world, "narrow", under=wide, merchant_ids=[beta])
        deed(world, wide, lambda one, mai: one.change({"merchant_ids": [acme]}, by=mai))


def test_CAT_002_what_is_left_empty_comes_from_the_nearest_ancestor(world):
    low = plant(world, "top", "middle", "low")
    deed(
        world, low, lambda one, mai: Category.tree().line(one)[0].change({"default_priority": "HIGH"}, by=mai)
    )
    with world.inside():
        tree = Category.tree()
        found = tree.by_id[low].effective("default_priority")
        assert (found.value, found.source.name_en) == ("HIGH", "top")
        assert tree.by_id[low].effective("group_id") == tree.effective(tree.by_id[low], "policy_id")
        assert tree.by_id[low].effective("group_id").source is None
    deed(world, low, lambda one, mai: one.change({"required_skills": [{"skill": 1, "level": 3}]}, by=mai))
    with world.inside():
        assert world.one(Category, name_en="low").effective("required_skills").source.name_en == "low"
        assert world.one(Category, name_en="middle").effective("default_priority").value == "HIGH"


@pytest.mark.parametrize("chosen,highest,born", [
    ("", "CRITICAL", "CRITICAL"), ("", "HIGH", "HIGH"), ("LOW", "HIGH", "LOW"), ("MEDIUM", "CRITICAL", "MEDIUM"),
])  # fmt: skip
def test_CAT_002_a_new_ticket_takes_the_priority_of_its_category(world, client, chosen, highest, born):
    low = plant(world, "top", "low", default_priority="CRITICAL")
    with world.inside():
        world.one(FormKey, key="form-acme").highest_priority = highest
    sent = form(client.get("/embed/form-acme"), "/embed/").send(
        client, **GIVEN, category=str(low), priority=chosen
    )
    assert sent.status_code == 303
    with world.inside():
        assert world.one(Ticket).priority == born


def test_CAT_002_without_a_choice_and_without_a_category_it_is_normal(world, client):
    opened = form(client.get("/embed/form-acme"), "/embed/")
    assert opened.fields["priority"] == ""
    del opened.fields["priority"]
    assert opened.send(client, **GIVEN).status_code == 303
    with world.inside():
        assert world.one(Ticket).priority == "MEDIUM"


def test_CAT_002_a_new_ticket_is_measured_by_the_policy_of_its_category(world):
    with world.inside():
        policy = Policy(name_en="Quick", name_vi="Nhanh")
        db.session.add(policy)
        db.session.flush()
        targets = {"MEDIUM": {"first": 60, "next": None, "resolution": 120}}
        db.session.add(PolicyVersion(policy_id=policy.id, number=1, targets=targets))
        policy_id = policy.id
    low = plant(world, "top", policy_id=policy_id)
    low = plant(world, "low", under=low)
    own, other = world.ticket(category_id=low), world.ticket()
    with world.inside():
        assert Ticket.for_deed(own).tracker.version.targets == targets
        assert Ticket.for_deed(other).tracker.version.policy.key == "shipped"


def test_CAT_004_the_form_offers_what_is_on_it_and_for_its_merchant(world, client):
    plant(world, "Only Beta", merchant_ids=[merchant(world, "BETA")])
    hidden = plant(world, "Hidden", is_on_form=False)
    gone = plant(world, "Gone", "Below")
    deed(world, gone, lambda one, mai: Category.tree().line(one)[0].archive(by=mai))

    def offered(key):
        asked = next(read(client.get(f"/embed/{key}?lang=en")).all("fieldset", id="category"))
        return [label.text for label in asked.all("label")][:-1]  # the last is none of them

    assert offered("form-acme") == ["Delivery", "Payment"]
    assert offered("form-beta") == ["Delivery", "Payment", "Only Beta"]
    for id_ in (hidden, gone):
        sent = form(client.get("/embed/form-acme"), "/embed/").send(client, **GIVEN, category=str(id_))
        assert sent.status_code == 422


def test_CAT_005_a_category_in_use_is_archived_with_its_branch_and_its_tickets_keep_it(world):
    top = plant(world, "top")
    low = plant(world, "low", under=top)
    made = ticket_in(world, "ASSIGNED", category_id=low)
    deed(world, top, lambda one, mai: one.archive(by=mai))
    acme = merchant(world, "ACME")
    with world.inside():
        tree = Category.tree()
        assert Ticket.for_deed(made).category_id == low
        assert low not in [option.id for option in tree.options(acme)]
        assert low in [option.id for option in tree.options(acme, present=low)]
    with pytest.raises(Refusal, match="Restore “top” first"):
        deed(world, low, lambda one, mai: one.restore(by=mai))
    deed(world, top, lambda one, mai: one.restore(by=mai))
    with world.inside():
        assert low in [option.id for option in Category.tree().options(acme)]


def test_CAT_005_nothing_goes_below_an_archived_one(world):
    top = plant(world, "top")
    deed(world, top, lambda one, mai: one.archive(by=mai))
    with pytest.raises(Refusal, match="is archived"):
        plant(world, "low", under=top)


def test_CAT_001_changes_of_the_tree_are_events_without_a_ticket(world):
    top = plant(world, "top")
    deed(world, top, lambda one, mai: one.change({"name_en": "best", "default_priority": "HIGH"}, by=mai))
    deed(world, top, lambda one, mai: one.change({"name_en": "best"}, by=mai))  # nothing new, nothing said
    deed(world, top, lambda one, mai: one.archive(by=mai))
    deed(world, top, lambda one, mai: one.archive(by=mai))
    deed(world, top, lambda one, mai: one.restore(by=mai))
    with world.inside():
        events = db.session.scalars(
            select(Event).where(Event.name.like("category.%")).order_by(Event.id)
        ).all()
        assert [event.name for event in events] == [
            "category.created", "category.changed", "category.archived", "category.restored",
        ]  # fmt: skip
        assert events[1].data["changes"] == {"name_en": ["top", "best"], "default_priority": [None, "HIGH"]}
        assert {event.ticket_id for event in events} == {None}
