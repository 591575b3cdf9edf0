"""Logs: one JSON object per line with the request's id; never what people wrote, nor their addresses (Q-6)."""

from __future__ import annotations

import io
import json
import logging
import re

import pytest

from helpdesk.core.access import allow, anyone
from helpdesk.core.logs import JsonLines
from tests.support.page import form
from tests.support.seat import Seat

SECRET = "Mật khẩu của tôi là 12345"


@pytest.fixture
def lines():
    """What is logged, as an operator reads it."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLines())
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)


def of_requests(lines) -> list[dict]:
    return [line for line in lines() if line["logger"] == "helpdesk.request"]


def test_Q_6_each_request_is_a_line(client, lines):
    answer = client.get("/login")
    [line] = of_requests(lines)
    assert (line["method"], line["route"], line["status"], line["level"]) == ("GET", "/login", 200, "info")
    assert line["request"] == answer.headers["X-Request-Id"]
    assert 0 <= line["ms"] < 60_000
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line["at"])


def test_Q_6_a_proxys_id_is_taken_over(client, lines):
    assert (
        client.get("/login", headers={"X-Request-Id": "from-the-proxy_1"}).headers["X-Request-Id"]
        == "from-the-proxy_1"
    )
    assert of_requests(lines)[0]["request"] == "from-the-proxy_1"


@pytest.mark.parametrize(
    "given", ["short", "x" * 65, "a b c d e f g", "abcdefgh\t", '","level":"', "ÄÄÄÄÄÄÄÄ"]
)
def test_Q_2_an_id_that_is_none_is_not(given, client, lines):
    used = client.get("/login", headers={"X-Request-Id": given}).headers["X-Request-Id"]
    assert re.fullmatch(r"[0-9a-f]{16}", used)


def test_Q_2_what_is_written_is_not_logged(world, lines):
    link = world.link(world.ticket(subject=SECRET, body=SECRET))
    gus, bea = Seat(world, "Gus"), world.app.test_client()
    gus.post("/tickets/ACME-1/notes", body=SECRET)
    gus.post("/tickets/ACME-1/notes", body=SECRET * 9000)
    bea.get(link)
    page = form(world.app.test_client().get("/login"), "/login")
    page.send(world.app.test_client(), email="bea@mail.example", password=SECRET)
    world.run_reactions()
    logged = json.dumps(lines(), ensure_ascii=False)
    assert len(of_requests(lines)) >= 5
    for secret in (
        SECRET,
        "12345",
        "bea@mail.example",
        "Bea",
        link,
        link.removeprefix("/t/"),
        "192.0.2.",
        "127.0.0.1",
    ):
        assert secret not in logged


def test_Q_2_a_fault_is_logged_by_its_places_without_its_words(app, client, lines):
    def fault():
        raise ValueError(SECRET)

    app.add_url_rule("/fault", "fault", allow(anyone)(fault))
    answer = client.get("/fault")
    [line] = [line for line in lines() if line["level"] == "error"]
    assert line["exception"] == "ValueError"
    assert any("test_logs.py" in place and place.endswith(" fault") for place in line["trace"])
    assert line["request"] == answer.headers["X-Request-Id"]
    assert SECRET not in json.dumps(lines(), ensure_ascii=False)


def test_Q_2_a_fault_of_the_database_is_logged_without_its_values(app, client, world, lines):
    from helpdesk.core.db import db
    from helpdesk.core.tenancy import inside
    from helpdesk.tickets.category import Category

    def fault():
        with inside(world.organizers["acme"]):
            db.session.add(Category(name_en=None, name_vi=SECRET, position=1))
            db.session.flush()

    app.config["WTF_CSRF_ENABLED"] = False
    app.add_url_rule("/fault", "fault", allow(anyone)(fault), methods=["POST"])
    assert client.post("/fault").status_code in (409, 500)
    assert SECRET not in json.dumps(lines(), ensure_ascii=False)


def test_Q_2_a_line_break_makes_no_second_line(lines):
    logging.getLogger("test").warning("a\nb", extra={"said": 'x"\n{"level": "info"}'})
    [line] = lines()
    assert (line["message"], line["said"]) == ("a\nb", 'x"\n{"level": "info"}')


def test_Q_6_health_checks_and_files_are_not_logged(client, lines):
    client.get("/healthz")
    client.get("/static/css/tokens.css").close()
    assert of_requests(lines) == []
    client.get("/static/css/none.css")
    assert [line["status"] for line in of_requests(lines)] == [404]


def test_Q_2_signing_in_is_logged(client, world, lines):
    page = form(client.get("/login"), "/login")
    page.send(client, email="gus@acme.example", password="wrong")
    page.send(client, email="gus@acme.example", password="a long enough password")
    said = [line for line in lines() if line["logger"] == "helpdesk.accounts.sign_in_views"]
    assert [line["message"] for line in said] == ["sign-in refused", "signed in"]
    with world.inside():
        assert said[1]["user"] == world.user("Gus").id


def test_Q_6_outside_of_a_request_a_line_has_no_id(lines):
    logging.getLogger("test").info("x"), logging.getLogger("test").warning("y")
    assert all("request" not in line for line in lines())
