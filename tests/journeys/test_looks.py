"""ux 8: 1, 15: every page of the desk, without a flaw for whoever looks at it, in whatever way.

The pages are those that the table of routes leads to: a page that is new is looked at without being named here. Each is
looked at in two opposite ways; `make looks` looks in all eight.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.desk.queue_pages import many
from tests.house.test_sweeps import STAFF, Values, doors, thing
from tests.support.live_server import LiveServer
from tests.support.looks import ALL, Look, Looker
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

NOT_OURS = (
    "/dev/",
    "/embed",
    "/t/",
    "/unsubscribe/",
    "/requests/",
    "/left",
)  # the customers' and the workshop's
MAILS = (
    "/settings/templates/<mail:kind>/preview",
    "/settings/templates/<mail:kind>/versions/",
    "/settings/merchants/<id:merchant_id>/forms/<id:form_id>/preview",
)  # shown in a frame; in that of a form no script runs, so that none can look at it
MORE = [
    "/queue/mine", "/queue/waiting?status=RESOLVED", "/queue/all?priority=HIGH&sort=due", "/search?q=order",
    "/search?q=nothing+like+it",
    "/tickets/{0.number}?tab=details", "/tickets/{0.number}?all=1", "/settings/agents?q=gus", "/nothing/like/it",
]  # fmt: skip
# What opens on a page, by what opens it.
OPENED = {
    "/queue/all": ["[data-deed=help]", "[data-deed=palette]", "[popovertarget=filter-more]",
        "[popovertarget=filter-status]"],
    "/tickets/{0.number}": ["[data-deed=resolve] summary", "[data-deed=snooze] summary", "[data-deed=rename] summary",
        "[data-deed=note]", "a[data-deed=canned]"],
}  # fmt: skip


def opposite(look: Look) -> Look:
    """Different in everything."""
    return next(
        each
        for each in ALL
        if not {each.language, each.scheme, each.width} & {look.language, look.scheme, look.width}
    )


TURNS = count()


def looks() -> tuple[Look, ...]:
    """In what ways the next page is looked at."""
    if os.environ.get("HELPDESK_LOOKS") == "all":
        return ALL
    one = ALL[next(TURNS) % 4]
    return one, opposite(one)


def pages(app: Flask, world: World, values: Values) -> Iterator[tuple[str, str]]:
    """Every page of the desk and who may open it: what answers with a document, not with a part or a file."""
    clients = {role: world.sign_in(name) for role, name in STAFF.items()} | {"anyone": app.test_client()}
    for client in clients.values():
        client.looks = False  # what is in it is looked at where the page is tested
    for rule, method, access in doors(app):
        if (
            method != "GET"
            or rule.websocket
            or access not in clients
            or rule.rule.startswith(NOT_OURS + MAILS)
        ):
            continue
        path = values.address(rule)
        with clients[access].get(path) as answer:
            if answer.status_code == 200 and answer.mimetype == "text/html" and b"<html" in answer.data:
                yield path, access
    yield from ((path.format(values), "agent") for path in MORE)


@pytest.fixture
def acme(world: World) -> Values:
    many(world, 4)
    values = thing(world, "Bea", "acme")
    world.run_reactions()
    return values


@pytest.mark.parametrize("part", ["desk", "settings"])
def test_ux_8_1_no_page_has_a_flaw(
    part: str, app: Flask, browser: Browser, server: LiveServer, world: World, acme: Values
) -> None:
    lookers = {role: Looker(browser, server.origin, server.cookie(name)) for role, name in STAFF.items()}
    lookers["anyone"] = Looker(browser, server.origin)
    found, seen = [], 0
    for path, access in pages(app, world, acme):
        if path.startswith("/settings") == (part == "settings"):
            found += lookers[access].flaws(path, *looks())
            seen += 1
    assert not found, "\n".join(found)
    assert seen > 20


def test_ux_8_1_what_opens_has_no_flaw_either(
    browser: Browser, server: LiveServer, world: World, acme: Values
) -> None:
    looker = Looker(browser, server.origin, server.cookie("Gus"))
    found = [
        flaw
        for path, ways in OPENED.items()
        for way in ways
        for flaw in looker.flaws(path.format(acme), *looks(), opened=way)
    ]
    assert not found, "\n".join(found)
