"""NTF-005: what failed for good goes again when somebody wants it; an address that takes nothing is left alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.errors import NotAllowed, Refusal
from helpdesk.core.events import Event
from helpdesk.notifications.delivery import Delivery
from helpdesk.notifications.suppression import DAYS, FAILURES, REASON, Suppression
from tests.notifications.post import BEA, GUS, WINDOW, Post, quiet_ticket
from tests.support.databases import both_databases
from tests.support.seat import Seat
from tests.support.world import World

NO = "550 5.1.1 no such user"

pytestmark = both_databases


def retry(post: Post, row: Delivery, by: str = "Gus") -> None:
    """Press the button."""
    with post.inside("globex" if by == "Gil" else "acme"):
        db.session.get_one(Delivery, row.id).retry(by=post.user(by))


def refused(post: Post, times: int = 1, answer: str = NO) -> Delivery:
    """Bea's last mail, which was refused, as others were before it."""
    for _ in range(times):
        post.sink.at_rcpt.append(answer)
        post.ticket(subject="Where is it?")
        post.send()
    return post.deliveries(BEA)[-1]


def retried(post: Post) -> list[tuple[str, dict]]:
    """Who did it, and what the events say."""
    with post.inside():
        events = db.session.scalars(select(Event).where(Event.name == "mail.retried").order_by(Event.id))
        return [(event.actor["name"], event.data) for event in events]


def test_NTF_005_what_failed_goes_again_under_its_message_id(post: Post) -> None:
    row = refused(post)
    assert (row.state, row.error) == ("failed", "refused")
    retry(post, row)
    (mail,) = post.sent_to(BEA)
    assert mail["Message-ID"] == row.message_id
    again = post.only(BEA)
    assert (again.state, again.attempts, again.error, again.is_uncertain) == ("sent", 1, None, False)
    assert retried(post) == [("Gus", {"delivery": row.id, "to": "customer", "kind": row.template})]


def test_NTF_005_retrying_twice_is_quiet(post: Post) -> None:
    row = refused(post)
    retry(post, row)
    retry(post, row, by="Mai")
    assert len(post.sent_to(BEA)) == 1
    retry(post, row)
    assert len(post.sent_to(BEA)) == 1
    assert [who for who, _ in retried(post)] == ["Gus"]


def test_NTF_005_what_nobody_needs_is_not_retried(post: Post) -> None:
    post.ticket()
    post.run_reactions()
    with post.inside():
        db.session.get_one(Delivery, post.only(BEA).id).skip("the ticket was deleted")
    with pytest.raises(Refusal):
        retry(post, post.only(BEA))
    assert post.sent_to(BEA) == []


def test_Q_1_only_who_sees_the_ticket_retries(post: Post) -> None:
    row = refused(post)
    with post.inside():
        post.user("Gus").work_only_for([])
    with pytest.raises(NotAllowed):
        retry(post, row)
    assert post.sent_to(BEA) == []


def test_NTF_005_a_batch_that_failed_goes_again_as_it_was(slow_post: Post) -> None:
    post = slow_post
    ticket_id = quiet_ticket(post)
    post.hear(ticket_id, "One")
    post.hear(ticket_id, "Two")
    post.wait(WINDOW)
    post.sink.at_rcpt.append(NO)
    post.send()
    first, second = post.deliveries(GUS)[-2:]
    assert [first.state, second.state] == ["failed"] * 2
    retry(post, second, by="Mai")
    (mail,) = post.sent_to(GUS)
    with post.inside():
        assert mail["Message-ID"] == db.session.get_one(Delivery, second.id).sent_as
    assert [(row.state, row.attempts, row.error) for row in post.deliveries(GUS)[-2:]] == [
        ("sent", 1, None)
    ] * 2
    assert len(retried(post)) == 1


def test_NTF_005_an_address_that_refuses_again_and_again_is_left_alone_for_a_time(post: Post) -> None:
    refused(post, FAILURES)
    post.ticket()
    assert post.sent_to(BEA) == []
    row = post.deliveries(BEA)[-1]
    assert (row.state, row.error, row.attempts) == ("skipped", REASON, 0)
    clock.travel(DAYS * 86_400 + 1)
    post.ticket()
    assert len(post.sent_to(BEA)) == 1, "its time is over"
    refused(post, FAILURES - 1)
    post.ticket()
    assert len(post.sent_to(BEA)) == 2, "what arrived began the count anew"


def test_NTF_005_after_its_time_one_more_refusal_is_enough(post: Post) -> None:
    refused(post, FAILURES)
    clock.travel(DAYS * 86_400 + 1)
    refused(post)
    post.ticket()
    assert post.sent_to(BEA) == []
    assert post.deliveries(BEA)[-1].error == REASON


def test_NTF_005_a_retry_lifts_it_for_what_comes_later(post: Post) -> None:
    refused(post, FAILURES)
    post.ticket()
    post.send()
    retry(post, post.deliveries(BEA)[-1], by="Mai")
    post.ticket()
    assert len(post.sent_to(BEA)) == 2
    with post.inside():
        assert not Suppression.holds(BEA)


def test_NTF_005_mails_that_waited_are_left_out_too(slow_post: Post) -> None:
    post = slow_post
    ticket_id = quiet_ticket(post)
    post.reply(ticket_id, "One")
    post.run_reactions()
    refused(post, FAILURES)
    post.wait(WINDOW)
    assert post.sent_to(BEA) == []
    waited = [row for row in post.deliveries(BEA) if row.batch_id][-1]
    assert (waited.state, waited.error) == ("skipped", REASON)
    retry(post, waited)
    assert len(post.sent_to(BEA)) == 1


@pytest.mark.parametrize("answer", ["550 5.7.1 relaying denied", "450 4.2.1 later"])
def test_NTF_005_what_is_not_the_addresss_fault_does_not_count(post: Post, answer: str) -> None:
    refused(post, FAILURES, answer)
    post.ticket()
    assert len(post.sent_to(BEA)) == 1


def test_Q_1_an_address_is_left_alone_in_one_organizer(post: Post) -> None:
    refused(post, FAILURES)
    with post.inside("globex"):
        post.customer("Cyd").email = BEA
    post.ticket(by="Cyd")
    assert len(post.sent_to(BEA)) == 1


def test_Q_2_nobody_presses_the_button_for_ever(make_app: Callable[..., Flask]) -> None:
    world = World(make_app(rate_limits=True))
    gus, mai, path = Seat(world, "Gus"), Seat(world, "Mai"), "/deliveries/99999/attempts"
    said = [gus.post(path).status_code for _ in range(121)]
    assert said == [404] * 120 + [429]
    assert mai.post(path).status_code == 404, "others may"
