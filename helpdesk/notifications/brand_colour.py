"""A store's colour, and whether what stands on it and beside it can be read (WCAG 2.2: 4.5 for words, 3 for shapes)."""

import re
from dataclasses import dataclass
from functools import lru_cache

PLAIN = "#2c52cc"  # of a store that has chosen none
PAPER, DARK_PAPER = "#ffffff", "#191f28"
EDGE, DARK_EDGE = "#535f70", "#a6b0c0"
WORDS, SHAPES = 4.5, 3.0
_HEX = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True)
class BrandColour:
    """A colour such as `#2c52cc`."""

    value: str

    @classmethod
    def of(cls, value: str | None) -> "BrandColour":
        """The colour of a store; what is none is the plain one."""
        wanted = (value or "").lower()
        return cls(wanted if _HEX.fullmatch(wanted) else PLAIN)

    @property
    def ink(self) -> str:
        """Black or white: whichever reads better on it. One of them always has 4.5."""
        return max(("#ffffff", "#000000"), key=lambda ink: contrast(self.value, ink))

    @property
    def of_words(self) -> float:
        """The contrast of the words on it."""
        return contrast(self.value, self.ink)

    @property
    def is_seen(self) -> bool:
        """Whether the shape of a button stands out from white paper by itself."""
        return contrast(self.value, PAPER) >= SHAPES

    @property
    def is_seen_in_the_dark(self) -> bool:
        """The same on dark paper."""
        return contrast(self.value, DARK_PAPER) >= SHAPES

    @property
    def edge(self) -> str:
        """The line round a button: one that is seen where the colour is not."""
        return self.value if self.is_seen else EDGE

    @property
    def dark_edge(self) -> str:
        """The same on dark paper."""
        return self.value if self.is_seen_in_the_dark else DARK_EDGE


def contrast(one: str, other: str) -> float:
    """How far two colours are apart, from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@lru_cache(maxsize=1024)
def _luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
