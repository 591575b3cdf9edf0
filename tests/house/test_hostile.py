"""Sweep: each form of each page × what nobody would type. A clear error in words, nothing lost, never a fault of ours.

A form that is new on one of the pages is swept without being named here; a page that is new is added to `PAGES`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from markupsafe import escape
from werkzeug.test import TestResponse

from helpdesk.core.access import allow, anyone
from helpdesk.sla.calendar import Calendar
from helpdesk.sla.policy import Policy
from helpdesk.tickets.category import Category
from helpdesk.tickets.lifecycle import Status
from tests.house.test_sweeps import DEMAND, Values, thing, visitor
from tests.notifications.places import mail_sender, mail_texts
from tests.support.page import Element, Filled, read
from tests.support.seat import at_work, ticket_in
from tests.support.world import World

HOSTILE = {
    "empty": b"",
    "spaces": b" \t\r\n ",
    "nothing to see": "\u200b\u2060".encode(),
    "a megabyte": b"x" * 1_000_000,
    "a NUL": b"a\x00b",
    "a lone surrogate": b"a\xed\xa0\x80b",
    "not UTF-8": b"\xff\xfe\xfa",
    "right to left": "a\u202eexe.gnp".encode(),
    "decomposed": "Đặng Quốc Ấn".encode(),
    "emoji": "👩‍👩‍👧‍👦🇻🇳".encode(),
    "HTML": b"<script>alert(1)</script><img src=x onerror=alert(1)>",
    "an encoded word": b"=?utf-8?q?a=0D=0A=0D=0ABcc:_x@y.z?=",
    "a template": b"{{ 7 * 7 }}{% raw %}${7*7}",
    "SQL": b"' OR 1=1; DROP TABLE tickets; --",
    "thirty digits": b"9" * 30,
    "another alphabet's digit": "١２".encode(),
    "a path": b"../../etc/passwd",
}
KEPT = "a long text that somebody has typed and that must not be lost"
NOT_TYPED = ("csrf_token", "form_token", "submission", "version", "last_seen", "next", "lang")
FINE = (200, 204, 302, 303, 400, 403, 404, 409, 413, 422)


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


PAGES: list[Callable[[World], tuple[FlaskClient, str]]] = [
    agents_ticket, managers_ticket, resolved_ticket, queue, request_page, resolved_request, closed_request,
    embedded_form, sign_in, new_ticket, own_settings, new_category, category, tag, new_canned,
    new_policy, policy,
    new_calendar, calendar, mail_texts, mail_sender, figures,
]  # fmt: skip


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """With the cast, unlike the other inspections' one."""
    app = make_app()
    app.config["WTF_CSRF_ENABLED"] = False  # or every refusal would be about the token
    return app


def forms_of(page: TestResponse) -> list[Element]:
    return [element for element in read(page).all("form") if element.attributes.get("method") == "post"]


def typed_fields(element: Element) -> list[str]:
    """The names of what a person can fill in or choose."""
    named = [
        f for f in element.all() if f.tag in ("input", "textarea", "select") and f.attributes.get("name")
    ]
    kinds = ("file", "submit", "checkbox")
    return list(dict.fromkeys(
        f["name"] for f in named if f.attributes.get("type") not in kinds and f["name"] not in NOT_TYPED
    ))  # fmt: skip


def texts(element: Element) -> list[str]:
    return [area["name"] for area in element.all("textarea")]


def send(client: FlaskClient, element: Element, changed: dict[str, Any], htmx: bool) -> TestResponse:
    """The form as a browser sends it, some fields changed; raw bytes go as they are."""
    filled = Filled(element)
    data = {name: str(value).encode() for name, value in filled.fields.items()} | changed
    boundary = b"sweep"
    parts = b"".join(
        b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (boundary, name.encode(), value)
        for name, value in data.items()
    )
    return client.post(
        filled.action, data=parts + b"--sweep--\r\n", content_type="multipart/form-data; boundary=sweep",
        headers={"HX-Request": "true"} if htmx else {},
    )  # fmt: skip


def sweep(world: World, place: Callable[[World], tuple[FlaskClient, str]]) -> Iterator[str]:
    """Every form of a page, every field, every value; one line for each thing that went wrong."""
    client, address = place(world)
    count = len(forms_of(client.get(address)))
    assert count > 0, f"{address} has no form"
    for number in range(count):
        yield from sweep_form(world, place, number)


def sweep_form(world: World, place: Callable[[World], tuple[FlaskClient, str]], number: int) -> Iterator[str]:
    """One form of a page. What was accepted changes the page, so the next value gets a fresh one."""
    client, address = place(world)
    element = forms_of(client.get(address))[number]
    if element["action"] in ("/logout", "/language"):
        return
    for name in typed_fields(element):
        others = {text: KEPT.encode() for text in texts(element) if text != name}
        for what, value in HOSTILE.items():
            answer = send(client, element, others | {name: value}, htmx=len(what) % 2 == 0)
            where = f"{element['action']}: {name} is {what}: {answer.status_code}"
            if answer.status_code not in FINE:
                yield where
            if answer.status_code == 422 and others and KEPT not in answer.text:
                yield f"{where}, and another text is lost"
            if answer.status_code < 400:
                client, address = place(world)
                element = forms_of(client.get(address))[number]


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


PLANTED = """<!doctype html><html lang="en"><head><title>Planted</title></head><body><h1>Planted</h1>
<form method="post" action="/planted"><input type="hidden" name="csrf_token" value="x">
<label>Size <input name="size" value="1"></label><label>Why <textarea name="why">?</textarea></label>
</form></body></html>"""
