"""NTF-004: which texts may be saved, what they become, and what they said before."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.core.events import Event
from helpdesk.core.i18n import speaking
from helpdesk.notifications.difference import MOST_WORDS, Difference
from helpdesk.notifications.mail_kind import KINDS
from helpdesk.notifications.mail_template import PARTS, MailTemplate, faults
from helpdesk.notifications.mail_template_version import MailTemplateVersion
from helpdesk.notifications.placeholder import PLACEHOLDERS, offered
from helpdesk.notifications.specimen import Specimen
from helpdesk.notifications.template_page import NAMES, TemplatePage
from helpdesk.organizers.merchant import Merchant
from tests.support.databases import any_world  # noqa: F401 - a fixture
from tests.support.world import World

KIND = "ticket.replied.customer"
FINE = {
    "subject_en": "{{ticket_number}} answered", "subject_vi": "{{ticket_number}} đã trả lời",
    "body_en": "Look:\n\n{{message_text}}", "body_vi": "Xem:\n\n{{message_text}}",
}  # fmt: skip
TRIED = [  # (text of the body, what the sentence must name, what it must offer)
    ("{{message_text}} {{ticket_numbr}}", "{{ticket_numbr}}", "{{ticket_number}}"),
    ("{{message_text}} {{Ticket_Number}}", "{{Ticket_Number}}", "{{ticket_number}}"),
    ("{{message_text}} {{ ticket_number }}", "{{ ticket_number }}", "{{ticket_number}}"),
    ("{{message_text}} {{ticket-number}}", "{{ticket-number}}", "{{ticket_number}}"),
    ("{{message_text}} {{ticket.number}}", "{{ticket.number}}", "{{ticket_number}}"),
    ("{{message_text}} {{ticketnumber}}", "{{ticketnumber}}", "{{ticket_number}}"),
    ("{{message_text}} {{merchant_name", "{{merchant_name", "{{merchant_name}}"),
    ("{{message_text}} merchant_name}}", "merchant_name}}", "{{merchant_name}}"),
    ("{{message_text}} {merchant_name}", "{merchant_name}", "{{merchant_name}}"),
    ("{{message_text}} {{resolution_note}}", "{{resolution_note}}", ""),
    ("{{message_text}} {{customer_email}}", "{{customer_email}}", ""),
    (
        "{{message_text}} {{ticket.secret}}",
        "{{ticket.secret}}",
        "{{ticket_subject}}",
    ),  # a guess, and nothing more
    ("{{message_text}} {{self.__class__}}", "{{self.__class__}}", ""),
    ("{{message_text}} {{7*7}}", "{{7*7}}", ""),
    ("{{message_text}} {{}}", "{{}}", ""),
    ("{{message_text}} {{config}}", "{{config}}", ""),
    ("Nothing was written", "{{message_text}}", ""),
]
PLAIN_WORDS = [
    "{% for x in y %}",
    "${x}",
    "%(x)s",
    "{0.__class__}",
    "{x}",
    "<script>",
    "#{x}",
    "[[x]]",
    "{{{ticket_number}}}",
]


@pytest.fixture
def world(any_world: World) -> World:  # noqa: F811
    return any_world


def change(world: World, by: str = "Mai", **parts: str) -> int:
    with world.inside():
        return MailTemplate.change(KIND, FINE | parts, by=world.user(by)).id


def history(world: World) -> list[tuple[int, str, str, int | None]]:
    with world.inside():
        rows = db.session.scalars(select(MailTemplateVersion).order_by(MailTemplateVersion.number))
        return [(row.number, row.step, row.subject_en, row.created_by_id) for row in rows]


@pytest.mark.parametrize(("body", "named", "near"), TRIED)
def test_NTF_004_what_is_no_placeholder_is_named_and_the_nearest_offered(app, body, named, near):
    with app.app_context():
        found = faults(KINDS[KIND], FINE | {"body_vi": body})
    assert found.keys() == {"body_vi"}
    assert named in found["body_vi"]
    assert near in found["body_vi"]
    if not near:
        assert "Did you mean" not in found["body_vi"]


@pytest.mark.parametrize("words", PLAIN_WORDS)
def test_NTF_004_marks_of_other_languages_are_words_like_any_other(app, words):
    with app.app_context():
        assert faults(KINDS[KIND], FINE | {"body_en": f"{words} {{{{message_text}}}}"}) == {}
    template = MailTemplate(**(FINE | {"body_en": f"{words}\n\n{{{{message_text}}}}"}))
    said = template.text("en", {"message_text": "x", "ticket_number": "A-1"})
    assert said == f"{words}\n\nx".replace("{{ticket_number}}", "A-1")
    assert "<script>" not in template.html("en", {"message_text": "x", "ticket_number": "A-1"}, {})


def test_NTF_004_each_text_has_its_own_fault_in_the_readers_language(app):
    texts = {"subject_en": "No number", "subject_vi": "", "body_en": "x" * 20_001, "body_vi": "  "}
    with app.app_context(), speaking("vi"):
        found = faults(KINDS[KIND], texts)
    assert list(found) == list(PARTS)
    assert found["subject_en"] == "Thiếu {{ticket_number}}; nội dung này bắt buộc phải có."
    assert found["subject_vi"] == found["body_vi"] == "Hãy viết nội dung này; email cần có đủ hai ngôn ngữ."
    assert "20000" in found["body_en"]


@pytest.mark.parametrize("kind", KINDS)
def test_NTF_004_every_placeholder_is_documented_and_every_kind_named(kind):
    assert KINDS[kind].placeholders <= PLACEHOLDERS.keys(), "say in placeholder.py what it stands for"
    assert [one.name for one in offered(KINDS[kind])]
    assert kind in NAMES, "say in template_page.py what it is called"


@pytest.mark.parametrize("kind", KINDS)
def test_NTF_004_every_shipped_mail_is_whole_in_both_languages(app, cast, kind):
    with cast.inside():
        shop = cast.one(Merchant, prefix="ACME")
        for language in ("en", "vi"):
            written = Specimen(KINDS[kind], shop).written(MailTemplate.of(kind), language)
            for words in (written.subject, written.text, written.html()):
                assert "{{" not in words
                assert words.strip()
            assert "SHOP-1042" in written.subject
            assert written.link in written.text
            assert written.link in written.html()
            assert f'<html lang="{language}">' in written.html()


@pytest.fixture
def cast(app) -> World:
    return World(app)


def test_NTF_004_the_history_holds_what_came_with_the_product_too(world):
    change(world)
    change(world, subject_en="{{ticket_number}} again", by="Ada")
    with world.inside():
        mai, ada = world.user("Mai").id, world.user("Ada").id
    assert history(world) == [
        (1, "shipped", "[{{ticket_number}}] A reply to “{{ticket_subject}}”", None),
        (2, "changed", "{{ticket_number}} answered", mai),
        (3, "changed", "{{ticket_number}} again", ada),
    ]


def test_NTF_004_the_same_again_is_no_change(world):
    change(world)
    change(world)
    with world.inside():
        MailTemplate.reset(KIND, by=world.user("Mai"))
        MailTemplate.reset(KIND, by=world.user("Mai"))
        shipped = MailTemplate.of(KIND)
        MailTemplate.change(KIND, shipped.parts, by=world.user("Mai"))
    assert [step for _, step, _, _ in history(world)] == ["shipped", "changed", "reset"]
    with world.inside():
        names = db.session.scalars(select(Event.name).where(Event.name.startswith("template"))).all()
        assert names == ["template.changed", "template.reset"]


def test_NTF_004_an_earlier_version_comes_back(world):
    change(world)
    change(world, body_en="Other words: {{message_text}}")
    with world.inside():
        first = world.one(MailTemplateVersion, number=2)
        MailTemplate.of(KIND).restore(first, by=world.user("Ada"))
        assert MailTemplate.of(KIND).parts == FINE
        assert TemplatePage.of(KIND).states == {"en": "own", "vi": "own"}
    assert history(world)[-1][1] == "restored"


def test_NTF_004_an_earlier_version_that_may_not_be_sent_any_more_stays_away(world):
    template_id = change(world)
    with world.inside():
        MailTemplateVersion.keep(template_id, "changed", FINE | {"body_en": "{{gone}}"}, by=None)
        old = world.one(MailTemplateVersion, number=3)
        with pytest.raises(Refusal, match="gone"):
            MailTemplate.of(KIND).restore(old, by=world.user("Mai"))
        assert MailTemplate.of(KIND).parts == FINE


def test_NTF_004_nobody_changes_the_history(world):
    change(world)
    with pytest.raises(DBAPIError, match="append-only"), world.inside():
        db.session.execute(update(MailTemplateVersion).values(subject_en="Never said"))
    assert len(history(world)) == 2


def test_Q_7_no_event_holds_a_text(world):
    change(world, body_en="A secret offer: {{message_text}}")
    with world.inside():
        event = world.one(Event, name="template.changed")
        before, after = (world.one(MailTemplateVersion, number=n).id for n in (1, 2))
        assert event.data == {"kind": KIND, "parts": list(PARTS), "versions": [before, after]}


def test_Q_1_texts_are_of_one_organizer(world):
    change(world)
    with world.inside("globex"):
        assert MailTemplate.of(KIND).shipped_key
        assert db.session.scalars(select(MailTemplateVersion)).all() == []
        MailTemplate.change(KIND, FINE | {"subject_en": "{{ticket_number}} theirs"}, by=world.user("Gil"))
    with world.inside():
        assert MailTemplate.of(KIND).parts == FINE


def test_NTF_004_what_became_incomplete_is_said(app, cast):
    with cast.inside():
        MailTemplate.change(KIND, FINE, by=cast.user("Mai")).body_vi = "{{gone}}"
        assert TemplatePage.of(KIND).states == {"en": "own", "vi": "incomplete"}


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("", "", []),
        ("a", "a", [("same", "a")]),
        ("Hello there,\n", "Hello you,\n", [("same", "Hello "), ("gone", "there,"), ("new", "you,"), ("same", "\n")]),
        ("one\n\ntwo", "one\n\nthree\n\ntwo", [("same", "one\n\n"), ("new", "three\n\n"), ("same", "two")]),
        ("See {{ticket_number}}.", "See {{priority}}.",
         [("same", "See "), ("gone", "{{ticket_number}}"), ("new", "{{priority}}"), ("same", ".")]),
    ],
)  # fmt: skip
def test_NTF_004_a_difference_is_told_word_by_word(before, after, pieces):
    assert Difference.between(before, after).pieces == tuple(pieces)


@pytest.mark.parametrize("words", ["a " * 10_000, "ab\n" * 6_000, "{" * 20_000, "\u202e\u0301 " * 6_000])
def test_NTF_004_a_difference_of_long_texts_takes_no_age(words):
    other = words.replace("a", "b", 5_000)
    found = Difference.between(words, other)
    assert "".join(text for how, text in found.pieces if how != "new") == words
    assert "".join(text for how, text in found.pieces if how != "gone") == other
    assert len(words.split()) > MOST_WORDS or "{" in words


def test_NTF_002_a_sample_names_a_reason_for_which_somebody_gets_it(app, cast):
    with cast.inside():
        shop = cast.one(Merchant, prefix="ACME")
        written = Specimen(KINDS["ticket.created.user"], shop).written(
            MailTemplate.of("ticket.created.user"), "en"
        )
    assert "You get this mail because you belong to the team." in written.text
