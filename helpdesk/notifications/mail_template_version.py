"""What an organizer's own texts of a mail were from one change to the next. Rows are added and never changed."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ForeignKey, Select, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.user import User
from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.events import Actor
from helpdesk.core.tenancy import Tenanted

MOST_SHOWN = 50


class MailTemplateVersion(Tenanted, Model):
    """All four texts after one step: `shipped` (before the first change), `changed`, `restored`, `reset`."""

    __tablename__ = "mail_template_versions"
    __table_args__ = (UniqueConstraint("template_id", "number"),)

    id: Mapped[Id]
    template_id: Mapped[int] = mapped_column(BigId, ForeignKey("mail_templates.id"))
    number: Mapped[int]
    step: Mapped[str] = mapped_column(String(10))
    subject_en: Mapped[str] = mapped_column(String(200))
    subject_vi: Mapped[str] = mapped_column(String(200))
    body_en: Mapped[str] = mapped_column(Text)
    body_vi: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("users.id"))

    created_by: Mapped[User | None] = relationship(lazy="joined", viewonly=True)

    @classmethod
    def keep(
        cls, template_id: int, step: str, parts: Mapping[str, str], *, by: Actor | None
    ) -> list[int | None]:
        """Write down what is used from now on. Call it while the organizer is locked: numbers have no gaps.

        Answers the ids of the version before, if there is one, and of this one.
        """
        last = db.session.execute(cls.of(template_id).with_only_columns(cls.id, cls.number).limit(1)).first()
        author = by.id if isinstance(by, User) else None
        number = last.number + 1 if last else 1
        added = cls(template_id=template_id, number=number, step=step, created_by_id=author, **parts)
        db.session.add(added)
        db.session.flush()
        return [last.id if last else None, added.id]

    @classmethod
    def of(cls, template_id: int) -> Select[tuple["MailTemplateVersion"]]:
        """Those of one template, newest first."""
        return select(cls).where(cls.template_id == template_id).order_by(cls.number.desc())

    @property
    def before(self) -> "MailTemplateVersion | None":
        """The one that it took the place of."""
        earlier = self.of(self.template_id).where(MailTemplateVersion.number < self.number)
        return db.session.scalars(earlier.limit(1)).first()
