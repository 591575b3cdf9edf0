"""The hub: one Redis listener per process, many sockets.

A frame is encoded once and written to each socket without waiting. What a slow reader does not take at
once waits in his bounded mailbox; when that is full the socket is closed with 1012, the browser comes
back and asks what it missed. The hub writes frames itself because simple-websocket's own `send` may cut
a frame short on a full socket and then interleaves the next one.
"""

import json
import logging
import os
import socket
import struct
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from time import monotonic
from typing import Any

from flask import Flask
from redis.client import PubSub
from redis.exceptions import RedisError
from simple_websocket import ConnectionClosed, Server

from helpdesk.core import clock
from helpdesk.core.broker import broker, listener
from helpdesk.core.db import reading

log = logging.getLogger(__name__)

CHANNEL = "helpdesk:live"
CONTROL = "helpdesk:control"
LOST = 1008  # why a socket ends for good: its reader is signed out, or his link is worth nothing any more
GONE = 4410  # he is who he was, but what his page shows is not there for him any more
HEARTBEAT_SECONDS = 20
RECHECK_SECONDS = 15
HEARD_SECONDS = 90
MAILBOX_BYTES = 512 * 1024
MESSAGES_PER_10_SECONDS = 40


def number_key(organizer_id: int | None, topic: str) -> str:
    """Where Redis counts the frames of a topic."""
    return f"helpdesk:number:{organizer_id}:{topic}"


def frame(opcode: int, payload: bytes) -> bytes:
    """One unmasked WebSocket frame (RFC 6455, section 5.2)."""
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", 0x80 | opcode, size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", 0x80 | opcode, 126, size)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 127, size)
    return head + payload


def text_frame(text: str) -> bytes:
    """A text frame, ready for the wire."""
    return frame(0x1, text.encode())


class Connection:
    """One socket: who listens to what, and what he has not taken yet."""

    def __init__(self, ws: Server, who: Any, topics: tuple[str, ...], language: str) -> None:
        self.ws, self.who, self.topics, self.language = ws, who, topics, language
        self.mailbox = bytearray()
        self.lock = threading.Lock()
        self.is_open = True

    def send(self, data: bytes) -> None:
        """Write what the socket takes now; keep the rest, up to the bound."""
        with self.lock:
            if self.is_open:
                self.mailbox += data
                self._flush()
        if len(self.mailbox) > MAILBOX_BYTES:
            self.close(1012)

    def flush(self) -> None:
        """Try again to write what waits."""
        with self.lock:
            if self.is_open and self.mailbox:
                self._flush()

    def _flush(self) -> None:
        try:
            while self.mailbox:
                taken = self.ws.sock.send(self.mailbox[: 1 << 16], socket.MSG_DONTWAIT)
                del self.mailbox[:taken]
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            self._let_go()

    def close(self, code: int) -> None:
        """Say why and hang up. Never 1000, after which htmx stays away for good."""
        with self.lock:
            if not self.is_open:
                return
            self.mailbox += frame(0x8, struct.pack("!H", code))
            self._flush()
            self._let_go()

    def _let_go(self) -> None:
        self.is_open = False
        self.ws.connected = False
        self.ws.event.set()
        with suppress(OSError):  # the other side may have been faster
            self.ws.sock.shutdown(socket.SHUT_RDWR)

    def read_until_closed(self) -> None:
        """Wait for the other side to go. It has nothing to say yet; one that floods us is cut off."""
        since, count = monotonic(), 0
        try:
            while self.is_open:
                if self.ws.receive(timeout=30) is None:
                    continue
                since, count = (monotonic(), 0) if monotonic() - since > 10 else (since, count + 1)
                if count > MESSAGES_PER_10_SECONDS:
                    self.close(1008)
        except ConnectionClosed:
            pass


class Hub:
    """All sockets of this process, by organizer and topic."""

    def __init__(self, app: Flask, refusal: Callable[[Any, Iterable[str]], int | None]) -> None:
        self.app, self.refusal = app, refusal
        self.connections: set[Connection] = set()
        self.by_topic: dict[tuple[int, str], set[Connection]] = defaultdict(set)
        self.lock = threading.Lock()
        self.started_in = 0

    @property
    def is_full(self) -> bool:
        """Whether one more socket would take the threads that plain requests need."""
        return len(self.connections) >= self.app.config["HELPDESK"].sockets

    def keep(self, connection: Connection) -> None:
        """Stream to a socket until it ends."""
        with self.lock:
            self.connections.add(connection)
            for topic in connection.topics:
                self.by_topic[connection.who.organizer_id, topic].add(connection)
        self._start()  # the first one is there already when the listener says to catch up
        try:
            numbers = self._say_heard({(connection.who.organizer_id, t) for t in connection.topics})
            connection.send(self._heartbeat(connection, numbers))
            connection.read_until_closed()
        finally:
            self._drop(connection)

    def _drop(self, connection: Connection) -> None:
        with self.lock:
            self.connections.discard(connection)
            for topic in connection.topics:
                key = (connection.who.organizer_id, topic)
                self.by_topic[key].discard(connection)
                if not self.by_topic[key]:
                    del self.by_topic[key]
        connection.close(1012)

    def close_all(self, code: int) -> None:
        """End every socket."""
        for connection in list(self.connections):
            connection.close(code)

    # The threads ---------------------------------------------------------------------------------------------

    def _start(self) -> None:
        with self.lock:
            if self.started_in == os.getpid():
                return
            self.started_in = os.getpid()
        for work in (self._listen, self._tend):
            threading.Thread(target=work, name=f"hub{work.__name__}", daemon=True).start()

    def _listen(self) -> None:
        """Hear Redis for ever. Once it does, pages are asked to catch up: what came before they were heard is lost."""
        pause = threading.Event()
        while True:
            try:
                with self.app.app_context():
                    client = listener()
                with client.pubsub(ignore_subscribe_messages=True) as pubsub:
                    pubsub.subscribe(CHANNEL, CONTROL)
                    self._send_to(self.connections, text_frame(json.dumps({"catch_up": True})))
                    self._hear_all(pubsub)
            except RedisError:
                pause.wait(1)
            except Exception:
                log.exception("a live frame could not be handled")

    def _hear_all(self, pubsub: PubSub) -> None:
        """Until the connection breaks."""
        while True:
            message = pubsub.get_message(timeout=0.5)
            if message:
                self._hear(message["channel"].decode(), json.loads(message["data"]))

    def _hear(self, channel: str, message: dict[str, Any]) -> None:
        if channel == CONTROL and "kind" in message:
            self._recheck(lambda c: c.who.kind == message["kind"] and c.who.id == message["id"])
            return
        with self.lock:
            listeners = set(self.by_topic.get((message["organizer"], message["topic"]), ()))
        if channel == CONTROL:
            self._recheck(lambda c: c in listeners)
            return
        encoded = {  # the number is put into the object as it stands: its text was made once, for everybody
            code: text_frame(f'{{"number": {message["number"]}, {said[1:]}')
            for code, said in message["frames"].items()
        }
        for connection in listeners:
            connection.send(encoded[connection.language])

    def _send_to(self, connections: Iterable[Connection], data: bytes) -> None:
        for connection in list(connections):
            connection.send(data)

    def _tend(self) -> None:
        """Flush mailboxes, beat, look again whether everybody may still listen."""
        pause, beat_at, check_at = threading.Event(), monotonic(), monotonic()
        while True:
            pause.wait(0.25)
            try:
                for connection in list(self.connections):
                    connection.flush()
                if monotonic() - beat_at >= HEARTBEAT_SECONDS:
                    beat_at = monotonic()
                    self._beat()
                if monotonic() - check_at >= RECHECK_SECONDS:
                    check_at = monotonic()
                    self._recheck(lambda c: True)
            except Exception:
                log.exception("the hub could not look after its sockets")

    def _heartbeat(self, connection: Connection, numbers: dict[tuple[int, str], int]) -> bytes:
        """The time, and how many frames its topics have had: so that a page notices that the last one is missing."""
        own = ((topic, numbers.get((connection.who.organizer_id, topic))) for topic in connection.topics)
        said = {topic: number for topic, number in own if number is not None}
        return text_frame(json.dumps({"now": int(clock.now().timestamp() * 1000), "numbers": said}))

    def _beat(self) -> None:
        numbers = self._say_heard(set(self.by_topic))
        for connection in list(self.connections):
            if not connection.ws.pong_received:
                connection.close(1012)  # a browser answers pings by itself; this one is gone
                continue
            connection.ws.pong_received = False
            connection.send(frame(0x9, b"") + self._heartbeat(connection, numbers))

    def _say_heard(self, topics: Collection[tuple[int, str]]) -> dict[tuple[int, str], int]:
        """Tell the senders which topics and kinds of them somebody hears, so that nothing is rendered for nobody.

        Answers how many frames each has had; nothing while Redis is away: asked again with the next beat.
        """
        try:
            with self.app.app_context():
                pipe = broker().pipeline(transaction=False)
                for organizer_id, topic in topics:
                    for heard in (topic, topic.partition(".")[0]):
                        pipe.set(f"helpdesk:heard:{organizer_id}:{heard}", 1, ex=HEARD_SECONDS)
                    pipe.get(number_key(organizer_id, topic))
                counted = pipe.execute()[2::3]
        except RedisError:
            return {}
        return {key: int(number or 0) for key, number in zip(topics, counted, strict=True)}

    def _recheck(self, concerns: Callable[[Connection], bool]) -> None:
        groups: dict[tuple[Any, tuple[str, ...]], list[Connection]] = defaultdict(list)
        for connection in list(self.connections):
            if concerns(connection):
                groups[connection.who, connection.topics].append(connection)
        for (who, topics), connections in groups.items():
            with self.app.app_context(), reading():
                code = self.refusal(who, topics)
            if code is not None:
                for connection in connections:
                    connection.close(code)
