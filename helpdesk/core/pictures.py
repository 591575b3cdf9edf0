"""Pictures that people send: read whole, turned upright, written again without metadata, and once more small."""

import struct
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO

from PIL import Image, ImageCms, ImageOps

from helpdesk.core.picture_parts import BrokenPicture, copy_gif, copy_png, copy_webp

TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
COPIED = {"PNG": copy_png, "GIF": copy_gif, "WEBP": copy_webp}
FORMATS = [*TYPES, "MPO"]  # a JPEG with a second picture behind it, as telephones make them
MOST_PIXELS = 64_000_000  # of one picture, and four times as many in all frames of a moving one
THUMBNAIL = 320  # pixels of its longest side
IN_MEMORY = 1 << 20
ORIENTATION = 0x0112
_one_at_a_time = threading.Lock()  # an unpacked picture may take a quarter of a gigabyte


class NoPicture(ValueError):
    """Not a picture of a kind that we know."""


class TooManyPixels(ValueError):
    """It would unpack to more than is good for anybody."""


@dataclass(frozen=True)
class Picture:
    """A picture as it is kept."""

    content_type: str
    content: IO[bytes]  # without metadata, from its beginning
    thumbnail: bytes  # as WebP


def looks_like_one(head: bytes) -> bool:
    """Whether a file begins as a picture does; whether it is one is another question."""
    return head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")) or (
        head.startswith(b"RIFF") and head[8:12] == b"WEBP"
    )


@contextmanager
def taken(stream: IO[bytes]) -> Iterator[Picture]:
    """A picture, read whole. Raises `NoPicture`, `TooManyPixels`, or `BrokenPicture` for one that is damaged."""
    with _one_at_a_time, warnings.catch_warnings(), SpooledTemporaryFile(IN_MEMORY) as content:
        warnings.simplefilter("ignore")  # of odd metadata, which is thrown away; the size is judged here
        image = _opened(stream)
        try:
            _look_at_all(image)
            _write(image, stream, content)
            thumbnail = _thumbnail(image)
        except TooManyPixels:
            raise
        except Exception as error:  # Pillow stumbles in many ways
            raise BrokenPicture(type(error).__name__) from error
        content.seek(0)
        yield Picture(TYPES[_format(image)], content, thumbnail)


def _opened(stream: IO[bytes]) -> Image.Image:
    stream.seek(0)
    try:
        image = Image.open(stream, formats=FORMATS)
    except Image.DecompressionBombError:
        raise TooManyPixels from None
    except Exception as error:
        raise NoPicture from error
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise TooManyPixels
    return image


def _format(image: Image.Image) -> str:
    return "JPEG" if image.format == "MPO" else str(image.format)


def _is_moving(image: Image.Image) -> bool:
    return image.format != "MPO" and getattr(image, "n_frames", 1) > 1


def _look_at_all(image: Image.Image) -> None:
    """Unpack every frame once: what cannot be unpacked here would stop a reader too."""
    frames = getattr(image, "n_frames", 1) if _is_moving(image) else 1
    if frames * image.width * image.height > MOST_PIXELS * (4 if frames > 1 else 1):
        raise TooManyPixels
    for frame in range(frames):
        image.seek(frame)
        image.load()
    if frames > 1:
        image.seek(0)
        image.load()


def _write(image: Image.Image, stream: IO[bytes], content: IO[bytes]) -> None:
    """Without metadata; what must not be turned or is no JPEG keeps its very dots."""
    kind = _format(image)
    is_upright = image.getexif().get(ORIENTATION, 1) in (0, 1) or _is_moving(image)
    if is_upright and kind in COPIED:
        stream.seek(0)
        COPIED[kind](stream, content)
        return
    profile = image.info.get("icc_profile")
    if not is_upright:
        quality: int | str = 95
        picture = ImageOps.exif_transpose(image)
    else:
        quality, picture = "keep", image
        picture.format = kind  # the first picture of several is an ordinary one
    progressive = bool(image.info.get("progressive"))
    picture.info = {}  # comments and XMP would be written from here
    picture.save(content, kind, quality=quality, icc_profile=profile, progressive=progressive, exif=b"")


def _thumbnail(image: Image.Image) -> bytes:
    picture = ImageOps.exif_transpose(image) if not _is_moving(image) else image.copy()
    profile = image.info.get("icc_profile")
    if picture.mode in ("I;16", "I;16B", "I;16L", "I"):
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    elif picture.mode in ("P", "PA", "LA", "La") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
    picture.thumbnail((THUMBNAIL, THUMBNAIL))
    picture = _in_common_colours(picture, profile)
    out = BytesIO()
    picture.info = {}
    picture.save(out, "WEBP", quality=80, method=4)
    return out.getvalue()


def _in_common_colours(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """As a screen without knowledge of colour profiles shows it."""
    mode = "RGBA" if picture.mode in ("RGBA", "RGBa") else "RGB"
    if profile and picture.mode in ("RGB", "CMYK", "L"):
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            found = ImageCms.profileToProfile(
                picture, source, ImageCms.createProfile("sRGB"), outputMode=mode
            )
            return found or picture.convert(mode)
        except (ImageCms.PyCMSError, struct.error, ValueError, OSError):
            return picture.convert(mode)  # a broken profile is no reason to show nothing
    return picture.convert(mode)
