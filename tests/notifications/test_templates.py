"""NTF-002, NTF-004: texts in two languages, a closed list of placeholders, no template language."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.core.seeds import seed_shipped
from helpdesk.notifications.audience import _FINDERS
from helpdesk.notifications.mail_kind import KINDS, REASONS
from helpdesk.notifications.mail_template import MailTemplate
from helpdesk.notifications.preference_topic import TOPICS
from helpdesk.notifications.shipped_mail import SHIPPED
from tests.notifications.post import BEA, GUS, Post
from tests.notifications.sink import parts

OWN = {
    "subject_en": "{{ticket_number}} {{ticket_subject}}",
    "subject_vi": "{{ticket_number}} {{ticket_subject}}",
    "body_en": "{{actor_name}} & co say:\n\n{{message_text}}\n\nBye\n{{merchant_name}}",
    "body_vi": "{{actor_name}} & co nói:\n\n{{message_text}}\n\nChào\n{{merchant_name}}",
}


def test_NTF_004_every_mail_is_shipped_in_both_languages() -> None:
    assert {mail.kind for mail in SHIPPED} == set(KINDS)
    mailed = {topic.kind for topic in TOPICS.values() if topic.is_mailed}
    assert mailed | {"batch.user", "batch.customer"} == set(KINDS)
    assert set(_FINDERS) == set(TOPICS)
    whom = {"customer", "assignee", "follower", "group", "mention", "lead", "managers", "admins"}
    assert whom == set(REASONS)
    for mail in SHIPPED:
        if mail.kind.endswith(".customer"):
            assert "phiếu" not in f"{mail.subject_vi} {mail.body_vi}".lower()


def test_Q_6_seeding_again_changes_nothing_and_new_words_are_taken_over(post: Post) -> None:
    def rows() -> list[tuple[object, ...]]:
        with post.inside():
            found = db.session.scalars(select(MailTemplate).order_by(MailTemplate.id))
            return [(row.id, row.kind, row.subject_en, row.body_vi, row.changed_at) for row in found]

    before = rows()
    assert len(before) == len(SHIPPED)
    with post.app.app_context():
        seed_shipped()
    assert rows() == before
    with post.app.app_context():
        from helpdesk.core.db import transaction
        from helpdesk.core.tenancy import across_organizers

        with across_organizers(), transaction():
            db.session.scalars(select(MailTemplate)).first().subject_en = "an older version's words"
        seed_shipped()
    assert [row[:4] for row in rows()] == [row[:4] for row in before]


def test_NTF_004_an_organizers_own_texts_are_used_until_they_are_reset(post: Post) -> None:
    ticket_id = post.assigned()
    with post.inside():
        MailTemplate.change("ticket.replied.customer", OWN, by=post.user("Mai"))
    post.reply(ticket_id, "Hello")
    (mail,) = post.sent_to(BEA)
    assert mail["Subject"] == "ACME-1 Where is my order?"
    assert "<p>Gus &amp; co nói:</p>" in parts(mail)[1]
    assert "Chào<br>" in parts(mail)[1]
    with post.inside("globex"):
        assert MailTemplate.of("ticket.replied.customer").shipped_key
    with post.inside():
        MailTemplate.reset("ticket.replied.customer", by=post.user("Mai"))
    post.reply(ticket_id, "Hello")
    assert "Trả lời cho" in post.sent_to(BEA)[-1]["Subject"]


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("body_en", "{{message_text}} {{customer_email}}"),
        ("body_en", "{{message_text}} {{ ticket_number }}"),
        ("body_en", "{{message_text}} {{ticket.secret}}"),
        ("body_en", "{{message_text}} {{'%1000000000d'|format(1)}}"),
        ("body_en", "{{message_text}} {{ticket_number"),
        ("body_en", "no message"),
        ("body_vi", ""),
        ("subject_en", "no number"),
        ("subject_vi", "{{ticket_number}}" * 20),
    ],
)
def test_NTF_004_a_broken_template_is_refused_at_saving(post: Post, part: str, text: str) -> None:
    with pytest.raises(Refusal), post.inside():
        MailTemplate.change("ticket.replied.customer", OWN | {part: text}, by=post.user("Mai"))
    with post.inside():
        assert MailTemplate.of("ticket.replied.customer").shipped_key


def test_the_first_mail_can_never_reach_the_submitters_words() -> None:
    for kind in ("ticket.created.customer", "link.renewed.customer"):
        assert KINDS[kind].placeholders == {"ticket_number", "merchant_name"}


@pytest.mark.parametrize(
    "words", ["{{merchant_name}}", "{{message_text}}", "{% raise %}", "{0.__class__}", "%(x)s"]
)
def test_what_people_write_is_never_read_as_a_template(post: Post, words: str) -> None:
    ticket_id = post.assigned(subject=words)
    post.hear(ticket_id, f"say {words} <b>loud</b>")
    (mail,) = post.sent_to(GUS)
    text, html = parts(mail)
    assert words in mail["Subject"]
    assert f"say {words} <b>loud</b>" in text
    assert "<b>" not in html
    assert "&lt;b&gt;loud" in html


def test_a_paragraph_without_words_is_left_out() -> None:
    template = MailTemplate(body_en="One\n\n{{escalation_reason}}\n\nTwo")
    assert template.text("en", {"escalation_reason": ""}) == "One\n\nTwo"
    assert template.html("en", {"escalation_reason": ""}, {}) == "<p>One</p>\n<p>Two</p>"
