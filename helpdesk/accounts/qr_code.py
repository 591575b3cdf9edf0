"""A picture that a telephone reads an address from. Pure."""

from dataclasses import dataclass

import segno
from markupsafe import Markup


@dataclass(frozen=True)
class QrCode:
    """Of one address, drawn here: it goes to no other server."""

    text: str

    @property
    def svg(self) -> Markup:
        """Dark on light whatever the page's scheme is, or devices would not read it; no styles and no scripts in it."""
        code = segno.make(self.text, error="m", micro=False)
        drawn = code.svg_inline(
            border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None
        )
        return Markup(drawn)  # noqa: S704 - its only text is drawn as squares
