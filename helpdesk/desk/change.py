"""What an event changed: old and new, in words of the reader's language."""

from dataclasses import dataclass
from typing import Any

from helpdesk.core.events import Event
from helpdesk.core.i18n import language
from helpdesk.tickets.lifecycle import PRIORITY_LABELS, STATUS_LABELS, Priority, Status

PAIRS = (("from", "to"), ("before", "assignee"), ("removed", "added"), ("before", "after"))  # keys of `data`


@dataclass(frozen=True)
class Change:
    """One thing that was something else before. An empty text: there was nothing."""

    old: str
    new: str

    @classmethod
    def all_of(cls, event: Event) -> list["Change"]:
        """What the data of an event says about it; nothing for what only happened."""
        pairs = [(event.data.get(old), event.data[new]) for old, new in PAIRS if new in event.data]
        changes = [cls(in_words(old), in_words(new)) for old, new in pairs]
        return [change for change in changes if change.old != change.new]


def in_words(value: Any) -> str:
    """A value of an event's data for a reader: a status, a priority, somebody, a name in two languages, a list."""
    if isinstance(value, dict):
        if "name" in value:
            return in_words(value["name"])
        other = "en" if language() == "vi" else "vi"
        return str(value.get(language()) or value.get(other) or "")
    if isinstance(value, list):
        return ", ".join(in_words(each) for each in value)
    if value in [*Status]:
        return str(STATUS_LABELS[Status(value)])
    if value in [*Priority]:
        return str(PRIORITY_LABELS[Priority(value)])
    return "" if value is None else str(value)
