"""Pages and things of this room for the sweeps of the house."""

from __future__ import annotations

from flask.testing import FlaskClient

from helpdesk.accounts.user import User
from helpdesk.core.db import db
from helpdesk.notifications.mail_template import MailTemplate
from helpdesk.notifications.mail_template_version import MailTemplateVersion
from helpdesk.organizers.merchant import Merchant
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
