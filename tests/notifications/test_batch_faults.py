"""NTF-005, Q-3, R3 to R5 for batches: nothing lost, nothing doubled, and where that cannot be known, it is said."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.core.tenancy import inside
from helpdesk.notifications.batch import Batch
from helpdesk.notifications.delivery import Delivery
from helpdesk.notifications.sending import LEASE_SECONDS
from helpdesk.notifications.subscribers import tell
from helpdesk.tickets.reading_mark import ReadingMark
from helpdesk.tickets.ticket import Ticket
from tests.notifications.post import (
    BEA,
    GUS,
    LINH,
    WINDOW,
    Post,
    hand_over_and_die,
    leased,
    quiet_ticket,
    send_late,
)
from tests.notifications.sink import HANG_UP, parts
from tests.support.databases import both_databases

LONG = 2 * 3600  # any wait between two tries is over by then

pytestmark = both_databases


@pytest.fixture
def post(slow_post: Post) -> Post:
    """The cast with the shipped window."""
    return slow_post


def test_R3_a_reaction_that_runs_twice_gathers_once(post: Post) -> None:
    post.hear(quiet_ticket(post), "Hello?")
    post.run_reactions()
    with post.inside():
        event = db.session.scalars(select(Event).where(Event.name == "ticket.replied")).one()
        tell([event])
        tell([event])
        assert len(post.one(Batch, recipient_kind="user", slot=f"user.{post.user('Gus').id}").deliveries) == 1


def test_NTF_005_two_reactions_at_once_share_one_batch(post: Post) -> None:
    ticket_id = quiet_ticket(post)
    for number in range(6):
        post.hear(ticket_id, f"Number {number}")
    workers = [threading.Thread(target=post.run_reactions) for _ in range(3)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join()
    post.wait(WINDOW)
    (mail,) = post.sent_to(GUS)
    assert [f"Number {n}" in parts(mail)[0] for n in range(6)] == [True] * 6


def test_NTF_005_two_senders_send_each_batch_once(post: Post) -> None:
    hers = post.assigned("Linh")
    two_waiting(post)
    for text in ("Three", "Four"):
        post.hear(hers, text)
        post.reply(hers, text, by="Linh")
    post.wait(WINDOW)
    workers = [threading.Thread(target=post.send) for _ in range(3)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join()
    assert [len(post.sink.to(address)) for address in (GUS, LINH, BEA)] == [1, 1, 1]
    with post.inside():
        assert post.count(Batch, state="sent") == post.count(Batch), "each once, and none is left"


def step(post: Post, of: Callable[[], object]) -> object:
    """A step of a worker inside acme, with no transaction open."""
    with post.app.app_context(), inside(post.organizers["acme"]):
        return of()


def two_waiting(post: Post) -> int:
    """Two events for Gus whose window is over."""
    ticket_id = quiet_ticket(post)
    post.hear(ticket_id, "One")
    post.hear(ticket_id, "Two")
    post.wait(WINDOW)
    return ticket_id


def test_F7_a_sender_of_a_batch_that_dies_is_followed_by_another(post: Post) -> None:
    two_waiting(post)
    assert step(post, lambda: leased(Batch)) is not None
    assert [row.state for row in post.deliveries(GUS)[-2:]] == ["leased"] * 2
    assert post.sent_to(GUS) == [], "its lease is still good"
    post.wait(LEASE_SECONDS + 1)
    assert len(post.sent_to(GUS)) == 1
    told = [(row.state, row.attempts, row.is_uncertain) for row in post.deliveries(GUS)[-2:]]
    assert told == [("sent", 2, False)] * 2, "nothing was handed over before"


def test_F12_a_sender_of_a_batch_that_slept_neither_sends_nor_notes(post: Post) -> None:
    two_waiting(post)
    late = step(post, lambda: leased(Batch))
    post.wait(LEASE_SECONDS + 1)
    step(post, lambda: send_late(late, post.sink.url))
    assert post.sink.to(GUS) == []
    assert len(post.sent_to(GUS)) == 1
    step(post, lambda: send_late(late, post.sink.url))
    assert len(post.sent_to(GUS)) == 1


def test_F9_a_sender_that_dies_after_the_answer_sends_the_same_mail_again(post: Post) -> None:
    two_waiting(post)
    page = step(post, lambda: leased(Batch))
    step(post, lambda: hand_over_and_die(page, post.sink.url))
    post.wait(LEASE_SECONDS + 1)
    first, second = post.sent_to(GUS)
    assert first["Message-ID"] == second["Message-ID"]
    assert {row.is_uncertain for row in post.deliveries(GUS)[-2:]} == {True}


def test_R4_a_batch_whose_answer_was_lost_keeps_its_message_id_although_less_is_left(post: Post) -> None:
    two_waiting(post)
    post.sink.at_data.append(HANG_UP)
    post.send()
    rows = post.deliveries(GUS)[-2:]
    assert [(row.state, row.is_uncertain) for row in rows] == [("uncertain", True)] * 2
    with post.inside():
        message = db.session.get_one(Delivery, rows[0].id).event.data["message"]
        ReadingMark.advance(Ticket.for_deed(rows[0].ticket_id), message, by=post.user("Gus"))
    post.wait(LONG)
    first, second = post.sent_to(GUS)
    assert first["Message-ID"] == second["Message-ID"]
    assert [row.state for row in post.deliveries(GUS)[-2:]] == ["skipped", "sent"]


@pytest.mark.parametrize(
    ("answer", "state", "error"), [("450 later", "queued", None), ("550 no", "failed", "refused")]
)
def test_NTF_005_a_refusal_is_that_of_every_one_in_the_batch(
    post: Post, answer: str, state: str, error: str | None
) -> None:
    ticket_id = two_waiting(post)
    post.sink.at_rcpt.append(answer)
    assert post.sent_to(GUS) == []
    told = [(row.state, row.attempts, row.smtp_answer, row.error) for row in post.deliveries(GUS)[-2:]]
    assert told == [(state, 1, answer, error)] * 2
    post.hear(ticket_id, "Three")
    post.wait(LONG)
    assert len(post.sent_to(GUS)) == (2 if state == "queued" else 1), "nothing joins what was tried already"


def test_Q_3_what_a_worker_comes_to_late_leaves_at_once_and_together(post: Post) -> None:
    ticket_id = quiet_ticket(post)
    post.hear(ticket_id, "One")
    post.hear(ticket_id, "Two")
    clock.travel(LONG)
    (mail,) = post.sent_to(GUS)
    assert "Two" in parts(mail)[0]
