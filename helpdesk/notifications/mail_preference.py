"""What somebody does not want to be told by mail any more."""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core import clock
from helpdesk.core.adding import add_once
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.memory import foreknow, once
from helpdesk.core.tenancy import Tenanted
from helpdesk.notifications.mail_kind import KINDS

EVERY_TICKET = 0


class MailPreference(Tenanted, Model):
    """One kind of mail that one person does not get: on one ticket, or on all of them."""

    __tablename__ = "mail_preferences"
    __table_args__ = (UniqueConstraint("recipient_kind", "recipient_id", "kind", "ticket_id"),)

    id: Mapped[Id]
    recipient_kind: Mapped[str] = mapped_column(String(10))
    recipient_id: Mapped[int] = mapped_column(BigId)
    kind: Mapped[str] = mapped_column(String(60))
    ticket_id: Mapped[int] = mapped_column(BigId, default=EVERY_TICKET)
    is_wanted: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)

    @classmethod
    def refuse(cls, recipient_kind: str, recipient_id: int, kind: str, ticket_id: int) -> None:
        """No more mails of this kind; of a customer's kinds that end with the ticket, on this ticket. Twice is once."""
        scope = ticket_id if KINDS[kind].ends == "ticket" else EVERY_TICKET
        row = cls(
            recipient_kind=recipient_kind, recipient_id=recipient_id, kind=kind, ticket_id=scope, is_wanted=False
        )  # fmt: skip
        if add_once(row):
            return
        same = (*cls._of(recipient_kind, recipient_id, kind), cls.ticket_id == scope)
        kept = db.session.scalars(select(cls).where(*same)).one()
        kept.is_wanted, kept.changed_at = False, clock.now()

    @classmethod
    def allow(cls, recipient_kind: str, recipient_id: int, kinds: set[str]) -> None:
        """These kinds are wanted again, whatever link was followed before; one ticket's own refusal stays."""
        for row in db.session.scalars(cls._refusals(recipient_kind, recipient_id).where(cls.kind.in_(kinds))):
            row.is_wanted, row.changed_at = True, clock.now()

    @classmethod
    def refused_by(cls, user_id: int) -> set[str]:
        """The kinds of mail that a user has unsubscribed from."""
        return {row.kind for row in db.session.scalars(cls._refusals("user", user_id))}

    @classmethod
    def _refusals(cls, recipient_kind: str, recipient_id: int) -> Select[tuple["MailPreference"]]:
        whose = cls.recipient_kind == recipient_kind, cls.recipient_id == recipient_id
        return select(cls).where(*whose, cls.ticket_id == EVERY_TICKET, cls.is_wanted.is_(False))

    @classmethod
    def refuses(cls, recipient_kind: str, recipient_id: int, kind: str, ticket_id: int) -> bool:
        """Whether this person said that he does not want it."""
        if KINDS[kind].ends == "nothing":
            return False
        said = once((cls, recipient_kind, recipient_id), lambda: cls._said(recipient_kind, {recipient_id}))
        return bool({(recipient_id, kind, EVERY_TICKET), (recipient_id, kind, ticket_id)} & said)

    @classmethod
    def foresee(cls, recipient_kind: str, ids: set[int]) -> None:
        """Look up what these people refuse."""
        said = cls._said(recipient_kind, ids)
        foreknow({(cls, recipient_kind, each): {row for row in said if row[0] == each} for each in ids})

    @classmethod
    def _said(cls, recipient_kind: str, ids: set[int]) -> set[tuple[int, str, int]]:
        """Whose, which kind, on which ticket."""
        said = select(cls.recipient_id, cls.kind, cls.ticket_id).where(
            cls.recipient_kind == recipient_kind, cls.recipient_id.in_(ids), cls.is_wanted.is_(False)
        )
        return {tuple(row) for row in db.session.execute(said)} if ids else set()

    @classmethod
    def _of(cls, recipient_kind: str, recipient_id: int, kind: str) -> tuple[ColumnElement[bool], ...]:
        return (cls.recipient_kind == recipient_kind, cls.recipient_id == recipient_id, cls.kind == kind)
