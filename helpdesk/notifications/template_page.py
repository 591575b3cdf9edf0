"""One kind of mail as its settings page shows it: what it says now, where that differs from what was shipped."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.core.i18n import lazy
from helpdesk.notifications.difference import Difference
from helpdesk.notifications.mail_kind import KINDS, MailKind
from helpdesk.notifications.mail_template import PARTS, MailTemplate, faults
from helpdesk.notifications.mail_template_version import MOST_SHOWN, MailTemplateVersion
from helpdesk.notifications.placeholder import Placeholder, offered

NAMES: dict[str, Any] = {
    "ticket.created.customer": lazy("Request received"),
    "ticket.replied.customer": lazy("Our reply"),
    "ticket.resolved.customer": lazy("Request resolved"),
    "ticket.closed.customer": lazy("Request closed"),
    "link.renewed.customer": lazy("New link to a request"),
    "ticket.assigned.user": lazy("Ticket assigned"),
    "ticket.replied.user": lazy("Reply of a customer"),
    "ticket.noted.user": lazy("Mentioned in a note"),
    "ticket.reopened.user": lazy("Ticket reopened"),
    "escalation.raised.user": lazy("Escalation"),
    "ticket.created.user": lazy("New ticket for the team"),
    "sla.warned.user": lazy("Deadline near"),
    "sla.critical.user": lazy("Deadline very near"),
    "sla.breached.user": lazy("Deadline missed"),
    "batch.customer": lazy("Several things at once"),
    "batch.user": lazy("Several things at once"),
}
AUDIENCES: dict[str, Any] = {"customer": lazy("To customers"), "user": lazy("To your team")}
LABELS: dict[str, Any] = {
    "subject_en": lazy("Subject, English"), "subject_vi": lazy("Subject, Vietnamese"),
    "body_en": lazy("Text, English"), "body_vi": lazy("Text, Vietnamese"),
}  # fmt: skip
STEPS: dict[str, Any] = {
    "shipped": lazy("As it came with the product"), "changed": lazy("Changed"),
    "restored": lazy("An earlier version was restored"), "reset": lazy("Back to what came with the product"),
}  # fmt: skip


def name_of(kind: str) -> str:
    """What a kind of mail is called."""
    return str(NAMES.get(kind, kind))


class TemplatePage:
    """A kind of mail with its shipped texts and the organizer's own."""

    def __init__(self, kind: MailKind, shipped: MailTemplate, own: MailTemplate | None) -> None:
        self.kind, self.shipped, self.own = kind, shipped, own

    @classmethod
    def of(cls, kind: str, *, lock: bool = False) -> "TemplatePage":
        """That of one kind. Who changes it locks."""
        return cls(KINDS[kind], *MailTemplate.both(kind, lock=lock))

    @classmethod
    def by_audience(cls) -> dict[str, list["TemplatePage"]]:
        """All of them, in the order of the catalogue."""
        rows = db.session.scalars(select(MailTemplate)).all()
        own = {row.kind: row for row in rows if row.organizer_id is not None}
        shipped = {row.kind: row for row in rows if row.organizer_id is None}
        found: dict[str, list[TemplatePage]] = {}
        for key, kind in KINDS.items():
            audience = key.rpartition(".")[2]
            if key in shipped:
                found.setdefault(audience, []).append(cls(kind, shipped[key], own.get(key)))
        return found

    @property
    def name(self) -> str:
        """What it is called."""
        return name_of(self.kind.key)

    @property
    def in_use(self) -> MailTemplate:
        """The texts that are sent."""
        return self.own if self.own and self.own.is_in_use else self.shipped

    @property
    def is_own(self) -> bool:
        """Whether the organizer's own texts are sent."""
        return self.in_use is self.own

    @property
    def version(self) -> int:
        """The state that a form is made against; 0 before the first change."""
        return self.own.version if self.own else 0

    @property
    def states(self) -> dict[str, str]:
        """By language: `shipped`, `own`, `behind` (shipped, while the other one is own) or `incomplete`."""
        broken = faults(self.kind, self.in_use.parts)
        found = {}
        for code in ("en", "vi"):
            parts = [part for part in PARTS if part.endswith(code)]
            is_changed = any(getattr(self.in_use, part) != getattr(self.shipped, part) for part in parts)
            found[code] = "incomplete" if broken.keys() & set(parts) else "own" if is_changed else "shipped"
        if set(found.values()) == {"own", "shipped"}:
            found = {code: "behind" if state == "shipped" else state for code, state in found.items()}
        return found

    @property
    def is_half_done(self) -> bool:
        """Whether one language does not say what the other does, or lacks what it has to say."""
        return bool({"behind", "incomplete"} & {*self.states.values()})

    @property
    def placeholders(self) -> list[Placeholder]:
        """What its texts can say."""
        return offered(self.kind)

    @property
    def differences(self) -> list[tuple[Any, str, Difference]]:
        """(which text, its language, where it differs from the shipped one); only those that do."""
        return differences(self.shipped, self.in_use)

    @property
    def history(self) -> Sequence[MailTemplateVersion]:
        """What its texts were, newest first."""
        if self.own is None:
            return []
        return db.session.scalars(MailTemplateVersion.of(self.own.id).limit(MOST_SHOWN)).all()


def differences(before: Any, after: Any) -> list[tuple[Any, str, Difference]]:
    """Where four texts differ from four others: (which text, its language, how)."""
    pairs = [(part, Difference.between(getattr(before, part), getattr(after, part))) for part in PARTS]
    return [(LABELS[part], part[-2:], how) for part, how in pairs if not how.is_empty]


def in_words(parts: dict[str, str]) -> list[tuple[str, str]]:
    """Four texts with what they are called, for the page of a clash."""
    return [(str(LABELS[part]), parts[part]) for part in PARTS]
