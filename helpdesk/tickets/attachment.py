"""Files on messages. How a file comes in and is looked at is told in `upload.py`."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Select, String, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core import clock, storage
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.tenancy import Tenanted, column_everywhere
from helpdesk.tickets.upload import Upload


class Attachment(Tenanted, Model):
    """A file on a message."""

    __tablename__ = "attachments"

    id: Mapped[Id]
    message_id: Mapped[int] = mapped_column(BigId, ForeignKey("messages.id"), index=True)
    merchant_id: Mapped[int] = mapped_column(BigId, ForeignKey("merchants.id"))
    name: Mapped[str] = mapped_column(String(200))
    content_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigId)  # bytes
    storage_key: Mapped[str] = mapped_column(String(64), index=True)
    thumbnail_key: Mapped[str | None] = mapped_column(String(64), index=True)  # of pictures
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    @classmethod
    def of(cls, file: Upload, merchant_id: int) -> "Attachment":
        """The row for a stored file."""
        return cls(
            merchant_id=merchant_id, name=file.name, content_type=file.content_type,
            size=file.size, storage_key=file.key, thumbnail_key=file.thumbnail_key,
        )  # fmt: skip

    @property
    def upload(self) -> Upload:
        """The file as if it had just come in, for a message that goes back to its writer."""
        return Upload(self.name, self.content_type, self.storage_key, self.size, self.thumbnail_key)

    @classmethod
    def among(cls, message_ids: Select[tuple[int]], attachment_id: int) -> "Attachment | None":
        """A file, if it is on one of these messages."""
        return db.session.scalar(select(cls).where(cls.id == attachment_id, cls.message_id.in_(message_ids)))

    @classmethod
    def names_on(cls, message_ids: Select[tuple[int]]) -> Select[tuple[int, str]]:
        """What the files on these messages are called, with the message's id."""
        return select(cls.message_id, cls.name).where(cls.message_id.in_(message_ids)).order_by(cls.id)

    @property
    def is_image(self) -> bool:
        """Whether it can be shown in the page."""
        return self.content_type.startswith("image/")

    @classmethod
    def clear_blobs(cls, *, spared: set[str] = frozenset()) -> int:
        """Remove what lies on the disk and is on no message of anybody, nor among the keys that are `spared`."""
        return storage.clear_away(lambda keys: cls._used_among(keys) | spared.intersection(keys))

    @classmethod
    def _used_among(cls, keys: Sequence[str]) -> set[str]:
        columns = (cls.storage_key, cls.thumbnail_key)
        return set().union(*(column_everywhere(select(c).where(c.in_(keys)).distinct()) for c in columns))
