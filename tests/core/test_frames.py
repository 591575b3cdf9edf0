"""Frames as RFC 6455 wants them, and a reader who takes them slowly."""

from __future__ import annotations

import socket
import struct
from types import SimpleNamespace

import pytest
from wsproto.connection import Connection as Protocol
from wsproto.connection import ConnectionType
from wsproto.events import CloseConnection, Ping, TextMessage

from helpdesk.core.hub import MAILBOX_BYTES, Connection, frame, text_frame


@pytest.mark.parametrize(
    "size, head",
    [
        (0, "81 00"),
        (1, "81 01"),
        (125, "81 7d"),
        (126, "81 7e 00 7e"),
        (65535, "81 7e ff ff"),
        (65536, "81 7f 00 00 00 00 00 01 00 00"),
    ],
)
def test_NTF_the_length_of_a_frame_has_three_forms(size, head):
    encoded = text_frame("a" * size)
    begin = bytes.fromhex(head)
    assert encoded.startswith(begin)
    assert encoded == begin + b"a" * size


@pytest.mark.parametrize("text", ["", "ờ" * 126, "x" * 200_000, '{"content": "<p>😀</p>"}'])
def test_NTF_a_client_reads_what_was_said(text):
    client = Protocol(ConnectionType.CLIENT)
    client.receive_data(text_frame(text))
    said = [event for event in client.events() if isinstance(event, TextMessage)]
    assert "".join(event.data for event in said) == text


def test_NTF_a_client_reads_a_ping_and_a_close():
    client = Protocol(ConnectionType.CLIENT)
    client.receive_data(frame(0x9, b"") + frame(0x8, struct.pack("!H", 1012)))
    ping, close = client.events()
    assert isinstance(ping, Ping)
    assert isinstance(close, CloseConnection)
    assert close.code == 1012


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    ws = SimpleNamespace(sock=ours, connected=True, event=SimpleNamespace(set=lambda: None))
    yield Connection(ws, "who", ("t.1",), "en"), theirs
    ours.close()
    theirs.close()


def drain(theirs: socket.socket) -> bytes:
    theirs.setblocking(False)
    taken = b""
    try:
        while chunk := theirs.recv(1 << 20):
            taken += chunk
    except BlockingIOError:
        pass
    return taken


def test_NTF_what_a_slow_reader_does_not_take_waits_in_order(pair):
    connection, theirs = pair
    sent = [text_frame(str(n) * 5000) for n in range(10)]
    for one in sent:
        connection.send(one)
    assert connection.mailbox, "the socket took everything: nothing is tested"
    taken = b""
    while connection.mailbox:
        taken += drain(theirs)
        connection.flush()
    assert taken + drain(theirs) == b"".join(sent), "frames were cut or mixed"


def test_NTF_a_reader_who_takes_nothing_is_let_go_with_1012(pair):
    connection, _theirs = pair
    one = text_frame("x" * 60_000)
    sent = 0
    while connection.is_open:
        connection.send(one)
        sent += len(one)
        assert sent < MAILBOX_BYTES + 1_000_000, "the mailbox has no bound"
    assert sent > MAILBOX_BYTES / 2
    assert not connection.ws.connected
    connection.send(one)  # to one who is gone: nothing happens


def test_NTF_a_reader_who_is_gone_is_let_go(pair):
    connection, theirs = pair
    theirs.close()
    for _ in range(3):
        connection.send(text_frame("x"))
    assert not connection.is_open


def test_NTF_closing_twice_says_it_once(pair):
    connection, theirs = pair
    connection.close(1008)
    connection.close(1012)
    assert drain(theirs) == frame(0x8, struct.pack("!H", 1008))
