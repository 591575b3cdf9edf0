"""Sweep: each form of each page × what nobody would type. A clear error in words, nothing lost, never a fault of ours.

A form that is new on one of the pages is swept without being named here; a page that is new is added to `PAGES`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from markupsafe import escape

from helpdesk.core.access import allow, anyone
from helpdesk.organizers.merchant import Merchant
from helpdesk.sla.calendar import Calendar
from helpdesk.sla.policy import Policy
from helpdesk.tickets.category import Category
from helpdesk.tickets.lifecycle import Status
from tests.house.hostile import HOSTILE, KEPT, Place, sweep
from tests.house.people_pages import PEOPLE
from tests.house.rule_pages import new_rule, present_rule
from tests.house.saved_pages import SAVED
from tests.house.test_sweeps import DEMAND, Values, thing, visitor
from tests.notifications.places import bell, log_of_mails, mail_sender, mail_texts
from tests.support.seat import at_work, ticket_in
from tests.support.world import World


def desk(world: World, name: str, address: str, status: Status = Status.ASSIGNED) -> tuple[FlaskClient, str]:
    """A page of the desk with a fresh ticket in a status."""
    made = ticket_in(world, status)
    client = world.sign_in(name)
    return client, address.format(number=f"ACME-{made}")


def agents_ticket(world: World) -> tuple[FlaskClient, str]:
    return desk(world, "Gus", "/tickets/{number}")


def managers_ticket(world: World) -> tuple[FlaskClient, str]:
    return desk(world, "Mai", "/tickets/{number}")


def resolved_ticket(world: World) -> tuple[FlaskClient, str]:
    return desk(world, "Mai", "/tickets/{number}", Status.RESOLVED)


def queue(world: World) -> tuple[FlaskClient, str]:
    return desk(world, "Mai", "/queue/all")


def customers_page(world: World, status: Status) -> tuple[FlaskClient, str]:
    made = ticket_in(world, status)
    client = world.app.test_client()
    client.get(world.link(made))
    return client, f"/requests/{made}"


def request_page(world: World) -> tuple[FlaskClient, str]:
    return customers_page(world, Status.ASSIGNED)


def resolved_request(world: World) -> tuple[FlaskClient, str]:
    return customers_page(world, Status.RESOLVED)


def closed_request(world: World) -> tuple[FlaskClient, str]:
    return customers_page(world, Status.CLOSED)


def embedded_form(world: World) -> tuple[FlaskClient, str]:
    return world.app.test_client(), "/embed/form-acme?lang=en"


def sign_in(world: World) -> tuple[FlaskClient, str]:
    return world.app.test_client(), "/login"


def seat(world: World, name: str, address: str) -> tuple[FlaskClient, str]:
    """A page that needs no ticket."""
    return world.sign_in(name), address


def new_ticket(world: World) -> tuple[FlaskClient, str]:
    return seat(world, "Gus", "/tickets/new")


def own_settings(world: World) -> tuple[FlaskClient, str]:
    return seat(world, "Gus", "/me")


def new_category(world: World) -> tuple[FlaskClient, str]:
    return seat(world, "Mai", "/settings/categories/new")


def category(world: World) -> tuple[FlaskClient, str]:
    with world.inside():
        id_ = Category.create({"name_en": "Swept"}, by=world.user("Mai")).id
    return seat(world, "Mai", f"/settings/categories/{id_}")


def tag(world: World) -> tuple[FlaskClient, str]:
    made = ticket_in(world, Status.ASSIGNED)
    with at_work(world, made) as (ticket, gus):
        ticket.retag([f"swept-{made}"], by=gus)
        id_ = ticket.tags[0].id
    return seat(world, "Mai", f"/settings/tags/{id_}")


def new_canned(world: World) -> tuple[FlaskClient, str]:
    return seat(world, "Gus", "/settings/canned/new")


def limits(world: World) -> tuple[FlaskClient, str]:
    return seat(world, "Mai", "/settings/requests")


def auto_reply(world: World) -> tuple[FlaskClient, str]:
    with world.inside():
        id_ = world.one(Merchant, prefix="ACME").id
    return seat(world, "Mai", f"/settings/requests/{id_}")


def new_policy(world: World) -> tuple[FlaskClient, str]:
    return seat(world, "Mai", "/settings/policies/new")


def policy(world: World) -> tuple[FlaskClient, str]:
    with world.inside():
        id_ = Policy.create({"name_en": "Swept", "name_vi": "", **DEMAND}, by=world.user("Mai")).id
    return seat(world, "Mai", f"/settings/policies/{id_}")


def new_calendar(world: World) -> tuple[FlaskClient, str]:
    return seat(world, "Mai", "/settings/calendars/new")


def calendar(world: World) -> tuple[FlaskClient, str]:
    closures = [{"date": "2026-12-24", "name_en": "Swept", "name_vi": ""}]
    values = {
        "name_en": "Swept",
        "zone": "UTC",
        "schedule": {"mon": [["09:00", "17:00"]]},
        "closures": closures,
    }
    with world.inside():
        id_ = Calendar.create(values, by=world.user("Mai")).id
    return seat(world, "Mai", f"/settings/calendars/{id_}")


def figures(world: World) -> tuple[FlaskClient, str]:
    return desk(world, "Mai", "/performance", Status.RESOLVED)


PAGES: list[Place] = [
    agents_ticket, managers_ticket, resolved_ticket, queue, request_page, resolved_request, closed_request,
    embedded_form, sign_in, new_ticket, own_settings, new_category, category, tag, new_canned,
    limits, auto_reply,
    new_policy, policy, new_calendar, calendar, figures, *PEOPLE, new_rule, present_rule, mail_texts, mail_sender,
    log_of_mails, bell, *SAVED,
]  # fmt: skip


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """With the cast, unlike the other inspections' one."""
    app = make_app()
    app.config["WTF_CSRF_ENABLED"] = False  # or every refusal would be about the token
    return app


@pytest.mark.slow  # thousands of posts: too much for the inner loop
@pytest.mark.parametrize("place", PAGES, ids=lambda place: place.__name__)
def test_TKT_001_whatever_is_typed_is_answered_in_words(place, app, world):
    assert list(sweep(world, place)) == []


def test_MSG_002_an_address_nobody_would_type_is_answered_in_words(app, world):
    acme = thing(world, "Bea", "acme")
    odd = ["9" * 30, "0", "01", "-1", "1.5", "١", "２", "x", "%00", "%ff", "1%20", "..%2f..%2f", "'", "🦊"]
    for client, rules in (
        (world.sign_in("Ada"), ("/tickets", "/attachments", "/messages", "/settings")),
        (visitor(app, acme), ("/requests",)),
    ):
        client.looks = False
        for rule in app.url_map.iter_rules():
            if rule.websocket or not rule.rule.startswith(rules) or not rule.arguments:
                continue
            for value in odd:
                for address in spelled(rule.rule, acme, value):
                    method = "GET" if "GET" in (rule.methods or ()) else "POST"
                    status = client.open(address, method=method).status_code
                    assert status in (302, 400, 404, 405), f"{method} {address}: {status}"


def spelled(rule: str, things: Values, value: str) -> Iterator[str]:
    """An address with one of its ids replaced by a value; the others are right."""
    parts = rule.split("/")
    for place, part in enumerate(parts):
        if not part.startswith("<") or part.endswith(("name>", "key>")):
            continue
        right = [str(getattr(things, p[1:-1].rpartition(":")[2])) if p.startswith("<") else p for p in parts]
        yield "/".join([*right[:place], value, *right[place + 1 :]])


def test_a_fault_and_a_lost_text_are_seen(app, world):
    @allow(anyone)
    def planted() -> Any:
        if request.method == "GET":
            return PLANTED
        if "<" in request.form["size"]:
            raise ValueError
        return PLANTED.replace("?", str(escape(request.form["why"][:9]))), 422

    app.add_url_rule("/planted", "planted", planted, methods=["GET", "POST"])
    found = list(sweep(world, lambda world: (app.test_client(), "/planted")))
    assert "/planted: size is HTML: 500" in found
    assert "/planted: size is emoji: 422, and another text is lost" in found
    assert not [line for line in found if line.startswith("/planted: why")]


def test_of_many_fields_each_meets_each_value_alone_unless_it_was_marked_for_it(app, world):
    met: Counter[tuple[str, str]] = Counter()

    @allow(anyone)
    def many() -> Any:
        hostile = [name for name in MANY if request.form.get(name, "1") != "1"]
        met.update((name, "alone" if len(hostile) == 1 else "beside others") for name in hostile)
        marks = {name: 'aria-invalid="true"' if name in {*hostile} & {"b", "c"} else "" for name in MANY}
        inputs = "".join(f'<label>x <input name="{name}" value="1" {marks[name]}></label>' for name in MANY)
        return PLANTED.replace("<label>", f"{inputs}<label>", 1).replace("?", KEPT), 422

    app.add_url_rule("/planted", "planted", many, methods=["GET", "POST"])
    assert list(sweep(world, lambda world: (app.test_client(), "/planted"))) == []
    for name in MANY:
        assert met[name, "beside others"] == len(HOSTILE), name
        assert met[name, "alone"] == (0 if name in "bc" else len(HOSTILE)), name


MANY = "abcdefghi"
PLANTED = """<!doctype html><html lang="en"><head><title>Planted</title></head><body><h1>Planted</h1>
<form method="post" action="/planted"><input type="hidden" name="csrf_token" value="x">
<label>Size <input name="size" value="1"></label><label>Why <textarea name="why">?</textarea></label>
</form></body></html>"""
