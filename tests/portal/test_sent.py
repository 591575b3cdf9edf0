"""ux C2: after his own reply a status says that it was sent; nobody is told of his own message as of news."""

import pytest

from helpdesk.tickets.ticket import Ticket
from tests.portal.test_live import Ear, contents
from tests.support.page import form, read

SAID = "Your message was sent."


@pytest.fixture
def app(make_app, redis_url):
    return make_app(redis_url=redis_url)


def page(browser, ticket):
    return browser.get(f"/requests/{ticket}?lang=en")


def told(answer):
    """What a page says in its status lines."""
    return [
        one.text for one in read(answer).all(role="status") if one.text and "hidden" not in one.attributes
    ]


def resolved(world, ticket):
    with world.inside():
        Ticket.for_deed(ticket).resolve(by=world.user("Gus"), note_en="Sent.", note_vi="Đã gửi.")


@pytest.mark.parametrize("deed", ["/replies", "/reopening"])
def test_C2_without_scripts_the_page_says_once_that_it_was_sent(world, bea, ticket, deed):
    if deed == "/reopening":
        resolved(world, ticket)
    before = page(bea, ticket)
    assert SAID not in told(before)
    assert form(before, deed).send(bea, body="Anybody there?").status_code == 303
    other = world.ticket("Another one")
    bea.get(world.link(other))
    assert SAID not in told(page(bea, other)), "nothing was sent there"
    assert SAID in told(page(bea, ticket))
    assert SAID not in told(page(bea, ticket)), "an hour later that is no news"


@pytest.mark.parametrize("htmx", [True, False])
def test_C2_what_opens_a_new_request_is_said_to_be_sent_there(world, bea, ticket, htmx):
    with world.inside():
        Ticket.for_deed(ticket).close(by=world.user("Mai"), reason="withdrawn")
    sent = form(page(bea, ticket), "/replies").send(bea, htmx, body="It broke again.")
    assert SAID in told(page(bea, int(sent.headers["HX-Redirect" if htmx else "Location"].split("/")[-1])))


def test_C2_a_script_is_told_that_it_was_sent_and_of_no_new_message(bea, ticket):
    sent = form(page(bea, ticket), "/replies").send(bea, htmx=True, body="Anybody there?")
    [said] = read(sent).all("hx-partial", hx_target="#status")
    assert said.text == SAID
    assert "New message from" not in sent.text
    assert SAID not in told(page(bea, ticket)), "it has been said"


def test_C2_a_refused_reply_is_not_sent(bea, ticket):
    again = form(page(bea, ticket), "/replies").send(bea, body=" ")
    assert SAID not in told(again)
    assert SAID not in told(page(bea, ticket))


def test_C2_another_open_page_of_his_is_told(world, bea, ticket, redis_url):
    world.run_reactions()
    ear = Ear(redis_url, world, ticket)
    form(page(bea, ticket), "/replies").send(bea, body="Anybody there?")
    world.run_reactions()
    assert "New message from Bea" in contents(ear.frames())
    ear.pubsub.close()
    ear.redis.close()
