"""What the pages of the office accept."""

from datetime import date
from zoneinfo import ZoneInfo

from wtforms.validators import StopValidation

from helpdesk.agents.history import History
from helpdesk.core.forms import a_day


def asked_history(query: dict[str, str], zone: str) -> History:
    """What an address asks of the history; a day that is none is as good as none.

    The list of the page says one thing of a section in one word, `tags/5`.
    """
    said = {name: query.get(name, "")[:60] for name in ("kind", "id", "who")}
    section, _, one = said["kind"].partition("/")
    said |= {"kind": section, "id": one} if one else {}
    return History(**said, first=_day(query.get("first")), last=_day(query.get("last")), zone=_zone(zone))


def _day(words: str | None) -> date | None:
    try:
        return a_day(words) if words else None
    except StopValidation:
        return None


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key if name else "UTC"
    except (KeyError, ValueError, OSError):
        return "UTC"
