"""A merchant's token makes one ticket. The row remembers that it did."""

import hashlib
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core import clock
from helpdesk.core.adding import add_once
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.tenancy import Tenanted
from helpdesk.organizers.form_key import FormKey


class UsedToken(Tenanted, Model):
    """The `jti` of a token, by its hash, and the form that used it."""

    __tablename__ = "used_tokens"
    __table_args__ = (UniqueConstraint("form_key_id", "jti_hash"),)

    id: Mapped[Id]
    form_key_id: Mapped[int] = mapped_column(BigId, ForeignKey("form_keys.id"))
    jti_hash: Mapped[str] = mapped_column(String(64))
    nonce: Mapped[str] = mapped_column(String(64))  # of the form; the same form sent again is no second use
    used_at: Mapped[datetime] = mapped_column(default=clock.now)

    @classmethod
    def _of(cls, form_key: FormKey, jti: str) -> "UsedToken | None":
        same = select(cls).where(cls.form_key_id == form_key.id, cls.jti_hash == _hash(jti))
        return db.session.scalar(same)

    @classmethod
    def is_used(cls, form_key: FormKey, jti: str) -> bool:
        """Whether a ticket was made with it."""
        return cls._of(form_key, jti) is not None

    @classmethod
    def use(cls, form_key: FormKey, jti: str, nonce: str) -> bool:
        """Use it up for one form. Answers False when another form was faster; of two at once one wins."""
        if add_once(cls(form_key_id=form_key.id, jti_hash=_hash(jti), nonce=nonce)):
            return True
        used = cls._of(form_key, jti)
        return used is not None and used.nonce == nonce


def _hash(jti: str) -> str:
    return hashlib.sha256(jti.encode()).hexdigest()
