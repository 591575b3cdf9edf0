"""How a message goes out of sight and comes back: the trait of being removed (TKT-012)."""

from typing import TYPE_CHECKING, Any

from helpdesk.accounts.user import User
from helpdesk.core import clock
from helpdesk.core.errors import NotAllowed, Refusal
from helpdesk.core.events import record
from helpdesk.core.i18n import _
from helpdesk.tickets.search_document import SearchDocument

if TYPE_CHECKING:
    from helpdesk.tickets.message import Message
    from helpdesk.tickets.ticket import Ticket


class Removing:
    """The trait of being removed. Managers' deeds; twice changes nothing. The line that tells it is for agents."""

    def remove(self: "Message", ticket: "Ticket", *, by: User) -> None:
        """Put it out of everybody's sight, and out of the resolution note if that says the same."""
        self._check_may(by)
        if self.deleted_at:
            return
        if self.held_until:
            raise Refusal(_("This reply has not been sent yet; its writer can still take it back."))
        self.deleted_at = clock.now()
        for half in ("resolution_note_en", "resolution_note_vi"):
            if self.body and getattr(ticket, half) == self.body:
                setattr(ticket, half, "")
        self.system(ticket, record("message.removed", on=ticket, by=by, **self._which), is_public=False)
        SearchDocument.rebuild(ticket)

    def restore(self: "Message", ticket: "Ticket", *, by: User) -> None:
        """Bring it back to its place, and into the note that it was."""
        self._check_may(by)
        if self.deleted_at is None:
            return
        if self.held_until:
            raise Refusal(_("Its writer took this reply back before it was sent."))
        self.deleted_at = None
        note = f"resolution_note_{ticket.language}"
        if getattr(ticket, note) == "" and self.kind == "agent_reply":
            setattr(ticket, note, self.body)
        self.system(ticket, record("message.restored", on=ticket, by=by, **self._which), is_public=False)
        SearchDocument.rebuild(ticket)

    def _check_may(self: "Message", by: User) -> None:
        if not by.is_at_least("manager"):
            raise NotAllowed(_("Only a manager may remove a message."))
        if self.kind == "system":
            raise Refusal(_("What the system wrote down cannot be removed."))

    @property
    def _which(self: "Message") -> dict[str, Any]:
        return {"which": self.id, "author": self.author_name, "visibility": self.visibility}
