"""What a mail says: texts in both languages with placeholders from a closed list, and no template language."""

import re
from collections.abc import Mapping
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from markupsafe import escape
from sqlalchemy import Select, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core import clock
from helpdesk.core.adding import add_once
from helpdesk.core.db import Id, Model, db
from helpdesk.core.errors import Refusal
from helpdesk.core.events import Actor, record
from helpdesk.core.i18n import _, in_language
from helpdesk.core.memory import once
from helpdesk.core.seeds import shipped
from helpdesk.core.tenancy import Shippable
from helpdesk.notifications.mail_kind import KINDS, MailKind
from helpdesk.notifications.mail_template_version import MailTemplateVersion
from helpdesk.notifications.shipped_mail import SHIPPED
from helpdesk.organizers.organizer import Organizer

PLACEHOLDER = re.compile(r"\{\{([a-z_]+)\}\}")
PARTS = ("subject_en", "subject_vi", "body_en", "body_vi")
MOST = {"subject": 200, "body": 20_000}
_BROKEN = re.compile(r"\{\{[^{}\n]{0,40}\}{0,2}|[^{}\s]{0,40}\}\}")
_SINGLE = re.compile(r"\{[ \t]{0,9}([a-z_]{1,40})[ \t]{0,9}\}")
QUOTE = "margin:0 0 16px;padding:4px 0 4px 16px;border-left:3px solid #b9c2cf;"  # mail programs know only `style=`


class MailTemplate(Shippable, Model):
    """The texts of one kind of mail: the shipped ones, or an organizer's own.

    Paragraphs are parted by empty lines. A paragraph that is empty once it is filled in is left out.
    """

    __tablename__ = "mail_templates"
    __table_args__ = (UniqueConstraint("organizer_id", "kind"),)

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(60))
    shipped_key: Mapped[str | None] = mapped_column(String(60), unique=True)  # the kind, of shipped ones
    subject_en: Mapped[str] = mapped_column(String(200))
    subject_vi: Mapped[str] = mapped_column(String(200))
    body_en: Mapped[str] = mapped_column(Text)
    body_vi: Mapped[str] = mapped_column(Text)
    is_in_use: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)

    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def of(cls, kind: str) -> "MailTemplate":
        """The organizer's own texts for a kind of mail, or the shipped ones."""
        return once((cls, kind), lambda: db.session.scalars(cls._in_use(kind).limit(1)).one())

    @classmethod
    def _in_use(cls, kind: str) -> Select[tuple["MailTemplate"]]:
        return select(cls).where(cls.kind == kind, cls.is_in_use).order_by(cls.organizer_id.is_(None))

    @classmethod
    def both(cls, kind: str, *, lock: bool = False) -> tuple["MailTemplate", "MailTemplate | None"]:
        """The shipped texts of a kind, and the organizer's own, which may be out of use. Who changes them locks."""
        if lock:
            Organizer.lock()
        rows = db.session.scalars(
            select(cls).where(cls.kind == kind).execution_options(populate_existing=lock)
        ).all()
        own = next((row for row in rows if row.organizer_id is not None), None)
        return next(row for row in rows if row.organizer_id is None), own

    @classmethod
    def change(
        cls, kind: str, parts: Mapping[str, str], *, by: Actor, step: str = "changed"
    ) -> "MailTemplate":
        """Use own texts from now on (`subject_en`, `subject_vi`, `body_en`, `body_vi`). Raises `Refusal`."""
        check(KINDS[kind], parts)
        shipped_one, own = cls.both(kind, lock=True)
        before = own if own and own.is_in_use else shipped_one
        changed = [part for part in PARTS if getattr(before, part) != parts[part]]
        if not changed:
            return before
        if own is None:
            own = cls(kind=kind, is_in_use=True, **shipped_one.parts)
            db.session.add(own)
            db.session.flush()
            MailTemplateVersion.keep(own.id, "shipped", own.parts, by=None)  # what was used until now
        for part in PARTS:
            setattr(own, part, parts[part])
        own.is_in_use, own.changed_at = True, clock.now()
        db.session.flush()
        kept = MailTemplateVersion.keep(own.id, step, own.parts, by=by)
        record("template.changed", on=None, by=by, kind=kind, parts=changed, versions=kept)
        return own

    def restore(self, version: MailTemplateVersion, *, by: Actor) -> "MailTemplate":
        """Use the texts of an earlier version again; what they lack today is refused."""
        return self.change(
            self.kind, {part: getattr(version, part) for part in PARTS}, by=by, step="restored"
        )

    @classmethod
    def reset(cls, kind: str, *, by: Actor) -> None:
        """Back to the shipped texts; the own ones are kept in the history."""
        shipped_one, own = cls.both(kind, lock=True)
        if own is None or not own.is_in_use:
            return
        own.is_in_use, own.changed_at = False, clock.now()
        kept = MailTemplateVersion.keep(own.id, "reset", shipped_one.parts, by=by)
        record("template.reset", on=None, by=by, kind=kind, versions=kept)

    @property
    def parts(self) -> dict[str, str]:
        """Its four texts."""
        return {part: getattr(self, part) for part in PARTS}

    def subject(self, language: str, values: Mapping[str, str]) -> str:
        """The subject line, filled in."""
        return _filled(in_language(self, "subject", language), values)

    def text(self, language: str, values: Mapping[str, str]) -> str:
        """The body as plain text, filled in."""
        return "\n\n".join(self.paragraphs(language, values))

    def paragraphs(self, language: str, values: Mapping[str, str]) -> list[str]:
        """The paragraphs of the plain text that have something to say."""
        filled = (_filled(part, values).strip() for part in _paragraphs(in_language(self, "body", language)))
        return [part for part in filled if part]

    def html(self, language: str, values: Mapping[str, str], blocks: Mapping[str, str]) -> str:
        """The body as HTML: everything escaped, but for `blocks`, which are safe HTML by name of the placeholder."""
        found = []
        safe = {name: str(escape(value)) for name, value in values.items()}
        if " " not in safe.get("ticket_number", " "):  # it has a hyphen, and is one word
            safe["ticket_number"] = f'<span style="white-space:nowrap">{safe["ticket_number"]}</span>'
        for part in _paragraphs(in_language(self, "body", language)):
            alone = PLACEHOLDER.fullmatch(part)
            if alone and alone[1] in blocks:
                block = blocks[alone[1]]
                found.append(f'<blockquote style="{QUOTE}">{block}</blockquote>' if block else "")
            elif _filled(part, values).strip():
                found.append(f"<p>{_filled(str(escape(part)), safe)}</p>".replace("\n", "<br>\n"))
        return "\n".join(filter(None, found))


def _paragraphs(body: str) -> list[str]:
    return [part.strip() for part in re.split(r"\n[ \t]*\n", body) if part.strip()]


def _filled(text: str, values: Mapping[str, str]) -> str:
    """One pass of plain replacement: what a value brings along is never looked at again."""
    return PLACEHOLDER.sub(lambda found: values[found[1]], text)


# What may be saved -------------------------------------------------------------------------------------------


def check(kind: MailKind, parts: Mapping[str, Any]) -> None:
    """Raise `Refusal` where a text is empty, reaches for something it may not have, or lacks what it must say."""
    for sentence in faults(kind, parts).values():
        raise Refusal(sentence)


def faults(kind: MailKind, parts: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with each text, in a sentence; nothing where all of them can be sent."""
    found = {part: _fault(kind, part.partition("_")[0], (parts.get(part) or "").strip()) for part in PARTS}
    return {part: sentence for part, sentence in found.items() if sentence}


def _fault(kind: MailKind, what: str, said: str) -> str | None:
    if not said:
        return _("Write this text; a mail needs it in both languages.")
    if len(said) > MOST[what]:
        return _("This text is too long. At most %(max)d characters fit.", max=MOST[what])
    names = PLACEHOLDER.findall(said)
    broken = _BROKEN.search(PLACEHOLDER.sub("", said))
    if broken:
        return _strange(kind, broken[0])
    for name in names:
        if name not in kind.placeholders:
            return _strange(kind, f"{{{{{name}}}}}")
    for single in _SINGLE.finditer(PLACEHOLDER.sub("", said)):
        if single[1] in kind.placeholders:
            return _strange(kind, single[0])
    needed = {"ticket_number"} if what == "subject" else kind.required
    for name in sorted(needed - set(names)):
        return _("%(mark)s is missing; this text must have it.", mark=f"{{{{{name}}}}}")
    return None


def _strange(kind: MailKind, mark: str) -> str:
    """What is no placeholder of this mail, with the one that was probably meant."""
    letters = re.sub(r"[^a-z_]", "", re.sub(r"[\s.-]+", "_", mark.strip("{} \t").lower()))
    near = get_close_matches(letters, sorted(kind.placeholders), 1, 0.7)
    if near:
        return _(
            "“%(mark)s” is not a placeholder of this mail. Did you mean %(near)s?",
            mark=mark, near=f"{{{{{near[0]}}}}}",
        )  # fmt: skip
    return _("“%(mark)s” is not a placeholder of this mail. The list below has all of them.", mark=mark)


@shipped
def seed_shipped() -> None:
    """Make sure that the shipped texts are there, in this version's words. Twice changes nothing."""
    for mail in SHIPPED:
        parts = {part: getattr(mail, part) for part in PARTS}
        check(KINDS[mail.kind], parts)
        kept = db.session.scalar(select(MailTemplate).where(MailTemplate.shipped_key == mail.kind))
        if kept is None:
            add_once(MailTemplate(kind=mail.kind, shipped_key=mail.kind, is_in_use=True, **parts))
        elif any(getattr(kept, name) != words for name, words in parts.items()):
            kept.changed_at = clock.now()
            for name, words in parts.items():
                setattr(kept, name, words)
