"""Files as people send them, and as they should not."""

from __future__ import annotations

import struct
import zipfile
import zlib
from io import BytesIO
from typing import Any

from PIL import Image
from werkzeug.datastructures import FileStorage

from helpdesk.core import storage
from helpdesk.tickets.upload import Upload

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
MP4 = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0" * 64
HTML = b"<!doctype html><html><body><script>alert(1)</script></body></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
EXE = b"MZ\x90\x00" + b"\0" * 100
CONTENTS = "[Content_Types].xml"


def received(name: str | None, content: bytes) -> Upload:
    """A file that came in; call it inside an organizer."""
    return Upload.receive(FileStorage(BytesIO(content), name))


def stored(upload: Upload) -> bytes:
    """What is kept of it."""
    return storage.path_of(upload.key).read_bytes()


def small(upload: Upload) -> Image.Image:
    """Its thumbnail."""
    assert upload.thumbnail_key
    return Image.open(BytesIO(storage.path_of(upload.thumbnail_key).read_bytes()))


def picture(kind: str = "PNG", mode: str = "RGB", size: tuple[int, int] = (3, 2), **more: Any) -> bytes:
    """A picture in one colour."""
    out = BytesIO()
    Image.new(mode, size, more.pop("colour", 0)).save(out, kind, **more)
    return out.getvalue()


def frames(kind: str, count: int = 3, **more: Any) -> bytes:
    """A moving picture."""
    out, colours = BytesIO(), ["red", "green", "blue", "white", "black"]
    first, *rest = [Image.new("RGB", (20, 10), colours[n]) for n in range(count)]
    first.save(out, kind, save_all=True, append_images=rest, duration=120, loop=0, **more)
    return out.getvalue()


def bomb(side: int = 60_000) -> bytes:
    """A PNG of a few hundred bytes that says how many pixels wide and high it is."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 50_000)) + chunk(b"IEND", b"")


def archive(parts: dict[str, bytes | str], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these parts."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", packing) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


def office(part: str = "word/document.xml", **more: bytes | str) -> bytes:
    """A Word or Excel file, as little as it can be."""
    return archive({CONTENTS: '<?xml version="1.0"?><Types/>', "_rels/.rels": "<x/>", part: "<x/>"} | more)
