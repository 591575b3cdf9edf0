"""Addresses that come from outside: ids, places to go next, hosts, proxies (Q-2)."""

from __future__ import annotations

import logging

import pytest
from flask import request

from helpdesk.core.access import allow, anyone
from helpdesk.core.security import local_path
from tests.support.page import form
from tests.support.world import PASSWORD

ODD_NUMBERS = ["１", "٣", "½", "01", "+1", "-1", " 1", "1.0", "1e0", "0x1", "0", "1_0", "%00", "1%00"]
ODD_NUMBERS += ["9" * 19, "9" * 30]
ODD_TICKETS = ["acme-1", "ACME-1 ", "ACME1", "ACME--1", "-1", "1", "ACME-1\u200b", "ACMЕ-1", "A" * 11 + "-1"]
NONSENSE = [
    *(
        "since=x",
        "since=１",
        "since=-1",
        "since=" + "9" * 40,
        "after=x",
        "after=1-x",
        "before=" + "9" * 30 + "-1",
    ),
    *(
        "assignee=１",
        "assignee=" + "9" * 20,
        "status=x",
        "lang=xx",
        "after=%00",
        "priority=%00",
        "status=%ff",
    ),
]
ODD_PATHS = [
    *("/%00", "/static/%00", "/tickets/%ff%fe", "/static/../helpdesk/config.py", "/static/%2e%2e/x", "//"),
    *("/embed/%00", "/t/%00", "/embed/" + "x" * 5000, "/queue/%ed%a0%80"),
]


def test_Q_2_an_id_has_one_spelling(world):
    world.ticket()
    world.app.config["WTF_CSRF_ENABLED"] = False
    ada = world.sign_in("Ada")
    for number in ODD_NUMBERS:
        assert ada.get(f"/tickets/ACME-{number}").status_code == 404, number
        assert ada.get(f"/attachments/{number}/a.txt").status_code == 404, number
        assert ada.get(f"/requests/{number}").status_code == 404, number
        assert ada.post(f"/escalations/{number}/acknowledgement").status_code == 404, number


def test_Q_2_a_tickets_number_has_one_spelling(world):
    world.ticket()
    ada = world.sign_in("Ada")
    for number in ODD_TICKETS:
        assert ada.get(f"/tickets/{number}").status_code == 404, number


def test_Q_2_nonsense_in_a_query_is_no_fault_of_ours(world):
    world.ticket()
    ada = world.sign_in("Ada")
    for query in NONSENSE:
        for path in ("/queue/all", "/tickets/ACME-1", "/tickets/ACME-1/changes"):
            assert ada.get(f"{path}?{query}").status_code in (200, 400, 404), query


def test_Q_2_an_odd_path_is_not_found(client):
    for path in ODD_PATHS:
        assert client.get(path).status_code in (302, 308, 404), path


# Where to go next ---------------------------------------------------------------------------------------------

OURS = [
    "/queue",
    "/queue/mine?status=OPEN&page=2",
    "/tickets/ACME-1#message-7",
    "/",
    "/a//b",
    "/a?next=http://x.test",
]
FOREIGN = [
    "//evil.test", "///evil.test", "////evil.test", "/\\evil.test", "\\\\evil.test", "/\\/evil.test", "\\/evil.test",
    "https://evil.test", "https:evil.test", "http:/evil.test", "HTTPS://EVIL.TEST", "javascript:alert(1)",
    "data:text/html,x", "http://good@evil.test", "evil.test", "queue", "", " /queue", "\t//evil.test", "/\t/evil.test",
    "/\n/evil.test", "/\r/evil.test", "/a\r\nSet-Cookie: x=y", "/%0d%0a\r\nx", "/\x00", "//[", "//[::1", "http://[",
    "/" + "x" * 3000, "\u2028/queue", "/\x7f", "mailto:x@y.test", "?next=x", "#x", "///", "//", "/ /evil.test",
]  # fmt: skip


@pytest.mark.parametrize("target", OURS)
def test_Q_2_a_place_of_ours_is_gone_to(target):
    assert local_path(target, "/otherwise") == target


@pytest.mark.parametrize("target", [*FOREIGN, None])
def test_Q_2_a_place_of_others_is_not(target):
    assert local_path(target, "/otherwise") == "/otherwise"


@pytest.mark.parametrize(
    "target", ["//evil.test", "https:evil.test", "javascript:alert(1)", "//[", "/\\evil.test", "/\r\nX: y"]
)
def test_Q_2_signing_in_leads_to_our_own_pages_only(target, client, world):
    page = form(client.get("/login"), "/login")
    answer = page.send(client, email="gus@acme.example", password=PASSWORD, next=target)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/queue")


def test_Q_2_choosing_a_language_leads_to_our_own_pages_only(app, client):
    app.config["WTF_CSRF_ENABLED"] = False
    for target in FOREIGN:
        answer = client.post("/language", data={"lang": "vi", "next": target})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/"), target


def test_signing_in_leads_to_where_one_wanted_to_go(client, world):
    sent = client.get("/queue/mine?status=OPEN")
    assert sent.status_code == 302
    page = form(client.get(sent.headers["Location"]), "/login")
    answer = page.send(client, email="gus@acme.example", password=PASSWORD)
    assert answer.headers["Location"] == "/queue/mine?status=OPEN"


# Hosts and proxies --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["evil.test", "evil.test:80", "localhost.evil.test", "a b", "[", "x" * 3000])
def test_Q_2_the_host_that_is_asked_for_is_in_no_address(host, world):
    """A link in a mail that follows the Host header would lead to whoever sent it."""
    ada, link = world.sign_in("Ada"), world.link(world.ticket())
    for path in ("/login", "/queue", link, "/embed/form-acme", "/dev/shop", "/embed.js"):
        with ada.get(path, headers={"Host": host}) as answer:
            assert answer.status_code < 500
            assert "evil.test" not in answer.text
            assert "evil.test" not in answer.headers.get("Location", "")


def seen(make_app, proxies: int, **headers: str) -> list[str]:
    """What the application takes for the visitor's address, scheme and host."""
    app = make_app(trusted_proxies=proxies)
    app.add_url_rule(
        "/seen", "seen", allow(anyone)(lambda: f"{request.remote_addr} {request.scheme} {request.host}")
    )
    answer = app.test_client().get("/seen", headers=headers, environ_base={"REMOTE_ADDR": "192.0.2.1"})
    return answer.text.split()


FORWARDED = {
    "X-Forwarded-For": "198.51.100.7, 198.51.100.8",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.test",
    "X-Forwarded-Prefix": "/x",
    "Forwarded": "for=203.0.113.1",
    "X-Real-IP": "203.0.113.2",
}


def test_Q_2_what_a_visitor_says_about_himself_is_not_believed(make_app):
    assert seen(make_app, 0, **FORWARDED) == ["192.0.2.1", "http", "localhost"]


def test_Q_2_what_the_trusted_proxy_says_is(make_app):
    assert seen(make_app, 1, **FORWARDED) == ["198.51.100.8", "https", "localhost"]


def test_Q_2_only_as_many_proxies_as_there_are_are_believed(make_app):
    two = {
        "X-Forwarded-For": "6.6.6.6, 198.51.100.7, 198.51.100.8",
        "X-Forwarded-Proto": "http, https, https",
    }
    assert seen(make_app, 2, **two)[0] == "198.51.100.7"
    assert seen(make_app, 1, **two)[0] == "198.51.100.8"


def test_Q_2_a_made_up_address_gets_round_no_limit(make_app, redis_url):
    app = make_app(rate_limits=True, redis_url=redis_url)
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    said = [
        client.post(
            "/login", data={"email": f"{n}@x.test"}, headers={"X-Forwarded-For": f"198.51.100.{n}"}
        ).status_code
        for n in range(11)
    ]
    assert said[-1] == 429


@pytest.mark.parametrize("origin", ["http://[", "https://[::1", "\\", "http://\x80"])
def test_Q_2_an_origin_that_cannot_be_read_is_refused(origin, world):
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Origin": origin}
    assert world.sign_in("Gus").get("/ws", headers=upgrade).status_code == 403


def test_the_log_of_a_refused_origin_is_no_error(world, caplog):
    caplog.set_level(logging.ERROR)
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Origin": "http://["}
    world.sign_in("Gus").get("/ws", headers=upgrade)
    assert not caplog.records
