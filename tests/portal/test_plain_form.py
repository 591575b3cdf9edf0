"""A page's own HTML form, and what the form's page asks of its surroundings."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from helpdesk.accounts.customer import Customer
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.organizers.form_key import FormKey
from helpdesk.tickets.attachment import Attachment
from helpdesk.tickets.ticket import Ticket
from tests.portal.test_form import GIVEN, opened
from tests.support.page import form, read

SHOP = {"Origin": "https://shop.example"}


@pytest.fixture
def plain(world):
    """ACME's form takes plain ones, from one site."""
    with world.inside():
        found = world.one(FormKey, key="form-acme")
        found.takes_plain, found.allowed_origins = True, ["https://shop.example"]


def test_TKT_002_a_plain_form_of_another_site_makes_one_ticket(world, plain, client):
    first = client.post("/embed/form-acme?lang=vi", data=GIVEN, headers=SHOP)
    again = client.post("/embed/form-acme?lang=vi", data=GIVEN, headers=SHOP)
    assert (first.status_code, again.status_code) == (303, 303)
    thanks = client.get(first.headers["Location"])
    assert next(iter(read(thanks).with_attribute("data-ticket")))["data-ticket"] == "ACME-1"
    with world.inside():
        assert world.count(Ticket) == 1


def plain_sent(client, **more):
    return client.post("/embed/form-acme?lang=en", data=GIVEN | more, headers=SHOP)


def numbers(world):
    with world.inside():
        return [row.number for row in db.session.scalars(select(Ticket).order_by(Ticket.id))]


def at(hour, minute=0):
    """Some minutes before or after the next midnight (UTC)."""
    now = clock.now()
    midnight = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), UTC)
    clock.travel((midnight + timedelta(hours=hour, minutes=minute) - now).total_seconds())


def test_TKT_002_the_same_words_on_another_day_are_another_request(world, plain, client):
    """It has not come yet, once more: that is no form sent twice."""
    at(3)
    assert plain_sent(client).status_code == 303
    at(3)
    assert plain_sent(client).status_code == 303
    assert numbers(world) == ["ACME-1", "ACME-2"]


def test_MSG_007_midnight_makes_no_second_request_of_a_form_sent_twice(world, plain, client):
    at(0, -1)
    assert plain_sent(client).status_code == 303
    clock.travel(120)
    assert plain_sent(client).status_code == 303
    assert numbers(world) == ["ACME-1"]
    clock.travel(3600)
    assert plain_sent(client).status_code == 303
    assert numbers(world) == ["ACME-1", "ACME-2"], "an hour later it is meant"


def test_TKT_002_a_plain_page_that_was_open_for_days_sends_what_is_in_it(world, plain, client):
    """It has no token that could be too old, and our form that it leads to keeps what was typed."""
    wrong = plain_sent(client, email="uyen@", files=(io.BytesIO(b"words"), "a.txt"))
    assert wrong.status_code == 422
    clock.travel(2 * 24 * 3600)
    old = form(wrong, "/embed/form-acme").send(client, email="uyen@mail.example")
    assert old.status_code == 422
    assert "This form was open for a long time." in old.text
    again = form(old, "/embed/form-acme")
    assert (again.fields["description"], again.fields["email"]) == (GIVEN["description"], "uyen@mail.example")
    assert "“a.txt” is no longer here. Attach it again." in old.text, "what became of its file is said"
    assert again.send(client).status_code == 303
    assert plain_sent(client, subject="Another").status_code == 303


def test_MSG_002_a_plain_form_brings_files_and_with_others_it_is_another_request(world, plain, client):
    for content in (b"words", b"words", b"other words"):
        assert plain_sent(client, files=(io.BytesIO(content), "a.txt")).status_code == 303
    assert numbers(world) == ["ACME-1", "ACME-2"]
    with world.inside():
        sizes = [row.size for row in db.session.scalars(select(Attachment).order_by(Attachment.id))]
    assert sizes == [5, 11]


def test_MSG_002_the_files_of_a_plain_form_survive_what_is_wrong_in_it(world, plain, client):
    wrong = plain_sent(client, email="uyen@", files=(io.BytesIO(b"words"), "a.txt"))
    assert wrong.status_code == 422
    assert form(wrong, "/embed/form-acme").send(client, email="uyen@mail.example").status_code == 303
    with world.inside():
        assert world.one(Attachment).name == "a.txt"


def test_TKT_002_it_goes_on_to_its_own_page_of_thanks_on_an_allowed_site_only(plain, client):
    fine = client.post(
        "/embed/form-acme", data=GIVEN | {"next": "https://shop.example/thanks?a=1"}, headers=SHOP
    )
    assert fine.headers["Location"] == "https://shop.example/thanks?a=1"
    for strange in (
        "https://evil.example/", "//evil.example", "javascript:alert(1)", "https://shop.example@evil.example/",
        "https://shop.example.evil.example/", "/thanks", "https://shop.example\\@evil.example", "",
    ):  # fmt: skip
        sent = client.post(
            "/embed/form-acme", data=GIVEN | {"next": strange, "subject": f"To {strange}"}, headers=SHOP
        )
        assert sent.status_code == 303, strange
        assert sent.headers["Location"].startswith("/embed/form-acme/thanks/"), strange


THANKS = "https://shop.example/cảm-ơn?a=1"
SENT_ON = "https://shop.example/c%E1%BA%A3m-%C6%A1n?a=1"


def test_TKT_002_where_it_goes_on_to_survives_what_is_wrong_in_it(plain, client):
    wrong = plain_sent(client, email="uyen@", next=THANKS)
    assert wrong.status_code == 422
    policy = wrong.headers["Content-Security-Policy"]
    assert "form-action 'self' https://shop.example;" in policy, "browsers ask it about the redirect, too"
    again = form(wrong, "/embed/form-acme")
    assert again.send(client, email="uyen").status_code == 422
    fine = again.send(client, email="uyen@mail.example")
    assert (fine.status_code, fine.headers["Location"]) == (303, SENT_ON)
    told = form(plain_sent(client, email="u@", next=THANKS, subject="B"), "/embed/form-acme").send(
        client, htmx=True, email="u@mail.example"
    )
    assert (told.status_code, told.headers.get("HX-Redirect")) == (200, SENT_ON), "no script can follow it"


def test_Q_2_the_form_that_comes_back_leads_to_no_strange_site(world, plain, client):
    for strange in ("https://evil.example/", "//evil.example", "javascript:alert(1)", "/thanks"):
        wrong = plain_sent(client, email="uyen@", next=strange)
        assert "next" not in form(wrong, "/embed/form-acme").fields, strange
        assert "form-action 'self';" in wrong.headers["Content-Security-Policy"]
    again = form(plain_sent(client, email="uyen@", next=THANKS), "/embed/form-acme")
    for htmx, strange in ((True, "https://evil.example/"), (False, "https://shop.example@evil.example/")):
        sent = again.send(client, htmx=htmx, email="uyen@mail.example", next=strange)
        assert sent.headers["Location"].startswith("/embed/form-acme/thanks/"), strange
        assert "HX-Redirect" not in sent.headers
    with world.inside():
        world.one(FormKey, key="form-acme").takes_plain = False
    late = again.send(client, email="uyen@mail.example")
    assert late.headers["Location"].startswith("/embed/form-acme/thanks/"), "the form takes no such any more"


def test_MSG_006_what_is_wrong_in_it_is_shown_on_our_page_with_all_that_was_typed(world, plain, client):
    sent = client.post("/embed/form-acme?lang=en", data=GIVEN | {"email": "uyen@"}, headers=SHOP)
    assert sent.status_code == 422
    again = form(sent, "/embed/form-acme")
    assert again.fields["description"] == GIVEN["description"]
    assert again.send(client, email="uyen@mail.example").status_code == 303


def test_Q_2_a_plain_form_is_taken_where_the_form_says_so(world, client):
    assert client.post("/embed/form-acme", data=GIVEN, headers=SHOP).status_code == 400
    with world.inside():
        found = world.one(FormKey, key="form-acme")
        found.takes_plain, found.allowed_origins = True, ["https://shop.example"]
    for origin in (
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://shop.example.evil"},
    ):
        assert client.post("/embed/form-acme", data=GIVEN, headers=origin).status_code == 400, origin
    wrong = GIVEN | {"form_token": "made up"}
    assert client.post("/embed/form-acme", data=wrong, headers=SHOP).status_code == 400
    with world.inside():
        assert world.count(Ticket) == 0


def test_Q_2_the_honeypot_of_a_plain_form_counts(world, plain, client):
    sent = client.post("/embed/form-acme", data=GIVEN | {"website": "http://spam.example"}, headers=SHOP)
    assert sent.status_code == 422
    with world.inside():
        assert world.count(Customer, email="uyen@mail.example") == 0


def test_TKT_011_where_it_came_from_travels_with_the_ticket(world, client):
    shown = client.get("/embed/form-acme?lang=en&host=https://shop.example/help%3Fsecret=1%23x")
    filled = form(shown, "/embed/form-acme")
    filled.fields["from_zone"] = "Asia/Ho_Chi_Minh"
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "vi-VN,en;q=0.5"
    sent = filled.send(client, **GIVEN)
    assert sent.status_code == 303
    with world.inside():
        came = world.one(Ticket).sent_from
    assert came == {"page": "https://shop.example/help", "language": "vi-VN", "zone": "Asia/Ho_Chi_Minh"}
    desk = world.sign_in("Gus").get("/tickets/ACME-1").text
    assert "https://shop.example/help" in desk
    assert "secret" not in desk


@pytest.mark.parametrize(
    "host", ["javascript:alert(1)", "https://a:b@x.example/", "http://[", "x" * 3000, "\x00"]
)
def test_Q_2_nonsense_of_a_browser_is_left_out(world, client, host):
    shown = client.get("/embed/form-acme", query_string={"lang": "en", "host": host})
    filled = form(shown, "/embed/form-acme")
    filled.fields["from_zone"] = "Mars/Olympus"
    assert filled.send(client, **GIVEN).status_code == 303
    with world.inside():
        assert world.one(Ticket).sent_from in (None, {})


def test_C1_prefilled_fields_are_read_only_where_the_page_says_so(client):
    shown = client.get(
        "/embed/form-acme?lang=en&email=bea@mail.example&order=DH-7&readonly=email,order,subject"
    )
    fixed = {field["name"] for field in read(shown).with_attribute("readonly")}
    assert fixed == {"email", "order"}, "an empty field is never fixed"
    again = form(shown, "/embed/form-acme").send(
        client, **GIVEN | {"subject": "", "email": "bea@mail.example"}
    )
    assert {field["name"] for field in read(again).with_attribute("readonly")} == {"email", "order"}


def test_C1_the_language_is_the_addresss_the_browsers_or_the_stores(client):
    def spoken(address, accepts):
        page = client.get(address, headers={"Accept-Language": accepts})
        return next(iter(read(page).all("html")))["lang"]

    assert spoken("/embed/form-acme?lang=vi", "en") == "vi"
    assert spoken("/embed/form-acme", "vi-VN,en;q=0.5") == "vi"
    assert spoken("/embed/form-acme", "fr") == "en"
    assert spoken("/embed/form-acme?lang=fr", "de") == "en"


def test_C1_the_theme_is_the_pages_and_survives_errors(client):
    filled = opened(client, query="lang=en&theme=dark")
    again = filled.send(client, **GIVEN | {"email": "x"})
    assert next(iter(read(again).all("html")))["data-theme"] == "dark"
    assert "data-theme" not in client.get("/embed/form-acme?theme=red").text


def test_C1_too_many_requests_say_how_long_and_lose_nothing(make_app, world):
    client = make_app(rate_limits=True).test_client()
    filled = opened(client, query="lang=en")
    # Minutes are counted by the clock on the wall: of 41 requests that touch two of them, 21 fall into one.
    for _ in range(40):
        if filled.send(client, **GIVEN | {"email": "x"}).status_code == 429:
            break
    late = filled.send(client, **GIVEN)
    assert late.status_code == 429
    assert "try again in 1 minute." in late.text
    assert int(late.headers["Retry-After"]) <= 60
    assert form(late, "/embed/form-acme").fields["description"] == GIVEN["description"]


def test_C1_up_to_five_topics_are_seen_at_once(client):
    radios = [
        one["value"]
        for one in read(client.get("/embed/form-acme")).with_attribute("type")
        if one["type"] == "radio"
    ]
    assert len(radios) == 3, "two topics and none of them"
