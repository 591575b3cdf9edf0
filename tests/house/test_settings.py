"""Sweep: each editor of the settings is saved with a plain form, and what it changed is in the settings' audit.

The doors come from the table of routes. One that is new fails here until `DEEDS` says on which page its form is and
what to type in it, or `NO_SETTING` says why it changes none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from helpdesk.accounts.employment import Employment
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.tickets.category import Category
from helpdesk.tickets.ticket import Ticket
from tests.house.test_routes import doors
from tests.house.test_sweeps import ask, thing, visitor
from tests.house.test_sweeps import doors as rules
from tests.support.page import form, read
from tests.support.world import World


@dataclass(frozen=True)
class Deed:
    """What is typed into the form with the deed's address, and on which page that form is."""

    page: str
    typed: dict[str, Any] = field(default_factory=dict)
    action: str = ""  # what the address of the form contains, where it is not that of the sweep's own thing


NAMES = {"name_en": "Typed", "name_vi": "Đã nhập"}
STEPS = {"step": ["priority|HIGH"], "words": [""]}
AGENT, CATEGORY, TAG = (
    "/settings/agents/{user_id}",
    "/settings/categories/{category_id}",
    "/settings/tags/{tag_id}",
)
POLICY, CALENDAR, RULE = (
    "/settings/policies/{policy_id}",
    "/settings/calendars/{calendar_id}",
    "/settings/rules/{rule_id}",
)
GROUP, SKILL, CANNED = (
    "/settings/groups/{group_id}",
    "/settings/skills/{skill_id}",
    "/settings/canned/{canned_id}",
)
SHOP, FORM = "/settings/merchants/{merchant_id}", "/settings/merchants/{merchant_id}/forms/{form_id}"
MACRO = "/settings/macros/{macro_id}"
MAIL, SENDER = "/settings/templates/{kind}", "/settings/templates/sender/{merchant_id}"


def life(room: str, name: str, page: str, new: dict[str, Any]) -> dict[str, Deed]:
    """Made, changed, archived, restored."""
    index = page.rpartition("/")[0]
    return {
        f"{room}.{name}_create": Deed(f"{index}/new", new | {"name_en": "Made", "name_vi": "Đã tạo"}),
        f"{room}.{name}_update": Deed(page, NAMES), f"{room}.{name}_archive": Deed(page),
        f"{room}.{name}_restore": Deed(page),
    }  # fmt: skip


DEEDS: dict[str, Deed] = {
    "agents.agents_create": Deed("/settings/agents", action="/profile"),
    "agents.agents_update": Deed(AGENT, {"cap": "7"}),
    "agents.agents_availability_update": Deed(AGENT, {"availability": "busy"}),
    "agents.agents_leave_cancel": Deed(AGENT),
    "agents.agents_leave_create": Deed(AGENT, {"first_day": "2031-01-06", "last_day": "2031-01-07"}),
    "agents.hand_back_update": Deed("/settings/agents", {"hand_back_minutes": "45"}),
    **life("agents", "groups", GROUP, {}), **life("agents", "skills", SKILL, {}),
    **life("tickets", "categories", CATEGORY, {}), **life("tickets", "canned", CANNED, {"body_en": "Hello"}),
    **life("sla", "calendars", CALENDAR, {"zone": "Asia/Ho_Chi_Minh"}), **life("tickets", "policies", POLICY, {}),
    **life("assignment", "rules", RULE, {}),
    "tickets.categories_step": Deed("/settings/categories", {"direction": "down"}),
    "tickets.categories_move": Deed(CATEGORY, {"parent": "{other_category_id}"}),
    "tickets.macro_add": Deed("/settings/macros/new", NAMES | STEPS),
    "tickets.macro_update": Deed(MACRO, NAMES | STEPS), "tickets.macro_archive": Deed(MACRO),
    "tickets.macro_restore": Deed(MACRO),
    "tickets.tags_update": Deed(TAG, {"name": "typed"}), "tickets.tags_archive": Deed(TAG),
    "tickets.tags_restore": Deed(TAG), "tickets.tags_merge": Deed(TAG, {"into": "other"}),
    "tickets.policies_default": Deed(POLICY),
    "escalations.ladder_update": Deed("/settings/ladder", {"s1-delay_minutes": "61", "deed": "save"}),
    "escalations.ladder_reset": Deed("/settings/ladder"),
    "escalations.policy_ladder_update": Deed(POLICY + "/ladder", {"s1-delay_minutes": "62", "deed": "save"}),
    "escalations.policy_ladder_reset": Deed(POLICY + "/ladder"),
    "assignment.rules_switch": Deed("/settings/rules"),
    "assignment.rules_move": Deed("/settings/rules", {"direction": "up"}),
    "tickets.requests_update": Deed("/settings/requests", {"most_files": "7"}),
    "tickets.auto_replies_update": Deed("/settings/requests/{merchant_id}", {"auto_reply_en": "Thank you."}),
    "portal.merchants_create": Deed("/settings/merchants/new", {"name": "Made", "prefix": "MADE"}),
    "portal.merchants_update": Deed(SHOP, {"name": "Typed"}), "portal.forms_create": Deed(SHOP, {"name": "Made"}),
    "portal.forms_update": Deed(FORM, {"name": "Typed"}), "portal.keys_create": Deed(FORM),
    "portal.keys_retire": Deed(FORM), "portal.secrets_create": Deed(FORM), "portal.secrets_retire": Deed(FORM),
    "portal.forms_archive": Deed(FORM), "portal.forms_restore": Deed(FORM), "portal.merchants_archive": Deed(SHOP),
    "portal.merchants_restore": Deed(SHOP),
    "office.relief_create": Deed(AGENT + "/relief", {"tickets": "keep"}),
    "office.users_create": Deed("/settings/users/new", {"name": "Made", "email": "made@acme.example"}),
    "office.users_invite": Deed("/settings/users/{invited_id}", action="/invitation"),
    "office.users_withdraw": Deed("/settings/users/{invited_id}", action="/withdrawal"),
    "office.users_update": Deed("/settings/users/{user_id}", {"name": "Typed"}),
    "office.users_factor_update": Deed("/settings/users", {"factor_from": "admin"}),
    "notifications.window_update": Deed("/settings/notifications", {"mail_window_seconds": "60"}),
    "notifications.templates_update": Deed(MAIL, {"subject_en": "[{{{{ticket_number}}}}] Typed"}),
    "notifications.versions_restore": Deed(MAIL + "/versions/{version_id}"),
    "notifications.templates_reset": Deed(MAIL),
    "notifications.senders_update": Deed(SENDER, {"name": "Typed"}),
    "notifications.servers_update": Deed(SENDER, {"host": "smtp.example.com", "address": "a@example.com"}),
}  # fmt: skip
# why it is swept elsewhere
ELSEWHERE = {
    "office.users_deactivate": "asks who takes over the tickets: tests of the room's own",
    "office.users_reactivate": "the same", "office.users_factor_reset": "needs a second factor that was set up",
    "office.users_sign_out": "needs a session that is open elsewhere",
}  # fmt: skip
LAST = ("tickets.tags_merge", "tickets.policies_default")  # after which the others could not be done
# why a door of the settings that takes posts changes none
NO_SETTING = {
    "portal.form_preview_create": "shows how a form would look",
    "office.start_update": "puts the list of first steps away",
    "notifications.preview_create": "shows how a mail would look",
    "notifications.tests_create": "sends a mail to who asks",
    "notifications.server_tests_create": "says hello to a mail server",
}


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """With the cast, and without a token in the forms: a post of a sweep brings none."""
    app = make_app()
    app.config["WTF_CSRF_ENABLED"] = False
    return app


def posts() -> dict[str, str]:
    """Endpoint → address of each door of the settings that takes posts."""
    return {
        door.endpoint: door.address
        for door in doors()
        if door.address.startswith("/settings") and "POST" in door.methods
    }


def recorded(world: World) -> int:
    with world.inside():
        return (
            db.session.scalar(select(func.count()).where(Event.ticket_id.is_(None)).select_from(Event)) or 0
        )


def steps(app: Flask) -> list[str]:
    """The deeds in an order in which each can be done."""
    return sorted(
        DEEDS,
        key=lambda name: (name in LAST, LAST.index(name) if name in LAST else 0, list(DEEDS).index(name)),
    )


def test_Q_6_every_post_of_the_settings_is_swept() -> None:
    assert set(posts()) == set(DEEDS) | set(NO_SETTING) | set(ELSEWHERE)


def test_every_editor_saves_without_script_and_is_in_the_audit(app: Flask, world: World) -> None:
    values = thing(world, "Bea", "acme")
    with world.inside():
        boss = world.user("Mai")
        other = Category.create({"name_en": "Other", "name_vi": "Khác"}, by=boss)
        Ticket.for_deed(values.ticket_id).retag(["late", "other"], by=world.user("Gus"))
        places = vars(values) | {"other_category_id": other.id}
        said = {"name": "Invited", "email": "invited@acme.example", "role": "agent", "language": "en"}
        invited = Employment.invite(said | {"merchant_ids": []}, by=boss)
        places["invited_id"] = invited.user.id
    client, found = world.sign_in("Ada"), []
    by_name = {rule.endpoint: rule for rule, method, _ in rules(app) if method == "POST"}
    for name in steps(app):
        deed, before = DEEDS[name], recorded(world)
        address = deed.action or values.address(by_name[name])
        typed = {
            key: value.format(**places) if isinstance(value, str) else value
            for key, value in deed.typed.items()
        }
        page = client.get(deed.page.format(**places))
        assert page.status_code == 200, f"{name}: {deed.page} answers {page.status_code}"
        answer = form(page, address).send(client, **typed)
        said = (
            [one.text for one in read(answer).all(class_="error-summary")]
            if answer.status_code != 303
            else []
        )
        if answer.status_code not in (200, 303):
            found.append(f"{name} at {address} answers {answer.status_code}: {said}")
        elif recorded(world) == before:
            found.append(f"{name} is not in the settings' audit")
    assert found == []


@pytest.mark.parametrize("who", ["Gus", "Bea", "a neighbour"])
def test_Q_2_nobody_else_comes_to_a_page_of_the_settings_or_saves_one(
    app: Flask, world: World, who: str
) -> None:
    """An agent 403 where managers go, a customer is asked to sign in, another organizer's manager finds nothing."""
    theirs = thing(world, "Cyd", "globex") if who == "a neighbour" else thing(world, "Bea", "acme")
    client = visitor(app, theirs) if who == "Bea" else world.sign_in("Gus" if who == "Gus" else "Mai")
    swept = 0
    for rule, method, access in rules(app):
        if not rule.rule.startswith("/settings") or (who == "Gus" and access == "agent"):
            continue
        if who == "a neighbour" and "<id:" not in rule.rule:
            continue  # his own list
        swept += 1
        status = ask(client, rule, method, theirs)
        nothing = (403,) if access == "admin" else (404,)  # the neighbour is a manager
        wanted = {"Gus": (403,), "Bea": (302, 401), "a neighbour": nothing}[who]
        assert status in wanted, f"{who}: {method} {rule.rule} answers {status}"
    assert swept > 40
