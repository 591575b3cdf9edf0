"""Macros: several deeds under one name, done to a ticket in one go, after their effect was shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.user import User
from helpdesk.agents.group import Group
from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, db, tried_out
from helpdesk.core.errors import Refusal
from helpdesk.core.events import record
from helpdesk.core.fulltext import folded
from helpdesk.core.i18n import Localized, _
from helpdesk.core.tenancy import Tenanted
from helpdesk.tickets.bulk_run import BulkRun
from helpdesk.tickets.canned_reply import CannedReply
from helpdesk.tickets.category import Category
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.sharing import Sharing
from helpdesk.tickets.ticket import Ticket
from helpdesk.tickets.ticket_deed import TEAM, TicketDeed


@dataclass(frozen=True)
class Step:
    """One deed of a macro as it would be on a ticket: whether it changes anything, what it writes, why it cannot."""

    words: str
    text: str = ""
    why_not: str = ""
    is_same: bool = False


class Macro(Sharing, Tenanted, Model):
    """Its steps, and whose it is."""

    __tablename__ = "macros"

    id: Mapped[Id]
    owner_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("users.id"))
    group_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("groups.id"))
    name_en: Mapped[str] = mapped_column(String(200), default="")
    name_vi: Mapped[str] = mapped_column(String(200), default="")
    deeds: Mapped[list[Any]]
    used_count: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)
    archived_at: Mapped[datetime | None]

    name = Localized("name")
    owner: Mapped[User | None] = relationship(viewonly=True)
    group: Mapped[Group | None] = relationship(viewonly=True)
    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def matching(cls, user: User, words: str = "") -> list["Macro"]:
        """What he can use and all the words are in, marks or not, most used first."""
        wanted = folded(words).split()
        return [
            macro for macro in db.session.scalars(cls.usable_by(user))
            if all(word in folded(f"{macro.name_en}\n{macro.name_vi}") for word in wanted)
        ]  # fmt: skip

    @classmethod
    def create(
        cls, values: dict[str, Any], *, by: User, owner_id: int | None, group_id: int | None
    ) -> "Macro":
        """A new one."""
        macro = cls(**values, owner_id=owner_id, group_id=group_id)
        db.session.add(macro)
        db.session.flush()
        record("macro.created", on=None, by=by, **macro._said)
        return macro

    def change(self, values: dict[str, Any], *, by: User) -> None:
        """Take over values of a form; what is the same stays unsaid."""
        before = {name: getattr(self, name) for name in values}
        changes = {name: [before[name], new] for name, new in values.items() if before[name] != new}
        for name, (_old, new) in changes.items():
            setattr(self, name, new)
        if changes:
            self.updated_at = clock.now()
            record("macro.changed", on=None, by=by, **self._said, changes=changes)

    def archive(self, *, by: User) -> None:
        """Not to be offered any more."""
        if self.archived_at is None:
            self.archived_at = clock.now()
            record("macro.archived", on=None, by=by, **self._said)

    def restore(self, *, by: User) -> None:
        """To be used again."""
        if self.archived_at is not None:
            self.archived_at = None
            record("macro.restored", on=None, by=by, **self._said)

    @property
    def ordered(self) -> list[TicketDeed]:
        """Its steps."""
        return TicketDeed.all_of(self.deeds)

    @property
    def reply_ids(self) -> set[int]:
        """The canned replies that it sends."""
        return {int(deed.value.partition(":")[0]) for deed in self.ordered if deed.kind == "reply"}

    @property
    def is_reversible(self) -> bool:
        """Whether all of it can be undone."""
        return all(deed.is_reversible for deed in self.ordered)

    @property
    def _said(self) -> dict[str, Any]:
        return {"macro": self.id, "called": {"en": self.name_en or "", "vi": self.name_vi or ""}}

    # On tickets

    def give_to(self, run: BulkRun) -> BulkRun:
        """What a run is to do, as the macro is now."""
        run.deeds, run.macro_id = self.deeds, self.id
        return run

    def was_used(self) -> None:
        """Count it, after its tickets are held. Past the version: who edits it is not to be told of this."""
        more = update(Macro).where(Macro.id == self.id).values(used_count=Macro.used_count + 1)
        db.session.execute(more.execution_options(synchronize_session=False))

    def preview(self, ticket: Ticket, *, by: User) -> list[Step]:
        """What each step would do to a ticket that the caller holds. It is really done, and taken back at once."""
        names = names_of(self.ordered)
        with tried_out():
            return [self._try(deed, ticket, by, names) for deed in self.ordered]

    def _try(self, deed: TicketDeed, ticket: Ticket, by: User, names: dict[str, str]) -> Step:
        words = deed.words(names)
        before, seen = ticket.version, ticket.snoozed_until
        try:
            text = deed.text_on(ticket, by) if deed.kind in ("note", "reply") else ""
            with db.session.begin_nested():
                deed.do(ticket, by=by)
        except Refusal as refusal:
            return Step(words, why_not=refusal.message)
        is_same = (before, seen) == (ticket.version, ticket.snoozed_until)
        return Step(words, text, is_same=is_same and deed.kind not in ("note", "reply", "follow"))


def half_replies(macros: Sequence[Macro]) -> dict[int, list[str]]:
    """Macro → the names of those canned replies it sends that are written in one language only; none left out."""
    sent = {id_ for macro in macros for id_ in macro.reply_ids}
    rows = db.session.scalars(select(CannedReply).where(CannedReply.id.in_(sent))) if sent else ()
    halves = {row.id: row.name for row in rows if not (row.body_en and row.body_vi)}
    return {macro.id: [name for id_, name in halves.items() if id_ in macro.reply_ids] for macro in macros}


def spoken(macros: Sequence[Macro]) -> list[tuple[Macro, list[str]]]:
    """Macros, each with its steps in words; what the ids in them are called is looked up together."""
    names = names_of([deed for macro in macros for deed in macro.ordered])
    return [(macro, [deed.words(names) for deed in macro.ordered]) for macro in macros]


def in_words(deeds: Sequence[TicketDeed]) -> list[str]:
    """Deeds in words."""
    names = names_of(deeds)
    return [deed.words(names) for deed in deeds]


def names_of(
    deeds: Sequence[TicketDeed], called: Callable[[Any, set[int]], Mapping[int, str]] | None = None
) -> dict[str, str]:
    """`<kind>:<value>` → a name, for what deeds hold as an id. `called` is asked for them, else the database."""
    kinds: dict[str, Any] = {"assign": User, "category": Category, "reply": CannedReply}
    wanted: dict[Any, dict[str, int]] = {}
    for deed in deeds:
        model = Group if deed.value.startswith(TEAM) else kinds.get(deed.kind)
        digits = deed.value.removeprefix(TEAM).partition(":")[0]
        if model and digits.isdecimal():
            wanted.setdefault(model, {})[f"{deed.kind}:{deed.value}"] = int(digits)
    found = {}
    for model, keys in wanted.items():
        known = (called or _names_now)(model, set(keys.values()))
        found |= {key: _with_its_end(key, known[id_]) for key, id_ in keys.items() if id_ in known}
    return found


def _names_now(model: Any, ids: set[int]) -> dict[int, str]:
    return {row.id: row.name for row in db.session.scalars(select(model).where(model.id.in_(ids)))}


def _with_its_end(key: str, name: str) -> str:
    """A canned reply that also resolves says so."""
    return _("%(name)s – and resolve", name=name) if key.endswith(f":{Status.RESOLVED}") else name
