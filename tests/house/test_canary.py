"""A note with a mark in its text, its file's name and its file: the mark reaches nothing that leaves the desk.

A draft and a reply that is taken back before it is sent have the mark, too. Over a whole life of a ticket the
customer's pages, the files he can fetch, what is pushed to him, every mail, every event, every log line and the
figures are read. The agents' page must hold the mark, or this would see nothing.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.core.hub import CHANNEL
from helpdesk.core.tenancy import inside
from helpdesk.tickets.attachment import Attachment
from tests.house.test_sweeps import Values, doors, thing, visitor
from tests.notifications.post import send_all
from tests.notifications.sink import Sink, parts
from tests.support.page import read
from tests.support.seat import Seat
from tests.support.world import World

MARK = "kestrel9kestrel"


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as server:
        yield server


@pytest.fixture
def app(make_app: Callable[..., Flask], redis_url: str, sink: Sink) -> Flask:
    app = make_app(redis_url=redis_url, smtp_url=sink.url)
    app.config["WTF_CSRF_ENABLED"] = False
    return app


@pytest.fixture
def things(world: World) -> Values:
    return thing(world, "Bea", "acme")


def write_notes(gus: Seat, number: str) -> None:
    """Text, file name and file all carry the mark; twice, so that the later deeds find one before and one after."""
    file = (BytesIO(f"{MARK} in the file".encode()), f"{MARK}.txt")
    answer = gus.post(f"/tickets/{number}/notes", body=f"The {MARK} is between us.", files=[file])
    assert answer.status_code == 303


def write_what_is_taken_back(gus: Seat, things: Values) -> None:
    """A reply that is undone while it is held."""
    desk = f"/tickets/{things.number}"
    assert gus.post("/me", undo_seconds="30", language="en", time_zone="", theme="system").status_code == 303
    assert gus.post(f"{desk}/replies", body=f"Held, with {MARK}.", then="keep").status_code == 303
    [held] = [element["data-message"] for element in read(gus.get(desk)).with_attribute("data-held")]
    assert gus.post(f"{desk}/replies/{held}/undo").status_code == 303
    assert gus.post("/me", undo_seconds="0", language="en", time_zone="", theme="system").status_code == 303


def live(gus: Seat, mai: Seat, bea: FlaskClient, things: Values, tell: Callable[[], None]) -> None:
    """A ticket's life with notes in it."""
    page, desk = f"/requests/{things.ticket_id}", f"/tickets/{things.number}"
    write_notes(gus, things.number)
    assert gus.post(f"{desk}/replies", body="We look into it.", then="waiting_user").status_code == 303
    tell()
    assert bea.post(f"{page}/replies", data={"body": "Thank you."}).status_code == 303
    write_notes(gus, things.number)
    assert gus.post(f"{desk}/priority", priority="HIGH").status_code == 303
    draft = {"kind": "reply", "body": f"Perhaps {MARK}?", "submission": "x"}
    assert gus.post(f"{desk}/drafts", **draft).status_code == 303
    write_what_is_taken_back(gus, things)
    assert gus.post(f"{desk}/resolution", note_en="Done.", note_vi="Xong.").status_code == 303
    tell()
    assert bea.post(f"{page}/reopening", data={"body": "Not quite."}).status_code == 303
    assert mai.post(f"{desk}/resolution", note_en="Now.", note_vi="Rồi.").status_code == 303
    tell()


def customers_answers(app: Flask, bea: FlaskClient, things: Values) -> Iterator[tuple[str, bytes]]:
    """What every door says that is not the desk's, to the customer; files of every id there is."""
    ids = [file.id for file in db.session.scalars(select(Attachment))]
    for rule, method, access in doors(app):
        if access in ("customer", "anyone", "operator") and method == "GET" and not rule.websocket:
            for id_ in ids if "attachment_id" in rule.arguments else [things.attachment_id]:
                things.attachment_id = id_
                for extra in ("", "?since=0"):
                    with bea.get(things.address(rule) + extra) as answer:
                        yield f"{rule.rule} {id_}{extra}", answer.data + str(answer.headers).encode()


def test_MSG_003_a_note_reaches_nothing_that_leaves_the_desk(app, world, things, sink, redis_url, caplog):
    caplog.set_level(logging.DEBUG)
    heard = redis.Redis.from_url(redis_url)
    heard.set(f"helpdesk:heard:{world.organizers['acme']}:request.{things.ticket_id}", 1)
    pubsub = heard.pubsub(ignore_subscribe_messages=True)
    pubsub.subscribe(CHANNEL)
    pubsub.get_message(timeout=5)  # the answer to that
    gus, mai, bea = Seat(world, "Gus"), Seat(world, "Mai"), visitor(app, things)
    bea.looks = False

    def tell() -> None:
        world.run_reactions()
        with app.app_context(), inside(world.organizers["acme"]):
            send_all()

    live(gus, mai, bea, things, tell)
    clock.travel(3600)
    tell()  # what was gathered leaves now

    assert gus.get(f"/tickets/{things.number}").text.count(MARK) >= 4, "the desk itself reads it"
    with world.inside():
        leaked = [where for where, said in customers_answers(app, bea, things) if MARK.encode() in said]
        leaked += [f"event {e.name}" for e in db.session.scalars(select(Event)) if MARK in json.dumps(e.data)]
    assert leaked == []
    pushed = []
    while message := pubsub.get_message(timeout=0.2):
        pushed.append(json.loads(message["data"]))
    assert any(frame["topic"].startswith("request.") for frame in pushed), "something was pushed to him"
    assert not [f["topic"] for f in pushed if f["topic"].startswith("request.") and MARK in json.dumps(f)]
    assert len(sink.mails) > 3
    said = ["".join([str(mail.items()), *parts(mail)]) for _, mail in sink.mails]
    assert not [mail for mail in said if MARK in mail]
    assert not [record for record in caplog.records if MARK in str(vars(record))]
    pubsub.close()
    heard.close()
