"""Another site's page cannot make our visitor's browser do something (Q-2)."""

from __future__ import annotations

import pytest

from tests.support.page import form

EXEMPT = {
    "portal.embed_create": "works without cookies; carries a signed form token",
    "portal.embed_uploads_create": "belongs to that form, and carries its token",
    "notifications.unsubscribe_create": "mail programs post by themselves; the address is the secret",
}
WRONG = {
    "none": {},
    "empty": {"csrf_token": ""},
    "made up": {"csrf_token": "x" * 90},
    "of a session": {"csrf_token": "ImZvcmdlZCI.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb"},
}


def unsafe(app) -> list[tuple[str, str]]:
    """Method and address of everything that may change something."""
    found = []
    for rule in app.url_map.iter_rules():
        values = dict.fromkeys(rule.arguments, "1") | {"number": "ACME-1", "key": "form-acme", "token": "x"}
        values |= {"kind": "ticket.created.customer"}
        address = rule.build({name: values[name] for name in rule.arguments}, append_unknown=False)
        for method in set(rule.methods or ()) - {"GET", "HEAD", "OPTIONS"}:
            if rule.endpoint not in EXEMPT:
                found.append((method, address[1]))
    return found


@pytest.mark.parametrize("token", WRONG.values(), ids=WRONG.keys())
def test_Q_2_no_deed_is_done_without_the_pages_token(token, app, world):
    world.ticket()
    doors = unsafe(app)
    assert len(doors) > 15
    for client in (app.test_client(), world.sign_in("Ada")):
        for method, address in doors:
            assert client.open(address, method=method, data=token).status_code == 400, f"{method} {address}"


def test_Q_2_the_exceptions_are_these(app):
    from helpdesk.core.security import csrf

    exempt = {
        e for e, v in app.view_functions.items() if f"{v.__module__}.{v.__name__}" in csrf._exempt_views
    }
    assert exempt == set(EXEMPT)
    assert not csrf._exempt_blueprints


def test_Q_2_the_token_of_another_visitor_is_none(app, world):
    ours, theirs = app.test_client(), app.test_client()
    token = form(theirs.get("/login"), "/login").fields["csrf_token"]
    ours.get("/login")
    assert ours.post("/login", data={"csrf_token": token}).status_code == 400


def test_Q_2_the_pages_own_token_is_taken_from_form_and_header(app, client):
    token = form(client.get("/login"), "/login").fields["csrf_token"]
    assert client.post("/login", data={"csrf_token": token}).status_code == 422
    assert client.post("/login", headers={"X-CSRFToken": token}).status_code == 422
    assert client.post(f"/login?csrf_token={token}").status_code == 400, "never from the address"


def test_Q_2_the_token_of_before_signing_in_is_none_afterwards(client, world):
    page = form(client.get("/login"), "/login")
    page.send(client, email="gus@acme.example", password="a long enough password")
    assert client.post("/logout", data={"csrf_token": page.fields["csrf_token"]}).status_code == 400


def test_Q_2_a_get_changes_nothing(app, world):
    """Whatever a page asks for by itself, a picture of another site can ask for too."""
    deeds = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert not {e for e in deeds if e.endswith(("_create", "_update", "_delete", "sign_out"))}
