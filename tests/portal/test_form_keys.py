"""The key of a form and its signing secret: two of each are live while one is changed for the other."""

from datetime import timedelta

import jwt
import pytest
from sqlalchemy import select

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.organizers.form_key import FormKey
from tests.support.page import form, read
from tests.support.world import SECRET


@pytest.fixture
def mai(world):
    client = world.sign_in("Mai")
    client.get("/settings/merchants?lang=en")
    return client


@pytest.fixture
def page(world):
    """The settings page of ACME's form."""
    with world.inside():
        found = world.one(FormKey, key="form-acme")
        return f"/settings/merchants/{found.merchant_id}/forms/{found.id}"


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
        first = world.one(FormKey, key="form-acme").key_used_at
        assert first is not None
    assert first.strftime("%Y-%m-%dT%H:%M") in mai.get(page).text


def signed(secret, **claims):
    """A token as a merchant's server makes it."""
    now = int(clock.now().timestamp())
    said = {"email": "bea@mail.example", "iat": now, "exp": now + 300, "jti": f"t{len(secret)}{now}{claims}"}
    return jwt.encode(said | claims, secret, "HS256")


def vouches(client, secret):
    """Whether a form believes what was signed with it."""
    return "readonly" in client.get(f"/embed/form-acme?token={signed(secret)}").text


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
        assert kept.secret_used_at is not None
    for _name, data in happened(world):
        assert new not in str(data)
        assert old not in str(data)


def test_Q_2_a_form_without_a_secret_believes_nobody(world, client):
    with world.inside():
        world.one(FormKey, key="form-acme").hidden_secret = None
    assert not vouches(client, "a guess that is long enough for the algorithm, and more")
