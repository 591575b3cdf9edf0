"""What is asked of the log of mails, and how long mails wait."""

from datetime import date
from typing import Any

from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import StopValidation

from helpdesk.accounts.user import User
from helpdesk.core.forms import Form, WholeField, a_day, line
from helpdesk.core.i18n import lazy as _
from helpdesk.notifications.delivery_log import STATES, DeliveryLog
from helpdesk.notifications.template_page import NAMES

MOST_SECONDS = 3600
KINDS = {
    key: name for key, name in NAMES.items() if not key.startswith("batch.")
}  # of which something is told


class LogForm(Form):
    """What narrows the log, as it stands in the address."""

    recipient = line(254)
    ticket = line(30)
    state = SelectField(choices=["", *STATES])
    kind = SelectField(choices=["", *KINDS])
    since = line(10)
    until = line(10)
    batch = HiddenField()

    @classmethod
    def of_address(cls, asked: Any) -> "LogForm":
        """Filled from a query."""
        names = ("recipient", "ticket", "state", "kind", "since", "until", "batch")
        return cls(asked, data=dict.fromkeys(names, ""))

    def validate_since(self, field: StringField) -> None:
        """A day, or nothing."""
        if field.data:
            a_day(field.data)

    def validate_until(self, field: StringField) -> None:
        """A day, or nothing."""
        if field.data:
            a_day(field.data)

    @property
    def chosen(self) -> dict[str, str]:
        """What is asked, for addresses."""
        return {name: str(value) for name, value in self.data.items() if value}

    def log(self, viewer: User) -> DeliveryLog:
        """The part of the log that is asked for."""
        batch: Any = self.batch.data or ""
        is_id = batch.isascii() and batch.isdecimal() and len(batch) < 19
        return DeliveryLog(
            viewer, (self.recipient.data or "").lower(), (self.ticket.data or "").upper(), self.state.data or "",
            self.kind.data or "", _day(self.since.data), _day(self.until.data),
            (int(batch) if is_id else 0) if batch else None,
        )  # fmt: skip


def _day(words: str | None) -> date | None:
    return a_day(words) if words else None


class WindowForm(Form):
    """For how many seconds mails wait for others. `before` is what its page showed."""

    mail_window_seconds = WholeField(0, MOST_SECONDS)
    before = HiddenField()

    def validate_mail_window_seconds(self, field: WholeField) -> None:
        """Nothing at all is no number of seconds."""
        if field.data is None:
            sentence = _("Enter a whole number from %(least)s to %(most)s.")
            raise StopValidation(sentence % {"least": 0, "most": MOST_SECONDS})

    def is_stale(self, present: int) -> bool:
        """Whether somebody chose another number since its page was shown; it is told so, and may be sent again."""
        shown, self.before.data = self.before.data, str(present)
        return shown not in ("", None, str(present)) and self.mail_window_seconds.data != present
