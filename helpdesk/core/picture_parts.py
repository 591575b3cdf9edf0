"""Pictures copied part by part: the dots as they are, without what a camera or an editor wrote beside them.

Lossless and quick, and animations keep every frame. Only parts on the lists are copied, so places, names,
comments and whatever hangs behind the picture's end stay behind.
"""

import struct
from typing import IO

PNG_KEPT = {
    *(b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"acTL", b"fcTL", b"fdAT"),
    *(b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"sBIT", b"cICP", b"bKGD", b"pHYs"),
}
WEBP_KEPT = {b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"}
WEBP_METADATA = 0b1100  # the flags of VP8X that promise Exif and XMP
GIF_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
PIECE = 1 << 16


class BrokenPicture(ValueError):
    """The file ends too early, or holds what no such picture has."""


def copy_png(source: IO[bytes], target: IO[bytes]) -> None:
    """Copy a PNG's dots, colours and frames."""
    target.write(_read(source, 8))
    name = b""
    while name != b"IEND":
        head = _read(source, 8)
        length, name = struct.unpack(">I4s", head)
        if name in PNG_KEPT:
            target.write(head)
            _copy(source, target, length + 4)  # its checksum too
        else:
            _skip(source, length + 4)


def copy_webp(source: IO[bytes], target: IO[bytes]) -> None:
    """Copy a WebP's dots, colours and frames."""
    riff, size, kind = struct.unpack("<4sI4s", _read(source, 12))
    begin = target.tell()
    target.write(struct.pack("<4sI4s", riff, 0, kind))
    left = size - 4
    while left >= 8:
        head = _read(source, 8)
        name, length = struct.unpack("<4sI", head)
        padded = length + length % 2
        left -= 8 + padded
        if name not in WEBP_KEPT:
            _skip(source, padded)
            continue
        target.write(head)
        if name == b"VP8X":
            target.write(bytes([_read(source, 1)[0] & ~WEBP_METADATA]))
            padded -= 1
        _copy(source, target, padded)
    end = target.tell()
    target.seek(begin + 4)
    target.write(struct.pack("<I", end - begin - 8))
    target.seek(end)


def copy_gif(source: IO[bytes], target: IO[bytes]) -> None:
    """Copy a GIF's frames, their times and how often they are shown."""
    head = _read(source, 13)
    target.write(head)
    _copy(source, target, _colours(head[10]))
    while (mark := _read(source, 1)) != b";":
        if mark == b",":
            frame = _read(source, 9)
            target.write(mark + frame)
            _copy(source, target, _colours(frame[8]) + 1)  # and the width of its codes
            _copy_blocks(source, target)
        elif mark == b"!":
            _copy_extension(source, target)
        elif mark != b"\0":  # some writers leave one too many
            raise BrokenPicture("an unknown block")
    target.write(b";")


def _copy_extension(source: IO[bytes], target: IO[bytes]) -> None:
    label = _read(source, 1)
    first = _read(source, _read(source, 1)[0])
    is_kept = label == b"\xf9" or (label == b"\xff" and first in GIF_LOOPS)
    if is_kept:
        target.write(b"!" + label + bytes([len(first)]) + first)
    if first:
        _copy_blocks(source, target if is_kept else None)
    elif is_kept:
        target.write(b"\0")


def _copy_blocks(source: IO[bytes], target: IO[bytes] | None) -> None:
    length = -1
    while length:
        length = _read(source, 1)[0]
        block = _read(source, length)
        if target:
            target.write(bytes([length]) + block)


def _colours(flags: int) -> int:
    """Bytes of the table of colours that follows."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _read(source: IO[bytes], length: int) -> bytes:
    data = source.read(length)
    if len(data) != length:
        raise BrokenPicture("it ends too early")
    return data


def _copy(source: IO[bytes], target: IO[bytes], length: int) -> None:
    while length:
        length -= target.write(_read(source, min(length, PIECE)))


def _skip(source: IO[bytes], length: int) -> None:
    while length:
        length -= len(_read(source, min(length, PIECE)))
