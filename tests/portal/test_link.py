"""The customer's signed link: a secret that is swapped for a cookie, ends, and can be sent anew."""

from datetime import timedelta

import pytest

from helpdesk.core import clock
from helpdesk.core.events import Event
from helpdesk.tickets.customer_link import CustomerLink
from helpdesk.tickets.ticket import Ticket
from tests.support.page import form, read


def test_Q_2_the_link_is_swapped_for_a_cookie_of_one_page(world, client):
    ticket = world.ticket()
    answer = client.get(world.link(ticket))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/requests/{ticket}")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("request=")
    for part in (f"Path=/requests/{ticket}", "HttpOnly", "SameSite=Lax"):
        assert part in cookie
    page = client.get(f"/requests/{ticket}")
    assert page.status_code == 200
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert page.headers["Cache-Control"] == "no-store"
    assert "b•••@mail.example" in page.text


def test_Q_2_over_https_the_cookie_is_secure(make_app, world):
    ticket = world.ticket()
    client = make_app(base_url="https://help.example").test_client()
    cookie = client.get(world.link(ticket)).headers["Set-Cookie"]
    assert cookie.startswith("__Secure-request=")
    assert "Secure;" in cookie


def test_Q_2_opening_the_link_writes_nothing(world, client):
    link = world.link(world.ticket())
    with world.inside():
        before = (world.count(Event), world.one(CustomerLink).revoked_at, world.one(Ticket).version)
    client.get(link)
    client.head(link)
    with world.inside():
        assert (world.count(Event), world.one(CustomerLink).revoked_at, world.one(Ticket).version) == before


@pytest.mark.parametrize("token", ["x", "WzEsIngiXQ.AAAA", "%00", "..", "é" * 50, "a" * 5000])
def test_Q_2_a_made_up_link_is_not_found(client, token):
    assert client.get(f"/t/{token}").status_code == 404


def test_Q_2_a_cookie_is_no_link_and_a_link_is_no_cookie(world, client):
    ticket = world.ticket()
    link = world.link(ticket)
    cookie = client.get(link).headers["Set-Cookie"].split(";")[0].removeprefix("request=")
    stranger = world.app.test_client()
    assert stranger.get(f"/t/{cookie}").status_code == 404
    stranger.set_cookie("request", link.removeprefix("/t/"), path=f"/requests/{ticket}")
    assert stranger.get(f"/requests/{ticket}").status_code == 404


def test_Q_1_the_cookie_of_one_request_opens_no_other(world, client):
    mine, other, theirs = world.ticket(), world.ticket("Another one"), world.ticket(by="Cyd")
    client.get(world.link(mine))
    cookie = client.get_cookie("request", path=f"/requests/{mine}").value
    deed = form(client.get(f"/requests/{mine}"), "/replies")
    for id in (other, theirs):
        client.set_cookie("request", cookie, path=f"/requests/{id}")
        for address in (f"/requests/{id}", f"/requests/{id}/changes"):
            assert client.get(address).status_code == 404
        for door in ("replies", "confirmation", "reopening", "escalation", "sender", "passage", "leaving"):
            deed.action = f"/requests/{id}/{door}"
            assert deed.send(client, body="x", reason="x", to="ACME-1").status_code == 404, door
    deed.action = f"/requests/{mine}/replies"
    assert deed.send(client, body="x").status_code == 303, "the form itself is good"


def test_Q_1_an_agent_is_no_customer(world):
    ticket = world.ticket()
    assert world.sign_in("Gus").get(f"/requests/{ticket}").status_code == 404


def expired(world):
    link = world.link(world.ticket())
    with world.inside():
        world.one(CustomerLink).expires_at = clock.now() - timedelta(seconds=1)
    return link


def revoked(world):
    link = world.link(world.ticket())
    with world.inside():
        world.one(CustomerLink).revoke()
    return link


@pytest.mark.parametrize("end", [expired, revoked])
def test_Q_2_an_ended_link_offers_a_new_one(world, client, end):
    link = end(world)
    gone = client.get(link)
    assert gone.status_code == 410
    assert "Set-Cookie" not in gone.headers or "request=" not in gone.headers["Set-Cookie"]
    sent = form(gone, "/renewal").send(client)
    assert sent.status_code == 303
    answer = client.get(sent.headers["Location"])
    assert answer.status_code == 410
    assert "mail.example" not in answer.text, "the page does not say where it went"
    with world.inside():
        event = world.one(Event, name="link.renewed")
        assert (event.actor["kind"], event.data) == ("customer", {})


def test_Q_2_an_open_page_ends_with_its_link(world, client):
    ticket = world.ticket()
    client.get(world.link(ticket))
    with world.inside():
        world.one(CustomerLink).revoke()
    assert client.get(f"/requests/{ticket}").status_code == 410
    assert client.get(f"/requests/{ticket}/changes", headers={"HX-Request": "true"}).status_code == 410


@pytest.mark.parametrize(("deed", "field"), [("/replies", "body"), ("/escalation", "reason")])
def test_MSG_006_a_link_that_ends_while_something_is_written_gives_the_words_back(world, client, deed, field):
    ticket = world.ticket()
    client.get(world.link(ticket))
    filled = form(client.get(f"/requests/{ticket}?lang=en"), deed)
    with world.inside():
        world.one(CustomerLink).revoke()
    gone = filled.send(client, **{field: "Half an hour of <words>."})
    assert gone.status_code == 410
    assert next(iter(read(gone).all("textarea"))).text == "Half an hour of <words>."
    assert form(gone, "/renewal")


def test_TKT_012_a_deleted_tickets_link_is_dead(world, client):
    ticket = world.ticket()
    link = world.link(ticket)
    with world.inside():
        world.one(Ticket).deleted_at = clock.now()
    assert client.get(link).status_code == 410
    form(client.get(link), "/renewal").send(client)
    with world.inside():
        assert world.count(Event, name="link.renewed") == 0


def test_Q_2_leaving_forgets_the_way_in(world, client):
    ticket = world.ticket()
    link = world.link(ticket)
    client.get(link)
    left = form(client.get(f"/requests/{ticket}"), "/leaving").send(client)
    assert left.status_code == 303
    assert client.get(left.headers["Location"]).status_code == 200
    assert client.get(f"/requests/{ticket}").status_code == 404
    assert client.get(link).status_code == 303, "the link in the mail goes on working"


def test_Q_5_the_page_speaks_the_requests_language_until_another_is_chosen(world, client):
    ticket = world.ticket()
    client.get(world.link(ticket))
    assert '<html lang="vi"' in client.get(f"/requests/{ticket}", headers={"Accept-Language": "en"}).text
    assert '<html lang="en"' in client.get(f"/requests/{ticket}?lang=en").text
    form(client.get(f"/requests/{ticket}"), "/language").send(client, lang="en")
    assert '<html lang="en"' in client.get(f"/requests/{ticket}").text
