"""Who the merchant's own server says the visitor is: a short-lived token in the form's address."""

import jwt
import pytest

from helpdesk.accounts.customer import Customer
from helpdesk.core import clock
from helpdesk.core.events import Event
from helpdesk.portal.used_token import UsedToken
from helpdesk.tickets.search_document import SearchDocument
from helpdesk.tickets.ticket import Ticket
from tests.portal.test_form import GIVEN
from tests.support.page import form, read
from tests.support.world import SECRET

KEY = "form-acme"
OWN = SECRET.format(KEY)
TYPED = {"subject": "Hello", "description": "Here I am."}


def token(secret=OWN, algorithm="HS256", **claims):
    now = int(clock.now().timestamp())
    said = {
        "email": "Bea@mail.example",
        "name": "Bea Trần",
        "jti": "one",
        "iat": now,
        "exp": now + 300,
        **claims,
    }
    said = {name: value for name, value in said.items() if value is not None}
    return jwt.encode(said, secret, algorithm=algorithm)


def opened(client, jwt_text):
    answer = client.get(f"/embed/{KEY}", query_string={"token": jwt_text, "lang": "en"})
    assert answer.status_code == 200
    return answer


def test_TKT_002_a_vouched_visitor_is_filled_in_for_good(world, client):
    answer = opened(client, token(external_id="C-7", vip=True, order="DH-9"))
    email = next(read(answer).all("input", name="email"))
    assert (email["value"], "readonly" in email.attributes) == ("bea@mail.example", True)
    sent = form(answer, "/embed/").send(
        client, **TYPED, email="other@mail.example", name="Other", order="DH-1"
    )
    assert sent.status_code == 303
    with world.inside():
        customer = world.one(Customer, email="bea@mail.example")
        assert (customer.name, customer.external_id, customer.is_vip) == ("Bea Trần", "C-7", True)
        assert world.one(Ticket).order == {"id": "DH-9"}
        assert world.count(Customer, email="other@mail.example") == 0


def test_TKT_014_earlier_requests_learn_a_vouched_name_after_the_visitors_answer(world, client):
    made = world.ticket()
    for jti in ("one", "two"):
        form(opened(client, token(email="bea@mail.example", name="Zoe Quan", jti=jti)), "/embed/").send(
            client, **TYPED
        )
    with world.inside():
        address = world.one(Ticket, id=made).customer.email
    assert address == "bea@mail.example"
    with world.inside():
        assert "zoe" not in world.one(SearchDocument, id=made).words
        changed = world.one(Event, name="customer.changed")  # once: the second time nothing was new
        assert changed.data == {"customer": world.one(Ticket, id=made).customer_id, "changed": ["name"]}
    world.run_reactions()
    with world.inside():
        assert "zoe" in world.one(SearchDocument, id=made).words


def test_TKT_014_whoever_is_new_has_nothing_to_learn(world, client):
    said = token(email="new@mail.example", external_id="C-7")
    form(opened(client, said), "/embed/").send(client, **TYPED, phone="0912 345 678")
    with world.inside():
        new = world.one(Customer, email="new@mail.example")
        assert (new.name, new.phone, new.external_id) == ("Bea Trần", "0912 345 678", "C-7")
        assert world.count(Event, name="customer.changed") == 0


def test_TKT_011_the_shops_account_of_the_order_travels_along(world, client):
    order = {"id": "DH-9", "total": "1.250.000 ₫", "items": [{"name": "Blanket", "quantity": 1}]}
    form(opened(client, token(order=order)), "/embed/").send(client, **TYPED)
    with world.inside():
        assert world.one(Ticket).order == order


def test_TKT_002_a_vouched_visitor_may_follow_his_request_at_once(client):
    sent = form(opened(client, token()), "/embed/").send(client, **TYPED)
    thanks = client.get(sent.headers["Location"])
    link = next(a for a in read(thanks).all("a") if a["href"].startswith("/t/"))
    assert client.get(link["href"]).status_code == 303


def test_Q_2_a_token_makes_one_ticket(world, client):
    said = token()
    first, second = form(opened(client, said), "/embed/"), form(opened(client, said), "/embed/")
    assert first.send(client, **TYPED).status_code == 303
    assert first.send(client, **TYPED).status_code == 303, "the same form again is no second use"
    other = first.send(client, **TYPED | {"description": "Something else."})
    assert other.status_code == 422
    assert "Something else." in other.text, "of it nothing is lost, but it is no second use either"
    again = second.send(client, **TYPED)
    assert again.status_code == 422
    assert "We could not verify who you are." in again.text
    assert "readonly" not in again.text
    assert "We could not verify who you are." in opened(client, said).text
    with world.inside():
        assert (world.count(Ticket), world.count(UsedToken)) == (1, 1)
    assert form(again, "/embed/").send(client).status_code == 303, "he goes on as anybody, under his own word"


def test_TKT_002_a_form_stays_vouched_for_longer_than_its_token(world, client):
    filled = form(opened(client, token()), "/embed/")
    clock.travel(3600)
    assert filled.send(client, **TYPED).status_code == 303
    with world.inside():
        assert world.one(Ticket).customer.name == "Bea Trần"


def test_TKT_002_a_token_may_come_with_the_answer_too(world, client):
    filled = form(client.get(f"/embed/{KEY}"), "/embed/")
    filled.action += f"&token={token()}"
    assert filled.send(client, **TYPED).status_code == 303
    with world.inside():
        assert world.one(Ticket).customer.email == "bea@mail.example"


BAD = {
    "another form's secret": {"secret": SECRET.format("form-beta")},
    "another algorithm": {"algorithm": "HS512"},
    "no signature": {"secret": "", "algorithm": "none"},
    "expired": {"iat": 0, "exp": 300},
    "lives too long": {"exp": 4_000_000_000},
    "from the future": {"iat": 4_000_000_000, "exp": 4_000_000_300},
    "no jti": {"jti": None},
    "no expiry": {"exp": None},
    "no e-mail": {"email": None},
    "no address": {"email": "bea"},
    "two addresses": {"email": "a@b.example,c@d.example"},
    "a number for an address": {"email": 7},
    "a text for an instant": {"exp": "soon"},
    "infinity for an instant": {"exp": float("inf")},
    "a list for a jti": {"jti": ["one"]},
}


@pytest.mark.parametrize("offence", BAD)
def test_Q_2_a_bad_token_is_passed_over_with_a_sentence(world, client, offence):
    answer = opened(client, token(**BAD[offence]))
    assert "We could not verify who you are." in answer.text
    assert "bea@mail.example" not in answer.text.lower()
    assert form(answer, "/embed/").send(client, **GIVEN).status_code == 303
    with world.inside():
        assert world.one(Ticket).customer.email == "uyen@mail.example"


@pytest.mark.parametrize("nonsense", ["x", "a.b.c", "....", "\x00", "é", "e30.e30.e30"])
def test_Q_2_nonsense_for_a_token_is_no_error(client, nonsense):
    assert "We could not verify who you are." in opened(client, nonsense).text


@pytest.mark.parametrize("order", [
    {"id": "\ud800DH\x00-9", "items": ["\ud800"], "total": {"\ud800": "\u202e1"}},
    {"id": "DH-9", "items": [{"colour": "blue"}, {"name": None}, None, 5]},
    {"id": {"a": 1}, "items": {"a": 1}, "total": [1]},
])  # fmt: skip
def test_TKT_011_any_order_that_is_taken_can_be_kept_and_shown(world, client, order):
    answer = form(opened(client, token(order=order)), "/embed/").send(client, **TYPED)
    assert answer.status_code == 303
    assert world.sign_in("Gus").get("/tickets/ACME-1").status_code == 200


@pytest.mark.parametrize("claims", [
    {"order": {"id": 1, "total": float("nan")}},
    {"jti": "\ud800"},
    {"jti": "a\x00b"},
])  # fmt: skip
def test_Q_2_a_token_that_no_database_can_keep_vouches_for_nobody(client, claims):
    answer = opened(client, token(**claims))
    assert "could not verify" in answer.text


@pytest.mark.parametrize("number", [None, "", " ", {"a": "b"}, ["DH-9"], True])
def test_TKT_011_an_order_without_a_number_that_makes_sense_is_none(world, client, number):
    answer = opened(client, token(order={"id": number, "total": 5}))
    assert form(answer, "/embed/").fields["order"] == ""
    assert form(answer, "/embed/").send(client, **TYPED).status_code == 303
    with world.inside():
        assert world.one(Ticket).order is None
