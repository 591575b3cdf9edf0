"""Law: whatever is saved on a page of the settings is told by their history (section 7, M12).

Every form on every page of the settings is sent as an admin's browser sends it, with something changed in it. A new
page is swept without being named here; a form that saves nothing is named with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from helpdesk.accounts.second_factor import SecondFactor
from helpdesk.accounts.user import User
from helpdesk.agents.history import History
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.tickets.ticket import Ticket
from tests.house.test_sweeps import Values, doors, thing
from tests.support.page import Element, Filled, read
from tests.support.world import World

# route → why nothing of it is kept
SAVES_NOTHING = {
    "/settings/merchants/<id:merchant_id>/forms/<id:form_id>/preview": "shows what a form would look like",
    "/settings/templates/<mail:kind>/preview": "shows what a mail would look like",
    "/settings/templates/<mail:kind>/tests": "sends a mail to oneself",
    "/settings/templates/sender/<id:merchant_id>/server/tests": "sends a mail to oneself",
    "/settings/start": "hides the first steps",
    "/settings/agents/<id:user_id>/availability": "who is at work just now is no setting",
}
# Last of all: what these end, no other form is found on any more.
ENDING = ("/archival", "/deactivation", "/relief", "/retirement", "/reset", "/cancellation")
LAST = ("/settings/tags/<id:tag_id>/merge",)
WORDS = re.compile("name|subject|body|.*_(en|vi)")
TYPED: dict[str, dict[str, Any]] = {  # route → what its form wants
    "/settings/merchants": {"name": "Another store", "prefix": "OTHER"},
    "/settings/agents/<id:user_id>": {"cap": "7"},
    "/settings/agents/<id:user_id>/leave": {"first_day": "2099-05-01", "last_day": "2099-05-02"},
    "/settings/agents/hand-back": {"hand_back_minutes": "45"},
    "/settings/calendars": {"name_en": "Nights", "zone": "Asia/Ho_Chi_Minh", "mon": "20:00-23:00"},
    "/settings/categories": {"name_en": "Spare parts"},
    "/settings/categories/<id:category_id>/parent": {"parent": ""},
    "/settings/macros": {"name_en": "Hurry", "step": "priority|HIGH"},
    "/settings/macros/<id:macro_id>": {"name_en": "Hurry up", "step": "priority|HIGH"},
    "/settings/notifications": {"mail_window_seconds": "150"},
    "/settings/tags/<id:tag_id>/merge": {"into": "spare"},
    "/settings/users": {"name": "Nina", "email": "nina@acme.example"},
    "/settings/agents/<id:user_id>/relief": {"tickets": "keep"},
    "/settings/users/<id:user_id>/deactivation": {"tickets": "keep"},
    "/settings/users/factor": {"factor_from": "manager"},
}
ROUNDS = 5  # what one form brings, another one ends


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """With the cast, unlike the other inspections' one."""
    app = make_app()
    app.config["WTF_CSRF_ENABLED"] = False
    return app


@dataclass
class Sweep:
    """An admin who sends whatever he sees."""

    app: Flask
    world: World
    client: FlaskClient
    told: set[str] = field(default_factory=set)  # routes whose sending the history tells
    untold: dict[str, str] = field(default_factory=dict)  # route → what was answered

    def route_of(self, action: str) -> str | None:
        """The route of the settings that an address posts to."""
        path = action.partition("?")[0]
        adapter = self.app.url_map.bind("localhost")
        if not path.startswith("/settings") or not adapter.test(path, "POST"):
            return None
        rule, _values = adapter.match(path, "POST", return_rule=True)
        return rule.rule

    def lines(self) -> int:
        """How long the history is."""
        with self.world.inside():
            found = History()._found().with_only_columns(func.count(Event.id)).order_by(None)
            return db.session.scalar(found) or 0

    def send(self, element: Element, route: str) -> None:
        """One form, changed in one way after another, with one of its buttons, until the history tells of it."""
        for values in ways(element, route):
            for button in buttons(element):
                before, answer = self.lines(), Filled(element).send(self.client, **values, **button)
                for again in confirmations(answer, element["action"]):
                    Filled(again).send(
                        self.client, **{k: v for one in buttons(again) for k, v in one.items()}
                    )
                if self.lines() > before:
                    self.told.add(route)
                    return
                said = " ".join(one.text for one in read(answer).all(class_="field-error"))
                self.untold[route] = f"{element['action']} → {answer.status_code} {said}".strip()


def ways(element: Element, route: str) -> Iterator[dict[str, Any]]:
    """What may be typed into a form: what is named for it, nothing, other words, numbers, choices, ticks."""
    if route in TYPED:
        yield TYPED[route]
    yield {}
    fields = [one for one in element.below if one.attributes.get("name") and "readonly" not in one.attributes]
    words = [one for one in fields if WORDS.fullmatch(one["name"]) and one.tag != "select"]
    mark = route.removeprefix("/settings/").partition("/")[0]  # names are given once
    yield {
        one["name"]: f"{one.attributes.get('value') or one.text} {len(route)} {mark}".strip() for one in words
    }
    typed = [(one["name"], one.attributes.get("value") or "") for one in fields if one.tag == "input"]
    yield {name: str(int(value) + 1) for name, value in typed if value.isdigit() and name != "version"}
    yield {one["name"]: list(one.all("option"))[-1]["value"] for one in element.all("select")}


def buttons(element: Element) -> list[dict[str, str]]:
    """What its buttons say: nothing for the one that Enter presses, as far as that has no name."""
    named = [one for one in element.all("button") if one.attributes.get("name")]
    return [{}, *({one["name"]: one.attributes.get("value") or ""} for one in reversed(named))]


def confirmations(answer: TestResponse, action: str) -> list[Element]:
    """The same form again, where the effects are shown before it is saved."""
    if answer.status_code != 200 or answer.mimetype != "text/html":
        return []
    return [one for one in read(answer).all("form") if one.attributes.get("action") == action]


def pages(app: Flask, client: FlaskClient, values: Values) -> Iterator[Element]:
    """Every page of the settings, as it is now."""
    for rule, method, _access in doors(app):
        if method != "GET" or not rule.rule.startswith("/settings"):
            continue
        with client.get(values.address(rule)) as answer:
            if answer.status_code == 200 and answer.mimetype == "text/html":
                yield read(answer)


def test_M12_whatever_the_settings_save_is_told_by_their_history(app: Flask, world: World) -> None:
    values = thing(world, "Bea", "acme")
    world.sign_in("Linh")  # who can be signed out everywhere
    with world.inside():
        SecondFactor.propose(world.user("Linh"), "JBSWY3DPEHPK3PXP").confirmed_at = clock.now()
        Ticket.for_deed(values.ticket_id).retag(["late", "spare"], by=world.user("Linh"))
        linh, newest = values.user_id, select(func.max(User.id))
    sweep = Sweep(app, world, world.sign_in("Ada"))
    sweep.client.looks = False
    for number in range(ROUNDS):
        with world.inside():
            values.user_id = linh if number != 1 else db.session.scalar(newest) or 0
        tried = {*sweep.told, *SAVES_NOTHING}
        for page in pages(app, sweep.client, values):
            for element in page.all("form", method="post"):
                route = sweep.route_of(element.attributes.get("action") or "")
                if (
                    route
                    and route not in tried
                    and number >= (3 if route in LAST else 2 if route.endswith(ENDING) else 0)
                ):
                    tried.add(route)
                    sweep.send(element, route)
    every = {r.rule for r, method, _ in doors(app) if method == "POST" and r.rule.startswith("/settings")}
    left = every - sweep.told - SAVES_NOTHING.keys()
    assert {route: sweep.untold.get(route, "no form") for route in left} == {}
