"""What is said on a ticket: the trait of having a thread."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, func, select

from helpdesk.accounts.customer import Customer
from helpdesk.accounts.user import User
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.errors import NotAllowed, Refusal
from helpdesk.core.events import Actor, Event, Robot, record
from helpdesk.core.i18n import _, lazy
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.lifecycle import MOVES, Status
from helpdesk.tickets.mention import Mention
from helpdesk.tickets.message import Message
from helpdesk.tickets.search_document import SearchDocument
from helpdesk.tickets.sender import BY_MAIL, UNPROVEN, Sender
from helpdesk.tickets.snooze import Snooze
from helpdesk.tickets.upload import Upload

if TYPE_CHECKING:
    from helpdesk.tickets.ticket import Ticket

RELEASE_WITHIN = timedelta(seconds=5)  # how late the sweep may come without breaking a promise
PUBLIC_MOVES = ("ticket.resolved", "ticket.reopened", "ticket.closed")
PUBLIC_MOVES += ("ticket.merged", "ticket.absorbed", "ticket.continued")
auto_reply = Robot("auto-reply", lazy("The automatic reply"))


class Conversation:
    """The trait of being talked about. A message that was sent before, by its key, is returned as it is."""

    @property
    def sender(self: "Ticket") -> Sender:
        """Who asks, as far as that is proven."""
        return Sender.of(self)

    @classmethod
    def is_proven(cls: "type[Ticket]") -> ColumnElement[bool]:
        """For queries: that the one who asks is known to be the customer."""
        return func.coalesce(cls.sender_proof, "") != UNPROVEN

    def prove_sender(self: "Ticket", *, by: Customer) -> None:
        """He came by the link that was mailed to his address: what he asked joins his history. Twice is quiet."""
        if self.sender_proof != UNPROVEN:
            return
        phone = self.sender.phone
        self.sender_proof = BY_MAIL
        if phone and not by.phone:
            by.learn(phone=phone)
        self._tell(record("customer.confirmed", on=self, by=by, customer=by.id))
        SearchDocument.rebuild_all([self])

    def reply(
        self: "Ticket",
        body: str,
        *,
        by: User,
        files: Sequence[Upload] = (),
        then: Status | None = None,
        key: str | None = None,
    ) -> Message:
        """Answer the customer, at once or, where its writer wants time to take it back, in some seconds.

        An unassigned ticket is taken first. `then` is the status to go to with the reply; None keeps it, but a
        fresh ticket is in progress now, and RESOLVED makes the reply the note.
        """
        if sent := Message.sent_before(self, key):
            if sent.deleted_at:
                raise Refusal(_("This reply was taken back. Send it again if it is right now."))
            return sent
        if self.is_finished:
            raise Refusal(_("Reopen the ticket before you reply."))
        if self.assignee_id is None:
            self.take(by=by)
        held_until = self._hold(by, clock.now())
        message = Message.write(
            self, "agent_reply", body, by=by, files=files, key=key, then=then, held_until=held_until
        )
        if held_until:
            record("reply.held", on=self, by=by, message=message.id)
        else:
            self._send(message, message.created_at, by=by)
        return message

    def _hold(self: "Ticket", writer: User, at: datetime) -> datetime | None:
        """Until when a reply written now is held; None sends it at once. Holding it never breaks a promise."""
        ends, due = at + timedelta(seconds=writer.undo_seconds), self.tracker.next_due(at)
        if due:
            ends = min(ends, due - RELEASE_WITHIN)
        return ends if ends > at else None

    def send_now(self: "Ticket", message: Message, *, by: User) -> None:
        """Its writer does not want to wait. Sent already: nothing happens."""
        if message.deleted_at:
            raise Refusal(_("This reply was taken back."))
        if message.held_until:
            self._check_writer(message, by)
            self._release(message, clock.now())

    def take_back(self: "Ticket", message: Message, *, by: User) -> bool:
        """Its writer thinks again. Answers whether it was taken back now, and not before."""
        if message.deleted_at:
            return False
        if message.held_until:
            self._check_writer(message, by)
        if not message.let_go(deleted_at=clock.now()):
            raise Refusal(_("It is too late: this reply has been sent."))
        record("reply.withdrawn", on=self, by=by, message=message.id)
        SearchDocument.rebuild(self)
        return True

    def _check_writer(self: "Ticket", message: Message, by: User) -> None:
        if not message.is_by(by):
            raise NotAllowed(_("Only who wrote a reply can take it back or send it earlier."))

    @classmethod
    def release_due(cls: "type[Ticket]") -> bool:
        """Send the replies of one ticket whose time to be taken back is over. Answers whether there may be more.

        One in a transaction: with it goes the load of an agent, and two rows of each kind could block each other.
        Those of a deleted ticket wait: nobody would find them there, and it may be restored.
        """
        now = clock.now()
        due = select(cls).where(cls.id.in_(Message.tickets_due(now)), cls.deleted_at.is_(None))
        due = due.order_by(cls.id).limit(1).options(*cls.to_show())
        free = due.with_for_update(of=cls, skip_locked=True, key_share=True).execution_options(
            populate_existing=True
        )
        ticket = db.session.scalar(free)
        if ticket is None:
            return False
        ticket.tracker.lock()
        for message in Message.due_on(ticket, now):
            ticket._release(message, message.held_until or now)
        return True

    def _release(self: "Ticket", message: Message, at: datetime) -> None:
        """Send it; `at` is when it was to leave, so that a sweep that comes late makes nobody late."""
        if message.let_go():
            SearchDocument.hear(self, message.body, *(file.name for file in message.attachments))
            writer = db.session.get_one(User, message.author_id)
            self._send(message, at, by=writer, overtaken_at=message.overtaken_at)

    def _send(
        self: "Ticket", message: Message, at: datetime, *, by: User, overtaken_at: datetime | None = None
    ) -> None:
        """The reply leaves: clocks, event, status. What stands in its way meanwhile never keeps the words back.

        Overtaken by the customer it decides nothing any more: he would be told to wait, or that all is solved.
        """
        self.updated_at = self.last_message_at = clock.now()
        self.tracker.answered(at)
        if overtaken_at and not self.is_finished:
            self.tracker.asked(overtaken_at)  # what he wrote while it was held is not answered by it
        record("ticket.replied", on=self, by=by, message=message.id)
        if not self.is_finished:
            self._go_on(Status(message.then) if message.then and not overtaken_at else None, message, by, at)
        self._follow_clocks()

    def _go_on(self: "Ticket", to: Status | None, message: Message, by: User, at: datetime) -> None:
        """The status that comes with a reply. The clocks stop when that was to leave."""
        origin = Status(self.status)
        to = to or (Status.IN_PROGRESS if origin == Status.ASSIGNED else origin)
        move = MOVES[origin].get(to)
        if to == Status.RESOLVED:
            self.resolve(by=by, clocks_at=at, **{f"note_{self.language}": message.body})
        elif move and (self.assignee_id or "assignee" not in move.needs):
            self._move(to, by=by, clocks_at=at)

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
        record("ticket.replied", on=self, by=by, message=message.id)
        self._is_asked(message.created_at, by=by)
        return message

    def _is_asked(self: "Ticket", at: datetime, *, by: Actor) -> None:
        """The customer waits for us since an instant: clocks, and a ticket that waited for him, go on."""
        Snooze.end(self, by=by)
        self.tracker.asked(at)
        if self.status == Status.RESOLVED:
            self.reopen(by=by)
        elif self.status == Status.WAITING_USER:
            self._move(Status.IN_PROGRESS, by=by)
        self._follow_clocks()

    def heard(self: "Ticket", *keys: str | None) -> bool:
        """Whether one of these forms was sent before."""
        return any(Message.sent_before(self, key) for key in keys)

    def note(
        self: "Ticket", body: str, *, by: User, files: Sequence[Upload] = (), key: str | None = None
    ) -> Message:
        """Write down something for colleagues. It never leaves the agents' side."""
        if sent := Message.sent_before(self, key):
            return sent
        message = Message.write(self, "internal_note", body, by=by, files=files, key=key)
        self._said(message)
        mentions = Mention.ids_in(body, self.merchant_id)
        record("ticket.noted", on=self, by=by, message=message.id, mentions=mentions)
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

    @classmethod
    def is_answered_at_once(cls: "type[Ticket]", ticket_id: int) -> bool:
        """Whether its merchant has something to say by itself, in whichever language."""
        texts = select(Merchant.auto_reply_en, Merchant.auto_reply_vi).join(
            cls, cls.merchant_id == Merchant.id
        )
        return any(db.session.execute(texts.where(cls.id == ticket_id)).one())

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
