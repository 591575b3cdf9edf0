"""What a mail says: texts in both languages with placeholders from a closed list, and no template language."""

import re
from collections.abc import Mapping
from datetime import datetime

from markupsafe import escape
from sqlalchemy import String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core import clock
from helpdesk.core.db import Id, Model, add_once, db
from helpdesk.core.errors import Refusal
from helpdesk.core.i18n import _, in_language
from helpdesk.core.seeds import shipped
from helpdesk.core.tenancy import Shippable
from helpdesk.notifications.mail_kind import KINDS, MailKind
from helpdesk.notifications.shipped_mail import SHIPPED

PLACEHOLDER = re.compile(r"\{\{([a-z_]+)\}\}")
_PARTS = ("subject_en", "subject_vi", "body_en", "body_vi")


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
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)

    @classmethod
    def of(cls, kind: str) -> "MailTemplate":
        """The organizer's own texts for a kind of mail, or the shipped ones."""
        texts = select(cls).where(cls.kind == kind, cls.is_in_use).order_by(cls.organizer_id.is_(None))
        return db.session.scalars(texts.limit(1)).one()

    @classmethod
    def override(cls, kind: str, **parts: str) -> "MailTemplate":
        """Use own texts from now on (`subject_en`, `subject_vi`, `body_en`, `body_vi`). Raises `Refusal`."""
        check(KINDS[kind], parts)
        own = select(cls).where(cls.kind == kind, cls.organizer_id.is_not(None))
        template = db.session.scalar(own)
        if template is None:
            template = cls(kind=kind)
            db.session.add(template)
        for part in _PARTS:
            setattr(template, part, parts[part])
        template.is_in_use, template.changed_at = True, clock.now()
        db.session.flush()
        return template

    def reset(self) -> None:
        """Back to the shipped texts; the own ones are kept."""
        self.is_in_use, self.changed_at = False, clock.now()

    def subject(self, language: str, values: Mapping[str, str]) -> str:
        """The subject line, filled in."""
        return _filled(in_language(self, "subject", language), values)

    def text(self, language: str, values: Mapping[str, str]) -> str:
        """The body as plain text, filled in."""
        filled = (_filled(part, values).strip() for part in _paragraphs(in_language(self, "body", language)))
        return "\n\n".join(part for part in filled if part)

    def html(self, language: str, values: Mapping[str, str], blocks: Mapping[str, str]) -> str:
        """The body as HTML: everything escaped, but for `blocks`, which are safe HTML by name of the placeholder."""
        found = []
        for part in _paragraphs(in_language(self, "body", language)):
            alone = PLACEHOLDER.fullmatch(part)
            if alone and alone[1] in blocks:
                found.append(f"<blockquote>{blocks[alone[1]]}</blockquote>" if blocks[alone[1]] else "")
            elif _filled(part, values).strip():
                safe = {name: str(escape(value)) for name, value in values.items()}
                found.append(f"<p>{_filled(str(escape(part)), safe)}</p>".replace("\n", "<br>\n"))
        return "\n".join(filter(None, found))


def _paragraphs(body: str) -> list[str]:
    return [part.strip() for part in re.split(r"\n[ \t]*\n", body) if part.strip()]


def _filled(text: str, values: Mapping[str, str]) -> str:
    """One pass of plain replacement: what a value brings along is never looked at again."""
    return PLACEHOLDER.sub(lambda found: values[found[1]], text)


def check(kind: MailKind, parts: Mapping[str, str]) -> None:
    """Raise `Refusal` where a text is empty, reaches for something it may not have, or lacks what it must say."""
    for part in _PARTS:
        said = parts.get(part, "").strip()
        if not said or len(said) > (200 if part.startswith("subject") else 20_000):
            raise Refusal(_("Every text must be there in both languages, and not be too long."))
        names = set(PLACEHOLDER.findall(said))
        rest = PLACEHOLDER.sub("", said)
        broken = re.search(r"\{\{.{0,40}|.{0,40}\}\}", rest, re.DOTALL)
        if broken:
            raise Refusal(_("“%(text)s” is not a placeholder.", text=broken[0]))
        needed = {"ticket_number"} if part.startswith("subject") else kind.required
        for name in sorted(names - kind.placeholders):
            raise Refusal(_("This mail does not know the placeholder “%(name)s”.", name=name))
        for name in sorted(needed - names):
            raise Refusal(_("The placeholder “%(name)s” is missing.", name=name))


@shipped
def seed_shipped() -> None:
    """Make sure that the shipped texts are there, in this version's words. Twice changes nothing."""
    for mail in SHIPPED:
        parts = {part: getattr(mail, part) for part in _PARTS}
        check(KINDS[mail.kind], parts)
        kept = db.session.scalar(select(MailTemplate).where(MailTemplate.shipped_key == mail.kind))
        if kept is None:
            add_once(MailTemplate(kind=mail.kind, shipped_key=mail.kind, is_in_use=True, **parts))
        elif any(getattr(kept, name) != words for name, words in parts.items()):
            kept.changed_at = clock.now()
            for name, words in parts.items():
                setattr(kept, name, words)
