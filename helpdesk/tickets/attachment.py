"""Files on messages: what they are is decided by what is in them, never by their name."""

import re
import warnings
from dataclasses import dataclass
from datetime import datetime

import puremagic
from PIL import Image
from sqlalchemy import ForeignKey, Select, String, select
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.datastructures import FileStorage

from helpdesk.core import clock, storage
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.errors import Refusal
from helpdesk.core.forms import one_line
from helpdesk.core.i18n import _
from helpdesk.core.tenancy import Tenanted

MOST_FILES = 10
MOST_BYTES = 20 * 1024 * 1024
IMAGES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
DOCUMENTS = {
    "application/pdf": (".pdf",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (".docx",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (".xlsx",),
    "video/mp4": (".mp4",),
}
PLAIN = (".txt", ".csv", ".log")


class BadFile(Refusal):
    """A file that is not taken; the text says which one and why."""

    code = 422


@dataclass(frozen=True)
class Upload:
    """A file that was received, checked and stored, and has no message yet."""

    name: str
    content_type: str
    key: str
    size: int

    @classmethod
    def receive(cls, file: FileStorage) -> "Upload":
        """Take one file. Raises `BadFile` with a sentence for its sender."""
        name = shown_name(file.filename)
        content_type = content_type_of(file, name)
        file.stream.seek(0)
        try:
            key, size = storage.keep(file.stream, MOST_BYTES)
        except storage.TooLarge:
            raise BadFile(
                _("“%(name)s” must be smaller than %(n)s MB.", name=name, n=MOST_BYTES >> 20)
            ) from None
        if size == 0:
            raise BadFile(_("“%(name)s” is empty.", name=name))
        return cls(name, content_type, key, size)

    @classmethod
    def receive_all(cls, files: list[FileStorage]) -> list["Upload"]:
        """Take all files of a form, or none."""
        if len(files) > MOST_FILES:
            raise BadFile(_("At most %(n)s files can be attached.", n=MOST_FILES))
        return [cls.receive(file) for file in files]


def shown_name(name: str | None) -> str:
    """A name for people to see: the last part of a path, without controls, at most 150 characters."""
    last = re.split(r"[\\/]", name or "")[-1]
    clean = str(one_line(last)).strip(". ")[-150:]
    return clean or "file"


def content_type_of(file: FileStorage, name: str) -> str:
    """The type by content. Raises `BadFile` for anything that is not on our short list."""
    head = file.stream.read(8192)
    file.stream.seek(0)
    kind = _image_type(file) or _document_type(head, name) or _plain_type(head, name)
    if not head:
        raise BadFile(_("“%(name)s” is empty.", name=name))
    if not kind:
        raise BadFile(
            _("“%(name)s” cannot be attached. Pictures, PDF, Word, Excel, MP4 and text files can.", name=name)
        )
    return kind


def _image_type(file: FileStorage) -> str | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a decompression bomb is only warned of
            with Image.open(file.stream, formats=list(IMAGES)) as image:
                image.verify()
                return IMAGES[image.format or ""]
    except Exception:
        return None  # whatever Pillow stumbles over is no picture
    finally:
        file.stream.seek(0)


def _document_type(head: bytes, name: str) -> str | None:
    try:
        found = {match.mime_type for match in puremagic.magic_string(head, name)}
    except (puremagic.PureError, ValueError):
        return None
    endings = {mime: endings for mime, endings in DOCUMENTS.items() if mime in found}
    return next((mime for mime, ends in endings.items() if name.lower().endswith(ends)), None)


def _plain_type(head: bytes, name: str) -> str | None:
    if not name.lower().endswith(PLAIN) or b"\x00" in head:
        return None
    try:
        head[:8000].decode("utf-8", "strict")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:
            return None
    return "text/plain"


class Attachment(Tenanted, Model):
    """A file on a message."""

    __tablename__ = "attachments"

    id: Mapped[Id]
    message_id: Mapped[int] = mapped_column(BigId, ForeignKey("messages.id"), index=True)
    merchant_id: Mapped[int] = mapped_column(BigId, ForeignKey("merchants.id"))
    name: Mapped[str] = mapped_column(String(200))
    content_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigId)  # bytes
    storage_key: Mapped[str] = mapped_column(String(64))
    thumbnail_key: Mapped[str | None] = mapped_column(String(64))  # of pictures
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    @classmethod
    def of(cls, file: Upload, merchant_id: int) -> "Attachment":
        """The row for a stored file."""
        return cls(
            merchant_id=merchant_id, name=file.name, content_type=file.content_type,
            size=file.size, storage_key=file.key,
        )  # fmt: skip

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
