"""Names in two languages, which tell things of one kind apart."""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from helpdesk.core.errors import Refusal
from helpdesk.core.i18n import _

HALVES = ("name_en", "name_vi")


def refuse_taken_names(others: Iterable[Any], values: Mapping[str, Any]) -> None:
    """Refuse names that one of the others has already, in the same language; capitals make no difference.

    A form that was sent twice makes one thing for the same reason. The caller sees to it that nobody else adds one.
    """
    wanted = {half: _plain(values[half]) for half in HALVES if values.get(half)}
    for other in others:
        for half, name in wanted.items():
            if name == _plain(getattr(other, half) or ""):
                raise Refusal(
                    _("There is one called “%(name)s” already. Choose another name.", name=values[half])
                )


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
