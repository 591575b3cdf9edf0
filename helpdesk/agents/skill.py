"""Skills: what a request may need and an agent may have."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, String, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.accounts.user import refuse_all_but_managers
from helpdesk.core import clock
from helpdesk.core.db import Id, Model, db
from helpdesk.core.events import Actor, record
from helpdesk.core.i18n import Localized
from helpdesk.core.naming import refuse_taken_names
from helpdesk.core.tenancy import Tenanted
from helpdesk.organizers.organizer import Organizer


class Skill(Tenanted, Model):
    """Something that not everybody can do."""

    __tablename__ = "skills"

    id: Mapped[Id]
    name_en: Mapped[str] = mapped_column(String(200), default="")
    name_vi: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    archived_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    name = Localized("name")

    @classmethod
    def on_offer(cls) -> Select[tuple["Skill"]]:
        """Those in use, in the order in which they were made."""
        return select(cls).where(cls.archived_at.is_(None)).order_by(cls.id)

    @classmethod
    def locked(cls, skill_id: int) -> "Skill | None":
        """One that is about to be changed, while nobody else changes it."""
        own = select(cls).where(cls.id == skill_id).with_for_update(key_share=True)
        return db.session.scalar(own.execution_options(populate_existing=True))

    @classmethod
    def create(cls, values: Mapping[str, Any], *, by: Actor) -> "Skill":
        """A new one, which nobody has yet."""
        refuse_all_but_managers(by)
        skill = cls(name_en=values["name_en"], name_vi=values["name_vi"], version=1)
        skill._check_names(values)
        db.session.add(skill)
        db.session.flush()
        record("skill.created", on=None, by=by, **skill._said)
        return skill

    def change(self, values: Mapping[str, Any], *, by: Actor) -> None:
        """Call it otherwise; what is the same stays unsaid. The caller holds the row."""
        refuse_all_but_managers(by)
        changes = {
            name: [getattr(self, name), value] for name, value in values.items() if getattr(self, name) != value
        }  # fmt: skip
        if not changes:
            return
        self._check_names({name: new for name, (_old, new) in changes.items()})
        self.name_en, self.name_vi = values["name_en"], values["name_vi"]
        self.version += 1
        record("skill.changed", on=None, by=by, **self._said, changes=changes)

    def archive(self, *, by: Actor) -> None:
        """Offer it no more. Who has it keeps it, and what asks for it goes on asking."""
        refuse_all_but_managers(by)
        if self.archived_at is None:
            self.archived_at = clock.now()
            record("skill.archived", on=None, by=by, **self._said)

    def restore(self, *, by: Actor) -> None:
        """Offer it again."""
        refuse_all_but_managers(by)
        if self.archived_at is not None:
            self._check_names({"name_en": self.name_en, "name_vi": self.name_vi})
            self.archived_at = None
            record("skill.restored", on=None, by=by, **self._said)

    def _check_names(self, new: Mapping[str, Any]) -> None:
        """Refuse names of others that are in use, while nobody else gives one."""
        Organizer.lock()
        refuse_taken_names(db.session.scalars(self.on_offer().where(Skill.id != (self.id or 0))), new)

    @property
    def _said(self) -> dict[str, Any]:
        return {"skill": self.id, "called": {"en": self.name_en or "", "vi": self.name_vi or ""}}
