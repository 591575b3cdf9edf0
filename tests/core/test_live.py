"""Pages that stay true: who may listen, for how long, and what a reader gets who was away (NTF, Q-1, Q-2)."""

from __future__ import annotations

import base64
import hashlib
import socket
import struct
import threading
import time
from contextlib import suppress

import pytest
from simple_websocket import ConnectionClosed, ConnectionError

from helpdesk.core import clock, hub, live
from helpdesk.core.db import db
from helpdesk.organizers.merchant import Merchant
from tests.support.live_server import Page, beats, close_code, frames, listening, ring, serving, until

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # of RFC 6455
NOTICE = {"code": 409, "title": "A title", "message": "A message", "sign_in_url": ""}


@pytest.fixture
def app(make_app, redis_url):
    return make_app(redis_url=redis_url)


@pytest.fixture
def hasty_server():
    """A server that shakes hands and hangs up in one breath; its address."""
    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve() -> None:
            line, _ = door.accept()
            with line:
                asked = line.recv(4096)
                key = asked.partition(b"Sec-WebSocket-Key: ")[2].partition(b"\r\n")[0]
                accept = base64.b64encode(hashlib.sha1(key + GUID, usedforsecurity=False).digest())
                head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                end = hub.frame(0x8, struct.pack("!H", hub.GONE))
                line.sendall(head + b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n" + end)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"ws://127.0.0.1:{door.getsockname()[1]}/"
        thread.join(5)


# The door -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "",
        "http://127.0.0.1.evil.example",
        "ftp://127.0.0.1",
        "http://127.0.0.1:1",
    ],
)
def test_Q_2_another_sites_page_opens_no_socket(origin, server, queue):
    with pytest.raises(ConnectionError) as refused:
        server.connect("Gus", queue, Origin=origin)
    assert refused.value.status_code == 403


def test_Q_2_nobody_opens_a_socket_of_the_desk(server, queue):
    with pytest.raises(ConnectionError) as refused:
        server.connect("x=y", queue)
    assert refused.value.status_code == 401


def test_Q_2_the_configured_address_is_ours_too(make_app, redis_url, world, queue):
    with serving(make_app(redis_url=redis_url, base_url="https://help.example"), world) as server:
        cookie = "__Host-" + server.cookie("Gus")
        client = server.connect(cookie, queue, Origin="https://help.example")
        assert next(beats(client))


def test_Q_1_a_foreign_topic_ends_the_page(server, world):
    with world.inside("globex"):
        glob = world.one(Merchant, prefix="GLOB").id
    assert close_code(server.connect("Gus", f"queue.{glob}")) == hub.GONE


def test_Q_1_an_unknown_topic_ends_the_page(server):
    assert close_code(server.connect("Gus", "everything.1")) == hub.GONE


def test_Q_1_one_foreign_topic_among_own_ends_the_page(server, queue):
    assert close_code(server.connect("Gus", queue, "user.999")) == hub.GONE


def test_Q_1_an_end_that_comes_with_the_answer_is_no_refusal(hasty_server):
    """A client that is slow to look finds the handshake's answer and the close frame in one piece."""
    client = Page(hasty_server)
    assert close_code(client) == hub.GONE
    client.thread.join(5)
    assert not client.thread.is_alive()


def test_Q_2_topics_are_counted(server, queue):
    """Only so many topics are looked at; what is cut off is not listened to."""
    client = server.connect("Gus", *[queue] * 200)
    client.receive(timeout=3)
    [connection] = server.hub.connections
    assert len(connection.topics) == live.MOST_TOPICS


def test_NTF_a_house_that_is_full_closes_with_1013(make_app, redis_url, world, queue):
    with serving(make_app(redis_url=redis_url, sockets=1), world) as server:
        first = server.connect("Gus", queue)
        first.receive(timeout=3)
        assert close_code(server.connect("Linh", queue)) == 1013
        assert first.connected
        first.close()
        until(lambda: not server.hub.connections)
        assert next(beats(server.connect("Linh", queue)))


# What comes ---------------------------------------------------------------------------------------------------


def test_NTF_a_ring_reaches_who_listens_and_nobody_else(server, world, queue):
    gus = server.connect("Gus", queue)
    with world.inside("globex"):
        glob = f"queue.{world.one(Merchant, prefix='GLOB').id}"
    gil = server.connect("Gil", glob)
    listening(server, gus, 2)
    ring(world, queue, ticket="ACME-1")
    told = {"number": 1, "topic": queue, "sequence": 7, "ring": "queue", "ticket": "ACME-1"}
    assert next(frames(gus)) == told
    ring(world, glob, "globex", ticket="GLOB-1")
    assert next(frames(gil))["ticket"] == "GLOB-1"


def test_Q_1_the_same_name_of_a_topic_in_two_organizers_is_two_topics(server, world, queue):
    """Were a topic of the neighbour's ever of the same name, its frames would not come here."""
    gus = server.connect("Gus", queue)
    listening(server, gus)
    ring(world, queue, "globex", ticket="GLOB-1")
    ring(world, queue, "acme", ticket="ACME-1")
    assert next(frames(gus))["ticket"] == "ACME-1"


def test_NTF_a_push_is_rendered_in_the_readers_language(server, world, queue):
    gus, linh = server.connect("Gus", queue), server.connect("Linh", queue)
    listening(server, gus, 2)
    until(lambda: server.app.extensions["broker"].keys("helpdesk:heard:*"))
    with world.inside():
        live.push(
            queue, "errors/_fragment.html", sequence=3, **NOTICE | {"code": 401, "sign_in_url": "/login"}
        )
    english, vietnamese = next(frames(gus)), next(frames(linh))
    assert (english["topic"], english["sequence"]) == (queue, 3)
    assert "A message" in english["content"]
    assert ">Sign in<" in english["content"]
    assert ">Sign in<" not in vietnamese["content"]


def test_NTF_nothing_is_rendered_for_nobody(app, world, queue):
    with world.inside():
        live.push(queue, "no/such/template.html", sequence=1)


def test_NTF_a_frame_leaves_after_the_commit_and_never_without(server, world, queue):
    gus = server.connect("Gus", queue)
    listening(server, gus)
    with suppress(ZeroDivisionError), world.inside():
        live.ring(queue, sequence=1, ticket="never")
        1 / 0  # noqa: B018
    with world.inside():
        live.ring(queue, sequence=2, ticket="later")
        assert next(frames(gus, 0.3), None) is None, "before the commit"
    assert next(frames(gus))["ticket"] == "later"


def test_Q_3_a_page_is_asked_to_catch_up_after_redis_was_cut_off(server, world, queue):
    gus = server.connect("Gus", queue)
    listening(server, gus)
    server.app.extensions["broker"].client_kill_filter(_type="pubsub")
    listening(server, gus)
    ring(world, queue, ticket="ACME-1")
    assert next(frames(gus))["ticket"] == "ACME-1"


def test_NTF_the_server_beats(server, queue, monkeypatch):
    monkeypatch.setattr(hub, "HEARTBEAT_SECONDS", 0.3)
    gus = server.connect("Gus", queue)
    told = [next(beats(gus)) for _ in range(3)]
    assert told == sorted(told)
    assert abs(told[-1] / 1000 - clock.now().timestamp()) < 5


def test_NTF_who_does_not_answer_is_let_go(server, queue, monkeypatch):
    monkeypatch.setattr(hub, "HEARTBEAT_SECONDS", 0.3)
    with server.stop_reading("Gus", queue):
        until(lambda: len(server.hub.connections) == 1)
        until(lambda: not server.hub.connections)


# What a listener may send -------------------------------------------------------------------------------------


def test_Q_2_a_message_of_64_kb_is_the_most(server, queue):
    gus = server.connect("Gus", queue)
    gus.send("x" * (64 * 1024 - 100))
    gus.receive(timeout=1)
    assert gus.connected
    gus.send("x" * (64 * 1024 + 1))
    assert close_code(gus) == 1009


def test_Q_2_a_flood_is_cut_off(server, queue):
    gus = server.connect("Gus", queue)
    with suppress(ConnectionClosed):
        for _ in range(hub.MESSAGES_PER_10_SECONDS + 10):
            gus.send("x")
    assert close_code(gus) == 1008


def test_NTF_a_slow_reader_is_let_go_and_the_others_are_on_time(server, world, queue):
    fast = server.connect("Linh", queue)
    with server.stop_reading("Gus", queue):
        listening(server, fast, 2)
        late, heavy = [], "x" * 200_000
        for n in range(60):
            sent = time.monotonic()
            ring(world, queue, number=n, heavy=heavy)
            assert next(frames(fast))["number"] == n
            late.append(time.monotonic() - sent)
            if len(server.hub.connections) == 1:
                break
        assert len(server.hub.connections) == 1, "the one who takes nothing is kept"
        assert max(late) < 1.5
        assert fast.connected


# What it costs ------------------------------------------------------------------------------------------------


def test_Q_4_an_open_socket_holds_no_connection_to_the_database(app, server, queue):
    for _ in range(5):
        server.connect("Gus", queue).receive(timeout=3)
    with app.app_context():
        pool = db.engine.pool
        until(lambda: pool.checkedout() == 0)


def test_Q_4_one_listener_serves_all_sockets_of_a_process(app, server, queue):
    def listeners() -> int:
        return len(app.extensions["broker"].client_list(_type="pubsub"))

    before = listeners()
    pages = [server.connect("Gus", queue) for _ in range(5)]
    listening(server, pages[0], 5)
    assert listeners() == before + 1


def test_Q_6_a_process_that_stops_sends_its_readers_to_another(app, server, queue):
    page = server.connect("Gus", queue)
    page.receive(timeout=3)
    with app.app_context():
        live.close_all()
    assert close_code(page) == 1012


def test_Q_3_a_socket_without_redis_opens_and_beats(make_app, world, queue):
    with serving(make_app(), world) as server:
        assert next(beats(server.connect("Gus", queue)))
