"""A thousand open pages of the desk, read by one thread: what a client of many threads costs would be measured too."""

import base64
import os
import re
import selectors
import socket
import struct
import time
from collections.abc import Callable
from threading import Event, Thread
from urllib.parse import urlsplit

NUMBER = re.compile(rb'data-ticket=\\"([A-Z]+-\d+)\\"')


class Reader:
    """One socket, and the bytes of it that are no whole frame yet."""

    def __init__(self, url: str, cookie: str, origin: str) -> None:
        parts = urlsplit(url)
        self.socket = socket.create_connection((parts.hostname or "", parts.port or 80), timeout=60)
        lines = [f"GET {parts.path}?{parts.query} HTTP/1.1", f"Host: {parts.netloc}", "Upgrade: websocket"]
        lines += [
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            f"Origin: {origin}",
            f"Cookie: {cookie}",
        ]
        lines += [f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}"]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        self.rest = b""
        while b"\r\n\r\n" not in self.rest:
            self.rest += self.socket.recv(4096)
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        assert b" 101 " in head, head
        self.socket.setblocking(False)

    def frames(self) -> list[bytes]:
        """The texts that have come; pings are answered."""
        self.rest += self.socket.recv(1 << 18)
        texts = []
        while len(self.rest) >= 2:
            opcode, size, at = self.rest[0] & 15, self.rest[1] & 127, 2
            if size > 125:
                at += 2 if size == 126 else 8
                if len(self.rest) < at:
                    break
                size = struct.unpack("!H" if size == 126 else "!Q", self.rest[2:at])[0]
            if len(self.rest) < at + size:
                break
            payload, self.rest = self.rest[at : at + size], self.rest[at + size :]
            assert opcode != 8, f"the server ended a socket: {payload!r}"
            if opcode == 9:
                self.socket.send(b"\x8a\x80" + os.urandom(4))
            elif opcode == 1:
                texts.append(payload)
        return texts


class Readers:
    """Tells `heard(ticket, at)` for each fragment of a row that comes to any of them."""

    def __init__(
        self, url: str, cookie: str, origin: str, count: int, heard: Callable[[str, float], None]
    ) -> None:
        self.heard, self.stopped = heard, Event()
        self.selector = selectors.DefaultSelector()
        self.thread = Thread(target=self._read, daemon=True)
        self.all = []
        for _ in range(count):
            self.all.append(Reader(url, cookie, origin))
            self.selector.register(self.all[-1].socket, selectors.EVENT_READ, self.all[-1])
            if len(self.all) == 1:
                self.thread.start()

    def _read(self) -> None:
        while not self.stopped.is_set():
            for key, _ in self.selector.select(0.2):
                at = time.perf_counter()
                for text in key.data.frames():
                    found = b'"content"' in text and NUMBER.search(text)
                    if found:
                        self.heard(found[1].decode(), at)

    def close(self) -> None:
        """Hang up."""
        self.stopped.set()
        self.thread.join()
        for reader in self.all:
            reader.socket.close()
        self.selector.close()
