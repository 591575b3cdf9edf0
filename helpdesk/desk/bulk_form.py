"""What is to be done to the chosen tickets, as the bar above the queue sends it."""

import re
from typing import Any

from werkzeug.exceptions import BadRequest
from wtforms import HiddenField, SelectField, SelectMultipleField, StringField
from wtforms.validators import StopValidation

from helpdesk.accounts.user import User
from helpdesk.core.errors import Refusal
from helpdesk.core.forms import Form, one_line
from helpdesk.core.i18n import lazy as _
from helpdesk.core.pages import StrictId
from helpdesk.tickets.lifecycle import CLOSE_REASONS, Priority
from helpdesk.tickets.snooze_form import SnoozeForm
from helpdesk.tickets.tag import refuse_names, tag_names
from helpdesk.tickets.ticket import NUMBER
from helpdesk.tickets.ticket_deed import CLOSED, MOVABLE, TEAM, TicketDeed

DOES = ("assign", "status", "priority", "tags", "snooze", "follow", "merge", "macro")
STATUSES = [*(status.value for status in MOVABLE), *(f"{CLOSED}{reason}" for reason in CLOSE_REASONS)]
MOST_CHOSEN = 200  # on one page there are fifty
_ID = re.compile(StrictId.regex)


class BulkForm(Form):
    """Which tickets (numbers, or `all` that the address finds), what (`do`), and with what."""

    do = HiddenField()
    all = HiddenField()
    tickets = SelectMultipleField(validate_choice=False)
    assign = StringField(filters=[one_line])
    status = SelectField(choices=STATUSES, validate_choice=False)
    priority = SelectField(choices=[each.value for each in Priority], validate_choice=False)
    add_tags = StringField(filters=[one_line])
    remove_tags = StringField(filters=[one_line])

    @property
    def numbers(self) -> list[str]:
        """The chosen tickets; what is no number at all was never on the page."""
        said = list(dict.fromkeys(self.tickets.data or []))
        if len(said) > MOST_CHOSEN or not all(NUMBER.fullmatch(each) for each in said):
            raise BadRequest
        return said

    def validate_do(self, field: HiddenField) -> None:
        """Something of the list; Enter in a field means that field."""
        if not field.data:
            field.data = "tags" if self.add_tags.data or self.remove_tags.data else ""
        if field.data and field.data not in DOES:
            raise BadRequest
        if not field.data:
            raise StopValidation(_("Choose what is to be done with the tickets."))

    def validate_tickets(self, field: SelectMultipleField) -> None:
        """At least one."""
        if not self.all.data and not self.numbers:
            raise StopValidation(_("Choose at least one ticket."))
        if self.do.data == "merge" and not self.all.data and len(self.numbers) < 2:
            raise StopValidation(_("Choose at least two tickets to merge."))

    def validate_add_tags(self, field: StringField) -> None:
        """Something, and not too long."""
        if self.do.data != "tags":
            return
        names = tag_names(f"{field.data or ''},{self.remove_tags.data or ''}")
        if not names:
            raise StopValidation(_("Enter at least one tag."))
        try:
            refuse_names(names)
        except Refusal as refusal:
            raise StopValidation(refusal.message) from None

    def snooze(self, user: User) -> SnoozeForm:
        """Until when, with what is wrong with it."""
        return SnoozeForm.sent_by(user)

    def is_right(self, user: User) -> bool:
        """Whether it can be done as it was sent; if not, the errors say why not."""
        right = self.validate()
        if right and self.do.data == "snooze" and not (late := self.snooze(user)).validate():
            self.tickets.errors = [each for errors in late.errors.values() for each in errors]
            return False
        return right

    def deeds(self, user: User) -> list[TicketDeed]:
        """What is to be done to each; 400 for values that the page cannot have sent."""
        does: dict[str, Any] = {
            "assign": lambda: [TicketDeed("assign", whom(self.assign.data or ""))],
            "status": lambda: [TicketDeed("status", one_of(self.status.data, STATUSES))],
            "priority": lambda: [TicketDeed("priority", one_of(self.priority.data, [*Priority]))],
            "tags": self._tags,
            "snooze": lambda: [TicketDeed("snooze", self.snooze(user).instant.isoformat())],
            "macro": list,  # is chosen on the page that comes
            "follow": lambda: [TicketDeed("follow")],
        }
        return does[self.do.data]()

    def _tags(self) -> list[TicketDeed]:
        pairs = (("add_tags", self.add_tags.data), ("remove_tags", self.remove_tags.data))
        return [
            TicketDeed(kind, ", ".join(tag_names(words))) for kind, words in pairs if tag_names(words or "")
        ]


def one_of(value: str | None, values: list[Any]) -> str:
    """A value of a closed list."""
    if value not in values:
        raise BadRequest
    return str(value)


def whom(said: str) -> str:
    """`me`, nobody (`none`, or `auto`), the id of a user or `group:` with the id of a team."""
    if said in ("none", "auto", ""):
        return ""
    if said != "me" and not _ID.fullmatch(said.removeprefix(TEAM)):
        raise BadRequest
    return said
