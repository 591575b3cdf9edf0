"""Tags: free words on tickets, written in one way."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, String, UniqueConstraint, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core import clock
from helpdesk.core.adding import add_once
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.errors import Refusal
from helpdesk.core.events import Actor, record
from helpdesk.core.forms import one_line
from helpdesk.core.i18n import _
from helpdesk.core.tenancy import Tenanted
from helpdesk.organizers.organizer import Organizer

LONGEST, MOST, OFFERED, BATCH = 40, 20, 500, 500
_JOINERS = "\u200c\u200d"  # the only unseen letters that change what is seen: scripts and emoji need them


def tag_names(words: str | Iterable[str]) -> list[str]:
    """The names in what was typed, each once and in the one way they are written: `Đổi  Hàng` is `đổi-hàng`."""
    parts = (
        re.split(r"[,\n]", words)
        if isinstance(words, str)
        else [p for w in words for p in re.split(r"[,\n]", w)]
    )
    return list(dict.fromkeys(name for part in parts if (name := _normal(part))))


def _normal(word: str) -> str:
    line = "".join(
        c for c in one_line(word) if c in _JOINERS or unicodedata.category(c) not in ("Cc", "Cf", "Co")
    )
    return re.sub(r"\s+", "-", unicodedata.normalize("NFC", line.lower())).strip("-")


def refuse_names(names: list[str]) -> None:
    """Raise Refusal for names that are too long, or too many for one ticket."""
    for name in names:
        if len(name) > LONGEST:
            raise Refusal(_("A tag has at most %(n)s characters: “%(name)s…”.", n=LONGEST, name=name[:20]))
    if len(names) > MOST:
        raise Refusal(_("A ticket has at most %(n)s tags.", n=MOST))


class Tag(Tenanted, Model):
    """A word that an organizer puts on tickets. One that was merged stands for the other from then on."""

    __tablename__ = "tags"
    __table_args__ = (UniqueConstraint("organizer_id", "name"),)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(40))
    merged_into_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("tags.id"))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    archived_at: Mapped[datetime | None]

    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def called(cls, name: str) -> "Tag | None":
        """The tag that a name stands for: the one that others were merged into."""
        tag = db.session.scalar(select(cls).where(cls.name == name))
        return tag.survivor if tag else None

    @classmethod
    def all_called(cls, names: Iterable[str]) -> list["Tag"]:
        """A tag for each name, new ones made. Of two people who make the same one at once, one does."""
        found = []
        for name in sorted(names):
            tag = cls.called(name)
            if tag is None:
                fresh = cls(name=name)
                tag = fresh if add_once(fresh) else cls.called(name)
            found += [tag] if tag and tag not in found else []
        return found

    @classmethod
    def offered(cls) -> list[str]:
        """Names to choose from."""
        alive = select(cls.name).where(cls.archived_at.is_(None), cls.merged_into_id.is_(None))
        return list(db.session.scalars(alive.order_by(cls.name).limit(OFFERED)))

    @classmethod
    def locked(cls, tag_id: int) -> "Tag | None":
        """One that is about to be changed: whoever puts tags on tickets waits, or is done."""
        Organizer.lock()
        own = select(cls).where(cls.id == tag_id, cls.merged_into_id.is_(None))
        return db.session.scalar(own.execution_options(populate_existing=True))

    @property
    def survivor(self) -> "Tag":
        """Itself, or what it was merged into."""
        return self if self.merged_into_id is None else db.session.get_one(Tag, self.merged_into_id)

    def rename(self, word: str, *, by: Actor) -> None:
        """Call it otherwise on all its tickets. A name that another has is refused: they can be merged."""
        names = tag_names(word)
        if len(names) != 1:
            raise Refusal(_("Enter one name, without commas."))
        refuse_names(names)
        if names[0] == self.name:
            return
        if (other := self.called(names[0])) is not None:
            said = _("“%(name)s” stands for this tag already: the two were merged.", name=names[0])
            raise Refusal(said if other is self else _(
                "There is a tag “%(name)s” already. Merge this one into it, if they mean the same.", name=names[0],
            ))  # fmt: skip
        before, self.name = self.name, names[0]
        record("tag.renamed", on=None, by=by, tag=self.id, **{"from": before, "to": self.name})

    def merge_into(self, other: "Tag", *, by: Actor) -> None:
        """Its tickets get the other one, and its name stands for the other from now on (CAT-003)."""
        if other.survivor is self:
            raise Refusal(_("A tag cannot be merged into itself."))
        target = other.survivor
        if target.archived_at:
            raise Refusal(_("The tag “%(name)s” is archived. Restore it first.", name=target.name))
        tickets = TicketTag.hand_over(self, target)
        for earlier in db.session.scalars(select(Tag).where(Tag.merged_into_id == self.id)):
            earlier.merged_into_id = target.id
        self.merged_into_id = target.id
        record(
            "tag.merged", on=None, by=by, tag=self.id, called=self.name, tickets=tickets,
            into={"id": target.id, "name": target.name},
        )  # fmt: skip

    def archive(self, *, by: Actor) -> None:
        """Not to be put on more tickets; those that have it keep it."""
        if self.archived_at is None:
            self.archived_at = clock.now()
            record("tag.archived", on=None, by=by, tag=self.id, called=self.name)

    def restore(self, *, by: Actor) -> None:
        """To be used again."""
        if self.archived_at is not None:
            self.archived_at = None
            record("tag.restored", on=None, by=by, tag=self.id, called=self.name)


class TicketTag(Tenanted, Model):
    """A tag on a ticket. Taken off, never removed."""

    __tablename__ = "ticket_tags"
    __table_args__ = (
        UniqueConstraint("ticket_id", "tag_id"),
        Index("ix_ticket_tags_tag", "tag_id", "ticket_id"),
    )

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"))
    tag_id: Mapped[int] = mapped_column(BigId, ForeignKey("tags.id"))
    added_at: Mapped[datetime] = mapped_column(default=clock.now)
    removed_at: Mapped[datetime | None]

    @classmethod
    def put(cls, ticket_id: int, tag_id: int) -> None:
        """On a ticket; where it was before, its row is used again."""
        row = db.session.scalar(select(cls).where(cls.ticket_id == ticket_id, cls.tag_id == tag_id))
        if row is None:
            db.session.add(cls(ticket_id=ticket_id, tag_id=tag_id))
        elif row.removed_at:
            row.added_at, row.removed_at = clock.now(), None

    @classmethod
    def take_off(cls, ticket_id: int, tag_id: int) -> None:
        """Off a ticket."""
        own = select(cls).where(cls.ticket_id == ticket_id, cls.tag_id == tag_id, cls.removed_at.is_(None))
        for row in db.session.scalars(own):
            row.removed_at = clock.now()

    @classmethod
    def hand_over(cls, tag: Tag, target: Tag) -> int:
        """Every ticket of one tag has the other instead, once. Answers how many tickets that were.

        Each is another state than its open pages show (TKT-008). Its own record says nothing of it: this is a deed
        on the tag, whose event has the count.
        """
        cls._outdate(tag)
        rows = db.session.scalars(select(cls).where(cls.tag_id == tag.id, cls.removed_at.is_(None))).all()
        known = {row.ticket_id: row for row in db.session.scalars(select(cls).where(cls.tag_id == target.id))}
        now = clock.now()
        for row in rows:
            row.removed_at = now
            if row.ticket_id not in known:
                db.session.add(cls(ticket_id=row.ticket_id, tag_id=target.id, added_at=now))
            elif known[row.ticket_id].removed_at:
                known[row.ticket_id].added_at, known[row.ticket_id].removed_at = now, None
        return len(rows)

    @classmethod
    def _outdate(cls, tag: Tag) -> None:
        """Count up the versions of a tag's tickets, locked in the order of their ids as everywhere."""
        from helpdesk.tickets.ticket import Ticket  # which has tags

        on_them = select(cls.ticket_id).where(cls.tag_id == tag.id, cls.removed_at.is_(None))
        own = select(Ticket.id).where(Ticket.id.in_(on_them)).order_by(Ticket.id)
        db.session.execute(own.with_for_update(of=Ticket, key_share=True))
        more = update(Ticket).where(Ticket.id.in_(on_them)).values(version=Ticket.version + 1)
        db.session.execute(more.execution_options(synchronize_session="fetch"))

    @classmethod
    def counts(cls) -> Select[tuple[int, Any]]:
        """Tag → how many tickets have it."""
        held = select(cls.tag_id, func.count()).where(cls.removed_at.is_(None))
        return held.group_by(cls.tag_id)
