"""What people type is cleaned once, before anything looks at it: both databases keep the same, or neither (Q-2)."""

from __future__ import annotations

import unicodedata

import pytest
import wtforms
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.core.forms import Email, Form, fresh_key, one_line, text
from helpdesk.tickets.message import Message
from tests.support.databases import both_databases
from tests.support.seat import Seat

CLEANED = {
    "a NUL": ("a\x00b", "ab"),
    "controls": ("a\x01\x08\x0b\x1f\x7f\x85\x9fb", "ab"),
    "a lone surrogate": ("a\ud800b\udfffc", "abc"),
    "a turned direction": ("invoice\u202efdp.exe", "invoicefdp.exe"),
    "isolates": ("a\u2066b\u2069c", "abc"),
    "a byte order mark": ("\ufeffa", "a"),
    "decomposed letters": (unicodedata.normalize("NFD", "Tiếng Việt"), "Tiếng Việt"),
    "line breaks of others": ("a\r\nb\rc", "a\nb\nc"),
    "space around": (" \n a \t", "a"),
    "an emoji with its joiner": ("👨‍👩‍👧", "👨‍👩‍👧"),
    "tabs and lines inside": ("a\tb\n\nc", "a\tb\n\nc"),
    "right to left words": ("שלום", "שלום"),
}


@pytest.mark.parametrize("typed, kept", CLEANED.values(), ids=CLEANED.keys())
def test_Q_2_a_text_is_cleaned(typed, kept):
    assert text(typed) == kept


@pytest.mark.parametrize("value", [None, 5, ["a"], b"a"])
def test_what_is_no_text_is_left_alone(value):
    assert text(value) is one_line(value) is value


@pytest.mark.parametrize("typed", ["a\nb", "a\r\nb", "a\u2028b", "a\u2029b", "a \t b", "a\x0bb"])
def test_Q_2_a_line_is_one(typed):
    assert one_line(typed).replace(" ", "") == "ab"
    assert len(one_line(typed).splitlines()) == 1


@given(st.text(st.characters(), max_size=60))
def test_Q_2_every_text_can_be_kept_and_cleaning_twice_is_cleaning_once(typed):
    cleaned = text(typed)
    cleaned.encode()  # PostgreSQL refuses lone surrogates
    assert "\x00" not in cleaned
    assert text(cleaned) == cleaned
    assert one_line(one_line(typed)) == one_line(typed)
    assert len(one_line(typed).splitlines()) <= 1


@both_databases
@pytest.mark.parametrize(
    "sent, kept",
    [
        ("a\x00b", "ab"),
        ("x\u202ey", "xy"),
        (unicodedata.normalize("NFD", "Việt"), "Việt"),
        ("😀", "😀"),
        ("a\r\nb", "a\nb"),
    ],
)
def test_Q_2_both_databases_keep_the_same(sent, kept, world):
    world.ticket()
    assert Seat(world, "Gus").post("/tickets/ACME-1/notes", body=sent).status_code == 303
    with world.inside():
        assert world.one(Message, kind="internal_note").body == kept


@both_databases
def test_Q_2_bytes_that_are_no_text_are_no_fault_of_ours(world):
    world.ticket()
    world.app.config["WTF_CSRF_ENABLED"] = False
    gus, kind = world.sign_in("Gus"), "application/x-www-form-urlencoded"
    for raw in (b"%FF%FE", b"%ED%A0%80", b"%00", b"a%00", b"%C3%28"):
        for field in (b"body", b"submission"):
            body = b"body=x&" + field + b"=" + raw
            answer = gus.post("/tickets/ACME-1/notes", data=body, content_type=kind)
            assert answer.status_code in (200, 303, 400, 422), raw
        assert gus.post("/login", data=b"email=" + raw, content_type=kind).status_code == 422, raw


# Addresses ----------------------------------------------------------------------------------------------------


class Asked(Form):
    email = wtforms.StringField(validators=[Email()])


def checked(app, typed: str) -> str | None:
    with app.test_request_context(method="POST", data={"email": typed}):
        asked = Asked.of_request()
        return asked.email.data if asked.validate() else None


@pytest.mark.parametrize(
    "typed, kept",
    [
        ("bea@mail.example", "bea@mail.example"),
        ("Bea.B+Shop@MAIL.example", "bea.b+shop@mail.example"),
        ("bea@münchen.example", "bea@münchen.example"),
    ],
)
def test_an_address_is_kept_in_its_normal_form(typed, kept, app):
    assert checked(app, typed) == kept


NO_ADDRESS = [
    *("", "bea", "bea@", "@mail.example", "a@localhost", "a@x..example", ".a@x.example", "a@[127.0.0.1]"),
    *("a@x.example,b@y.example", "a@x.example b@y.example", "a@x.example;b@y.example", "<b@y.example>"),
    *(
        '"<b@y.example>"@x.example',
        "Bea <bea@mail.example>",
        "a@x.example\nBcc: b@y.example",
        "a@x.example\r\n",
    ),
    *("a@" + "x" * 250 + ".example", "a@x.example\x00"),
]


def test_Q_2_what_is_not_one_plain_address_is_refused(app):
    for typed in NO_ADDRESS:
        assert checked(app, typed) is None, typed


def test_a_form_reads_its_own_fields_only(app):
    with app.test_request_context(method="POST", data={"email": "a@x.example", "role": "admin"}):
        assert set(Asked.of_request().data) == {"email"}


def test_a_form_does_not_read_the_address(app):
    with app.test_request_context("/?email=a@x.example", method="POST", data={}):
        assert not Asked.of_request().email.data


def test_every_shown_form_has_a_key_of_its_own():
    keys = {fresh_key() for _ in range(100)}
    assert len(keys) == 100
    assert all(len(key) >= 22 for key in keys)
