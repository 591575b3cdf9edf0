"""Law: what is not declared is refused. Every route says who may come in, and people read the whole list.

`routes.txt` is the golden table: address, methods, rule and endpoint of every door. When a door is meant to change,
write the table anew with `helpdesk routes > tests/house/routes.txt` and read the difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import unified_diff

import pytest
from flask import Flask

from helpdesk.core.access import Undeclared, allow, anyone, refuse_undeclared, route_table
from tests.support.inspect import ROOT

GOLDEN = ROOT / "tests/house/routes.txt"


@dataclass(frozen=True)
class Door:
    """One line of the golden table; what the sweeps of roles and neighbours walk over."""

    address: str
    methods: str
    rule: str
    endpoint: str


def doors() -> list[Door]:
    """The golden table. A rule may have two words (`signed in`)."""
    lines = (line.split() for line in GOLDEN.read_text("utf-8").splitlines())
    return [Door(address, methods, " ".join(rule), endpoint) for address, methods, *rule, endpoint in lines]


def offences(app: Flask) -> list[str]:
    """Where the routes of the application differ from the golden table."""
    golden = GOLDEN.read_text("utf-8").splitlines()
    return list(unified_diff(golden, route_table(app), "routes.txt", "the application", lineterm="", n=0))


def test_the_house_has_the_doors_that_people_read(app: Flask) -> None:
    assert offences(app) == [], "helpdesk routes > tests/house/routes.txt, and read the difference"


def test_the_house_asks_at_every_door(app: Flask) -> None:
    assert {rule.rule for rule in app.url_map.iter_rules()} == {door.address for door in doors()}
    assert all(door.rule for door in doors())


def test_a_door_that_says_nothing_is_refused() -> None:
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/open", "open", allow(anyone)(lambda: ""))
    refuse_undeclared(app)
    app.add_url_rule("/silent", "silent", lambda: "")
    with pytest.raises(Undeclared, match="/silent"):
        refuse_undeclared(app)


def test_a_new_door_is_seen(app: Flask) -> None:
    app.add_url_rule("/new", "new", allow(anyone)(lambda: ""))
    assert any("+/new" in line for line in offences(app))
