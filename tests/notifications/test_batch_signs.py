"""NTF-005: mails that tell several things are signed as those that tell one are."""

from __future__ import annotations

import pytest

from helpdesk.accounts.customer import Customer
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.notifications.mail_logo import CID, MailLogo
from helpdesk.notifications.mail_sender import MailSender
from helpdesk.organizers.merchant import Merchant
from helpdesk.organizers.organizer import Organizer
from helpdesk.tickets.opening import Opening
from helpdesk.tickets.ticket import Ticket
from tests.notifications.post import BEA, MAI, WINDOW, Post, quiet_ticket
from tests.notifications.sink import parts

LOGO = MailLogo("image/png", 40, 20, b"\x89PNG\r\n\x1a\n of no picture")


@pytest.fixture
def post(slow_post: Post) -> Post:
    """The cast with the shipped window."""
    return slow_post


def test_NTF_005_a_batch_of_one_store_is_signed_as_its_single_mails_are(post: Post) -> None:
    with post.inside():
        store = post.one(Merchant, prefix="ACME")
        values = {"name": "Acme care", "reply_to": "care@acme.example", "brand_colour": "", "logo": LOGO}
        MailSender.of(store, lock=True).change(store, values, by=post.user("Mai"))
    ticket_id = quiet_ticket(post)
    post.reply(ticket_id, "One")
    post.reply(ticket_id, "Two")
    post.wait(WINDOW)
    (mail,) = post.sent_to(BEA)
    assert mail["From"].addresses[0].display_name == "Acme care"
    assert mail["Reply-To"] == "care@acme.example"
    assert [part.get_content() for part in mail.walk() if part.get_content_maintype() == "image"] == [
        LOGO.content
    ]
    assert f"cid:{CID}" in parts(mail)[1]


def test_NTF_005_a_batch_of_several_stores_is_signed_by_the_organizer(post: Post) -> None:
    with post.inside():
        beta = post.one(Merchant, prefix="BETA")
        values = {"name": "Beta care", "reply_to": "care@beta.example", "brand_colour": "", "logo": LOGO}
        MailSender.of(beta, lock=True).change(beta, values, by=post.user("Mai"))
        ben = Customer.find_or_create(beta, email="ben@mail.example", name="Ben", language="en")
        other = Ticket.create(beta, ben, Opening("Help", "Please"), by=ben)
        db.session.flush()
        other.assign_to(post.user("Mai"), by=post.user("Ada"))
        beta_id, name = other.id, Organizer.present().name
    acme_id = post.assigned(to="Mai", by="Ada")
    clock.travel(WINDOW + 1)
    post.forget()
    post.hear(acme_id, "One")
    post.hear(beta_id, "Two")
    post.wait(WINDOW)
    (mail,) = post.sent_to(MAI)
    assert mail["From"].addresses[0].display_name == name
    assert mail["Reply-To"] is None
    assert not [part for part in mail.walk() if part.get_content_maintype() == "image"]
