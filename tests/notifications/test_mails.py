"""NTF-002: who is told what, in which language, with which link and which headers."""

from __future__ import annotations

import re

import pytest

from helpdesk.core import clock
from helpdesk.escalations.escalation import Escalation
from helpdesk.tickets.ticket import Ticket
from tests.notifications.post import ADA, BEA, GUS, LINH, MAI, Post
from tests.notifications.sink import parts

SECRET = "the supplier is bankrupt"


def test_NTF_002_the_customer_gets_his_number_in_his_language(post: Post) -> None:
    post.ticket()
    (mail,) = post.sent_to(BEA)
    text, html = parts(mail)
    assert mail["Subject"] == "[ACME-1] Chúng tôi đã nhận được yêu cầu của bạn"
    assert mail["Content-Language"] == "vi"
    assert '<html lang="vi">' in html
    assert mail["From"].addresses[0].display_name == "Acme Shop"
    assert mail["Auto-Submitted"] == "auto-generated"
    link = re.search(r"https://help\.example/t/\S+", text)
    assert link
    assert link[0] in html


def test_NTF_002_the_language_is_that_of_the_request(post: Post) -> None:
    post.ticket(language="en")
    (mail,) = post.sent_to(BEA)
    assert mail["Subject"] == "[ACME-1] We have received your request"
    assert "Open your request:" in parts(mail)[0]


def test_the_first_mail_holds_not_one_word_of_the_submitter(post: Post) -> None:
    post.ticket(subject="BUY-NOW", body="at evil.test")
    (mail,) = post.sent_to(BEA)
    for words in ("BUY-NOW", "evil.test", "Bea"):
        assert words not in f"{mail['Subject']}{''.join(parts(mail))}{mail['To'].addresses[0].display_name}"


def test_NTF_002_a_reply_goes_to_the_other_side(post: Post) -> None:
    ticket_id = post.assigned()
    post.reply(ticket_id, "It is **on its way**.\n\nSorry!")
    (to_bea,) = post.sent_to(BEA)
    assert "It is **on its way**." in parts(to_bea)[0]
    assert "<strong>on its way</strong>" in parts(to_bea)[1]
    post.hear(ticket_id, "Still <nothing> here")
    (to_gus,) = post.sent_to(GUS)
    assert "/tickets/ACME-1" in parts(to_gus)[0]
    assert "Still &lt;nothing&gt; here" in parts(to_gus)[1]
    assert len(post.sink.mails) == 2


def test_NTF_003_no_one_is_told_of_his_own_deed(post: Post) -> None:
    ticket_id = post.ticket()
    with post.inside():
        Ticket.for_deed(ticket_id).take(by=post.user("Gus"))
    assert post.sent_to(GUS) == []
    with post.inside():
        Ticket.for_deed(ticket_id).assign_to(post.user("Linh"), by=post.user("Mai"))
    (mail,) = post.sent_to(LINH)
    assert mail["Subject"] == "[ACME-1] Đã giao cho bạn: Where is my order?"
    assert "bạn là người phụ trách" in parts(mail)[0]
    assert post.sent_to(MAI) == []


def test_NTF_002_resolved_reopened_closed(post: Post) -> None:
    ticket_id = post.assigned()
    with post.inside():
        Ticket.for_deed(ticket_id).resolve(by=post.user("Gus"), note_vi="Đã gửi *lại*.")
    (mail,) = post.sent_to(BEA)
    assert "Đã gửi *lại*." in parts(mail)[0]
    assert "<em>lại</em>" in parts(mail)[1]
    assert re.search(r"trước \d\d:\d\d ngày \d\d/\d\d/\d{4} \(UTC\)", parts(mail)[0])
    with post.inside():
        ticket = Ticket.for_deed(ticket_id)
        ticket.reopen(by=ticket.customer)
    assert [m["Subject"] for m in post.sent_to(GUS)] == ["[ACME-1] Reopened: Where is my order?"]
    with post.inside():
        Ticket.for_deed(ticket_id).resolve(by=post.user("Gus"), note_vi="Xong.")
    clock.travel(49 * 3600)
    with post.inside():
        Ticket.close_silent()
    assert "đã được đóng" in post.sent_to(BEA)[-1]["Subject"]


@pytest.mark.parametrize(("reason", "mails"), [("withdrawn", 1), ("spam", 0)])
def test_a_manager_closes_and_spam_is_not_answered(post: Post, reason: str, mails: int) -> None:
    ticket_id = post.assigned()
    with post.inside():
        Ticket.for_deed(ticket_id).close(by=post.user("Mai"), reason=reason)
    assert len(post.sent_to(BEA)) == mails


def test_SLA_009_an_escalation_reaches_assignee_and_managers(post: Post) -> None:
    ticket_id = post.assigned()
    with post.inside():
        ticket = Ticket.for_deed(ticket_id)
        Escalation.raise_by_customer(ticket, "I wait for a week", by=ticket.customer)
    post.send()
    assert {r for recipients, _ in post.sink.mails for r in recipients} == {GUS, MAI}
    (to_mai,) = post.sink.to(MAI)
    assert "I wait for a week" in parts(to_mai)[0]
    assert "cấp 1" in parts(to_mai)[0]
    assert to_mai["List-Unsubscribe"] is None, "NTF-003: cannot be switched off"
    assert post.sink.to(ADA) == []


def test_R12_no_note_is_in_a_customers_mail(post: Post) -> None:
    ticket_id = post.assigned()
    with post.inside():
        Ticket.for_deed(ticket_id).note(SECRET, by=post.user("Gus"))
    post.reply(ticket_id, "We are looking into it.")
    with post.inside():
        Ticket.for_deed(ticket_id).resolve(by=post.user("Gus"), note_vi="Xong.")
    assert len(post.sent_to(BEA)) == 2
    assert all(SECRET not in "".join(parts(mail)) for _, mail in post.sink.mails)


def test_NTF_002_mails_on_one_ticket_are_one_thread(post: Post) -> None:
    ticket_id = post.ticket()
    post.send()
    post.reply(ticket_id, "Hello")
    post.reply(ticket_id, "again")
    first, second, third = post.sent_to(BEA)
    assert first["In-Reply-To"] is None
    assert second["In-Reply-To"] == second["References"] == third["References"] == first["Message-ID"]
    assert len({m["Message-ID"] for m in (first, second, third)}) == 3
    assert first["Message-ID"].endswith("@help.example>")


def test_a_link_in_a_mail_never_comes_from_a_request(post: Post) -> None:
    post.app.test_client().get("/login", headers={"Host": "evil.test"})
    post.ticket()
    (mail,) = post.sent_to(BEA)
    assert "evil" not in "".join(parts(mail))


def test_MSG_005_who_is_mentioned_in_a_note_hears_of_it_but_not_what_it_says(post: Post) -> None:
    ticket_id = post.assigned()
    with post.inside():
        Ticket.for_deed(ticket_id).note(f"@linh @gus {SECRET}", by=post.user("Gus"))
    (mail,) = post.sent_to(LINH)
    assert mail["Subject"] == "[ACME-1] Gus đã nhắc đến bạn: Where is my order?"
    assert "/tickets/ACME-1" in parts(mail)[0]
    assert SECRET not in "".join(parts(mail))
    assert post.sent_to(GUS) == [], "nobody is told of his own deed"
    assert post.sent_to(BEA) == []
