"""C5: who lost his link has it mailed to the address on file, and learns nothing from the page."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import select

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.portal import find_views
from helpdesk.portal.find_views import EVEN_SECONDS
from helpdesk.tickets.customer_link import CustomerLink
from helpdesk.tickets.ticket import Ticket
from tests.support.page import form, read


def ask(client, email, number=""):
    return form(client.get("/find?lang=en"), "/find").send(client, email=email, number=number)


def asked_for(world, slug="acme"):
    with world.inside(slug):
        return sorted(world.one(Ticket, id=event.ticket_id).number for event in renewals())


def renewals():
    return db.session.scalars(select(Event).where(Event.name == "link.renewed")).all()


def test_Q_2_the_answer_is_the_same_for_everybody(world, client):
    world.ticket()
    answers = [ask(client, *what) for what in (
        ("bea@mail.example",), ("nobody@mail.example",), ("bea@mail.example", "ACME-1"), ("bea@mail.example", "ACME-9"),
    )]  # fmt: skip
    assert {(answer.status_code, answer.headers["Location"]) for answer in answers} == {(303, "/find?sent=1")}
    told = ("Location", "Content-Length", "Set-Cookie", "Retry-After", "Vary", "Cache-Control")
    assert len({(answer.text, *map(answer.headers.get, told)) for answer in answers}) == 1
    said = client.get("/find?sent=1")
    assert said.headers["Referrer-Policy"] == "no-referrer"
    assert said.headers["X-Robots-Tag"] == "noindex"
    assert "mail.example" not in said.text


@pytest.mark.parametrize("email", ["bea@mail.example", "nobody@mail.example"])
def test_Q_2_how_long_it_takes_does_not_tell_who_is_known(world, client, email):
    for n in range(5):
        world.ticket(f"Number {n}")
    filled = form(client.get("/find?lang=en"), "/find")
    began = time.monotonic()
    assert filled.send(client, email=email).status_code == 303
    assert time.monotonic() - began >= EVEN_SECONDS
    assert len(asked_for(world)) == (5 if email.startswith("bea") else 0)


def test_Q_2_nobody_waits_for_an_answer_that_is_held_back(world, client, monkeypatch):
    """What was written is committed before, and the database let go."""
    seen = []
    world.ticket()
    monkeypatch.setattr(find_views, "sleep", lambda seconds: seen.append((seconds, asked_for(world))))
    assert ask(client, "bea@mail.example").status_code == 303
    [(seconds, written)] = seen
    assert 0 < seconds <= EVEN_SECONDS
    assert written == ["ACME-1"]


@pytest.mark.parametrize(("spoken", "words", "other"), [
    ("vi", "Quá nhiều lần thử", ""), ("en", "Too many requests", ""), ("", "Too many requests", "Quá nhiều lần thử"),
])  # fmt: skip
def test_Q_5_a_limit_is_said_in_the_readers_language_or_in_both(make_app, world, spoken, words, other):
    client = make_app(rate_limits=True).test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = spoken
    filled = form(client.get("/find"), "/find")
    answers = [filled.send(client, email=f"n{n}@mail.example") for n in range(11)]
    assert [answer.status_code for answer in answers] == [303] * 10 + [429]
    page = read(answers[-1])
    assert next(page.all("h1")).text == words
    assert [twin["lang"] for twin in page.with_attribute("class") if "error-twin" in twin["class"]] == [
        "vi"
    ] * bool(other)
    assert other in answers[-1].text
    assert "/find" in [a["href"] for a in page.all("a")]


def test_TKT_002_the_newest_requests_of_an_address_are_mailed(world, client):
    for n in range(7):
        world.ticket(f"Number {n}")
    ask(client, " BEA@mail.example ")
    assert asked_for(world) == ["ACME-3", "ACME-4", "ACME-5", "ACME-6", "ACME-7"]
    assert asked_for(world, "globex") == []


def test_TKT_002_a_number_names_one_of_them(world, client):
    world.ticket()
    world.ticket()
    ask(client, "bea@mail.example", "acme-1")
    assert asked_for(world) == ["ACME-1"]


def test_Q_1_somebody_elses_number_is_mailed_to_nobody(world, client):
    world.ticket()
    world.ticket(by="Cyd")
    ask(client, "bea@mail.example", "GLOB-1")
    assert (asked_for(world), asked_for(world, "globex")) == ([], [])


def test_TKT_012_deleted_and_merged_requests_are_not_mailed(world, client):
    gone, merged, kept = world.ticket(), world.ticket(), world.ticket()
    with world.inside():
        world.one(Ticket, id=gone).deleted_at = clock.now()
        Ticket.for_deed(merged).merge_into(Ticket.for_deed(kept), by=world.user("Mai"))
    ask(client, "bea@mail.example")
    with world.inside():
        assert [event.ticket_id for event in renewals()] == [kept]


@pytest.mark.parametrize(
    "email", ["", "bea", "a@b.example,c@d.example", "\x00", "a" * 5000, "\U0001f600", "<b>@x"]
)
def test_Q_2_what_is_no_address_is_said_at_the_field(world, client, email):
    answer = ask(client, email)
    assert answer.status_code == 422
    assert "Enter an email address like" in answer.text


def test_Q_2_three_times_an_hour_for_one_address(make_app, world):
    app = make_app(rate_limits=True)
    world.ticket()
    answers = []
    for n in range(5):
        client = app.test_client()
        filled = form(client.get("/find?lang=vi"), "/find")
        sent = filled.fields | {"email": "bea@mail.example"}
        answers.append(client.post("/find", data=sent, environ_base={"REMOTE_ADDR": f"192.0.2.{n}"}))
    assert [answer.status_code for answer in answers] == [303, 303, 303, 429, 429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 3600


def test_Q_2_an_agent_ends_a_link_and_with_it_every_page(world, client):
    ticket = world.ticket()
    link = world.link(ticket)
    client.get(link)
    gus = world.sign_in("Gus")
    page = gus.get("/tickets/ACME-1")
    assert form(page, "/link/revocation").send(gus).status_code == 303
    assert client.get(f"/requests/{ticket}").status_code == 410
    assert client.get(link).status_code == 410
    with world.inside():
        assert world.count(Event, name="link.revoked") == 1
    assert form(page, "/link/revocation").send(gus).status_code == 303, "twice is quiet"
    with world.inside():
        assert world.count(Event, name="link.revoked") == 1


def test_Q_2_an_agent_mails_a_new_link_and_the_old_one_ends(world, client):
    ticket = world.ticket()
    link = world.link(ticket)
    gus = world.sign_in("Gus")
    assert form(gus.get("/tickets/ACME-1"), "/tickets/ACME-1/link").send(gus).status_code == 303
    assert client.get(link).status_code == 410
    fresh = world.link(ticket)
    assert fresh != link
    assert client.get(fresh).status_code == 303
    with world.inside():
        assert world.one(Event, name="link.renewed").actor["name"] == "Gus"


def test_Q_1_the_neighbours_agent_ends_nothing(world, client):
    ticket = world.ticket()
    link = world.link(ticket)
    gil = world.sign_in("Gil")
    token = form(gil.get("/me"), "/me").fields["csrf_token"]
    for deed in ("link", "link/revocation"):
        assert gil.post(f"/tickets/ACME-1/{deed}", data={"csrf_token": token}).status_code == 404
    assert client.get(link).status_code == 303


def test_TKT_013_the_link_of_a_merged_request_leads_to_the_one_that_goes_on(world, client):
    source, into = world.ticket("Twice"), world.ticket()
    link = world.link(source)
    world.link(into)
    with world.inside():
        Ticket.for_deed(source).merge_into(Ticket.for_deed(into), by=world.user("Mai"))
        before = world.count(CustomerLink)
    answer = client.get(link)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/requests/{into}")
    page = client.get(f"/requests/{into}?lang=en")
    assert "Your request ACME-1 is now part of this one." in page.text
    assert "This request is now part of another one" in client.get(f"/requests/{source}?lang=en").text
    with world.inside():
        assert world.count(CustomerLink) == before, "opening a link writes nothing"
