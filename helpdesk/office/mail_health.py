"""How the mails of an organizer are: late, failed, held back, or their own servers in trouble."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import ScalarSelect, func, select

from helpdesk.core.i18n import _, ngettext
from helpdesk.notifications.account_mail import AccountMail
from helpdesk.notifications.delivery import Delivery
from helpdesk.notifications.mail_server import MailServer
from helpdesk.notifications.suppression import Suppression
from helpdesk.office.finding import Finding

LOG = "/settings/notifications"
PATIENCE, DAY = timedelta(minutes=10), timedelta(days=1)


@dataclass(frozen=True)
class MailHealth:
    """Told by counts that were asked for together with others."""

    numbers: Mapping[str, Any]
    names: ClassVar[tuple[str, ...]] = ("mails_late", "failed", "failed_links", "suppressed", "troubled")

    @staticmethod
    def asked(now: datetime) -> dict[str, ScalarSelect[Any]]:
        """What is counted."""
        return {
            "mails_late": count(Delivery, Delivery.next_at < now - PATIENCE),
            "failed": count(Delivery, Delivery.state == "failed", Delivery.created_at > now - DAY),
            "failed_links": count(
                AccountMail, AccountMail.state == "failed", AccountMail.created_at > now - DAY
            ),
            "suppressed": count(Suppression, Suppression.until > now),
            "troubled": count(MailServer, MailServer.is_on, MailServer.trouble.is_not(None)),
        }

    def findings(self) -> Iterator[Finding]:
        """What is amiss."""
        late, failed, links, held, servers = (self.numbers[name] for name in self.names)
        if late:
            said = ngettext("%(num)s mail is late", "%(num)s mails are late", late)
            advice = _("See above whether the mail server answers.")
            yield Finding("mails-late", "warn", _("Mails"), said, advice, f"{LOG}?state=queued")
        if failed:
            said = ngettext("%(num)s mail failed within a day", "%(num)s mails failed within a day", failed)
            advice = _("Read why, and send them again.")
            yield Finding("failed", "warn", _("Failed mails"), said, advice, f"{LOG}?state=failed")
        if links:
            said = ngettext("%(num)s mail failed within a day", "%(num)s mails failed within a day", links)
            advice = _("Check the addresses of who was invited, and send the invitation again.")
            yield Finding(
                "failed-links", "warn", _("Invitations and new passwords"), said, advice, "/settings/users"
            )
        if held:
            said = ngettext("%(num)s address takes no mails", "%(num)s addresses take no mails", held)
            advice = _("Their servers refused mails; ask those people, then try again from the log.")
            yield Finding(
                "suppressed", "warn", _("Suppressed addresses"), said, advice, f"{LOG}?state=skipped"
            )
        if servers:
            said = ngettext("%(num)s is in trouble", "%(num)s are in trouble", servers)
            advice = _("Test the connection on the page of the sender.")
            yield Finding(
                "servers", "bad", _("Mail servers of stores"), said, advice, "/settings/templates/sender"
            )


def count(kind: Any, *where: Any) -> ScalarSelect[int]:
    """How many rows of a kind there are, as a part of a larger question."""
    return select(func.count(kind.id)).where(*where).scalar_subquery()
