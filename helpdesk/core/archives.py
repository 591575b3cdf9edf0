"""Word and Excel files, which are archives: looked into without unpacking them."""

import re
import struct
import zipfile
import zlib
from typing import IO

KINDS = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
CONTENTS = "[Content_Types].xml"
MOST_ENTRIES = 10_000
MOST_BYTES = 512 * 1024 * 1024  # unpacked, all parts together
SMALL = 10 * 1024 * 1024  # what unpacks to less than this is never a bomb
MOST_RATIO = 100  # of unpacked to packed size, beyond that
ENCRYPTED = 0x1
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
DAMAGE = (  # what a broken archive makes Python's reader raise; names that are no UTF-8 are a ValueError
    zipfile.BadZipFile, NotImplementedError, OSError, EOFError, RuntimeError, ValueError, OverflowError,
    struct.error, zlib.error,
)  # fmt: skip


class NoDocument(ValueError):
    """An archive of another kind, or a broken one."""


class Bomb(ValueError):
    """It would unpack to far more than it is."""


class Encrypted(ValueError):
    """Its parts need a password."""


class Macros(ValueError):
    """It brings a program."""


def kind_of(stream: IO[bytes], size: int) -> str:
    """The content type of a document; raises one of the errors above."""
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
            _check(entries, size)
            if CONTENTS not in archive.namelist():
                raise NoDocument("no list of contents")
            with archive.open(CONTENTS) as part:
                contents = part.read(1 << 20)
    except (NoDocument, Bomb, Encrypted):
        raise
    except DAMAGE as error:
        raise NoDocument(type(error).__name__) from error
    names = {entry.filename for entry in entries}
    _check_program(names, contents)
    return next((kind for part, kind in KINDS.items() if part in names), None) or _none()


def _none() -> str:
    raise NoDocument("neither a text nor a table")


def _check(entries: list[zipfile.ZipInfo], size: int) -> None:
    names = [entry.filename for entry in entries]
    if len(names) > MOST_ENTRIES or len(names) != len(set(names)) or not all(map(_is_plain, names)):
        raise NoDocument("odd names")
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        raise Encrypted
    if any(entry.compress_type not in PACKINGS for entry in entries):
        raise NoDocument("an odd packing")
    unpacked, packed = (
        sum(entry.file_size for entry in entries),
        sum(entry.compress_size for entry in entries),
    )
    if packed > size:
        raise Bomb  # parts lie over each other
    if unpacked > MOST_BYTES or (unpacked > SMALL and unpacked > packed * MOST_RATIO):
        raise Bomb


def _is_plain(name: str) -> bool:
    """Below the archive's own root, whoever unpacks it."""
    return not (
        re.search(r"[\x00-\x1f\\:]", name) or name.startswith("/") or ".." in name.split("/") or not name
    )


def _check_program(names: set[str], contents: bytes) -> None:
    if any("vbaproject" in name.lower() for name in names) or b"macroenabled" in contents.lower():
        raise Macros
