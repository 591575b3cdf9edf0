"""Canned replies: texts in both languages that are put into a reply, with their placeholders filled in."""

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, String, Text, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.user import User
from helpdesk.agents.group import Group
from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.events import record
from helpdesk.core.fulltext import folded
from helpdesk.core.i18n import Localized, in_language, instant, lazy
from helpdesk.core.tenancy import Tenanted
from helpdesk.organizers.organizer import Organizer
from helpdesk.tickets.canned_use import CannedUse
from helpdesk.tickets.sharing import Sharing

if TYPE_CHECKING:
    from helpdesk.tickets.ticket import Ticket

PLACEHOLDERS = {
    "customer_name": lazy("The customer's name"),
    "customer_email": lazy("The customer's email"),
    "ticket_number": lazy("The number of the ticket"),
    "ticket_subject": lazy("The subject of the ticket"),
    "merchant_name": lazy("The store's name"),
    "agent_name": lazy("The name of who writes the reply"),
    "order_id": lazy("The order number, where one is known"),
    "auto_close_at": lazy("When the ticket closes by itself if it is resolved now"),
}
MOST_MATCHES = 20
_MARK = re.compile(r"\{\{[ \t]{0,9}([A-Za-z0-9_]{1,40})[ \t]{0,9}\}\}")


def strange_marks(words: str) -> list[str]:
    """What looks like a placeholder and is none of the list, misspelled or not closed."""
    rest = _MARK.sub(lambda mark: "" if mark[1] in PLACEHOLDERS else mark[0], words)
    return re.findall(r"\{\{[^{}\n]{0,40}\}{0,2}|\}\}", rest)


def unfilled(words: str) -> list[str]:
    """The placeholders of the list that are still in a text."""
    return [mark[0] for mark in _MARK.finditer(words) if mark[1] in PLACEHOLDERS]


def pieces(words: str) -> list[tuple[str, bool]]:
    """A text in pieces, and of each whether it is a placeholder that was not filled in."""
    found, at = [], 0
    for mark in _MARK.finditer(words):
        if mark[1] in PLACEHOLDERS:
            found += [(words[at : mark.start()], False), (mark[0], True)]
            at = mark.end()
    return [piece for piece in [*found, (words[at:], False)] if piece[0]]


def fill(words: str, values: dict[str, str]) -> str:
    """The text with what is known put in, in one pass: what a value says is never filled in again.

    What is not known stays, so that the writer sees it.
    """
    return _MARK.sub(lambda mark: values.get(mark[1]) or f"{{{{{mark[1]}}}}}", words)


def values_for(words: str, ticket: "Ticket", writer: User) -> dict[str, str]:
    """What the placeholders of a text become on a ticket; empty where it is not known."""
    return {
        "customer_name": ticket.sender.shown_name, "customer_email": ticket.customer.email,
        "ticket_number": ticket.number, "ticket_subject": ticket.subject,
        "merchant_name": ticket.merchant.name, "agent_name": writer.name,
        "order_id": str((ticket.order or {}).get("id") or ""),
        "auto_close_at": _closing(ticket) if "auto_close_at" in words else "",
    }  # fmt: skip


def _closing(ticket: "Ticket") -> str:
    """When it closes, or would if it were resolved now, in the customer's words."""
    at = ticket.auto_close_at or clock.now() + timedelta(hours=Organizer.present().auto_close_hours)
    return instant(at, ticket.language)


class CannedReply(Sharing, Tenanted, Model):
    """Its text, and whose it is."""

    __tablename__ = "canned_replies"

    id: Mapped[Id]
    owner_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("users.id"))
    group_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("groups.id"))
    shortcut: Mapped[str] = mapped_column(String(40), default="")
    name_en: Mapped[str] = mapped_column(String(200), default="")
    name_vi: Mapped[str] = mapped_column(String(200), default="")
    body_en: Mapped[str] = mapped_column(Text, default="")
    body_vi: Mapped[str] = mapped_column(Text, default="")
    used_count: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)
    archived_at: Mapped[datetime | None]

    name = Localized("name")
    body = Localized("body")
    owner: Mapped[User | None] = relationship(viewonly=True)
    group: Mapped[Group | None] = relationship(viewonly=True)
    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def matches(cls, user: User, words: str = "") -> list["CannedReply"]:
        """What he can use and all the words are in: shortcuts and names before texts, his most used first."""
        wanted, own = folded(words).split(), CannedUse.counts_of(user)
        found = []
        for reply in db.session.scalars(cls.usable_by(user)):
            title = folded(f"{reply.shortcut}\n{reply.name_en}\n{reply.name_vi}")
            whole = f"{title}\n{folded(reply.body_en)}\n{folded(reply.body_vi)}"
            if all(word in whole for word in wanted):
                found.append((not all(word in title for word in wanted), -own.get(reply.id, 0), reply))
        return [reply for *_, reply in sorted(found, key=lambda each: each[:2])][:MOST_MATCHES]

    @classmethod
    def create(
        cls, values: dict[str, Any], *, by: User, owner_id: int | None, group_id: int | None
    ) -> "CannedReply":
        """A new one."""
        reply = cls(**values, owner_id=owner_id, group_id=group_id)
        db.session.add(reply)
        db.session.flush()
        record("canned.created", on=None, by=by, **reply._said)
        return reply

    def change(self, values: dict[str, Any], *, by: User) -> None:
        """Take over values of a form; what is the same stays unsaid."""
        changes = {
            name: [getattr(self, name), new] for name, new in values.items() if getattr(self, name) != new
        }
        if not changes:
            return
        for name, (_, new) in changes.items():
            setattr(self, name, new)
        self.updated_at = clock.now()
        record("canned.changed", on=None, by=by, **self._said, changes=changes)

    def archive(self, *, by: User) -> None:
        """Not to be offered any more."""
        if self.archived_at is None:
            self.archived_at = clock.now()
            record("canned.archived", on=None, by=by, **self._said)

    def restore(self, *, by: User) -> None:
        """To be used again."""
        if self.archived_at is not None:
            self.archived_at = None
            record("canned.restored", on=None, by=by, **self._said)

    def used(self, *, by: User) -> None:
        """Somebody put it into a reply. Past the version: who edits it is not to be told of this."""
        CannedUse.note(self.id, by=by)
        more = (
            update(CannedReply).where(CannedReply.id == self.id).values(used_count=CannedReply.used_count + 1)
        )
        db.session.execute(more.execution_options(synchronize_session=False))

    def text_for(self, ticket: "Ticket", writer: User) -> str:
        """Its text in the ticket's language, or the other one where that is missing, filled in."""
        words = in_language(self, "body", ticket.language)
        return fill(words, values_for(words, ticket, writer))

    def texts_for(self, ticket: "Ticket", writer: User) -> dict[str, str]:
        """Both halves, filled in."""
        values = values_for(self.body_en + self.body_vi, ticket, writer)
        return {code: fill(getattr(self, f"body_{code}"), values) for code in ("en", "vi")}

    @property
    def _said(self) -> dict[str, Any]:
        return {"canned": self.id, "called": {"en": self.name_en or "", "vi": self.name_vi or ""}}


def canned_text(viewer: User, ticket: "Ticket", canned_id: str | None) -> str:
    """The text of the canned reply with this id, for the composer; empty for what he cannot use."""
    if not canned_id or not re.fullmatch(r"[1-9][0-9]{0,17}", canned_id):
        return ""
    reply = db.session.scalar(CannedReply.usable_by(viewer).where(CannedReply.id == int(canned_id)))
    return reply.text_for(ticket, viewer) if reply else ""
