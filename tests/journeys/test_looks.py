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
NOWHERE = "/nothing/like/it"
MORE = [
    "/queue/mine", "/queue/waiting?status=RESOLVED", "/queue/all?priority=HIGH&sort=due", "/search?q=order",
    "/search?q=nothing+like+it",
    "/tickets/{0.number}?tab=details", "/tickets/{0.number}?all=1", "/settings/agents?q=gus", NOWHERE,
]  # fmt: skip
# What opens on a page, by what opens it, and what is to be seen then.
OPENED = {
    "/queue/all": {
        "[data-deed=help]": "#keys",
        "[data-deed=palette]": "#palette-list [role=option]",
        "[popovertarget=filter-more]": "#filter-more",
        "[popovertarget=filter-status]": "#filter-status",
    },
    "/tickets/{0.number}": {
        "[data-deed=resolve] summary": "[data-deed=resolve] textarea",
        "[data-deed=snooze] summary": "[data-deed=snooze] [name=until]",
        "[data-deed=rename] summary": "[data-deed=rename] [name=subject]",
        "[data-deed=note]": "form.composer-note textarea",
        "a[data-deed=canned]": "canned-picker .canned-popup",
    },
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
    for path in MORE:
        yield path.format(values), "manager" if path.startswith("/settings") else "agent"


@pytest.fixture
def acme(world: World) -> Values:
    many(world, 4)
    values = thing(world, "Bea", "acme")
    world.run_reactions()
    return values


PLANTED = """<!doctype html><html lang="%s"><title>Planted</title><meta name="color-scheme" content="light dark">
<style>@media (prefers-color-scheme: dark) { p { color: #333; background: #222; } } pre { inline-size: 400px; }</style>
<main><h1>Planted</h1><p>Hardly seen</p><pre>Wide</pre>%s</main></html>"""
UNNAMED = '<input name="a">'


def test_ux_8_1_what_has_a_flaw_is_seen(browser: Browser) -> None:
    looker = Looker(browser, "http://planted.example")
    looker.context.route(
        "**/*",
        lambda route: route.fulfill(
            content_type="text/html",
            body=PLANTED % (route.request.url[-2:], UNNAMED * ("vi" in route.request.url)),
        ),
    )
    found = [flaw.partition(": ")[::2] for flaw in looker.flaws("/", *ALL)]
    assert sorted((where, what.partition(",")[0].partition(":")[0]) for where, what in found) == sorted(
        [
            *(
                (f"/ ({code} dark {width})", "color-contrast")
                for code in ("en", "vi")
                for width in (1440, 360)
            ),
            *((f"/ (vi light {width})", "label") for width in (1440, 360)),
            *((f"/ ({code} light 360)", "is 408 wide") for code in ("en", "vi")),
            *((f"/ ({code} 320)", "is 408 wide") for code in ("en", "vi")),
        ]
    )


def test_ux_8_1_each_way_of_looking_is_another(browser: Browser, server: LiveServer, acme: Values) -> None:
    """The language, the colours and the width are on the page, not only asked for."""
    looker, seen = Looker(browser, server.origin, server.cookie("Gus")), set()
    for look in ALL:
        looker.show("/queue/all", look.language)
        assert looker.flaws("/queue/all", look) == []
        looker.page.set_viewport_size({"width": look.width, "height": 900})
        seen.add(
            tuple(
                looker.page.evaluate("""() => [document.documentElement.lang, innerWidth,
            getComputedStyle(document.body).backgroundColor, document.querySelector('h1').textContent.trim()]""")
            )
        )
    assert len(seen) == 8
    assert [len({each[part] for each in seen}) for part in range(4)] == [2, 2, 2, 2]


@pytest.mark.parametrize("part", ["desk", "settings"])
def test_ux_8_1_no_page_has_a_flaw(
    part: str, app: Flask, browser: Browser, server: LiveServer, world: World, acme: Values
) -> None:
    lookers = {role: Looker(browser, server.origin, server.cookie(name)) for role, name in STAFF.items()}
    lookers["anyone"] = Looker(browser, server.origin)
    found, seen = [], 0
    for path, access in pages(app, world, acme):
        if path.startswith("/settings") == (part == "settings"):
            looker = lookers[access]
            found += looker.flaws(path, *looks())
            assert (looker.status, looker.address) == (
                404 if path == NOWHERE else 200,
                path.partition("?")[0],
            )
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
        for way, shows in ways.items()
        for flaw in looker.flaws(path.format(acme), *looks(), opened=way, shows=shows)
    ]
    assert not found, "\n".join(found)
