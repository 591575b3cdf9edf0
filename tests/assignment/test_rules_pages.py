"""AGT-005: the settings pages of the assignment rules."""

from __future__ import annotations

import pytest

from helpdesk.agents.group import Group
from helpdesk.assignment.rule import Rule
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Event
from tests.assignment.rules import deed, hire, mai, make, order, skill, team, user_id  # noqa: F401
from tests.support.page import form, read
from tests.support.seat import Seat


def rows(answer):
    return {row["data-rule"]: row for row in read(answer).with_attribute("data-rule")}


def saved(world, **named):
    with world.inside():
        rule = world.one(Rule, **named)
        return rule.values | {"is_on": rule.is_on}


def test_AGT_005_without_rules_of_ones_own_there_are_examples_to_copy(world, mai):
    page = mai.get("/settings/rules")
    assert "No rules of your own yet" in page.text
    for key in ("language", "vip", "known"):
        sent = form(mai.get(f"/settings/rules/new?example={key}"), "/settings/rules")
        assert sent.send(mai.client).status_code == 303
    assert order(world) == ["Vietnamese tickets", "VIP customers", "Same agent as last time"]
    page = mai.get("/settings/rules")
    assert "No rules of your own yet" not in page.text
    assert "If the language is Vietnamese, it goes to everybody who works for the store" in page.text


def test_trial_page(world, mai):
    world.ticket()
    page = mai.get("/settings/rules/trial?number=ACME-1")
    assert page.status_code == 200
