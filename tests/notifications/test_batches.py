"""NTF-005: what happens to one recipient within a window leaves as one mail, and what he has seen is left out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk.accounts.user import Membership
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.notifications.batch import Batch
from helpdesk.notifications.delivery import Delivery
from helpdesk.notifications.subscribers import tell
from helpdesk.tickets.reading_mark import ReadingMark
from helpdesk.tickets.ticket import Ticket
from tests.notifications.post import BEA, GUS, Post
from tests.notifications.sink import Sink, parts
from tests.support.databases import both_databases

WINDOW = 120
LONG = 2 * 3600

pytestmark = both_databases


@pytest.fixture
def post(make_app: Callable[..., Flask], sink: Sink) -> Post:
    """The cast with the shipped window."""
    return Post(make_app(smtp_url=sink.url, base_url="https://help.example"), sink, window_seconds=WINDOW)


def batched(post: Post, address: str) -> list[tuple[str, str | None]]:
    """State and reason of everything that was gathered for an address."""
    return [(row.state, row.error) for row in post.deliveries(address) if row.batch_id]


def quiet_ticket(post: Post) -> int:
    """A ticket that Gus has; everything about it so far has been sent."""
    ticket_id = post.assigned()
    post.wait(WINDOW + 1)
    post.forget()
    return ticket_id


def test_NTF_005_several_events_on_several_tickets_are_one_mail(post: Post) -> None:
    first, second = quiet_ticket(post), quiet_ticket(post)
    post.hear(first, "One <b>")
    post.wait(60)
    post.hear(second, "Two")
    post.hear(first, "Three")
    post.wait(50)
    assert post.sent_to(GUS) == [], "its window is still open"
    post.wait(10)
    (mail,) = post.sent_to(GUS)
    text, html = parts(mail)
    assert mail["Subject"] == "[ACME-1, ACME-2] What happened on your tickets"
    assert text.index("ACME-1 ·") < text.index("One <b>") < text.index("Three") < text.index("ACME-2 ·")
    assert "One &lt;b&gt;" in html
    assert "https://help.example/tickets/ACME-2" in text
    assert "https://help.example/me/notifications" in text
    assert "https://help.example/me/notifications" in html
    assert "because you are the assignee" in text
    assert mail["References"] is None
    assert mail["List-Unsubscribe"] is not None
    rows = [row for row in post.deliveries(GUS) if row.template == "ticket.replied.user"]
    assert len(rows) == 3
    assert {row.state for row in rows} == {"sent"}
    assert len({(row.batch_id, row.sent_at, row.smtp_answer) for row in rows}) == 1
    with post.inside():
        assert {db.session.get_one(Delivery, row.id).sent_as for row in rows} == {mail["Message-ID"]}


def test_NTF_005_a_single_one_is_sent_as_the_mail_of_its_kind(post: Post) -> None:
    post.hear(quiet_ticket(post), "Hello?")
    post.wait(WINDOW)
    (mail,) = post.sent_to(GUS)
    assert mail["Subject"] == "[ACME-1] Bea replied: Where is my order?"
    assert mail["Message-ID"] == post.deliveries(GUS)[-1].message_id


def test_NTF_005_a_batch_of_one_ticket_goes_into_its_thread(post: Post) -> None:
    ticket_id = quiet_ticket(post)
    post.hear(ticket_id, "Hello?")
    post.hear(ticket_id, "Anybody there?")
    post.wait(WINDOW)
    (mail,) = post.sent_to(GUS)
    assert mail["References"] == mail["In-Reply-To"]
    assert mail["References"].startswith("<ACME-1.t")


def test_NTF_005_an_agents_replies_leave_within_the_window_as_one_mail(post: Post) -> None:
    ticket_id = quiet_ticket(post)
    post.reply(ticket_id, "First part")
    post.wait(WINDOW - 10)
    post.reply(ticket_id, "Second part")
    assert post.sent_to(BEA) == []
    post.wait(10)
    (mail,) = post.sent_to(BEA)
    text, html = parts(mail)
    assert mail["Subject"] == "[ACME-1] Tin mới về yêu cầu của bạn"
    assert text.index("First part") < text.index("Second part")
    assert "phiếu" not in (text + html).lower()
    assert "https://help.example/t/" in text
    post.wait(WINDOW)
    assert len(post.sent_to(BEA)) == 1


def test_NTF_005_a_solution_that_is_also_the_reply_is_said_once(post: Post) -> None:
    ticket_id = quiet_ticket(post)
    with post.inside():
        ticket = Ticket.for_deed(ticket_id)
        ticket.reply("It is **there** now.", by=post.user("Gus"), then="RESOLVED")
    post.wait(WINDOW)
    (mail,) = post.sent_to(BEA)
    assert parts(mail)[0].count("It is **there** now.") == 1
    assert "<strong>there</strong>" in parts(mail)[1]


def test_NTF_005_what_begins_exactly_when_a_window_closes_is_in_the_next(post: Post) -> None:
    ticket_id = quiet_ticket(post)
    post.hear(ticket_id, "One")
    post.run_reactions()
    with post.inside():
        closes_at = post.one(Batch, recipient_kind="user", state="queued").next_at
    with clock.frozen(closes_at):
        post.hear(ticket_id, "Two")
        post.run_reactions()
    rows = [row for row in post.deliveries(GUS) if row.template == "ticket.replied.user"]
    assert rows[0].batch_id != rows[1].batch_id
    post.wait(2 * WINDOW)
    assert len(post.sent_to(GUS)) == 2


def test_a_customers_reply_to_a_resolved_ticket_is_one_mail(post: Post) -> None:
    ticket_id = quiet_ticket(post)
    with post.inside():
        Ticket.for_deed(ticket_id).resolve(by=post.user("Gus"), note_vi="Xong.")
    post.wait(WINDOW)
    post.forget()
    post.hear(ticket_id, "It is not")
    post.wait(WINDOW)
    (mail,) = post.sent_to(GUS)
    assert "It is not" in parts(mail)[0]
    assert post.deliveries(GUS)[-1].error == "told with the reply"


def test_NTF_005_what_was_seen_on_the_screen_is_left_out(post: Post) -> None:
    ticket_id = quiet_ticket(post)
    post.hear(ticket_id, "Seen")
    with post.inside():
        ticket = Ticket.for_deed(ticket_id)
        ReadingMark.advance(ticket, 10**9, by=post.user("Gus"))
    post.hear(ticket_id, "Not seen")
    post.wait(WINDOW)
    (mail,) = post.sent_to(GUS)
    assert "Not seen" in parts(mail)[0]
    assert batched(post, GUS)[-2:] == [("skipped", "seen on the screen"), ("sent", None)]


def test_NTF_005_an_assignment_counts_as_seen_only_if_the_ticket_was_read_after_it(post: Post) -> None:
    ticket_id = quiet_ticket(post)
    with post.inside():
        ReadingMark.advance(Ticket.for_deed(ticket_id), 10**9, by=post.user("Gus"))
        Ticket.for_deed(ticket_id).assign_to(post.user("Linh"), by=post.user("Mai"))
    post.wait(1)
    with post.inside():
        Ticket.for_deed(ticket_id).assign_to(post.user("Gus"), by=post.user("Mai"))
    post.wait(WINDOW)
    assert len(post.sent_to(GUS)) == 1
    with post.inside():
        Ticket.for_deed(ticket_id).release(by=post.user("Mai"))
        Ticket.for_deed(ticket_id).assign_to(post.user("Gus"), by=post.user("Mai"))
    post.wait(1)
    with post.inside():
        ReadingMark.advance(Ticket.for_deed(ticket_id), 10**9, by=post.user("Gus"))
    post.wait(WINDOW)
    assert len(post.sent_to(GUS)) == 1
    assert batched(post, GUS)[-1] == ("skipped", "seen on the screen")


def _deleted(post: Post, ticket_id: int) -> None:
    Ticket.for_deed(ticket_id).delete(by=post.user("Mai"))


def _left(post: Post, ticket_id: int) -> None:
    post.user("Gus").is_active = False


def _given_away(post: Post, ticket_id: int) -> None:
    Ticket.for_deed(ticket_id).assign_to(post.user("Linh"), by=post.user("Mai"))


def _unsubscribed(post: Post, ticket_id: int) -> None:
    db.session.scalars(select(Delivery).order_by(Delivery.id.desc())).first().unsubscribe()


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        (_deleted, "the ticket was deleted"), (_left, "the user is not active"),
        (_given_away, "the user is not the assignee any more"), (_unsubscribed, "unsubscribed"),
    ],
)  # fmt: skip
def test_NTF_005_what_is_no_longer_true_is_left_out(
    post: Post, deed: Callable[[Post, int], None], reason: str
) -> None:
    ticket_id = quiet_ticket(post)
    post.hear(ticket_id, "One")
    post.hear(ticket_id, "Two")
    post.run_reactions()
    with post.inside():
        deed(post, ticket_id)
    post.wait(WINDOW)
    assert post.sent_to(GUS) == []
    assert batched(post, GUS)[-2:] == [("skipped", reason)] * 2
    with post.inside():
        assert post.one(Batch, recipient_kind="user", state="skipped").next_at is None


def test_Q_1_who_lost_the_merchant_meanwhile_gets_not_a_word(post: Post) -> None:
    ticket_id = quiet_ticket(post)
    post.hear(ticket_id, "Private")
    post.run_reactions()
    with post.inside():
        for link in db.session.scalars(select(Membership).where(Membership.user_id == post.user("Gus").id)):
            link.deleted_at = clock.now()
    post.wait(WINDOW)
    assert post.sent_to(GUS) == []
    assert batched(post, GUS)[-1] == ("skipped", "the user may not see the ticket")


def test_R3_a_reaction_that_runs_twice_gathers_once(post: Post) -> None:
    post.hear(quiet_ticket(post), "Hello?")
    post.run_reactions()
    with post.inside():
        event = db.session.scalars(select(Event).where(Event.name == "ticket.replied")).one()
        tell(event)
        tell(event)
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
    for _ in range(4):
        ticket_id = quiet_ticket(post)
        post.hear(ticket_id, "One")
        post.hear(ticket_id, "Two")
        post.wait(WINDOW)
    workers = [threading.Thread(target=post.send) for _ in range(3)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join()
    ids = [mail["Message-ID"] for mail in post.sink.to(GUS)]
    assert len(ids) == len(set(ids)) == 1
    assert {state for state, _ in batched(post, GUS)} == {"sent"}


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
    assert step(post, Batch._lease) is not None
    assert [row.state for row in post.deliveries(GUS)[-2:]] == ["leased"] * 2
    assert post.sent_to(GUS) == [], "its lease is still good"
    post.wait(LEASE_SECONDS + 1)
    assert len(post.sent_to(GUS)) == 1
    told = [(row.state, row.attempts, row.is_uncertain) for row in post.deliveries(GUS)[-2:]]
    assert told == [("sent", 2, True)] * 2, "it may have been sent before"


def test_F12_a_sender_of_a_batch_that_slept_neither_sends_nor_notes(post: Post) -> None:
    two_waiting(post)
    late = step(post, Batch._lease)
    post.wait(LEASE_SECONDS + 1)
    with Line(post.sink.url) as line:
        step(post, lambda: Batch._attempt(late, line))
    assert post.sink.to(GUS) == []
    assert len(post.sent_to(GUS)) == 1
    with Line(post.sink.url) as line:
        step(post, lambda: Batch._attempt(late, line))
    assert len(post.sent_to(GUS)) == 1


def test_F9_a_sender_that_dies_after_the_answer_sends_the_same_mail_again(post: Post) -> None:
    two_waiting(post)
    lease = step(post, Batch._lease)
    with Line(post.sink.url) as line:
        line.deliver(step(post, lambda: Batch._write(lease)))
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
