"""A store's logo for mails: a small picture, written anew from its dots."""

from dataclasses import dataclass
from io import BytesIO
from typing import IO

from PIL import Image, ImageOps

from helpdesk.core.errors import Refusal
from helpdesk.core.i18n import _
from helpdesk.core.mail import Inline
from helpdesk.core.picture_parts import BrokenPicture
from helpdesk.core.pictures import NoPicture, TooManyPixels, taken

MOST_UPLOAD = 2 << 20  # bytes of what is sent
MOST_BYTES = 64 << 10  # of what is kept: it goes out with every mail
WIDTH, HEIGHT = 400, 120  # dots; shown in half of that, so that a large one is sharp on any screen
KINDS = ("image/png", "image/jpeg")
CID = "logo@helpdesk"  # how the HTML calls it


@dataclass(frozen=True)
class MailLogo:
    """PNG or JPEG. Mails carry it with them, so that no reader is followed and none has to be asked for it."""

    content_type: str
    width: int
    height: int
    content: bytes

    @classmethod
    def taken(cls, stream: IO[bytes]) -> "MailLogo":
        """From a file that somebody sent. Raises `Refusal` in words."""
        if stream.seek(0, 2) > MOST_UPLOAD:
            raise Refusal(_("The logo must be smaller than %(n)s MB.", n=MOST_UPLOAD >> 20))
        try:
            with taken(stream) as picture:
                if picture.content_type not in KINDS:
                    raise Refusal(_("The logo must be a PNG or JPEG picture."))
                return cls._small(picture.content, picture.content_type)
        except (NoPicture, BrokenPicture, TooManyPixels):
            raise Refusal(_("This file cannot be read as a picture. Send a PNG or JPEG.")) from None

    @classmethod
    def _small(cls, content: IO[bytes], content_type: str) -> "MailLogo":
        image: Image.Image = ImageOps.exif_transpose(Image.open(content))
        image.seek(0)
        is_photo = content_type == "image/jpeg"
        image = image.convert("RGB" if is_photo else "RGBA")
        image.thumbnail((WIDTH, HEIGHT))
        image.info = {}
        out = BytesIO()
        image.save(
            out, "JPEG" if is_photo else "PNG", **({"quality": 85} if is_photo else {"optimize": True})
        )
        if (
            len(out.getvalue()) > MOST_BYTES and not is_photo
        ):  # a photo sent as a PNG: fewer colours, still sharp
            out = BytesIO()
            image.quantize(256, method=Image.Quantize.FASTOCTREE).save(out, "PNG", optimize=True)
        return cls(content_type, image.width, image.height, out.getvalue())

    @property
    def shown(self) -> tuple[int, int]:
        """Its width and height in a mail."""
        scale = min(1, WIDTH / 2 / self.width, HEIGHT / 2 / self.height)
        return max(1, round(self.width * scale)), max(1, round(self.height * scale))

    @property
    def inline(self) -> Inline:
        """As it comes along with a mail."""
        return Inline(CID, self.content_type, self.content)
