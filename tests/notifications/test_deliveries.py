"""NTF-005, Q-3, R3 to R5: nothing lost, nothing doubled, and where that cannot be known, it is said."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.core.tenancy import inside
from helpdesk.notifications.delivery import MOST_PER_HOUR, Delivery
from helpdesk.notifications.mail_template import MailTemplate
from helpdesk.notifications.sending import LEASE_SECONDS, MOST_ATTEMPTS
from helpdesk.notifications.subscribers import tell
from helpdesk.tickets.ticket import Ticket
from tests.notifications.post import BEA, GUS, LINH, Post, leased, send_all, send_late
from tests.notifications.sink import HANG_UP, Sink
from tests.support.process import free_port

LONG = 2 * 3600  # any wait between two tries is over by then


@pytest.fixture
def inside_acme(post: Post) -> Callable[[Callable[[], object]], object]:
    """Run a step of a worker inside acme, with no transaction open."""

    def run(step: Callable[[], object]) -> object:
        with post.app.app_context(), inside(post.organizers["acme"]):
            return step()

    return run


def test_R3_a_reaction_that_runs_twice_plans_once(post: Post) -> None:
    post.ticket()
    post.run_reactions()
    with post.inside():
        event = db.session.scalars(select(Event).where(Event.name == "ticket.created")).one()
        tell([event])
        tell([event])
    assert len(post.sent_to(BEA)) == 1
    assert post.only(BEA).state == "sent"
    assert post.only(BEA).smtp_answer == "250 OK"


def test_R5_a_deed_that_was_taken_back_sends_nothing(post: Post) -> None:
    ticket_id = post.assigned()
    with pytest.raises(ZeroDivisionError):
        _reply_and_fail(post, ticket_id)
    post.send()
    assert post.sink.mails == []


def _reply_and_fail(post: Post, ticket_id: int) -> None:
    with post.inside():
        Ticket.for_deed(ticket_id).reply("Never said", by=post.user("Gus"))
        db.session.flush()
        _ = 1 / 0


@pytest.mark.parametrize("answer", ["421 closing", "450 greylisted", "451 later", "452 full"])
@pytest.mark.parametrize("place", ["at_rcpt", "at_data"])
def test_NTF_005_a_temporary_error_is_tried_again(post: Post, answer: str, place: str) -> None:
    getattr(post.sink, place).append(answer)
    post.ticket()
    assert post.sent_to(BEA) == []
    row = post.only(BEA)
    assert (row.state, row.attempts, row.smtp_answer) == ("queued", 1, answer)
    assert post.sent_to(BEA) == [], "not before its time"
    clock.travel(LONG)
    (mail,) = post.sent_to(BEA)
    assert mail["Message-ID"] == row.message_id
    assert (post.only(BEA).state, post.only(BEA).is_uncertain) == ("sent", False)


@pytest.mark.parametrize("answer", ["550 no such user", "552 too large", "554 spam"])
@pytest.mark.parametrize("place", ["at_rcpt", "at_data"])
def test_NTF_005_a_permanent_error_is_not_tried_again(post: Post, answer: str, place: str) -> None:
    getattr(post.sink, place).append(answer)
    post.ticket()
    post.send()
    clock.travel(LONG)
    assert post.sent_to(BEA) == []
    row = post.only(BEA)
    assert (row.state, row.attempts, row.smtp_answer, row.next_at) == ("failed", 1, answer, None)


def test_F22_one_refused_recipient_does_not_hold_the_others(post: Post) -> None:
    post.sink.at_rcpt.append("550 no such user")
    post.ticket()
    with post.inside():
        Ticket.for_deed(1).assign_to(post.user("Linh"), by=post.user("Mai"))
    assert len(post.sent_to(LINH)) == 1
    assert post.only(BEA).state == "failed"
    assert post.sink.connections == 1, "one connection for both"


def test_R4_a_lost_answer_is_said_and_repeated_under_one_message_id(post: Post) -> None:
    post.sink.at_data.append(HANG_UP)
    post.ticket()
    post.send()
    row = post.only(BEA)
    assert (row.state, row.is_uncertain) == ("uncertain", True)
    clock.travel(LONG)
    first, second = post.sent_to(BEA)
    assert first["Message-ID"] == second["Message-ID"] == row.message_id
    assert (post.only(BEA).state, post.only(BEA).is_uncertain) == ("sent", True)


def test_F7_a_sender_that_dies_is_followed_by_another(post: Post, inside_acme: Callable) -> None:
    post.ticket()
    post.run_reactions()
    assert inside_acme(lambda: leased(Delivery)) is not None
    assert post.sent_to(BEA) == [], "its lease is still good"
    clock.travel(LEASE_SECONDS + 1)
    assert len(post.sent_to(BEA)) == 1
    row = post.only(BEA)
    assert (row.state, row.attempts, row.is_uncertain) == ("sent", 2, False), "nothing was handed over before"


def test_F12_a_sender_that_slept_neither_sends_nor_notes(post: Post, inside_acme: Callable) -> None:
    post.ticket()
    post.run_reactions()
    late = inside_acme(lambda: leased(Delivery))
    clock.travel(LEASE_SECONDS + 1)
    inside_acme(lambda: send_late(late, post.sink.url))
    assert post.sink.mails == []
    assert len(post.sent_to(BEA)) == 1
    inside_acme(lambda: send_late(late, post.sink.url))
    assert len(post.sent_to(BEA)) == 1


def test_F12_a_lease_lost_during_the_talk_is_not_noted(post: Post, inside_acme: Callable) -> None:
    def other_worker() -> None:
        clock.travel(LEASE_SECONDS + 1)
        assert inside_acme(lambda: leased(Delivery)), "no lock is held while a mail server is slow"

    post.reply(post.assigned(), "Hello")
    post.sink.before_answer = other_worker
    post.send()
    row = post.deliveries(BEA)[-1]
    assert (row.state, row.fence, row.sent_at) == ("leased", 2, None)
    post.sink.before_answer = lambda: None
    clock.travel(LEASE_SECONDS + 1)
    assert len(post.sent_to(BEA)) == 2
    assert post.deliveries(BEA)[-1].is_uncertain


def test_NTF_005_two_senders_send_each_mail_once(post: Post) -> None:
    for _ in range(12):
        post.ticket()
    post.run_reactions()

    def worker() -> None:
        with post.app.app_context(), inside(post.organizers["acme"]):
            send_all()

    workers = [threading.Thread(target=worker) for _ in range(3)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join()
    ids = [mail["Message-ID"] for mail in post.sink.to(BEA)]
    assert len(ids) == len(set(ids)) == 12


def test_F20_a_server_that_is_away_costs_one_try_and_a_pause(
    make_app: Callable[..., Flask], redis_url: str, sink: Sink
) -> None:
    app = make_app(smtp_url=f"smtp://127.0.0.1:{free_port()}", redis_url=redis_url)
    post = Post(app, sink)
    for _ in range(3):
        post.ticket()
    post.send()
    assert [row.attempts for row in post.deliveries(BEA)] == [1, 0, 0]
    post.send()
    assert [row.attempts for row in post.deliveries(BEA)] == [1, 0, 0], "the breaker is open"
    again = Post(make_app(smtp_url=sink.url), sink)  # it is back, and Redis has forgotten
    clock.travel(LONG)
    assert len(again.sent_to(BEA)) == 3


def test_NTF_005_it_is_given_up_in_the_end(post: Post) -> None:
    post.sink.at_rcpt.extend(["450 later"] * 100)
    post.ticket()
    for _ in range(MOST_ATTEMPTS + 3):
        post.send()
        clock.travel(LONG)
    row = post.only(BEA)
    assert (row.state, row.attempts, row.error) == ("failed", MOST_ATTEMPTS, "given up")


def test_F41_a_mail_that_cannot_be_written_holds_no_other(post: Post) -> None:
    with post.app.app_context(), inside(post.organizers["acme"]):
        assert MailTemplate.of("ticket.created.customer").is_in_use
    ticket_id = post.assigned()
    with post.inside():
        own = {"subject": "{{ticket_number}}", "body": "{{message_text}}"}
        MailTemplate.change(
            "ticket.replied.customer", {f"{what}_{code}": own[what] for what in own for code in ("en", "vi")},
            by=post.user("Mai"),
        ).body_vi = "{{gone_wrong}}"  # fmt: skip
    post.reply(ticket_id, "Hello")
    post.hear(ticket_id, "Hello yourself")
    assert len(post.sent_to(GUS)) == 1
    stuck = post.deliveries(BEA)[-1]
    assert (stuck.state, stuck.attempts, stuck.smtp_answer) == ("queued", 1, "cannot be written: KeyError")


def test_without_a_mail_server_mails_wait(make_app: Callable[..., Flask], sink: Sink) -> None:
    post = Post(make_app(), sink)
    post.ticket()
    post.send()
    assert (post.only(BEA).state, post.only(BEA).attempts) == ("queued", 0)


def test_the_form_is_no_mail_cannon(post: Post) -> None:
    """Strangers' mails to one address are limited over the whole installation; the desk's own words are not."""
    with post.inside("globex"):
        post.customer("Cyd").email = BEA
    post.ticket(by="Cyd")
    post.send()
    tickets = [post.ticket() for _ in range(MOST_PER_HOUR)]
    assert len(post.sent_to(BEA)) == MOST_PER_HOUR
    last = post.deliveries(BEA)[-1]
    assert (last.state, last.error) == ("skipped", "too many mails to this address")
    post.reply(tickets[0], "We are here", by="Linh")
    assert len(post.sent_to(BEA)) == MOST_PER_HOUR + 1
    clock.travel(3601)
    post.ticket()
    assert len(post.sent_to(BEA)) == MOST_PER_HOUR + 2


def test_who_left_before_it_was_sent_gets_nothing(post: Post) -> None:
    ticket_id = post.assigned()
    post.hear(ticket_id, "Hello?")
    post.run_reactions()
    with post.inside():
        post.user("Gus").is_active = False
    assert post.sent_to(GUS) == []
    assert post.deliveries(GUS)[-1].error == "the user is not active"


def test_Q_1_mails_are_of_one_organizer(post: Post) -> None:
    post.ticket(by="Cyd")
    post.run_reactions()
    with post.app.app_context(), inside(post.organizers["acme"]):
        send_all()
    assert post.sink.mails == []
    assert post.deliveries() == []
    assert len(post.sent_to("cyd@mail.example")) == 1
