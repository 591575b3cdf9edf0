"""The stand-ins for Redis and mail, and the servers of the tests themselves."""

import smtplib
import sys
import time
from email.message import EmailMessage
from pathlib import Path

import psycopg
import pytest
import redis

from helpdesk.launch import mailbox as mailbox_program
from helpdesk.launch.child import Child, end
from helpdesk.launch.mailbox import MOST_BYTES
from tests.support.postgres import Postgres
from tests.support.process import free_port
from tests.support.servers import Mailbox


def connect(mailbox: Mailbox) -> smtplib.SMTP:
    """A client of the mailbox."""
    return smtplib.SMTP("127.0.0.1", int(mailbox.url.rpartition(":")[2]), timeout=10)


def letter(subject: str, text: str = "Xin chào") -> EmailMessage:
    """A small message to Bea, with a hidden copy to Mai in the envelope only."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "desk@acme.example", "bea@shop.example", subject
    message.set_content(text)
    return message


def test_the_mailbox_keeps_each_message_with_its_envelope(mailbox: Mailbox) -> None:
    with connect(mailbox) as client:
        client.send_message(
            letter("Yêu cầu ACME-1"), "desk@acme.example", ["bea@shop.example", "mai@acme.example"]
        )
        client.send_message(letter("second"), "desk@acme.example", ["mai@acme.example"])
    first, second = mailbox.wait(2)
    assert first["Subject"] == "Yêu cầu ACME-1"
    assert first["X-Envelope-From"] == "desk@acme.example"
    assert first["X-Envelope-To"] == "bea@shop.example, mai@acme.example"
    assert first.get_content().strip() == "Xin chào"
    assert mailbox.messages("bea@shop.example")[0]["Subject"] == first["Subject"]
    assert [m["Subject"] for m in mailbox.messages("mai@acme.example")] == [
        "Yêu cầu ACME-1",
        second["Subject"],
    ]
    assert not list(mailbox.directory.glob(".*.part"))


def test_the_mailbox_refuses_what_is_too_large(mailbox: Mailbox) -> None:
    with connect(mailbox) as client, pytest.raises(smtplib.SMTPSenderRefused) as refused:
        client.sendmail("desk@acme.example", ["bea@shop.example"], "x" * (MOST_BYTES + 1))
    assert refused.value.smtp_code == 552
    assert mailbox.messages() == []


def test_the_mailbox_says_when_it_cannot_keep_a_message(mailbox: Mailbox) -> None:
    moved = mailbox.directory.rename(mailbox.directory.with_name("moved"))
    try:
        with connect(mailbox) as client, pytest.raises(smtplib.SMTPDataError) as refused:
            client.send_message(letter("lost?"))
        assert refused.value.smtp_code == 452  # the sender tries again later
    finally:
        moved.rename(mailbox.directory)


def test_the_mailbox_runs_as_a_command(tmp_path: Path) -> None:
    port = free_port()
    command = [
        sys.executable,
        "-m",
        mailbox_program.__name__,
        "--port",
        str(port),
        "--dir",
        str(tmp_path / "mail"),
    ]
    child = Child("mailbox", command, tmp_path / "log")
    child.start()
    try:
        box = Mailbox(tmp_path / "mail", f"smtp://127.0.0.1:{port}")
        until = time.monotonic() + 10
        while True:
            try:
                with connect(box) as client:
                    client.send_message(letter("by command"))
                break
            except ConnectionRefusedError:
                assert time.monotonic() < until
                time.sleep(0.05)
        assert [m["Subject"] for m in box.messages()] == ["by command"]
    finally:
        end([child], time.monotonic() + 3)


def test_redis_is_real_and_empty(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left", "behind")
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


@pytest.mark.pg
def test_postgres_copies_databases(postgres: Postgres) -> None:
    def plain(url: str) -> str:
        return url.replace("postgresql+psycopg:", "postgresql:")

    template = postgres.create_database()
    with psycopg.connect(plain(template)) as connection:
        connection.execute("CREATE TABLE kept (id bigint); INSERT INTO kept VALUES (7)")
    copy = postgres.create_database(template=template)
    with psycopg.connect(plain(copy)) as connection:
        assert connection.execute("SELECT id FROM kept").fetchall() == [(7,)]
    postgres.drop_database(copy)
    postgres.drop_database(template)
