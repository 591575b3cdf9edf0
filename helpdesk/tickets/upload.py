"""A file that was received and has no message yet. What it is, is decided by what is in it, never by its name."""

import base64
import codecs
import hashlib
import re
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO, Any

import puremagic
from werkzeug.datastructures import FileStorage

from helpdesk.core import archives, pictures, storage
from helpdesk.core.errors import Refusal
from helpdesk.core.forms import one_line
from helpdesk.core.i18n import _
from helpdesk.core.picture_parts import BrokenPicture
from helpdesk.core.signing import age_seconds, sign, stamp, unsign
from helpdesk.organizers.organizer import Organizer

PURPOSE = "upload"
LIFE_SECONDS = 24 * 3600
MOST_NAME = 150
THUMBNAIL_TYPE = "image/webp"
HEAD = 8192
ENDINGS = {  # the first is given to a file that has none of them
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg", ".jfif"),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    "application/pdf": (".pdf",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (".docx",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (".xlsx",),
    "video/mp4": (".mp4", ".m4v"),
    "text/plain": (".txt", ".csv", ".log"),
}
# How a page or a drawing begins, whatever it is called: https://mimesniff.spec.whatwg.org/, section 7.1
MARKUP = re.compile(
    rb"(\xef\xbb\xbf)?\s*<(\?xml|!--|"
    rb"(!doctype html|html|head|body|script|iframe|h1|div|font|table|a|style|title|b|br|p|svg)[\s/>])",
    re.IGNORECASE,
)
KNOWN = tuple(ending for endings in ENDINGS.values() for ending in endings)
_TURNS = dict.fromkeys(map(ord, "\u200e\u200f\u061c"))  # marks of the reading direction


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
    thumbnail_key: str | None = None
    received_at: float = field(default_factory=stamp, compare=False)  # seconds since 1970

    @classmethod
    def receive(cls, file: FileStorage) -> "Upload":
        """Take one file. Raises `BadFile` with a sentence for its sender."""
        name, size = shown_name(file.filename), storage.size_of(file.stream)
        most = Organizer.present().most_file_bytes
        if size == 0:
            raise BadFile(_("“%(name)s” is empty.", name=name))
        if size > most:
            raise BadFile(_("“%(name)s” must be smaller than %(n)s MB.", name=name, n=most >> 20))
        head = file.stream.read(HEAD)
        file.stream.seek(0)
        if pictures.looks_like_one(head):
            return cls._picture(name, file.stream)
        kind = _document(name, head, file.stream, size) or _plain(name, file.stream)
        if not kind:
            raise BadFile(_("“%(name)s” cannot be attached. Pictures, PDF, Word, Excel, MP4 and text files can.",
                            name=name))  # fmt: skip
        file.stream.seek(0)
        return cls(ending_as(name, kind), kind, *storage.keep(file.stream, size))

    @classmethod
    def _picture(cls, name: str, stream: IO[bytes]) -> "Upload":
        """Kept without what a camera wrote into it, and once more small."""
        try:
            with pictures.taken(stream) as picture:
                key, size = storage.keep(picture.content, storage.size_of(picture.content))
                small, _size = storage.keep(BytesIO(picture.thumbnail), len(picture.thumbnail))
        except pictures.TooManyPixels:
            most = pictures.MOST_PIXELS // 1_000_000
            raise BadFile(
                _("“%(name)s” has too many pixels. At most %(n)s million fit.", name=name, n=most)
            ) from None
        except (pictures.NoPicture, BrokenPicture):
            raise BadFile(_("“%(name)s” is damaged and cannot be read.", name=name)) from None
        return cls(ending_as(name, picture.content_type), picture.content_type, key, size, small)

    def token(self, owner: str) -> str:
        """The file as a text in its owner's form: it needs no row, so it survives a form that is refused."""
        said = [
            owner,
            self.key,
            self.name,
            self.content_type,
            self.size,
            self.thumbnail_key,
            self.received_at,
        ]
        return sign(PURPOSE, said)

    @classmethod
    def read(cls, text: str, owner: str) -> "Upload | None":
        """What a token of this owner says, whether or not the file is still there."""
        said: Any = unsign(PURPOSE, text)
        if not isinstance(said, list) or len(said) != 7 or said[0] != owner:
            return None
        _owner, key, name, content_type, size, thumbnail_key, received_at = said
        return cls(name, content_type, key, size, thumbnail_key, received_at)

    def stays(self) -> bool:
        """Whether it can still be put on a message; if so, the clean-up leaves it there meanwhile."""
        keys = filter(None, (self.key, self.thumbnail_key))
        return age_seconds(self.received_at) < LIFE_SECONDS and all(map(storage.touch, keys))

    @property
    def digest(self) -> str:
        """A short name for it among the files of one form."""
        return hashlib.sha256(f"{self.key}\n{self.name}".encode()).hexdigest()[:16]

    @property
    def preview(self) -> str:
        """Its small picture as an address that needs no door; empty without one."""
        if not self.thumbnail_key or not storage.exists(self.thumbnail_key):
            return ""
        small = storage.path_of(self.thumbnail_key).read_bytes()
        return f"data:{THUMBNAIL_TYPE};base64,{base64.b64encode(small).decode()}"


def shown_name(name: str | None) -> str:
    """A name for people to see: the last part of a path, without controls, at most 150 characters."""
    last = re.split(r"[\\/]", name or "")[-1]
    clean = str(one_line(last.translate(_TURNS))).strip(". ") or "file"
    stem, dot, ending = clean.rpartition(".")
    if dot and len(ending) <= 10:
        return f"{stem[: MOST_NAME - len(ending) - 1]}.{ending}"
    return clean[:MOST_NAME]


def ending_as(name: str, content_type: str) -> str:
    """The name with an ending that says what the file is: a wrong one of ours is replaced, any other is kept."""
    endings, lower = ENDINGS[content_type], name.lower()
    if lower.endswith(endings):
        return name
    wrong = next((ending for ending in KNOWN if lower.endswith(ending)), "")
    stem = name[: len(name) - len(wrong)] if wrong else name
    return stem[: MOST_NAME - len(endings[0])] + endings[0]


def numbered(name: str, number: int) -> str:
    """`bill.pdf` as the second of its name: `bill (2).pdf`."""
    stem, dot, ending = name.rpartition(".")
    mark = f" ({number})"
    return f"{stem[: MOST_NAME - len(ending) - len(mark) - 1]}{mark}{dot}{ending}"


def _document(name: str, head: bytes, stream: IO[bytes], size: int) -> str | None:
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if head.startswith(b"PK\x03\x04"):
        return _office(name, stream, size)
    try:
        found = {match.mime_type for match in puremagic.magic_string(head, name)}
    except (puremagic.PureError, ValueError):
        return None
    return "video/mp4" if "video/mp4" in found and head[4:8] == b"ftyp" else None


def _office(name: str, stream: IO[bytes], size: int) -> str:
    try:
        return archives.kind_of(stream, size)
    except archives.Macros:
        raise BadFile(
            _("“%(name)s” contains macros. Save it as .docx or .xlsx and attach it again.", name=name)
        ) from None
    except archives.Encrypted:
        raise BadFile(
            _("“%(name)s” is protected by a password. Save it without one and attach it again.", name=name)
        ) from None
    except archives.Bomb:
        raise BadFile(
            _("“%(name)s” cannot be attached: it unpacks to far more than its size.", name=name)
        ) from None
    except archives.NoDocument:
        raise BadFile(
            _("“%(name)s” cannot be attached: it is an archive or a damaged document.", name=name)
        ) from None


def _plain(name: str, stream: IO[bytes]) -> str | None:
    """Text, all of it: a program does not become one by its first lines."""
    if not name.lower().endswith(ENDINGS["text/plain"]):
        return None
    decoder = codecs.getincrementaldecoder("utf-8")()
    stream.seek(0)
    if MARKUP.match(stream.read(HEAD)):
        return None
    stream.seek(0)
    try:
        while piece := stream.read(storage.CHUNK):
            if "\0" in decoder.decode(piece):
                return None
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return "text/plain"
