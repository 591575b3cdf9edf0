"""V12.2, V12.3: STARTTLS and TLS with real servers. Who is not who he should be gets neither a mail nor a password."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from helpdesk.core import clock, mail_line
from helpdesk.core.mail import Mail, Undelivered
from helpdesk.core.mail_line import Line, Relay
from tests.notifications.certificates import HERE, self_signed, server_side
from tests.notifications.post import BEA, Post
from tests.notifications.sink import Sink
from tests.notifications.test_mail_server_pages import address, typed
from tests.support.seat import Seat
from tests.support.world import World

SECRET = "correct horse"
MAIL = Mail("desk@help.example", BEA, "x", "x", "<p>x</p>", "<1@help.example>")
WAYS = ["starttls", "tls"]
SCHEMES = {"starttls": "smtp+starttls", "tls": "smtps"}


@pytest.fixture
def trust(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], None]]:
    """`trust(file)`: what an operator does with SSL_CERT_FILE before he starts us."""

    def take(file: Path) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        mail_line._tls.cache_clear()

    mail_line._tls.cache_clear()
    yield take
    monkeypatch.undo()
    mail_line._tls.cache_clear()


def server(way: str, file: Path) -> Sink:
    """One that wants a password, and would take it in the open."""
    shown = server_side(file)
    options: dict[str, Any] = {"ssl_context": shown} if way == "tls" else {"tls_context": shown}
    return Sink(password=SECRET, **options)


def relay(sink: Sink, way: str) -> Relay:
    return Relay(HERE, sink.port, way, "shop", SECRET)


def refused(sink: Sink, way: str) -> Undelivered:
    with Line(relay(sink, way)) as line, pytest.raises(Undelivered) as fault:
        line.deliver(MAIL)
    assert (sink.mails, sink.senders, sink.passwords) == ([], [], []), "not a word"
    assert (fault.value.unreachable, fault.value.permanent, fault.value.doubtful) == (True, False, False)
    return fault.value


@pytest.mark.parametrize("way", WAYS)
def test_a_server_that_is_trusted_gets_mail_and_password_on_a_protected_line(
    way: str, tmp_path: Path, trust: Callable[[Path], None]
) -> None:
    file = self_signed(tmp_path)
    trust(file)
    with server(way, file) as sink, Line(relay(sink, way)) as line:
        assert line.deliver(MAIL) == line.deliver(MAIL) == "250 OK"
        assert (len(sink.mails), sink.passwords) == (2, [SECRET])
        assert sink.protected == [True, True]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("host", "days", "is_known", "said"),
    [(HERE, 1, False, "self-signed certificate"), (HERE, -1, True, "certificate has expired"),
     ("mail.example", 1, True, "IP address mismatch")],
)  # fmt: skip
def test_a_server_that_is_not_trusted_gets_nothing(
    way: str, host: str, days: int, is_known: bool, said: str, tmp_path: Path, trust: Callable[[Path], None]
) -> None:
    file = self_signed(tmp_path, host, days)
    if is_known:
        trust(file)
    with server(way, file) as sink:
        answer = refused(sink, way).answer
    assert answer.startswith("SSLCertVerificationError: ")
    assert said in answer


def test_a_server_without_STARTTLS_gets_no_password_in_the_open() -> None:
    with Sink(password=SECRET) as sink:
        assert refused(sink, "starttls").answer == "SMTPNotSupportedError"


def test_a_server_that_speaks_no_TLS_is_said_so() -> None:
    with Sink(password=SECRET) as sink:
        assert refused(sink, "tls").answer.startswith("SSL")


def test_a_server_that_only_speaks_TLS_does_not_hold_us(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("helpdesk.core.mail_line.TIMEOUT_SECONDS", 0.5)
    with server("tls", self_signed(tmp_path)) as sink:
        assert refused(sink, "plain").answer in ("TimeoutError", "SMTPServerDisconnected")


@pytest.mark.parametrize("way", WAYS)
def test_mails_wait_until_the_houses_server_is_trusted(
    way: str, tmp_path: Path, make_app: Callable[..., Flask], trust: Callable[[Path], None]
) -> None:
    file = self_signed(tmp_path)
    with server(way, file) as sink:
        url = f"{SCHEMES[way]}://shop:correct%20horse@127.0.0.1:{sink.port}"
        post = Post(make_app(smtp_url=url), sink)
        post.ticket()
        assert post.sent_to(BEA) == []
        row = post.only(BEA)
        assert (row.state, row.is_uncertain) == ("queued", False)
        assert "self-signed certificate" in (row.smtp_answer or "")
        trust(file)
        clock.travel(600)
        assert len(post.sent_to(BEA)) == 1
        assert all(sink.protected)


@pytest.mark.parametrize(
    ("kind", "said"),
    [("starttls", "Chứng chỉ của máy chủ email không đáng tin cậy. (self-signed certificate)"),
     ("tls", "Không lập được kết nối bảo vệ với máy chủ email."), ("plain", "Máy chủ trả lời: 530 ")],
)  # fmt: skip
def test_what_is_wrong_with_a_stores_line_is_said_in_words(
    kind: str, said: str, tmp_path: Path, make_app: Callable[..., Flask], trust: Callable[[Path], None]
) -> None:
    world = World(make_app(private_mail_servers=True))
    with server("starttls", self_signed(tmp_path)) as sink:
        form = typed(port=str(sink.port), security=kind)
        answer = Seat(world, "Mai").post(f"{address(world)}/server/tests", **form)
    assert answer.status_code == 200
    assert said in answer.text
    assert "Error" not in answer.text
