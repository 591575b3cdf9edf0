"""The order of people's names: by the whole name, family name first, in the order of the Vietnamese alphabet (ux 7).

In it ă, â, đ, ê, ô, ơ and ư are letters of their own, and the tones come after the letters: what databases do with
that differs from one to the other. The same order is read well in English.
"""

import unicodedata
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, TypeVar

from helpdesk.core.fulltext import taken_apart

_LATER = {"\u0306": 1, "\u0302": 2, "\u031b": 3}  # breve, circumflex, horn: a < ă < â, o < ô < ơ
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}  # huyền hỏi ngã sắc nặng
_OTHER = 9
Named = TypeVar("Named")
Place = tuple[tuple[tuple[str, int], ...], tuple[int, ...], str]


def place(name: str) -> Place:
    """What names are sorted by: their letters, then their tones, then as they are."""
    letters: list[tuple[str, int]] = []
    tones: list[int] = []
    for sign in taken_apart(name.casefold()):
        if letters and sign in _LATER:
            letters[-1] = (letters[-1][0], _LATER[sign])
        elif letters and unicodedata.combining(sign):
            tones[-1] = _TONES.get(sign, _OTHER)
        else:
            letters.append(("d", 1) if sign == "đ" else (sign, 0))
            tones.append(0)
    return tuple(letters), tuple(tones), name


def by_name(things: Iterable[Named], name: Callable[[Named], str] = attrgetter("name")) -> list[Any]:
    """Sorted by name; those who are called the same stay in the order in which they come."""
    return sorted(things, key=lambda one: place(name(one)))
