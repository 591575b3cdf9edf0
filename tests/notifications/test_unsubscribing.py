"""NTF-002: a link that unsubscribes from that kind of mail, by hand or by the mail program itself (RFC 8058)."""

from __future__ import annotations

import re

import pytest

from helpdesk.core.events import record
from helpdesk.core.signing import sign
from helpdesk.notifications.letter import UNSUBSCRIBE
from helpdesk.notifications.mail_preference import MailPreference
from helpdesk.tickets.customer_link import CustomerLink
from helpdesk.tickets.ticket import Ticket
from tests.notifications.post import BEA, GUS, Post
from tests.notifications.sink import parts


def address(mail: object) -> str:
    """The path of the link in the header."""
    found = re.fullmatch(r"<https://help\.example(/unsubscribe/\S+)>", str(mail["List-Unsubscribe"]))  # type: ignore[index]
    assert found
    return found[1]


def test_a_mail_program_unsubscribes_by_itself(post: Post) -> None:
    ticket_id = post.assigned()
    post.reply(ticket_id, "One")
    (mail,) = post.sent_to(BEA)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = address(mail)
    assert f"https://help.example{path}" in parts(mail)[0]
    answer = post.app.test_client().post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    post.reply(ticket_id, "Two")
    assert len(post.sent_to(BEA)) == 1
    assert (post.deliveries(BEA)[-1].state, post.deliveries(BEA)[-1].error) == ("skipped", "unsubscribed")


def test_a_scanner_that_opens_the_link_changes_nothing(post: Post) -> None:
    post.ticket()
    (mail,) = post.sent_to(BEA)
    page = post.app.test_client().get(address(mail))
    assert page.status_code == 200
    assert 'lang="vi"' in page.text
    assert '<form method="post"' in page.text
    with post.inside():
        assert post.count(MailPreference) == 0


def test_a_customer_unsubscribes_per_ticket(post: Post) -> None:
    first, second = post.assigned(), post.assigned()
    post.reply(first, "One")
    post.app.test_client().post(address(post.sent_to(BEA)[0]))
    post.app.test_client().post(address(post.sent_to(BEA)[0]))
    post.reply(second, "Two")
    assert len(post.sent_to(BEA)) == 2
    with post.inside():
        Ticket.for_deed(first).resolve(by=post.user("Gus"), note_vi="Xong.")
    assert len(post.sent_to(BEA)) == 3, "another kind still comes"


def test_a_user_unsubscribes_from_a_kind(post: Post) -> None:
    post.hear(post.assigned(), "One")
    post.app.test_client().post(address(post.sent_to(GUS)[0]))
    second = post.assigned()
    post.hear(second, "Two")
    assert post.sent_to(GUS) == [], "about no ticket"
    with post.inside():
        Ticket.for_deed(second).release(by=post.user("Mai"))
    post.assigned()
    assert post.deliveries(GUS)[-1].template == "ticket.assigned.user"
    assert post.deliveries(GUS)[-1].state == "sent"


@pytest.mark.parametrize("value", [[2, 1], [1, 99], "x"])
def test_Q_1_only_the_link_of_a_mail_opens(post: Post, value: object) -> None:
    post.ticket()
    post.send()
    client = post.app.test_client()
    with post.app.app_context():
        token, foreign = sign(UNSUBSCRIBE, value), sign("customer-link", [1, 1])
    for path in (f"/unsubscribe/{token}", f"/unsubscribe/{foreign}", "/unsubscribe/x"):
        assert client.get(path).status_code == 404
        assert client.post(path).status_code == 404


def test_who_asked_for_a_link_gets_it_and_cannot_end_that(post: Post) -> None:
    ticket_id = post.assigned()
    with post.inside():
        old = CustomerLink.of(Ticket.for_deed(ticket_id))
        old.revoke()
        record("link.renewed", on=old, by=old.customer)
        token = old.token
    (mail,) = post.sent_to(BEA)
    assert mail["List-Unsubscribe"] is None
    link = re.search(r"https://help\.example(/t/\S+)", parts(mail)[0])
    assert link
    assert token not in link[1]
    with post.app.app_context():
        renewed = CustomerLink.find(link[1].removeprefix("/t/"))
        assert renewed
        assert renewed.revoked_at is None
