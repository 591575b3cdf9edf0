"""Signed texts: each purpose has its own key, so that one cannot be used as another (Q-2, V9.2.2)."""

from __future__ import annotations

import pytest

from helpdesk.core import clock
from helpdesk.core.signing import age_seconds, sign, stamp, unsign


@pytest.fixture(autouse=True)
def inside(app):
    with app.app_context():
        yield app


def test_what_was_signed_is_read_back():
    for value in (5, "ờ", [1, "x", None], {"a": 1.5}):
        assert unsign("one", sign("one", value)) == value


def test_Q_2_one_purpose_is_not_another():
    assert unsign("two", sign("one", 5)) is None
    assert unsign("on", sign("one", 5)) is None
    assert unsign("", sign("one", 5)) is None


def test_Q_2_a_changed_text_is_none():
    text = sign("one", [1, "x"])
    for place in range(len(text)):
        other = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        assert unsign("one", other) != [2, "x"]
        if other.rstrip("ABCDEFGH") != text.rstrip("ABCDEFGH") and place < len(text) - 1:
            assert unsign("one", other) is None, place


@pytest.mark.parametrize(
    "text", ["", ".", "x", "a.b", "a.b.c", "ờ", "\x00", "x" * 9000, "." * 9000, "\ud800", "e30."]
)
def test_Q_2_nonsense_is_none(text):
    assert unsign("one", text) is None


def test_Q_2_another_houses_signature_is_none(make_app):
    with make_app(secret_key="another key " * 5).app_context():
        theirs = sign("one", 5)
    assert unsign("one", theirs) is None


def test_Q_2_a_text_is_safe_in_an_address():
    text = sign("one", ["ờ/?#&=+% ", "\x00"])
    assert all(c.isascii() and (c.isalnum() or c in "-_.") for c in text)


def test_an_age_is_counted_by_the_clock():
    begun = stamp()
    clock.travel(60)
    assert 60 <= age_seconds(begun) < 70
