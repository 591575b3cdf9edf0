"""ux 8, 44: what a customer's first visit loads of scripts, compressed as servers send it."""

from __future__ import annotations

import gzip

import pytest

from tests.portal.test_form import GIVEN, opened
from tests.support.page import read

MOST_BYTES = 25 * 1024


def loaded(client, address):
    with client.get(address) as answer:
        return answer.data


def weight(client, address):
    """Of all scripts of a page, each once."""
    names = {script["src"] for script in read(client.get(address)).all("script")}
    assert names, "nothing is weighed"
    return sum(len(gzip.compress(loaded(client, name), 9)) for name in names)


@pytest.mark.parametrize("page", ["form", "request", "find", "thanks"])
def test_Q_4_a_customers_scripts_are_light(world, client, page):
    ticket = world.ticket()
    client.get(world.link(ticket))
    addresses = {
        "form": "/embed/form-acme", "request": f"/requests/{ticket}", "find": "/find",
        "thanks": opened(client).send(client, **GIVEN).headers["Location"],
    }  # fmt: skip
    assert 1000 < weight(client, addresses[page]) <= MOST_BYTES


def test_the_scripts_of_the_request_page_come_together_without_comments(client):
    answer = client.get("/request.js")
    assert answer.mimetype == "text/javascript"
    lines = answer.text.splitlines()
    assert "customElements.define('live-thread', LiveThread);" in lines
    assert not [line for line in lines if line.startswith(("//", " "))]
