"""What to tell somebody whose form shows an older state than what is there now: field by field, in words."""

from dataclasses import dataclass
from typing import Any

from helpdesk.core.forms import VersionedForm
from helpdesk.core.i18n import _


@dataclass(frozen=True)
class Clash:
    """A field whose value somebody else changed: what was typed, and what is there now."""

    label: str
    typed: str
    present: str


def is_stale(form: VersionedForm, row: Any) -> bool:
    """Whether the form shows an older state than what is there now. It is told so, and may then be sent again."""
    stale = form.version.data is not None and form.version.data != row.version
    if stale:
        form.form_errors.append(
            _("Somebody changed this meanwhile. Compare, and save again if yours should stand.")
        )
        form.version.data = row.version
        form.version.raw_data = [str(row.version)]
    return stale


def clashes(typed: list[tuple[str, str]], present: list[tuple[str, str]]) -> list[Clash]:
    """Where two states of a form differ, in words."""
    pairs = zip(typed, present, strict=True)
    return [Clash(label, one, other) for (label, one), (_label, other) in pairs if one != other]
