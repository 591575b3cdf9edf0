"""The key of a form and its signing secret: two of each are live while one is changed for the other."""

import sqlite3
import time
from datetime import timedelta

import jwt
import pytest
from sqlalchemy import select

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.organizers.form_key import FormKey
from tests.support.databases import on_sqlite
from tests.support.jobs import run_jobs
from tests.support.page import form, read
from tests.support.world import SECRET


@pytest.fixture
def app(make_app, redis_url):
    """With Redis: how keys are used is written down by a worker."""
    return make_app(redis_url=redis_url)


def happened(world):
    """The settings' events, oldest first."""
    with world.inside():
        told = select(Event).where(Event.ticket_id.is_(None)).order_by(Event.id)
        return [(event.name, event.data) for event in db.session.scalars(told)]


def test_Q_1_a_new_key_works_at_once_and_the_old_one_until_it_is_switched_off(world, mai, page, client):
    opened = form(client.get("/embed/form-acme?lang=en"), "/embed/form-acme")
    assert form(mai.get(page), f"{page}/keys").send(mai).status_code == 303
    with world.inside():
        new = world.one(FormKey, old_key="form-acme").key
    given = {"name": "Bea", "email": "bea@mail.example", "subject": "Late", "description": "Very."}
    assert opened.send(client, **given).status_code == 303, "a form that was open goes on"
    assert client.get(f"/embed/{new}").status_code == 200
    assert client.get("/embed/form-acme").status_code == 200
    again = mai.post(f"{page}/keys", data={"csrf_token": form(mai.get(page), page).fields["csrf_token"]})
    assert again.status_code == 409, "two are enough"
    assert form(mai.get(page), f"{page}/keys/retirement").send(mai).status_code == 303
    assert client.get("/embed/form-acme").status_code == 404
    assert client.get(f"/embed/{new}").status_code == 200
    assert [name for name, _ in happened(world)] == ["form.key_rotated", "form.key_retired"]


def test_Q_1_an_old_key_ends_by_itself_on_its_day(world, mai, page, client):
    day = clock.now().date() + timedelta(days=1)
    assert form(mai.get(page), f"{page}/keys").send(mai, until="2020-01-01").status_code == 422
    assert form(mai.get(page), f"{page}/keys").send(mai, until=day.isoformat()).status_code == 303
    assert client.get("/embed/form-acme").status_code == 200
    clock.travel(3 * 24 * 3600)
    assert client.get("/embed/form-acme").status_code == 404


def test_Q_2_the_page_says_when_a_key_was_last_used(world, mai, page, client):
    with world.inside():
        assert world.one(FormKey, key="form-acme").key_used_at is None
    client.get("/embed/form-acme")
    with world.inside():
        assert world.one(FormKey, key="form-acme").key_used_at is None, "looking at a form writes nothing"
    run_jobs(world.app)
    with world.inside():
        first = world.one(FormKey, key="form-acme").key_used_at
        assert first is not None
        assert world.one(FormKey, key="form-acme").old_key_used_at is None
    assert first.strftime("%Y-%m-%dT%H:%M") in mai.get(page).text


def test_Q_2_the_use_of_an_old_key_is_told_apart(world, mai, page, client):
    form(mai.get(page), f"{page}/keys").send(mai)
    client.get("/embed/form-acme")
    run_jobs(world.app)
    with world.inside():
        found = world.one(FormKey, old_key="form-acme")
        assert found.old_key_used_at is not None
        assert found.key_used_at is None


@on_sqlite
@pytest.mark.parametrize("held", ["a backup", "another program's row"])
def test_Q_4_nobody_who_opens_a_form_waits_for_who_writes(world, client, held):
    """SQLite has one lock for all who write; another program may have it for long."""
    with world.inside():
        path = db.engine.url.database
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    if held != "a backup":
        other.execute("UPDATE form_keys SET name = 'held'")
    began = time.monotonic()
    try:
        opened = client.get("/embed/form-acme?lang=en")
        vouched = client.get(f"/embed/form-acme?lang=en&token={signed(SECRET.format('form-acme'))}")
        took = time.monotonic() - began
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert (opened.status_code, vouched.status_code) == (200, 200)
    assert "readonly" in vouched.text
    assert took < 1, took


def signed(secret, **claims):
    """A token as a merchant's server makes it."""
    now = int(clock.now().timestamp())
    said = {"email": "bea@mail.example", "iat": now, "exp": now + 300, "jti": f"t{len(secret)}{now}{claims}"}
    return jwt.encode(said | claims, secret, "HS256")


def vouches(client, secret, key="form-acme", **claims):
    """Whether a form believes what was signed with it."""
    return "readonly" in client.get(f"/embed/{key}?token={signed(secret, **claims)}").text


def test_Q_2_a_secret_is_changed_without_a_moment_in_which_none_fits(world, mai, page, client):
    old = SECRET.format("form-acme")
    assert vouches(client, old)
    shown = form(mai.get(page), f"{page}/secrets").send(mai)
    assert shown.status_code == 200
    new = next(one for one in read(shown).all("pre") if one.attributes.get("id") == "new-secret").text
    assert new not in mai.get(page).text, "it is shown once"
    assert vouches(client, new)
    assert vouches(client, old)
    assert not vouches(client, "some other secret that is long enough for the algorithm")
    form(mai.get(page), f"{page}/secrets/retirement").send(mai)
    assert vouches(client, new)
    assert not vouches(client, old)
    with world.inside():
        kept = world.one(FormKey, key="form-acme")
        assert new not in (kept.hidden_secret or "")
        assert kept.plain_secret == ""
        assert kept.secret == new
    run_jobs(world.app)
    with world.inside():
        assert world.one(FormKey, key="form-acme").secret_used_at is not None
    for _name, data in happened(world):
        assert new not in str(data)
        assert old not in str(data)


def test_Q_2_a_form_without_a_secret_believes_nobody(world, client):
    with world.inside():
        world.one(FormKey, key="form-acme").hidden_secret = None
    assert not vouches(client, "a guess that is long enough for the algorithm, and more")


def test_Q_2_a_token_may_name_either_live_key_and_no_retired_one(world, mai, page, client):
    secret = SECRET.format("form-acme")
    form(mai.get(page), f"{page}/keys").send(mai)
    with world.inside():
        new = world.one(FormKey, old_key="form-acme").key
    for opened in ("form-acme", new):
        for named in ("form-acme", new, ["elsewhere", "form-acme"]):
            assert vouches(client, secret, opened, aud=named), (opened, named)
        assert not vouches(client, secret, opened, aud="form-beta")
    form(mai.get(page), f"{page}/keys/retirement").send(mai)
    assert vouches(client, secret, new, aud=new)
    assert not vouches(client, secret, new, aud="form-acme"), "its key is retired"
    assert client.get(f"/embed/form-acme?token={signed(secret, aud=new)}").status_code == 404


def test_Q_2_a_key_that_has_ended_by_itself_is_no_audience(world, mai, page, client):
    secret, day = SECRET.format("form-acme"), clock.now().date() + timedelta(days=1)
    form(mai.get(page), f"{page}/keys").send(mai, until=day.isoformat())
    with world.inside():
        new = world.one(FormKey, old_key="form-acme").key
    assert vouches(client, secret, new, aud="form-acme")
    clock.travel(3 * 24 * 3600)
    assert not vouches(client, secret, new, aud="form-acme")
    assert vouches(client, secret, new, aud=new)


def test_Q_2_an_old_secret_ends_by_itself_on_its_day(world, mai, page, client):
    old, day = SECRET.format("form-acme"), clock.now().date() + timedelta(days=1)
    shown = form(mai.get(page), f"{page}/secrets").send(mai, until=day.isoformat())
    new = next(one for one in read(shown).all("pre") if one.attributes.get("id") == "new-secret").text
    assert (vouches(client, old), vouches(client, new)) == (True, True)
    clock.travel(3 * 24 * 3600)
    assert (vouches(client, old), vouches(client, new)) == (False, True)
