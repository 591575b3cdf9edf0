"""How a ticket stood before something was done to it: what can be brought back as it was."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from helpdesk.accounts.user import User
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.core.i18n import _
from helpdesk.tickets.lifecycle import FINISHED, Priority, Status
from helpdesk.tickets.snooze import Snooze

if TYPE_CHECKING:
    from helpdesk.tickets.ticket import Ticket


@dataclass(frozen=True)
class Standing:
    """Its agent, status, priority, tags, and until when it is out of sight. As JSON values: it is kept in a row."""

    assignee_id: int | None
    status: str
    priority: str
    tags: list[str]
    snoozed_until: str | None

    @classmethod
    def of(cls, ticket: "Ticket") -> "Standing":
        """As it stands now."""
        until = ticket.snoozed_until.isoformat() if ticket.snoozed_until else None
        tags = [tag.name for tag in ticket.tags]
        return cls(ticket.assignee_id, str(ticket.status), str(ticket.priority), tags, until)

    @property
    def said(self) -> dict[str, Any]:
        """To be kept."""
        return asdict(self)

    def restore(self, ticket: "Ticket", *, by: User) -> None:
        """Bring it back by the usual deeds, with their rights, events and clocks. What is so already stays as it is."""
        self._restore_assignee(ticket, by)
        if ticket.status != self.status:
            if Status(self.status) in FINISHED and not ticket.is_finished:
                raise Refusal(_("It was reopened. To resolve it again takes a note; do that on its page."))
            ticket.move_to(Status(self.status), by=by)
        ticket.reprioritise(Priority(self.priority), by=by)
        if [tag.name for tag in ticket.tags] != self.tags:
            ticket.retag(self.tags, by=by)
        self._restore_snooze(ticket, by)

    def _restore_assignee(self, ticket: "Ticket", by: User) -> None:
        if ticket.assignee_id == self.assignee_id:
            return
        if self.assignee_id is None:
            ticket.release(by=by)
        elif self.assignee_id == by.id and not by.is_at_least("manager"):
            ticket.take(by=by)
        else:
            ticket.give_to(db.session.get_one(User, self.assignee_id), by=by)

    def _restore_snooze(self, ticket: "Ticket", by: User) -> None:
        until = datetime.fromisoformat(self.snoozed_until) if self.snoozed_until else None
        if ticket.snoozed_until == until:
            return
        if until and until > clock.now():
            Snooze.begin(ticket, until, by=by)
        else:
            Snooze.end(ticket, by=by)
