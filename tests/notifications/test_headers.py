"""V1.3.11 and security.md 1.3: nothing that people write becomes a header, a recipient or a line of SMTP."""

from __future__ import annotations

import smtplib
import time

import pytest

from helpdesk.core.mail import Mail, Undelivered, envelope_address, sender_named
from helpdesk.core.mail_line import Line, Relay
from tests.notifications.post import BEA, GUS, Post
from tests.notifications.sink import Sink, parts

EVIL = [
    "=?utf-8?q?a=0D=0ABcc:_eve@evil.test?=",
    "=?utf-8?q?a=0A=0AFAKE?=",
    "=?us-ascii?b?YQ0KQmNjOiBldmVAZXZpbC50ZXN0?=",
    "a\r\nBcc: eve@evil.test",
    "a\u2028Bcc: eve@evil.test",
    "a\x0bBcc: eve@evil.test\x85",
]
PLAIN = {"text": "x", "html": "<p>x</p>", "message_id": "<1@help.example>"}


@pytest.mark.parametrize("subject", EVIL)
def test_a_subject_makes_no_header(post: Post, subject: str) -> None:
    ticket_id = post.assigned(subject=subject)
    post.hear(ticket_id, "Hello")
    post.send()
    ((recipients, mail),) = post.sink.mails
    assert recipients == [GUS]
    assert mail["Bcc"] is None
    assert mail.is_multipart(), "its headers did not end early"
    assert "\n" not in str(mail["Subject"])
    assert parts(mail)[0]


@pytest.mark.parametrize(
    "name", [*EVIL, 'Eve" <eve@evil.test>, "Bea', "Cửa hàng \\ “Hoa”", "<eve@evil.test>"]
)
def test_a_shops_name_makes_no_second_sender(sink: Sink, name: str) -> None:
    with Line(Relay.of(sink.url)) as line:
        line.deliver(Mail(sender_named(name, "Desk <desk@help.example>"), BEA, "x", **PLAIN))
    ((_, mail),) = sink.mails
    assert [address.addr_spec for address in mail["From"].addresses] == ["desk@help.example"]
    assert mail["Bcc"] is None


@pytest.mark.parametrize(
    "address",
    ["a@x.test,b@y.test", "a@x.test, b@y.test", '"<b@y.test>"@x.test', "<a@x.test>", "A <a@x.test>",
     "a@x.test b@y.test", "a@x.test\r\nRCPT TO:<b@y.test>", "a@b@x.test", "a@", "@x.test", "a;b@x.test", "a@x..test",
     ""],
)  # fmt: skip
def test_only_one_plain_address_is_a_recipient(sink: Sink, address: str) -> None:
    with Line(Relay.of(sink.url)) as line, pytest.raises(Undelivered) as fault:
        line.deliver(Mail("desk@help.example", address, "x", **PLAIN))
    assert fault.value.permanent
    assert sink.mails == []


def test_a_customer_with_two_addresses_gets_nothing(post: Post) -> None:
    with post.inside():
        post.customer("Bea").email = "a@x.test,b@y.test"
    post.ticket()
    post.send()
    assert not any("x.test" in recipient for recipients, _ in post.sink.mails for recipient in recipients)
    assert post.deliveries()[0].state == "failed"


def test_addresses_of_the_whole_world(sink: Sink) -> None:
    assert envelope_address("a@bücher.example") == "a@xn--bcher-kva.example"
    with Line(Relay.of(sink.url)) as line:
        line.deliver(Mail("desk@help.example", "lần@bücher.example", "Chào", **PLAIN))
    assert sink.mails[0][0] == ["lần@xn--bcher-kva.example"]


def test_the_mail_is_seven_bit(sink: Sink) -> None:
    words = {"text": "Chào bạn, " * 200, "html": f"<p>{'ờ' * 3000}</p>", "message_id": "<1@help.example>"}
    with Line(Relay.of(sink.url)) as line:
        line.deliver(Mail("desk@help.example", BEA, "Yêu cầu " * 20, **words))
    ((_, mail),) = sink.mails
    assert mail.as_bytes().isascii()
    assert max(map(len, mail.as_bytes().splitlines())) < 999
    assert "Chào bạn" in parts(mail)[0]


def test_F25_a_server_that_crawls_is_away(monkeypatch: pytest.MonkeyPatch, sink: Sink) -> None:
    monkeypatch.setattr("helpdesk.core.mail_line.DEADLINE_SECONDS", 0.3)
    with Line(Relay.of(sink.url)) as line:
        line.deliver(Mail("desk@help.example", BEA, "x", **PLAIN))
        assert line.is_open
        sink.before_answer = lambda: time.sleep(0.8)
        with pytest.raises(Undelivered) as fault:
            line.deliver(Mail("desk@help.example", BEA, "x", **PLAIN))
        assert (fault.value.doubtful, fault.value.unreachable) == (True, True)
        assert not line.is_open


def test_a_kept_connection_that_broke_is_dialled_anew(sink: Sink) -> None:
    with Line(Relay.of(sink.url)) as line:
        line.deliver(Mail("desk@help.example", BEA, "x", **PLAIN))
        assert isinstance(line._server, smtplib.SMTP)
        line._server.close()
        line.deliver(Mail("desk@help.example", BEA, "x", **PLAIN))
    assert len(sink.mails) == sink.connections == 2
