"""MSG-002: pictures lose what a camera wrote into them, keep how they look, and are there once more small."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from helpdesk.core import pictures
from helpdesk.tickets.upload import BadFile
from tests.tickets.files import HTML, bomb, frames, picture, received, small, stored

SECRET = b"Nguyen Van A, 21.0278 N"


def exif(orientation: int = 1) -> Image.Exif:
    """What a telephone writes: where, who, with what, and how it was held."""
    said = Image.Exif()
    said[0x0112], said[0x010F], said[0x013B] = orientation, "Camera", SECRET.decode()
    said.get_ifd(0x8825).update({1: "N", 2: (21.0, 1.0, 40.0), 3: "E", 4: (105.0, 50.0, 2.0)})
    return said


def told(kind: str, orientation: int = 1) -> bytes:
    """A picture of 40 × 20, its left half red, with everything that can be said beside it."""
    image = Image.new("RGB", (40, 20), "blue")
    image.paste("red", (0, 0, 20, 20))
    out, profile = BytesIO(), ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    more = {"exif": exif(orientation), "icc_profile": profile}
    if kind == "PNG":
        said = PngImagePlugin.PngInfo()
        said.add_text("Author", SECRET.decode())
        said.add_itxt("XML:com.adobe.xmp", SECRET.decode())
        more["pnginfo"] = said
    elif kind == "WEBP":
        more |= {"xmp": SECRET, "lossless": True}
    else:
        more |= {"xmp": SECRET, "comment": SECRET, "quality": 80}
    image.save(out, kind, **more)
    assert SECRET in out.getvalue()
    return out.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_MSG_002_a_picture_loses_its_metadata_and_stands_upright(kind, orientation, world):
    with world.inside():
        upload = received(f"photo.{kind.lower()}", told(kind, orientation))
        content = stored(upload)
        assert SECRET not in content
        assert b"Camera" not in content
        kept = Image.open(BytesIO(content))
        assert kept.format == kind
        assert not dict(kept.getexif())
        assert "icc_profile" in kept.info, "or its colours would be others"
        assert kept.size == ((20, 40) if orientation in (6, 8) else (40, 20))
        corner = {1: (0, 0), 3: (-1, -1), 6: (0, 0), 8: (0, -1)}[orientation]
        red, _, blue = kept.convert("RGB").getpixel([n % kept.size[i] for i, n in enumerate(corner)])
        assert (red > 200, blue < 60) == (True, True)
        assert upload.size == len(content)
        assert small(upload).size == kept.size


def test_MSG_002_a_jpeg_that_stands_upright_keeps_its_quality(world):
    noise = Image.effect_noise((200, 200), 60).convert("RGB")
    out = BytesIO()
    noise.save(out, "JPEG", quality=71, subsampling=2, exif=exif())
    with world.inside():
        kept = Image.open(BytesIO(stored(received("a.jpg", out.getvalue()))))
    assert kept.quantization == Image.open(out).quantization


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_MSG_002_dots_of_an_upright_picture_stay_the_same(kind, world):
    noise = Image.effect_noise((64, 48), 90).convert("P" if kind == "GIF" else "RGB")
    out = BytesIO()
    noise.save(out, kind)
    with world.inside():
        kept = Image.open(BytesIO(stored(received("a", out.getvalue()))))
    assert kept.convert("RGB").tobytes() == Image.open(out).convert("RGB").tobytes()


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_MSG_002_a_moving_picture_keeps_its_frames_and_loses_its_comments(kind, world):
    more = {"comment": SECRET} if kind == "GIF" else {"exif": exif()}
    sent = frames(kind, 4, **more)
    assert SECRET in sent
    with world.inside():
        upload = received("a", sent)
        content = stored(upload)
        assert SECRET not in content
        kept = Image.open(BytesIO(content))
        assert (kept.n_frames, kept.info.get("loop")) == (4, 0)
        for number in range(4):
            kept.seek(number)
            kept.load()
            assert kept.info["duration"] == 120
        assert small(upload).size == (20, 10)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_MSG_002_what_hangs_behind_a_picture_stays_behind(kind, world):
    """A picture that is a page or an archive as well is only the picture afterwards."""
    with world.inside():
        assert b"script" not in stored(received("a", picture(kind) + HTML + b"PK\x03\x04"))


def test_MSG_002_a_gif_whose_comment_is_a_page_is_only_a_gif(world):
    sent = picture("GIF", comment=HTML)
    assert HTML in sent
    with world.inside():
        upload = received("page.html", sent)
        assert (upload.content_type, upload.name) == ("image/gif", "page.html.gif")
        assert b"script" not in stored(upload)


MODES = [
    ("PNG", "1"), ("PNG", "L"), ("PNG", "LA"), ("PNG", "P"), ("PNG", "RGBA"), ("PNG", "I;16"),
    ("JPEG", "L"), ("JPEG", "CMYK"), ("GIF", "P"), ("GIF", "L"), ("WEBP", "RGBA"),
]  # fmt: skip


@pytest.mark.parametrize("size", [(1, 1), (1000, 1), (7, 900)])
def test_MSG_002_every_kind_of_colours_has_a_thumbnail(size, world):
    with world.inside():
        for kind, mode in MODES:
            upload = received("a", picture(kind, mode, size))
            assert Image.open(BytesIO(stored(upload))).size == size, (kind, mode)
            assert (max(small(upload).size), small(upload).format) == (min(320, max(size)), "WEBP"), (
                kind,
                mode,
            )


def test_MSG_002_transparent_colours_of_a_palette_stay_transparent(world):
    image = Image.new("P", (8, 8), 0)
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.paste(1, (0, 0, 4, 8))
    out = BytesIO()
    image.save(out, "PNG", transparency=b"\x00\xff")
    with world.inside():
        upload = received("a.png", out.getvalue())
        assert small(upload).convert("RGBA").getpixel((7, 7))[3] == 0
        assert Image.open(BytesIO(stored(upload))).convert("RGBA").getpixel((7, 7))[3] == 0


def test_MSG_002_sixteen_bits_of_grey_are_not_all_white_when_small(world):
    image = Image.new("I;16", (10, 10), 0x4000)
    out = BytesIO()
    image.save(out, "PNG")
    with world.inside():
        upload = received("a.png", out.getvalue())
        assert abs(small(upload).convert("L").getpixel((5, 5)) - 0x40) < 8
        assert Image.open(BytesIO(stored(upload))).mode == "I;16"


def test_MSG_002_two_pictures_in_one_jpeg_are_the_first(world):
    out = BytesIO()
    first, second = Image.new("RGB", (30, 20), "red"), Image.new("RGB", (10, 10), "blue")
    first.save(out, "MPO", save_all=True, append_images=[second])
    with world.inside():
        upload = received("phone.jpg", out.getvalue())
        kept = Image.open(BytesIO(stored(upload)))
        assert (upload.content_type, kept.format, kept.size) == ("image/jpeg", "JPEG", (30, 20))


def test_MSG_002_metadata_that_cannot_be_read_is_no_reason_to_refuse(world):
    odd = told("JPEG").replace(b"Exif\0\0II*\0", b"Exif\0\0XX*\0").replace(b"Exif\0\0MM\0*", b"Exif\0\0XX\0*")
    assert b"XX" in odd
    with world.inside():
        assert SECRET not in stored(received("a.jpg", odd))


BROKEN = {
    "half a png": picture("PNG", size=(100, 100))[:60],
    "half a jpeg": told("JPEG")[:-200],
    "half a gif": frames("GIF")[:-30],
    "half a webp": picture("WEBP", size=(64, 64))[:40],
    "only a head": b"\x89PNG\r\n\x1a\n",
    "a head and a page": b"\xff\xd8\xff\xe0" + HTML,
    "a gif and a page": b"GIF89a" + HTML,
    "a webp and a page": b"RIFF\x30\0\0\0WEBP" + HTML,
}


def test_MSG_002_a_picture_that_cannot_be_read_is_refused(world):
    with world.inside():
        for name, content in BROKEN.items():
            with pytest.raises(BadFile, match=re.escape(f"“{name}” is damaged")):
                received(name, content)


@pytest.mark.parametrize("side", [8001, 11_000, 60_000])
def test_MSG_002_a_picture_of_too_many_pixels_is_not_unpacked(side, world):
    with world.inside(), pytest.raises(BadFile, match=r"bomb\.png.*64 million"):
        received("bomb.png", bomb(side))


def test_MSG_002_many_frames_count_together(world, monkeypatch):
    monkeypatch.setattr(pictures, "MOST_PIXELS", 200)  # a frame has 200 pixels; 4 × 200 in all
    with world.inside():
        assert received("a.gif", frames("GIF", 4)).content_type == "image/gif"
        with pytest.raises(BadFile, match="too many pixels"):
            received("a.gif", frames("GIF", 5))
