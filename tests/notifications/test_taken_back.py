"""Q-3, S3: what was recorded in a transaction that failed in the end is told to nobody, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import redis
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from helpdesk.core import jobs
from helpdesk.core.alarms import KEY
from helpdesk.core.db import commit, db
from helpdesk.core.events import Event, Reaction
from helpdesk.core.tenancy import inside
from helpdesk.notifications.batch import Batch
from helpdesk.notifications.delivery import Delivery
from helpdesk.notifications.notification import Notification
from helpdesk.organizers.form_key import FormKey
from helpdesk.tickets.ticket import Opening, Ticket
from tests.core.conftest import on  # noqa: F401 - a fixture
from tests.notifications.post import BEA, GUS, WINDOW, Post
from tests.notifications.sink import Sink, parts
from tests.support.databases import both_databases

pytestmark = both_databases

NEVER = "Never said"
WATCHED = (Event, Reaction, Delivery, Batch, Notification)


@pytest.fixture
def post(make_app: Callable[..., Flask], sink: Sink, redis_url: str) -> Post:
    """The cast with the shipped window, and a Redis whose wake-ups can be counted."""
    return Post(make_app(smtp_url=sink.url, redis_url=redis_url), sink, window_seconds=WINDOW)


def just_before_the_end() -> None:
    """Everything is written; only the commit is left."""
    db.session.flush()
    raise ZeroDivisionError


def by_a_later_statement() -> None:
    """Something else in the same transaction is not possible."""
    db.session.add(twin())
    db.session.flush()


def by_the_commit() -> None:
    """What is not possible comes out when it is committed."""
    db.session.add(twin())
    commit()


def by_the_connection() -> None:
    """The database hangs up before the commit."""
    db.session.flush()
    db.session.connection().invalidate()
    commit()


def twin() -> FormKey:
    first = db.session.scalars(select(FormKey)).first()
    assert first
    return FormKey(key=first.key, merchant=first.merchant, secret="x", allowed_origins=[])


def left(post: Post, url: str) -> list[object]:
    """Rows that could tell somebody, wake-ups, alarms."""
    with redis.Redis.from_url(url) as client, post.inside():
        counts: list[object] = [post.count(kind) for kind in WATCHED]
        return [*counts, jobs.queue(client).count, client.zrange(KEY, 0, -1)]


@pytest.mark.parametrize(
    "fail", [just_before_the_end, by_a_later_statement, by_the_commit, by_the_connection]
)
def test_Q_3_what_a_failed_transaction_recorded_is_told_to_nobody(
    post: Post, redis_url: str, fail: Callable[[], None]
) -> None:
    ticket_id = post.assigned()
    post.wait(WINDOW + 1)
    post.forget()
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    before = left(post, redis_url)
    with pytest.raises((ZeroDivisionError, SQLAlchemyError)), post.inside():
        ticket = Ticket.for_deed(ticket_id)
        ticket.reply(NEVER, by=post.user("Gus"))
        ticket.hear(NEVER, by=ticket.customer)
        ticket.resolve(by=post.user("Gus"), note_en=NEVER, note_vi=NEVER)
        fail()
    assert left(post, redis_url) == before
    post.wait(WINDOW + 1)
    post.send()
    assert post.sink.mails == []
    assert left(post, redis_url)[:5] == before[:5]
    post.hear(ticket_id, "Still there?")
    post.wait(WINDOW + 1)
    (mail,) = post.sent_to(GUS)
    assert "Still there?" in parts(mail)[0]
    assert NEVER not in parts(mail)[0]


def test_Q_3_a_part_that_was_given_up_is_not_told_and_the_rest_is(post: Post) -> None:
    ticket_id = post.assigned()
    post.wait(WINDOW + 1)
    post.forget()
    with post.inside():
        ticket = Ticket.for_deed(ticket_id)
        ticket.reply("Said before", by=post.user("Gus"))
        with pytest.raises(IntegrityError), db.session.begin_nested():
            ticket.reply(NEVER, by=post.user("Gus"))
            by_a_later_statement()
        Ticket.for_deed(ticket_id).reply("Said after", by=post.user("Gus"))
    post.wait(WINDOW + 1)
    text = "".join(parts(mail)[0] for mail in post.sent_to(BEA))
    assert ("Said before" in text, "Said after" in text, NEVER in text) == (True, True, False)


def test_Q_3_a_reaction_that_fails_tells_only_what_its_last_try_said(post: Post, on: Any) -> None:  # noqa: F811
    ticket_id = post.assigned()
    post.wait(WINDOW + 1)
    post.forget()
    tries: list[str] = [NEVER, NEVER, "Said in the end"]

    @on("ticket.noted")
    def answer(event: Event) -> None:
        said = tries.pop(0)
        Ticket.for_deed(event.ticket_id).reply(said, by=post.user("Gus"))
        db.session.flush()
        if tries:
            raise ZeroDivisionError

    with post.inside():
        Ticket.for_deed(ticket_id).note("Look", by=post.user("Linh"))
    for _ in range(3):
        post.wait(10)
    post.wait(WINDOW + 1)
    assert tries == []
    (mail,) = post.sent_to(BEA)
    assert ("Said in the end" in parts(mail)[0], NEVER in parts(mail)[0]) == (True, False)


def test_Q_3_reactions_of_a_failed_transaction_are_not_even_planned(post: Post) -> None:
    with pytest.raises(ZeroDivisionError), post.inside():
        post_ticket(post)
        just_before_the_end()
    post.send()
    with post.app.app_context(), inside(post.organizers["acme"]):
        assert [post.count(kind) for kind in WATCHED] == [0] * 5
    assert post.sink.mails == []


def post_ticket(post: Post) -> None:
    """A new ticket inside the transaction that is open."""
    customer = post.customer("Bea")
    said = Opening(subject=NEVER, body=NEVER, language="en")
    Ticket.create(customer.merchant, customer, said, by=customer)
