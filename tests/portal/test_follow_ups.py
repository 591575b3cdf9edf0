"""TKT-009, TKT-013: a reply on a closed request opens a new one; how a customer gets from one to the other."""

import pytest

from helpdesk.core import clock
from helpdesk.core.events import Event
from helpdesk.tickets.customer_link import CustomerLink
from helpdesk.tickets.message import Message
from helpdesk.tickets.ticket import Ticket
from tests.portal.test_form import picture
from tests.support.databases import on_postgresql
from tests.support.page import form, read
from tests.support.seat import bring_to
from tests.support.waiting import beside


@pytest.fixture
def ticket(world):
    made = world.ticket(order={"id": "A-1"})
    bring_to(world, made, "CLOSED")
    return made


def page(browser, ticket):
    return browser.get(f"/requests/{ticket}?lang=en")


def close_as(world, reason):
    made = world.ticket("Another")
    with world.inside():
        Ticket.for_deed(made).close(by=world.user("Mai"), reason=reason)
    return made


def test_TKT_009_the_composer_of_a_closed_request_says_what_it_opens(bea, ticket):
    answer = page(bea, ticket)
    assert "What you write here opens a new request that is linked to this one." in answer.text
    assert "Send as a new request" in answer.text


def test_TKT_009_a_reply_on_a_closed_request_opens_a_new_one_that_links_back(world, bea, ticket):
    sent = form(page(bea, ticket), "/replies").send(bea, body="It broke again.", files=(picture(), "a.png"))
    assert sent.status_code == 303
    with world.inside():
        old, new = world.one(Ticket, id=ticket), world.one(Ticket, number="ACME-2")
        assert sent.headers["Location"] == f"/requests/{new.id}"
        same = ("customer_id", "merchant_id", "category_id", "language", "order", "subject")
        assert [getattr(new, name) for name in same] == [getattr(old, name) for name in same]
        assert (old.status, new.status, new.follows_id, new.source) == ("CLOSED", "OPEN", old.id, "portal")
        said = world.one(Message, ticket_id=new.id)
        assert (said.kind, said.body, len(said.attachments)) == ("comment", "It broke again.", 1)
        assert {c.kind for c in new.tracker.clocks if c.running_since} == {"first", "resolution"}
        created = world.one(Event, ticket_id=new.id)
        assert (created.name, created.actor["kind"]) == ("ticket.created", "customer")
        assert world.one(Event, name="ticket.continued").data == {"number": "ACME-2"}


def test_TKT_009_both_requests_lead_to_each_other(world, bea, ticket):
    sent = form(page(bea, ticket), "/replies").send(bea, body="It broke again.")
    new = bea.get(sent.headers["Location"] + "?lang=en")
    assert new.status_code == 200
    assert "Follows your request" in new.text
    back = form(new, "/passage").send(bea)
    assert (back.status_code, back.headers["Location"]) == (303, f"/requests/{ticket}")
    assert "Continued in" in page(bea, ticket).text
    lines = read(page(bea, ticket)).with_attribute("data-message")
    assert "ACME-2" in lines[-1].text
    assert form(page(bea, ticket), "/passage").send(bea).headers["Location"] == sent.headers["Location"]


def test_TKT_009_scripts_are_sent_on_too(world, bea, ticket):
    sent = form(page(bea, ticket), "/replies").send(bea, htmx=True, body="It broke again.")
    assert (sent.status_code, sent.text) == (200, "")
    assert sent.headers["HX-Redirect"] == "/requests/2"
    assert bea.get("/requests/2").status_code == 200


def test_MSG_007_the_same_form_opens_one_request(world, bea, ticket):
    filled = form(page(bea, ticket), "/replies")
    first, second = (filled.send(bea, body="Again.") for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    with world.inside():
        assert world.count(Ticket) == 2
        assert world.count(Event, name="ticket.created") == 2
        assert world.count(Event, name="ticket.continued") == 1


@pytest.mark.parametrize("htmx", [True, False])
def test_MSG_006_a_refused_follow_up_keeps_its_words(world, bea, ticket, htmx):
    filled = form(page(bea, ticket), "/replies")
    assert filled.send(bea, htmx, body=" \n ").status_code == 422
    long = filled.send(bea, htmx, body="x" * 20_001)
    assert long.status_code == 422
    assert form(long, "/replies").fields["body"] == "x" * 20_001
    with world.inside():
        assert world.count(Ticket) == 1


@pytest.mark.parametrize("where", ["/replies", "/reopening"])
def test_TKT_009_a_page_from_before_the_closing_opens_a_new_request_too(world, client, where):
    made = world.ticket()
    bring_to(world, made, "RESOLVED")
    client.get(world.link(made))
    before = page(client, made)
    form(before, "/confirmation").send(client)
    assert (
        form(before, where).send(client, body="One more thing").headers["Location"] == f"/requests/{made + 1}"
    )


@pytest.mark.parametrize("htmx", [True, False])
def test_TKT_009_spam_is_not_gone_on_with(world, client, htmx):
    made = world.ticket()
    client.get(world.link(made))
    before = page(client, made)
    with world.inside():
        Ticket.for_deed(made).close(by=world.user("Mai"), reason="spam")
    late = form(before, "/replies").send(client, htmx, body="Buy this")
    assert late.status_code == 422
    assert "takes no more messages" in late.text
    assert "Buy this" in late.text
    assert "spam" not in late.text.lower(), "he is not told what he is taken for"
    assert "The request was closed." in page(client, made).text
    assert "closed the request as spam." in world.sign_in("Gus").get("/tickets/ACME-1?lang=en").text
    with world.inside():
        assert world.count(Ticket) == 1


def merged(world, source, target="Where is my order?"):
    into = world.ticket(target)
    with world.inside():
        mine, other = Ticket.for_deed(source), Ticket.for_deed(into)
        mine.merge_into(other, by=world.user("Mai"))
    return into


def test_TKT_013_a_merged_request_leads_to_the_one_that_goes_on(world, client):
    source = world.ticket("A duplicate")
    client.get(world.link(source))
    into = merged(world, source)
    answer = page(client, source)
    assert "This request is now part of another one" in answer.text
    assert not [f for f in read(answer).all("form") if "/replies" in f["action"]]
    on = form(answer, "/passage").send(client)
    assert on.headers["Location"] == f"/requests/{into}"
    shown = page(client, into)
    assert [m["data-origin"] for m in read(shown).with_attribute("data-origin")] == ["ACME-1"]


def test_TKT_013_what_is_written_on_a_merged_request_is_said_in_the_other_one(world, client):
    source = world.ticket("A duplicate")
    client.get(world.link(source))
    before = page(client, source)
    into = merged(world, source)
    sent = form(before, "/replies").send(client, body="Hello?")
    assert sent.headers["Location"] == f"/requests/{into}"
    form(before, "/replies").send(client, body="Hello?")
    with world.inside():
        assert world.one(Message, body="Hello?").ticket_id == into


@on_postgresql
def test_TKT_013_a_reply_on_a_merged_request_and_a_deed_on_both_do_not_block_each_other(world, client):
    into, source = world.ticket("It goes on"), world.ticket("A duplicate")
    client.get(world.link(source))
    reply = form(page(client, source), "/replies")
    with world.inside():
        Ticket.for_deed(source).merge_into(Ticket.for_deed(into), by=world.user("Mai"))
    sent = []
    with beside(
        world, lambda: sent.append(reply.send(client, body="Hello?")), after=lambda: Ticket.for_deed(into)
    ):
        Ticket.for_deed(source)
    assert sent[0].headers["Location"] == f"/requests/{into}"
    with world.inside():
        assert world.one(Message, body="Hello?").ticket_id == into


@pytest.mark.parametrize(
    "to,code", [("", 400), ("ACME-99", 404), ("ACME-2", 404), ("GLOB-1", 404), ("x" * 5000, 404)]
)
def test_Q_1_there_is_no_passage_to_requests_that_are_not_near(world, bea, ticket, to, code):
    world.ticket("Not near")
    world.ticket(by="Cyd")
    filled = form(page(bea, ticket), "/leaving")
    filled.action = f"/requests/{ticket}/passage"
    assert filled.send(bea, to=to).status_code == code


def test_TKT_012_there_is_no_passage_to_a_deleted_request(world, bea, ticket):
    form(page(bea, ticket), "/replies").send(bea, body="Again.")
    before = page(bea, ticket)
    with world.inside():
        Ticket.for_deed(ticket + 1).delete(by=world.user("Mai"))
    assert form(before, "/passage").send(bea).status_code == 404
    assert "Continued in" not in page(bea, ticket).text


def test_TKT_012_a_deleted_request_is_gone_for_its_customer(world, bea, ticket):
    link, before = world.link(ticket), page(bea, ticket)
    with world.inside():
        Ticket.for_deed(ticket).delete(by=world.user("Mai"))
    assert bea.get(link).status_code == 410
    for address in ("", "/changes"):
        assert bea.get(f"/requests/{ticket}{address}").status_code == 410
    assert form(before, "/replies").send(bea, body="Hello?").status_code == 410
    with world.inside():
        assert world.count(Ticket) == 1
        Ticket.for_deed(ticket).restore(by=world.user("Mai"))
    assert page(bea, ticket).status_code == 200


def test_TKT_009_an_expired_link_is_renewed_by_the_passage(world, bea, ticket):
    sent = form(page(bea, ticket), "/replies").send(bea, body="Again.")
    with world.inside():
        world.one(CustomerLink, ticket_id=ticket + 1).expires_at = clock.now()
    assert form(page(bea, ticket), "/passage").send(bea).headers["Location"] == sent.headers["Location"]
    assert bea.get(sent.headers["Location"]).status_code == 200


@pytest.mark.parametrize("status", ["RESOLVED", "CLOSED"])
def test_Q_5_the_note_is_in_the_readers_language_or_says_which_it_is_in(world, client, status):
    made = world.ticket()
    bring_to(world, made, status)
    client.get(world.link(made))
    for language, said in (("en", "Done."), ("vi", "Xong.")):
        (note,) = read(client.get(f"/requests/{made}?lang={language}")).all("p", class_="resolution-note")
        assert (note.text, "lang" in note.attributes) == (said, False)
    with world.inside():
        world.one(Ticket, id=made).resolution_note_vi = ""
    (note,) = read(client.get(f"/requests/{made}?lang=vi")).all("p", class_="resolution-note")
    assert (note.text, note["lang"]) == ("Done.", "en")


def test_ux_8_14_a_refused_form_says_so_in_the_pages_title(world, client):
    made = world.ticket()
    client.get(world.link(made))
    answer = form(page(client, made), "/replies").send(client, body="")
    assert answer.status_code == 422
    assert next(read(answer).all("title")).text.startswith("Error: ")
    assert not next(read(page(client, made)).all("title")).text.startswith("Error: ")


def test_Q_2_a_page_that_outlived_its_session_says_that_it_is_to_be_opened_again(world, make_app, app):
    made = world.ticket()
    app.config["WTF_CSRF_ENABLED"] = True
    browser = app.test_client()
    browser.get(world.link(made))
    typed = form(page(browser, made), "/replies")
    browser.delete_cookie("session")
    answer = typed.send(browser, body="It broke again.")
    assert answer.status_code == 400
    assert "This page was opened too long ago. Open it again" in answer.text
    assert "It broke again." in answer.text
