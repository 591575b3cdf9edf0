"""NTF-005: what happens to one recipient within a window leaves as one mail, and what he has seen is left out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from helpdesk.accounts.user import Membership
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.notifications.batch import Batch
from helpdesk.notifications.delivery import Delivery
from helpdesk.tickets.reading_mark import ReadingMark
from helpdesk.tickets.ticket import Ticket
from tests.notifications.post import BEA, GUS, WINDOW, Post, batched, quiet_ticket
from tests.notifications.sink import parts
from tests.support.databases import both_databases

pytestmark = both_databases


@pytest.fixture
def post(slow_post: Post) -> Post:
    """The cast with the shipped window."""
    return slow_post


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
    assert "chúng tôi sẽ đóng yêu cầu" in parts(mail)[0]


def test_a_solution_that_was_taken_back_within_the_window_is_not_told(post: Post) -> None:
    ticket_id = quiet_ticket(post)
    with post.inside():
        Ticket.for_deed(ticket_id).resolve(by=post.user("Gus"), note_vi="Xong.")
    post.run_reactions()
    with post.inside():
        Ticket.for_deed(ticket_id).reopen(by=post.user("Gus"))
    post.wait(WINDOW)
    assert post.sent_to(BEA) == []
    assert batched(post, BEA)[-1] == ("skipped", "the ticket is not resolved any more")


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


@pytest.mark.parametrize("late", [0, 1])
def test_NTF_005_what_comes_as_the_window_closes_is_in_the_next_mail(post: Post, late: int) -> None:
    """Also while nobody has come to send the one before: it counts when things happened."""
    ticket_id = quiet_ticket(post)
    with clock.frozen(clock.now()):
        post.hear(ticket_id, "One")
        post.wait(WINDOW + late)
        post.hear(ticket_id, "Two")
        post.run_reactions()
        (first,) = post.sent_to(GUS)
        post.wait(WINDOW)
        _, second = post.sent_to(GUS)
    assert ["Two" in parts(mail)[0] for mail in (first, second)] == [False, True]


def test_NTF_005_a_customer_of_two_languages_gets_a_mail_in_each(post: Post) -> None:
    tickets = [post.ticket(language=language) for language in ("en", "vi")]
    post.run_reactions()
    clock.travel(WINDOW + 1)
    post.forget()
    for ticket_id in tickets * 2:
        post.reply(ticket_id, "Hello")
    post.wait(WINDOW)
    mails = post.sent_to(BEA)
    assert sorted(mail["Content-Language"] for mail in mails) == ["en", "vi"]
