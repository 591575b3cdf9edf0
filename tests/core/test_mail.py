"""Whatever people write, a mail has the headers that we gave it (Q-2, V1.3.11)."""

from __future__ import annotations

import email
from email.header import decode_header, make_header
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.core.mail import Mail, Undelivered, compose, envelope_address, header_safe, sender_named

TRICKS = [
    "=?utf-8?q?a=0D=0A=0D=0AFAKE?=",
    "=?utf-8?q?a=0ABcc:_eve@evil.test?=",
    "=?utf-8?b?YQ0KQmNjOiBldmVAZXZpbC50ZXN0?=",
    "x =?UTF-8?Q?=0D=0A?= =?UTF-8?Q?Bcc:?=",
    "=?utf-8?q?=3D=3Futf-8=3Fq=3Fa=3D0A=3F=3D?=",
    "a\r\nBcc: eve@evil.test",
    "a\nb\rc\x0bd\x0ce\x1cf\x85g\u2028h\u2029i",
    "\x00\x07",
    "Đơn hàng của tôi đâu rồi? " * 9,
    "😀" * 100,
    " ",
    "",
]


def mail(**changes: str | None) -> Mail:
    said = {
        "sender": "The shop <desk@help.example>",
        "recipient": "bea@mail.example",
        "subject": "x",
        "text": "x",
    }
    return Mail(**(said | {"html": "<p>x</p>", "message_id": "<1@help.example>"} | changes))


def parsed(sent: Mail) -> email.message.EmailMessage:
    """As any reader's program reads it."""
    return email.message_from_bytes(compose(sent), policy=default)


def readable(text: str) -> str:
    """What is left of a text on one line, spaces and the mark in `=?` aside."""
    return "".join(c for c in text if c.isprintable()).replace(" ", "").replace("\u200b", "")


@pytest.mark.parametrize("text", TRICKS)
def test_Q_2_a_subject_is_a_subject(text):
    read = parsed(mail(subject=header_safe(text)))
    assert read.keys() == parsed(mail()).keys()
    assert readable(str(read["Subject"])) == readable(text[:250])
    assert read.get_body(("plain",)).get_content().strip() == "x"


@pytest.mark.parametrize("text", TRICKS)
def test_Q_2_readers_that_decode_twice_find_nothing_either(text):
    read = email.message_from_bytes(compose(mail(subject=header_safe(text))))
    twice = str(make_header(decode_header(str(make_header(decode_header(read["Subject"]))))))
    assert "\n" not in twice
    assert "\r" not in twice


NAMES = ['Eve" <eve@evil.test>, "', "<eve@evil.test>", "a, b", "a; b", "(c)", "\\", '"']


@pytest.mark.parametrize("text", [*TRICKS, *NAMES])
def test_Q_2_a_shops_name_is_a_name(text):
    read = parsed(mail(sender=sender_named(text, "Helpdesk <desk@help.example>")))
    [sender] = read["From"].addresses
    assert sender.addr_spec == "desk@help.example"
    assert read.keys() == parsed(mail()).keys()


def test_a_mail_has_these_headers():
    ours = {"From", "To", "Subject", "Date", "Message-ID", "Content-Language", "Auto-Submitted"}
    assert ours <= set(parsed(mail()).keys())
    assert not {"Bcc", "Cc", "Reply-To", "Sender"} & set(parsed(mail()).keys())


@given(st.text(max_size=120), st.text(max_size=60))
def test_Q_2_no_text_at_all_makes_a_header(subject, name):
    subject, name = (text.encode("utf-8", "ignore").decode() for text in (subject, name))
    read = parsed(mail(subject=header_safe(subject), sender=sender_named(name, "<desk@help.example>")))
    assert read.keys() == parsed(mail()).keys()
    assert [a.addr_spec for a in read["From"].addresses] == ["desk@help.example"]


def test_a_thread_of_mails_holds_together():
    read = parsed(mail(in_reply_to="<0@help.example>", references="<0@help.example> <1@help.example>"))
    assert (read["In-Reply-To"], read["References"]) == (
        "<0@help.example>",
        "<0@help.example> <1@help.example>",
    )
    assert read["Message-ID"] == "<1@help.example>"


def test_NTF_a_mail_may_be_unsubscribed_from_with_one_click():
    read = parsed(mail(list_unsubscribe="https://help.example/unsubscribe/x"))
    assert read["List-Unsubscribe"] == "<https://help.example/unsubscribe/x>"
    assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert parsed(mail())["List-Unsubscribe"] is None


def test_Q_5_a_mail_says_its_language_and_reads_as_it_was_written():
    read = parsed(mail(text="Chào bạn,\nđơn hàng ờ.", html="<p>ờ</p>", subject="Tiếng Việt", language="vi"))
    assert read["Content-Language"] == "vi"
    assert read.get_body(("plain",)).get_content().splitlines() == ["Chào bạn,", "đơn hàng ờ."]
    assert read.get_body(("html",)).get_content().strip() == "<p>ờ</p>"
    assert read["Subject"] == "Tiếng Việt"


def test_a_mail_by_a_machine_says_so():
    assert parsed(mail())["Auto-Submitted"] == "auto-generated"


def test_Q_2_an_answer_of_a_server_is_one_line():
    fault = Undelivered("550 no\r\nBcc: x" + "y" * 500)
    assert "\n" not in fault.answer
    assert len(fault.answer) <= 200


def test_an_address_of_another_script_has_an_ascii_domain():
    assert envelope_address("bea@münchen.example") == "bea@xn--mnchen-3ya.example"


def test_mails_that_are_written_one_after_the_other_keep_their_own_headers():
    """What is the same in many mails is made once; what only looks alike is not."""
    shops = [("Phở & Co", "ben@mail.example"), ("Acme", "béo@mail.example"), ("Phở & Co", "an@mail.example")]
    for language in ("en", "vi"):
        for shop, recipient in shops * 2:
            sender = sender_named(shop, "help@acme.example")
            read = parsed(mail(sender=sender, recipient=recipient, language=language))
            assert (read["From"].addresses[0].display_name, read["To"]) == (shop, recipient)
            assert read["Content-Language"] == language


def test_no_text_ends_a_part_before_its_end():
    once = compose(mail(text="Hello"))
    boundary = email.message_from_bytes(once, policy=default).get_boundary()
    again = parsed(mail(text=f"Hello\n--{boundary}--\nstill here"))
    assert "still here" in again.get_body(("plain",)).get_content()
