"""Pages and things of this room for the sweeps of the house."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy import select

from helpdesk.accounts.user import User
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.notifications.audience import Audience
from helpdesk.notifications.delivery import Delivery
from helpdesk.notifications.mail_template import MailTemplate
from helpdesk.notifications.mail_template_version import MailTemplateVersion
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.ticket import Ticket
from tests.support.world import World

KIND = "ticket.replied.customer"


def mail_texts(world: World) -> tuple[FlaskClient, str]:
    """The page of a kind of mail."""
    return world.sign_in("Mai"), f"/settings/templates/{KIND}"


def mail_sender(world: World) -> tuple[FlaskClient, str]:
    """The page of how a store signs."""
    with world.inside():
        store = world.one(Merchant, prefix="ACME").id
    return world.sign_in("Mai"), f"/settings/templates/sender/{store}"


def version_of_mail(by: User) -> int:
    """The id of a version of own texts; call it inside an organizer."""
    words = {part: f"{said} {{{{ticket_number}}}}" for part, said in MailTemplate.of(KIND).parts.items()}
    own = MailTemplate.change(KIND, words, by=by)
    return min(db.session.scalars(MailTemplateVersion.of(own.id).with_only_columns(MailTemplateVersion.id)))


def log_of_mails(world: World) -> tuple[FlaskClient, str]:
    """The page of the window and the log."""
    return world.sign_in("Mai"), "/settings/notifications"


def bell(world: World) -> tuple[FlaskClient, str]:
    """The page of somebody who was told something."""
    made = world.ticket()
    with world.inside():
        Ticket.for_deed(made).give_to(world.user("Gus"), by=world.user("Mai"))
    world.run_reactions()
    return world.sign_in("Gus"), "/notifications"


def delivery_of(ticket_id: int) -> int:
    """The id of a mail about a ticket; call it inside an organizer."""
    made = select(Event).where(Event.ticket_id == ticket_id, Event.name == "ticket.created")
    Delivery.plan(Audience(db.session.scalars(made).one()), {})
    return min(db.session.scalars(select(Delivery.id).where(Delivery.ticket_id == ticket_id)))
