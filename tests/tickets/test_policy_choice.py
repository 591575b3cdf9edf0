"""SLA-004, SLA-010: which policy a ticket is measured with, place by place, and how a manager can check it."""

from __future__ import annotations

import pytest

from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.organizers.merchant import Merchant
from helpdesk.sla.policy import SHIPPED_KEY, Policy
from helpdesk.sla.tracker import Tracker
from helpdesk.tickets.category import Category
from helpdesk.tickets.policy_choice import PolicyChoice
from helpdesk.tickets.policy_use import PolicyUse
from helpdesk.tickets.ticket import Ticket
from tests.tickets.policies import make
from tests.tickets.test_categories import plant

# what is set: at the category, its parent, its grandparent, the store, as default → whose policy it is
TABLE = [
    ("", "shipped"), ("default", "default"), ("store", "store"), ("store default", "store"),
    ("child", "child"), ("child parent", "child"), ("parent", "parent"), ("parent grand", "parent"),
    ("grand", "grand"), ("grand store default", "grand"), ("parent store default", "parent"),
    ("child parent grand store default", "child"),
]  # fmt: skip
PLACES = ("child", "parent", "grand")


def set_up(world, where):
    """Policies at these places by the managers' deeds; the category of the new ticket."""
    made = {name: make(world, name) for name in where}
    under = None
    for name in reversed(PLACES):
        under = plant(world, name, under=under, policy_id=made.get(name))
    with world.inside():
        acme = world.one(Merchant, prefix="ACME")
        if "store" in made:
            world.one(Policy, name_en="store")._take_stores([acme.id], world.user("Mai"))
        if "default" in made:
            Policy.locked(made["default"]).make_default(by=world.user("Mai"))
    return under


def measured(world, ticket_id):
    with world.inside():
        policy = world.one(Tracker, ticket_id=ticket_id).version.policy
        return "shipped" if policy.key == SHIPPED_KEY else policy.name_en


def checked(world, ticket_id):
    """What the check says: the policy now, and the place and reason of each that was passed over."""
    with world.inside():
        choice = PolicyChoice.of(world.one(Ticket, id=ticket_id))
        name = "shipped" if choice.policy.is_shipped else choice.policy.name_en
        return name, [(place.label, place.why_not) for place in choice.places]


@pytest.mark.parametrize(("where", "whose"), TABLE)
def test_SLA_004_the_nearest_policy_is_chosen(any_world, where, whose):
    category = set_up(any_world, where.split())
    made = any_world.ticket(category_id=category)
    assert measured(any_world, made) == whose
    assert checked(any_world, made)[0] == whose


@pytest.mark.parametrize("place", ["child", "parent", "store", "default"])
def test_SLA_010_an_archived_policy_is_replaced_in_its_place(any_world, place):
    category = set_up(any_world, [place])
    before = any_world.ticket(category_id=category)
    make(any_world, "other")
    with any_world.inside():
        mai, policy = any_world.user("Mai"), any_world.one(Policy, name_en=place)
        PolicyUse.archive(policy, any_world.one(Policy, name_en="other"), by=mai)
    after = any_world.ticket(category_id=category)
    assert (measured(any_world, before), measured(any_world, after)) == (place, "other")
    assert checked(any_world, before)[0] == "other"
    with any_world.inside():
        assert any_world.one(Category, name_en="Delivery").policy_id is None  # no other category got it


def test_SLA_010_a_policy_that_a_category_names_needs_a_replacement(world):
    set_up(world, ["parent"])
    with pytest.raises(Refusal, match="takes its place"), world.inside():
        PolicyUse.archive(world.one(Policy, name_en="parent"), None, by=world.user("Mai"))
    with world.inside():
        assert world.one(Policy, name_en="parent").deleted_at is None


def test_SLA_004_the_check_says_why_each_place_was_passed_over(world):
    category = set_up(world, ["grand", "store"])
    made = world.ticket(category_id=category)
    name, places = checked(world, made)
    assert name == "grand"
    assert places == [
        ("Category “child”", "names no policy"), ("Category “parent”", "names no policy"), ("Category “grand”", ""),
    ]  # fmt: skip
    with world.inside():
        world.one(Policy, name_en="grand").deleted_at = world.one(Ticket, id=made).created_at
    name, places = checked(world, made)
    assert (name, places[2:]) == (
        "store",
        [("Category “grand”", "its policy is archived"), ("Store “Acme Shop”", "")],
    )
    with world.inside():
        world.one(Merchant, prefix="ACME").policy_id = None
        db.session.flush()
    bare = world.ticket()
    assert checked(world, bare)[1] == [
        ("Category: the ticket has none", "names no policy"), ("Store “Acme Shop”", "names no policy"),
        ("Your default", "names no policy"), ("The policy that comes with the product", ""),
    ]  # fmt: skip
