"""How long a change takes to reach 500 open queues: from the agent's deed to the frame in the last of them."""

import json
import re
import time
from http.cookiejar import CookieJar
from threading import Event, Thread
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

from simple_websocket import Client, ConnectionClosed

from bench.figures import Customer, running, spread

CLIENTS = 500
DEEDS = 15


def main() -> None:
    """Print the time from the deed's answer to each client's frame, and to the last client's."""
    with running() as product:
        browser, jar = signed_in(product.address)
        queue = browser.open(f"{product.address}/queue").read().decode()
        live = re.search(r'hx-ws:connect="([^"]+)"', queue)
        assert live
        path = live[1].replace("&amp;", "&")
        url = path if path.startswith("ws") else product.address.replace("http", "ws", 1) + path
        cookie = "; ".join(f"{c.name}={c.value}" for c in jar)
        listeners = [Listener(url, cookie, product.address) for _ in range(CLIENTS)]
        customer, each, last = Customer(product.address, "fan"), [], []
        for number in range(DEEDS):
            for listener in listeners:
                listener.begin()
            customer.send(number)
            sent = time.perf_counter()
            took = [listener.wait() - sent for listener in listeners]
            each += took
            last.append(max(took))
        for listener in listeners:
            listener.close()
    spread(f"form's answer to a frame, {CLIENTS} sockets", [max(0.0, t) for t in each])
    spread(f"form's answer to the last of {CLIENTS} sockets", [max(0.0, t) for t in last])


class Listener:
    """One open socket that remembers when a ring came."""

    def __init__(self, url: str, cookie: str, origin: str) -> None:
        self.rung, self.at = Event(), 0.0
        self.ws = Client(url, headers={"Cookie": cookie, "Origin": origin})
        Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        try:
            while True:
                if json.loads(self.ws.receive()).get("ring") and not self.rung.is_set():
                    self.at = time.perf_counter()
                    self.rung.set()
        except ConnectionClosed:
            pass

    def begin(self) -> None:
        """Wait for the next ring; what the last deed still sends is let pass first."""
        self.rung.clear()

    def wait(self) -> float:
        """When it came."""
        assert self.rung.wait(20), "a socket heard nothing"
        return self.at

    def close(self) -> None:
        """Hang up."""
        self.ws.close()


def signed_in(address: str) -> tuple[OpenerDirector, CookieJar]:
    """A browser of an agent, and its cookies."""
    jar = CookieJar()
    browser = build_opener(HTTPCookieProcessor(jar))
    page = browser.open(f"{address}/login").read().decode()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    fields = {"csrf_token": token[1], "email": "gus@acme.example", "password": "demo-helpdesk"}
    browser.open(Request(f"{address}/login", urlencode(fields).encode()))
    return browser, jar


if __name__ == "__main__":
    main()
