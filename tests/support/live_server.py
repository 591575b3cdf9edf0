"""A real server for sockets: the application of a test behind Werkzeug's threaded server, and clients for it."""

from __future__ import annotations

import base64
import json
import os
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

from flask import Flask
from simple_websocket import Client, ConnectionClosed
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wsgi import FileWrapper

from helpdesk.core import live as live_pages
from helpdesk.core.broker import broker
from helpdesk.core.hub import CHANNEL
from tests.support.world import World


class _Silent(WSGIRequestHandler):
    def log(self, *_: Any, **__: Any) -> None:
        """The tests read the answers."""


def _read(app: Flask) -> Callable[..., Any]:
    """The application, whose files are read before they are sent.

    Werkzeug's server leaves a file open whose reader breaks off in the last moment, and the warning of that is
    raised in whatever test runs when the collector comes.
    """

    def answer(*request: Any) -> Any:
        body = app(*request)
        if not isinstance(body, FileWrapper):
            return body
        with closing(body):
            return [b"".join(body)]

    return answer


class Page(Client):
    """A client that names the port in its Host header, as browsers do, and leaves no socket behind when refused."""

    def handshake(self) -> None:
        """Shake hands; raises ConnectionError with the status of a refusal."""
        self.host = f"{self.host}:{self.port}"
        try:
            super().handshake()
            self._handle_events()  # frames that came with the answer; the library would leave them until the next
            # A close frame may be among them, when this side was slow to look. That is no refusal: the library's
            # thread finds the line's end, and who receives then is told with what it was closed.
            self.connected = True
        except Exception:
            self.sock.close()
            raise


class _Ear:
    """Hears one frame."""

    language = "en"

    def __init__(self) -> None:
        self.heard = threading.Event()

    def send(self, _: bytes) -> None:
        """That is it."""
        self.heard.set()


class LiveServer:
    """`.connect("Gus", "queue.1")` opens a socket as a page of his would."""

    def __init__(self, app: Flask, world: World) -> None:
        self.app, self.world, self.address = app, world, ""
        self.hub = app.extensions["hub"]
        self._clients: list[Page] = []
        self.door: BaseWSGIServer | None = None

    def open(self, port: int = 0) -> None:
        """Answer, on a free port or on the one that pages know already."""
        self.door = make_server("127.0.0.1", port, _read(self.app), threaded=True, request_handler=_Silent)
        self.door.daemon_threads = True
        self.address = f"127.0.0.1:{self.door.server_port}"
        self._thread = threading.Thread(target=self.door.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def shut(self) -> None:
        """Answer nobody any more; sockets break off without a word, as when the process is killed."""
        if self.door is None:
            return
        self.door.shutdown()
        self._thread.join()
        self.door.server_close()
        self.door = None
        self.break_off()

    def reopen(self) -> None:
        """The same address answers again."""
        self.open(int(self.address.rpartition(":")[2]))

    def break_off(self) -> None:
        """Every socket's line breaks: no close frame, which browsers call 1006."""
        for connection in list(self.hub.connections):
            with suppress(OSError):
                connection.ws.sock.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def deaf(self) -> Iterator[None]:
        """What is said meanwhile reaches no socket: frames that are counted, and lost on their way."""
        with self.hub.lock:
            kept, self.hub.by_topic = self.hub.by_topic, defaultdict(set)
        yield
        self.all_heard()
        with self.hub.lock:
            for key, connections in kept.items():
                self.hub.by_topic[key] |= {one for one in connections if one in self.hub.connections}

    def all_heard(self) -> None:
        """Wait until the hub has taken everything that was published so far, and one frame more."""
        ear, key = _Ear(), (0, "the.last")
        said = {"organizer": key[0], "topic": key[1], "number": 1, "frames": {ear.language: "{}"}}
        with self.hub.lock:
            self.hub.by_topic[key] = {ear}  # type: ignore[assignment]
        with self.app.app_context():
            broker().publish(CHANNEL, json.dumps(said))
        until(ear.heard.is_set, seconds=30)
        with self.hub.lock:
            del self.hub.by_topic[key]

    @property
    def origin(self) -> str:
        """What browsers write in the Origin header of our own pages."""
        return f"http://{self.address}"

    def cookie(self, name: str) -> str:
        """The Cookie header of somebody who signs in now."""
        kept = self.world.sign_in(name).get_cookie("session")
        assert kept
        return f"session={kept.value}"

    def headers(self, who: str) -> dict[str, str]:
        """Headers of a handshake; `who` is a name of the cast, or a Cookie header."""
        return {"Origin": self.origin, "Cookie": who if "=" in who else self.cookie(who)}

    def connect(self, who: str, *topics: str, path: str = "/ws", **headers: str) -> Page:
        """A socket that is open and has had its first heartbeat, unless it was refused."""
        url = f"ws://{self.address}{path}?topics={','.join(topics)}"
        client = Page(url, headers=self.headers(who) | headers)
        self._clients.append(client)
        return client

    def stop_reading(self, who: str, *topics: str) -> socket.socket:
        """A reader who opens a socket and then takes nothing more."""
        raw = socket.socket()
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        host, port = self.address.split(":")
        raw.connect((host, int(port)))
        lines = [f"GET /ws?topics={','.join(topics)} HTTP/1.1", f"Host: {self.address}", "Upgrade: websocket"]
        lines += ["Connection: Upgrade", "Sec-WebSocket-Version: 13"]
        lines += [f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}"]
        lines += [f"{name}: {value}" for name, value in self.headers(who).items()]
        raw.sendall("\r\n".join([*lines, "", ""]).encode())
        assert raw.recv(12) == b"HTTP/1.1 101"
        return raw

    def close(self) -> None:
        """Leave nobody connected."""
        self.hub.close_all(1012)
        for client in self._clients:
            with suppress(ConnectionClosed, OSError):  # the server was faster
                client.close()
            client.thread.join(5)
            client.sock.close()
        until(lambda: not self.hub.connections)


def until(true: Callable[[], Any], seconds: float = 5) -> None:
    """Wait for something; fails when it takes longer."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def frames(client: Client, seconds: float = 3) -> Iterator[dict[str, Any]]:
    """Pushes and rings as they come. Ends after so many seconds without a frame; raises ConnectionClosed."""
    yield from (said for said in _said(client, seconds) if "topic" in said)


def beats(client: Client) -> Iterator[int]:
    """The server's time as it is told, in milliseconds."""
    yield from (said["now"] for said in _said(client, 3) if "now" in said)


def asked_to_catch_up(client: Client) -> bool:
    """Whether the page is told to ask what it missed."""
    return any("catch_up" in said for said in _said(client, 3))


def _said(client: Client, seconds: float) -> Iterator[dict[str, Any]]:
    while (text := client.receive(timeout=seconds)) is not None:
        yield json.loads(text)


def close_code(client: Client, seconds: float = 5) -> int:
    """With what the server ends the socket; fails when it does not."""
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            client.receive(timeout=0.2)
    except ConnectionClosed as closed:
        return closed.reason
    raise AssertionError("the socket is open still")


@contextmanager
def serving(app: Flask, world: World) -> Iterator[LiveServer]:
    """The application on a free port."""
    live = LiveServer(app, world)
    live.open()
    try:
        yield live
    finally:
        live.close()
        live.shut()


def ring(world: World, topic: str, slug: str = "acme", **data: Any) -> None:
    """Something happened that listeners of a topic are told."""
    with world.inside(slug):
        live_pages.ring(topic, sequence=7, **data)


def listening(server: LiveServer, first: Page, count: int = 1) -> None:
    """The process hears Redis and has so many sockets; its first page is asked to catch up when that is so."""
    assert asked_to_catch_up(first)
    until(lambda: len(server.hub.connections) == count)
