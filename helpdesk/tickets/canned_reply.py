"""Canned replies: texts in both languages that are put into a reply, with their placeholders filled in."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model
from helpdesk.core.i18n import Localized
from helpdesk.core.tenancy import Tenanted


class CannedReply(Tenanted, Model):
    """Somebody's own (`owner_id`), a group's (`group_id`), or everybody's (neither)."""

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
    __mapper_args__ = {"version_id_col": version}
