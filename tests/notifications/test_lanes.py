"""NTF-005, F25, F27: each mail server has a lane of its own; what is wrong with one holds no other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk.core import circuit, clock
from helpdesk.core.db import db, reading
from helpdesk.core.tenancy import inside
from helpdesk.notifications.delivery import Delivery
from helpdesk.notifications.lane import HOUSE, Lane
from helpdesk.notifications.mail_server import MailServer
from helpdesk.notifications.outgoing import GROUP, SLOW_SECONDS, Outgoing
from helpdesk.notifications.sending import LEASE_SECONDS, MOST_ATTEMPTS
from helpdesk.organizers.merchant import Merchant
from tests.notifications.post import BEA, GUS, Post, hand_over_and_die, leased
from tests.notifications.sink import Sink
from tests.support.databases import both_databases
from tests.support.process import free_port

LONG = 2 * 3600


@pytest.fixture
def own() -> Iterator[Sink]:
    """The mail server of a store."""
    with Sink() as server:
        yield server


@pytest.fixture
def post(make_app: Callable[..., Flask], sink: Sink, redis_url: str) -> Post:
    """The cast, where stores' servers may be on this machine."""
    app = make_app(
        smtp_url=sink.url, redis_url=redis_url, base_url="https://help.example", private_mail_servers=True
    )
    return Post(app, sink)


def own_server(post: Post, port: int, prefix: str = "ACME", **more: object) -> int:
    """A store has its own server from now on; the id of the store."""
    said = {"is_on": True, "host": "127.0.0.1", "port": port, "security": "plain", "address": "shop@acme.example",
            "user_name": "", "password": ""}  # fmt: skip
    with post.inside():
        store = post.one(Merchant, prefix=prefix)
        MailServer.of(store, lock=True).change(store, said | more, by=post.user("Mai"))
        return store.id


def server_of(post: Post, store: int) -> MailServer:
    with post.inside():
        return db.session.scalars(select(MailServer).where(MailServer.merchant_id == store)).one()


def run(post: Post, lane: int) -> bool:
    """One run of a worker in acme."""
    with post.app.app_context(), inside(post.organizers["acme"]):
        return Lane(lane).send()


@both_databases
def test_NTF_005_a_stores_own_server_carries_its_customers_mails_and_no_others(post: Post, own: Sink) -> None:
    own_server(post, own.port)
    post.hear(post.assigned(), "Hello?")
    post.ticket()
    assert len(post.sent_to(GUS)) == 1
    assert (own.to(GUS), post.sink.to(BEA)) == ([], [])
    assert {mail["From"].addresses[0].addr_spec for mail in own.to(BEA)} == {"shop@acme.example"}
    assert set(own.senders) == {"shop@acme.example"}
    assert post.sink.to(GUS)[0]["From"].addresses[0].addr_spec != "shop@acme.example"


@both_databases
def test_F27_a_dead_server_of_a_store_holds_nobody_else(post: Post, own: Sink) -> None:
    store = own_server(post, free_port())
    for _ in range(3):
        post.ticket()
    ticket_id = post.assigned()
    post.hear(ticket_id, "Hello?")
    assert len(post.sent_to(GUS)) == 1
    assert [row.attempts for row in post.deliveries(BEA)] == [1, 0, 0, 0], "they are not even leased"
    assert circuit_is_open(post, store)
    with post.inside():
        assert Lane(store) not in Lane.waiting()
    assert server_of(post, store).trouble == "ConnectionRefusedError"
    own_server(post, own.port)  # mended: what waits is tried at once
    clock.travel(LONG)
    post.send()
    assert len(own.to(BEA)) == 4
    assert server_of(post, store).trouble is None


def circuit_is_open(post: Post, store: int) -> bool:
    with post.app.app_context():
        return circuit.is_open(MailServer.key(store))


@both_databases
def test_NTF_005_a_store_that_gives_up_its_server_is_served_by_the_house(post: Post) -> None:
    own_server(post, free_port())
    post.ticket()
    post.send()
    own_server(post, 25, is_on=False)
    clock.travel(LONG)
    assert len(post.sent_to(BEA)) == 1


def test_F25_a_server_that_crawls_holds_one_worker_for_all_that_do(post: Post, own: Sink) -> None:
    acme, beta = own_server(post, own.port), own_server(post, own.port, prefix="BETA")
    own.before_answer = lambda: time.sleep(SLOW_SECONDS + 0.5)
    for _ in range(3):
        post.ticket()
    post.run_reactions()
    crawling = threading.Thread(target=run, args=(post, acme))
    crawling.start()
    while not own.mails:
        time.sleep(0.01)
    began = time.monotonic()
    assert not run(post, acme), "one worker is there already"
    assert not run(post, beta), "and it has the only place for servers that nobody knows"
    run(post, HOUSE)
    assert time.monotonic() - began < 2
    crawling.join()
    assert len(own.mails) == 1, "a slow server is left after one mail"
    own.before_answer = lambda: None
    assert not run(post, acme), "it goes on with the next wake-up only, behind others"
    assert len(own.mails) == 3
    with post.app.app_context():
        assert circuit.pace(MailServer.key(acme)) == "quick"


@both_databases
def test_F23_a_wrong_password_is_said_and_mails_wait(post: Post) -> None:
    with Sink(password="right") as own:
        store = own_server(post, own.port, user_name="shop", password="wrong")
        post.ticket()
        post.ticket()
        post.send()
        assert [row.state for row in post.deliveries(BEA)] == ["queued"] * 2
        assert (server_of(post, store).trouble or "").startswith("535 ")
        own_server(post, own.port, user_name="shop", password="right")
        clock.travel(LONG)
        post.send()
        assert len(own.to(BEA)) == 2


@both_databases
def test_NTF_005_a_secret_that_cannot_be_read_is_said_and_nothing_is_lost(post: Post) -> None:
    with Sink(password="right") as own:
        store = own_server(post, own.port, user_name="shop", password="right")
        post.ticket()
        post.run_reactions()
        config = post.app.config["HELPDESK"]
        post.app.config["HELPDESK"] = replace(config, secret_key="another key altogether")
        post.send()
        row = post.only(BEA)
        assert (row.state, row.attempts) == ("queued", 0)
        assert server_of(post, store).trouble == MailServer.UNREADABLE
        post.app.config["HELPDESK"] = config
        with post.app.app_context():
            circuit.forgive(MailServer.key(store))
        post.send()
        assert len(own.to(BEA)) == 1
        assert server_of(post, store).trouble is None


def test_NTF_005_a_secret_of_one_store_is_none_of_another(post: Post) -> None:
    acme = own_server(post, 25, user_name="shop", password="right")
    beta = own_server(post, 25, prefix="BETA", user_name="shop", password="other")
    with post.inside():
        post.one(MailServer, merchant_id=beta).secret = server_of(post, acme).secret
    post.app.extensions["broker_breaker"]["away_until"] = 0.0
    run(post, beta)
    assert server_of(post, beta).trouble == MailServer.UNREADABLE


@both_databases
def test_F9_a_crash_leaves_no_more_in_doubt_than_was_begun(post: Post) -> None:
    mails = 2 * GROUP + 3
    for _ in range(mails):
        post.ticket()
    post.run_reactions()
    with post.app.app_context(), inside(post.organizers["acme"]):
        page = Outgoing.lease(Delivery, Delivery.address == BEA)
        page._write()
        page._begin(list(page._written)[:GROUP])
    assert [row.state for row in post.deliveries(BEA)] == ["leased"] * mails
    clock.travel(LEASE_SECONDS + 1)
    for _ in range(mails):
        post.send()
    assert (
        sorted(row.is_uncertain for row in post.deliveries(BEA)) == [False] * (mails - GROUP) + [True] * GROUP
    )
    assert len(post.sink.to(BEA)) == mails


@both_databases
def test_Q_3_what_was_not_begun_is_given_back(post: Post) -> None:
    post.sink.at_rcpt.extend(["250 OK", "421 closing", "421 closing"])
    for _ in range(4):
        post.ticket()
    post.run_reactions()
    run(post, HOUSE)
    told = [(row.state, row.attempts, row.begun) for row in post.deliveries(BEA)]
    assert told[2:] == [("queued", 0, 0)] * 2
    assert [state for state, _, _ in told[:2]] == ["sent", "queued"]


@both_databases
def test_F41_a_mail_that_kills_its_senders_is_given_up_and_holds_no_other(post: Post) -> None:
    post.ticket()
    post.run_reactions()
    for _ in range(MOST_ATTEMPTS):
        with post.app.app_context(), inside(post.organizers["acme"]):
            assert Outgoing.lease(Delivery, Delivery.address == BEA)
        clock.travel(LEASE_SECONDS + 1)
    post.ticket()
    post.send()
    poison, other = post.deliveries(BEA)
    assert (poison.state, poison.error, other.state) == ("failed", "given up", "sent")


@both_databases
def test_F9_an_answer_that_was_not_noted_makes_it_uncertain(post: Post) -> None:
    post.ticket()
    post.run_reactions()
    with post.app.app_context(), inside(post.organizers["acme"]):
        hand_over_and_die(leased(Delivery), post.sink.url)
    clock.travel(LEASE_SECONDS + 1)
    first, second = post.sent_to(BEA)
    assert first["Message-ID"] == second["Message-ID"]
    assert (post.only(BEA).state, post.only(BEA).is_uncertain) == ("sent", True)


def test_NTF_005_waiting_lanes_are_those_with_something_due(post: Post, own: Sink) -> None:
    store = own_server(post, own.port)
    with post.inside():
        assert Lane.waiting() == []
    post.ticket()
    post.run_reactions()
    with post.app.app_context(), inside(post.organizers["acme"]), reading():
        assert Lane.waiting() == [Lane(), Lane(store)]
    run(post, HOUSE)
    with post.app.app_context(), inside(post.organizers["acme"]), reading():
        assert Lane.waiting() == [Lane(store)]
