"""What is said on a ticket: the trait of having a thread."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from helpdesk.accounts.customer import Customer
from helpdesk.accounts.user import User
from helpdesk.core.errors import Refusal
from helpdesk.core.events import Event, Robot, record
from helpdesk.core.i18n import _, lazy
from helpdesk.tickets.attachment import Upload
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.message import Message

if TYPE_CHECKING:
    from helpdesk.tickets.ticket import Ticket

PUBLIC_MOVES = ("ticket.resolved", "ticket.reopened", "ticket.closed")
PUBLIC_MOVES += ("ticket.merged", "ticket.absorbed", "ticket.continued")
auto_reply = Robot("auto-reply", lazy("The automatic reply"))


class Conversation:
    """The trait of being talked about. A message that was sent before, by its key, is returned as it is."""

    def reply(
        self: "Ticket",
        body: str,
        *,
        by: User,
        files: Sequence[Upload] = (),
        then: Status | None = None,
        key: str | None = None,
    ) -> Message:
        """Answer the customer: meets the response clocks. An unassigned ticket is taken first.

        `then` is the status to go to afterwards; None keeps it, but a fresh ticket is in progress now.
        """
        if sent := Message.sent_before(self, key):
            return sent
        if self.is_finished:
            raise Refusal(_("Reopen the ticket before you reply."))
        if self.assignee_id is None:
            self.take(by=by)
        message = Message.write(self, "agent_reply", body, by=by, files=files, key=key)
        self._said(message)
        self.tracker.answered(message.created_at)
        record("ticket.replied", on=self, by=by, message=message.id)
        to = then or (Status.IN_PROGRESS if self.status == Status.ASSIGNED else Status(self.status))
        if to != self.status:
            self._move(to, by=by)
        self._follow_clocks()
        return message

    def hear(
        self: "Ticket", body: str, *, by: Customer, files: Sequence[Upload] = (), key: str | None = None
    ) -> Message:
        """The customer replies (TKT-009): a waiting ticket goes on, a resolved one is open again."""
        if sent := Message.sent_before(self, key):
            return sent
        if self.is_closed:
            raise Refusal(_("This request is closed. Send a new one, and we will help you there."))
        message = Message.write(self, "customer_reply", body, by=by, files=files, key=key)
        self._said(message)
        self.tracker.asked(message.created_at)
        record("ticket.replied", on=self, by=by, message=message.id)
        if self.status == Status.RESOLVED:
            self.reopen(by=by)
        elif self.status == Status.WAITING_USER:
            self._move(Status.IN_PROGRESS, by=by)
        self._follow_clocks()
        return message

    def note(
        self: "Ticket", body: str, *, by: User, files: Sequence[Upload] = (), key: str | None = None
    ) -> Message:
        """Write down something for colleagues. It never leaves the agents' side."""
        if sent := Message.sent_before(self, key):
            return sent
        message = Message.write(self, "internal_note", body, by=by, files=files, key=key)
        self._said(message)
        record("ticket.noted", on=self, by=by, message=message.id)
        return message

    def comment(
        self: "Ticket", body: str, *, by: User, files: Sequence[Upload] = (), key: str | None = None
    ) -> Message:
        """A public remark that is no answer: it moves nothing and meets no clock."""
        if sent := Message.sent_before(self, key):
            return sent
        message = Message.write(self, "comment", body, by=by, files=files, key=key)
        self._said(message)
        record("ticket.commented", on=self, by=by, message=message.id)
        return message

    def auto_reply(self: "Ticket", *, key: str) -> Message | None:
        """What the merchant says by itself to a new request, once. It meets no clock and moves nothing."""
        text = self.merchant.auto_reply_in(self.language)
        if not text or self.is_finished or self.deleted_at:
            return None
        if sent := Message.sent_before(self, key):
            return sent
        message = Message.write(self, "auto_reply", text, by=auto_reply, key=key)
        message.author_name = self.merchant.name  # it speaks for the shop
        self._said(message)
        record("ticket.commented", on=self, by=auto_reply, message=message.id, automatic=True)
        return message

    def _said(self: "Ticket", message: Message) -> None:
        self.updated_at = self.last_message_at = message.created_at

    def _tell(self: "Ticket", event: Event) -> Event:
        """Every move is a line in the thread too; the customer sees those that concern him."""
        Message.system(self, event, is_public=event.name in PUBLIC_MOVES)
        return event
