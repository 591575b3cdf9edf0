"""Sessions are rows: what ends on the server is dead wherever its cookie is replayed (Q-2)."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from datetime import timedelta

import pytest
from sqlalchemy import select

from helpdesk.accounts.user_session import ABSOLUTE, IDLE, UserSession
from helpdesk.core import clock
from helpdesk.core.db import db
from tests.support.browser import counted
from tests.support.page import form
from tests.support.world import PASSWORD


@pytest.fixture
def app(app):
    app.config["WTF_CSRF_ENABLED"] = False
    return app


def sign_in(client, email: str = "gus@acme.example"):
    return client.post("/login", data={"email": email, "password": PASSWORD})


def is_in(client) -> bool:
    return client.get("/queue").status_code == 200


def cookie(client) -> str:
    kept = client.get_cookie("session")
    return kept.value if kept else ""


def replay(app, value: str):
    """Another browser, to which a recorded cookie was copied."""
    other = app.test_client()
    other.set_cookie("session", value)
    return other


def rows(world) -> list[UserSession]:
    with world.inside():
        return list(db.session.scalars(select(UserSession).order_by(UserSession.id)))


def test_Q_2_a_cookie_that_was_recorded_is_dead_after_signing_out(app, client, world):
    sign_in(client)
    recorded = cookie(client)
    assert is_in(replay(app, recorded))
    answer = client.post("/logout")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert not is_in(client)
    assert not is_in(replay(app, recorded))


def test_Q_2_signing_out_ends_one_session_and_no_other(app, client, world):
    other = app.test_client()
    sign_in(client), sign_in(other)
    client.post("/logout")
    assert is_in(other)


def test_Q_2_deactivation_ends_all_sessions_of_a_user_and_nobody_elses(app, client, world):
    second, linh = app.test_client(), app.test_client()
    sign_in(client), sign_in(second), sign_in(linh, "linh@acme.example")
    with world.inside():
        world.user("Gus").deactivate()
    assert (is_in(client), is_in(second), is_in(linh)) == (False, False, True)
    assert all(row.ended_at for row in rows(world)[:2])
    with world.inside():
        world.user("Gus").is_active = True
    assert not is_in(client), "what was ended comes not back with him"


def test_Q_2_each_sign_in_has_a_new_token(app, client, world):
    client.get("/login")
    before = cookie(client)
    sign_in(client)
    first = cookie(client)
    sign_in(client)
    assert len({before, first, cookie(client)}) == 3
    assert len({row.token_hash for row in rows(world)}) == 2


def test_Q_2_a_session_that_somebody_else_prepared_is_not_taken_over(app, client, world):
    """He plants his own cookie in her browser and waits for her to sign in."""
    sign_in(client, "linh@acme.example")
    planted = cookie(client)
    victim = replay(app, planted)
    sign_in(victim)
    with world.inside():
        gus, linh = world.user("Gus").id, world.user("Linh").id
    assert f'data-viewer="{gus}"' in victim.get("/queue").text
    assert f'data-viewer="{linh}"' in client.get("/queue").text


def test_Q_2_the_cookie_holds_a_token_and_the_row_only_its_hash(client, world):
    sign_in(client)
    value = cookie(client).split(".")
    packed = value[1] if not value[0] else value[0]
    raw = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
    token = json.loads(raw if value[0] else zlib.decompress(raw))["token"]
    assert len(base64.urlsafe_b64decode(token + "=")) == 32
    [row] = rows(world)
    assert row.token_hash == hashlib.sha256(token.encode()).hexdigest()


@pytest.mark.parametrize("value", ["", "x", "x.y.z", ".", "e30.aaaaaa.bbb", "eyJ0b2tlbiI6ICJ4In0.aaaa.bbb"])
def test_Q_2_a_made_up_cookie_is_nobodys(value, app, world):
    assert replay(app, value).get("/queue").status_code == 302


def test_Q_2_a_token_of_ours_that_is_none_is_nobodys(app, client, world):
    for token in (None, "", "x", "ờ", "\x00", "x" * 3000):
        with client.session_transaction() as session:
            session["token"] = token
        assert client.get("/queue").status_code == 302, token


def test_Q_2_an_idle_session_ends(client, world):
    sign_in(client)
    clock.travel((IDLE - timedelta(minutes=1)).total_seconds())
    assert is_in(client)
    clock.travel((IDLE + timedelta(minutes=1)).total_seconds())
    assert not is_in(client)


def test_Q_2_a_session_in_use_ends_all_the_same_one_day(client, world):
    sign_in(client)
    for _ in range(int(ABSOLUTE / (IDLE / 2)) - 1):
        clock.travel((IDLE / 2).total_seconds())
        assert is_in(client)
    clock.travel((IDLE / 2).total_seconds())
    assert not is_in(client)


def test_Q_2_the_limits_are_those_of_a_working_day_and_a_week():
    assert timedelta(hours=1) <= IDLE <= timedelta(hours=24)
    assert timedelta(days=30) >= ABSOLUTE


def test_Q_4_use_is_written_down_once_in_a_while(client, world):
    sign_in(client)
    begun = rows(world)[0].seen_at
    is_in(client)
    assert rows(world)[0].seen_at == begun
    clock.travel(11 * 60)
    with counted() as first:
        is_in(client)
    with counted() as second:
        is_in(client)
    assert any("UPDATE user_sessions" in statement for statement in first)
    assert not any("UPDATE" in statement for statement in second)
    assert rows(world)[0].seen_at > begun


def test_Q_3_a_page_that_fails_keeps_its_session(app, client, world):
    sign_in(client)
    clock.travel(11 * 60)
    assert client.post("/tickets/ACME-99/notes", data={"body": "x"}).status_code == 404
    assert is_in(client)


# The cookie ---------------------------------------------------------------------------------------------------


def set_cookies(answer) -> dict[str, str]:
    return {line.partition("=")[0]: line for line in answer.headers.getlist("Set-Cookie")}


def test_Q_2_no_script_and_no_other_site_gets_the_cookie(client, world):
    said = set_cookies(sign_in(client))["session"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in said.split(";")}
    assert "Secure" not in said
    assert "Domain" not in said


def test_Q_2_over_https_the_cookie_is_of_this_host_alone(make_app, world):
    app = make_app(base_url="https://help.example")
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    answer = client.post(
        "/login", data={"email": "gus@acme.example", "password": PASSWORD}, base_url="https://help.example"
    )
    said = set_cookies(answer)["__Host-session"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Secure"} <= {part.strip() for part in said.split(";")}
    assert "Domain" not in said
    assert client.get("/queue", base_url="https://help.example").status_code == 200


def test_Q_2_over_https_a_plain_cookie_is_nobodys(make_app, app, client, world):
    sign_in(client)
    other = make_app(base_url="https://help.example").test_client()
    other.set_cookie("session", cookie(client), domain="help.example")
    assert other.get("/queue", base_url="https://help.example").status_code == 302


def test_Q_2_another_installations_cookie_is_nobodys(make_app, client, world):
    sign_in(client)
    other = make_app(secret_key="another key " * 5)
    assert not is_in(replay(other, cookie(client)))


# Who is not signed in -----------------------------------------------------------------------------------------


def test_a_person_is_sent_to_sign_in_and_back(client):
    answer = client.get("/tickets/ACME-1?x=1")
    assert answer.status_code == 302
    assert form(client.get(answer.headers["Location"]), "/login").fields["next"] == "/tickets/ACME-1?x=1"


@pytest.mark.parametrize("how", [{"headers": {"HX-Request": "true"}}, {"method": "POST"}])
def test_a_part_of_a_page_and_a_deed_are_told_that_the_session_has_ended(how, client):
    answer = client.open("/tickets/ACME-1/notes" if "method" in how else "/queue", **how)
    assert answer.status_code == 401
    assert "Sign in" in answer.text
