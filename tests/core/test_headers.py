"""What every kind of answer carries: pages, fragments, refusals, errors, files, ways on (Q-2)."""

from __future__ import annotations

import re

import pytest

from helpdesk.core.access import allow, anyone

HTMX = {"HX-Request": "true"}
EVERY = {
    "a page": ("/login", {}, 200),
    "a page of the desk": ("/queue", {}, 200),
    "a fragment": ("/queue/mine/rows", HTMX, 200),
    "the customer's page": ("/requests/1", {}, 200),
    "not found": ("/no/such/page", {}, 404),
    "not found, for a part": ("/no/such/page", HTMX, 404),
    "forbidden": ("/metrics", {"X-Forwarded-For": "203.0.113.9"}, 403),
    "a fault of ours": ("/fault", {}, 500),
    "a fault of ours, for a part": ("/fault", HTMX, 500),
    "a way on": ("/", {}, 302),
    "a file": ("/static/css/tokens.css", {}, 200),
    "no file": ("/static/css/none.css", {}, 404),
    "json": ("/healthz", {}, 200),
    "text": ("/metrics", {}, 200),
    "a dead link": ("/t/x", {}, 404),
    "the shop's script": ("/embed.js", {}, 200),
}
POSTED = {
    "an invalid form": ("/login", {"email": ""}, 422),
    "no token": ("/logout", {}, 400),
    "a wrong method": ("/healthz", {}, 405),
}


@pytest.fixture
def browser(app, world):
    """An agent's, who has a customer's link as well."""
    app.add_url_rule("/fault", "fault", allow(anyone)(lambda: 1 / 0))
    link = world.link(world.ticket())
    gus = world.sign_in("Gus")
    gus.get(link)
    return gus


def policy(answer) -> dict[str, str]:
    said = answer.headers["Content-Security-Policy"]
    return {name: values for name, _, values in (part.strip().partition(" ") for part in said.split(";"))}


@pytest.fixture
def answers(browser, app) -> dict:
    """One answer of every kind."""
    app.config["WTF_CSRF_ENABLED"] = False
    got = {kind: (browser.get(path, headers=headers), code) for kind, (path, headers, code) in EVERY.items()}
    for kind, (path, data, code) in POSTED.items():
        app.config["WTF_CSRF_ENABLED"] = kind == "no token"
        got[kind] = browser.post(path, data=data), code
    for kind, (answer, code) in got.items():
        assert answer.status_code == code, kind
        answer.close()
    return {kind: answer for kind, (answer, _) in got.items()}


def test_Q_2_every_answer_carries_the_policy(answers):
    for kind, answer in answers.items():
        said = policy(answer)
        assert said["default-src"] in ("'self'", "'none'"), kind
        assert said["script-src"] == said["style-src"] == "'self'", kind
        assert said["object-src"] == said["base-uri"] == said["frame-ancestors"] == "'none'", kind
        assert "unsafe" not in answer.headers["Content-Security-Policy"], kind
        assert answer.headers["X-Frame-Options"] == "DENY", kind


def test_Q_2_every_answer_is_what_it_says_it_is(answers):
    for kind, answer in answers.items():
        assert answer.headers["X-Content-Type-Options"] == "nosniff", kind
        assert re.fullmatch(r"[a-z]+/[a-z.+-]+(; .+)?", answer.headers["Content-Type"]), kind
        if answer.mimetype.startswith("text/") and answer.mimetype != "text/css":
            assert "charset=utf-8" in answer.headers["Content-Type"].lower(), kind


def test_Q_2_every_answer_says_where_its_address_may_be_told(answers):
    for kind, answer in answers.items():
        assert answer.headers["Referrer-Policy"] in ("no-referrer", "same-origin"), kind
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", kind
        assert "camera=()" in answer.headers["Permissions-Policy"], kind


def test_Q_2_no_private_answer_is_kept(answers):
    public = {"a file": "no-cache", "the shop's script": "public, max-age=300"}
    for kind, answer in answers.items():
        kept = set(answer.headers["Cache-Control"].split(", "))
        assert kept - {"public"} == set(public.get(kind, "no-store").split(", ")) - {"public"}, kind


def test_Q_6_every_answer_names_its_request(answers):
    ids = {answer.headers["X-Request-Id"] for answer in answers.values()}
    assert len(ids) == len(answers)
    assert all(re.fullmatch(r"[0-9a-f]{16}", id) for id in ids)


def test_Q_2_no_answer_may_be_read_by_other_sites(answers):
    open_to_all = {
        kind for kind, answer in answers.items() if "Access-Control-Allow-Origin" in answer.headers
    }
    assert open_to_all == {"the shop's script"}


def test_Q_2_a_fault_of_ours_says_nothing_of_itself(browser):
    for headers in ({}, HTMX):
        text = browser.get("/fault", headers=headers).text
        assert "ZeroDivision" not in text
        assert "Traceback" not in text
        assert "/helpdesk/" not in text


def test_Q_2_over_https_browsers_are_told_to_stay_there(make_app):
    client = make_app(base_url="https://help.example").test_client()
    said = client.get("/login").headers["Strict-Transport-Security"]
    assert said == "max-age=31536000; includeSubDomains"
    assert "Strict-Transport-Security" not in make_app().test_client().get("/login").headers


def test_a_file_with_its_mark_is_kept_for_a_year(client):
    page = client.get("/login").text
    address = re.search(r"/static/css/[^\"]+\?v=[0-9a-f]+", page)
    assert address, "the page names its styles without their mark"
    with client.get(address[0]) as answer:
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    for other in ("?v=0123456789ab", "?v=", ""):  # as a page of another release names it
        with client.get(address[0].partition("?")[0] + other) as answer:
            assert answer.headers["Cache-Control"] == "no-cache"


def test_Q_2_an_address_of_a_customers_page_is_told_to_nobody(browser, world):
    assert browser.get("/requests/1").headers["Referrer-Policy"] == "no-referrer"
    assert browser.get(world.link(1)).headers["Referrer-Policy"] == "no-referrer"


def test_Q_2_only_the_form_may_be_framed(client):
    said = client.get("/embed/form-acme")
    assert policy(said)["frame-ancestors"] == "*"
    assert "X-Frame-Options" not in said.headers
    assert policy(said)["script-src"] == "'self'"
    again = client.post("/embed/form-acme", data={})
    assert again.status_code == 400
    assert policy(client.get("/embed/no-such-form"))["frame-ancestors"] == "'none'"


def test_an_answer_that_depends_on_who_asks_says_so(app, world):
    app.config["WTF_CSRF_ENABLED"] = False
    world.ticket()
    gus = world.sign_in("Gus")
    for headers, status in (({}, 303), (HTMX, 200)):
        answer = gus.post("/tickets/ACME-1/notes", data={"body": "x"}, headers=headers)
        assert answer.status_code == status
        assert "HX-Request" in answer.headers["Vary"]
