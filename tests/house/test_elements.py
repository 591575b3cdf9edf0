"""Law: an element of a page has its script there, and the file of a kind of page brings none that no such page has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from helpdesk.desk.script_views import BUNDLES
from helpdesk.portal.script_views import FORM, REQUEST
from tests.desk.queue_pages import many
from tests.house.test_sweeps import STAFF, Values, doors, thing
from tests.support.page import Element, read
from tests.support.world import World

DEFINED = re.compile(r"customElements\.define\('([a-z-]+)'")
LATER = {
    "/desk/page.js": {
        *("undo-bar", "draft-rest", "held-reply"),  # in the answers to deeds
        *("bulk-progress", "print-page"),  # a run that has begun, a ticket that is printed
    },
    "/desk/queue.js": {
        "queue-link",
        "queue-steps",
    },  # the list notes down what the ticket's page leads back to
    "/request.js": {"first-sign"},  # while the sender is not proven
    "/form.js": {"form-proof"},  # where a form is doubted
}
CHANGED = "/queue/all?priority=HIGH"  # the list with other filters than its own, which can be kept
STILL = "/settings/merchants/<id:merchant_id>/forms/<id:form_id>/preview"  # shown in a frame in which no script runs


def used(page: Element) -> set[str]:
    """The elements that need a script."""
    return {element.tag for element in page.below if "-" in element.tag}


def missing(page: Element, load: Callable[[str], str]) -> Iterator[str]:
    """Elements of a page that none of its scripts makes live."""
    brought = {name for script in page.all("script") for name in DEFINED.findall(load(script["src"]))}
    yield from sorted(used(page) - brought)


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """With the cast, unlike the other inspections' one."""
    return make_app()


def pages(app: Flask, world: World, values: Values) -> Iterator[tuple[str, Element]]:
    """Every page that the table of routes leads to, for whoever may open it."""
    customer = app.test_client()
    customer.set_cookie("request", values.cookie, path="/")
    clients = {role: world.sign_in(name) for role, name in STAFF.items()}
    clients |= {"customer": customer, "anyone": app.test_client()}
    for client in clients.values():
        client.looks = False  # what is in a page is looked at where it is tested
    for rule, method, access in doors(app):
        if method != "GET" or rule.websocket or access not in clients or rule.rule == STILL:
            continue
        client, path = clients[access], values.address(rule)
        with client.get(path) as answer:
            if answer.status_code == 200 and answer.mimetype == "text/html" and b"<html" in answer.data:
                yield path, read(answer)
    yield CHANGED, read(clients["agent"].get(CHANGED))


def test_every_element_of_a_page_has_its_script(app: Flask, world: World) -> None:
    many(world, 2)
    files: dict[str, str] = {}
    seen: dict[str, set[str]] = {}
    found = []

    def load(address: str) -> str:
        if address not in files:
            with app.test_client().get(address) as answer:
                files[address] = answer.text
        return files[address]

    for path, page in pages(app, world, thing(world, "Bea", "acme")):
        found += [f"{path}: <{name}>" for name in missing(page, load)]
        for script in page.all("script"):
            seen.setdefault(script["src"], set()).update(used(page))
    assert found == []
    assert len(seen) > 5
    for bundle in (*BUNDLES.values(), FORM, REQUEST):
        unused = set(DEFINED.findall(bundle.text)) - seen[bundle.url] - LATER.get(bundle.address, set())
        assert unused == set(), bundle.address


def test_the_law_sees_an_element_without_its_script() -> None:
    page = read(
        "<html><body><script src='a.js'></script><live-row></live-row><other-row></other-row></body></html>"
    )
    scripts = {"a.js": "customElements.define('live-row', LiveRow);"}
    assert list(missing(page, scripts.__getitem__)) == ["other-row"]
