"""The command: one thing that the palette offers; found by its name in either language, marks or not."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from helpdesk.accounts.user import User
from helpdesk.agents.settings import settings_sections
from helpdesk.core.fulltext import folded
from helpdesk.core.i18n import LANGUAGES, lazy, speaking
from helpdesk.desk.filters import Filters
from helpdesk.desk.queries import VIEWS
from helpdesk.desk.search import Search
from helpdesk.desk.shortcut import SHORTCUTS, Shortcut
from helpdesk.tickets.macro import Macro
from helpdesk.tickets.ticket import NUMBER, Ticket

GROUPS: dict[str, Any] = {  # in the order of the list
    "tickets": lazy("Tickets"),
    "ticket": lazy("This ticket"),
    "go": lazy("Go to"),
    "create": lazy("Create"),
    "settings": lazy("Settings"),
}
MOST_TICKETS = 5
LEAST_LETTERS = 2  # before tickets are searched by words


@dataclass(frozen=True)
class Command:
    """Leads to an address, or presses what a key of the ticket's page presses."""

    group: str
    label: Any
    picture: str
    address: str = ""
    deed: str = ""
    keys: str = ""
    hint: str = ""

    @classmethod
    def matching(cls, viewer: User, words: str, *, on_ticket: str) -> list[tuple[str, list["Command"]]]:
        """What a user may do and what was typed means, group by group; everything where nothing was typed."""
        wanted = folded(words).split()
        found = [one for one in cls._all(viewer, on_ticket) if one._answers(wanted)]
        if words:
            found += cls._tickets(viewer, words)
        rows = {group: [one for one in found if one.group == group] for group in GROUPS}
        return [(str(GROUPS[group]), ones) for group, ones in rows.items() if ones]

    def _answers(self, wanted: list[str]) -> bool:
        if not wanted:
            return True
        said = [self.address.strip("/")]
        for code in LANGUAGES:
            with speaking(code):
                said += [str(self.label), str(GROUPS[self.group])]
        text = folded(" ".join(said))
        return all(word in text for word in wanted)

    @classmethod
    def _all(cls, viewer: User, on_ticket: str) -> Iterator["Command"]:
        if on_ticket:
            for one in SHORTCUTS:
                if one.place == "ticket" and one.does[0] == "press":
                    yield cls("ticket", one.label, "chevron-right", deed=one.does[1], keys=_caps(one))
            yield from cls._macros(viewer, on_ticket)
        for view in VIEWS.values():
            yield cls("go", view.label, "list", f"/queue/{view.key}", keys=_keys_to(f"/queue/{view.key}"))
        for label, picture, address in _PAGES:
            yield cls("go", label, picture, address, keys=_keys_to(address))
        yield cls("create", lazy("New ticket"), "plus", "/tickets/new", keys="c")
        for section in settings_sections(viewer.role):
            yield cls("settings", section.label, section.picture, f"/settings/{section.key}")

    @classmethod
    def _macros(cls, viewer: User, number: str) -> Iterator["Command"]:
        """They lead to where it is shown what each would do."""
        yield cls("ticket", lazy("Macros"), "list", deed="macro")
        for macro in Macro.matching(viewer) if NUMBER.fullmatch(number) else ():
            address = f"/tickets/{number}/macros?{urlencode({'q': macro.name})}"
            yield cls("ticket", lazy("Macro: %(name)s", name=macro.name), "list", address)

    @classmethod
    def _tickets(cls, viewer: User, words: str) -> list["Command"]:
        """The one that was named, or the newest with these words."""
        search = Search.of(viewer, words, Filters())
        named = search.named()
        enough = len(search.text) >= LEAST_LETTERS
        tickets = (
            [named]
            if named
            else [hit.ticket for hit in search.results().hits[:MOST_TICKETS]]
            if enough
            else []
        )
        return [cls._ticket(ticket) for ticket in tickets]

    @classmethod
    def _ticket(cls, ticket: Ticket) -> "Command":
        return cls(
            "tickets", ticket.subject, "message-circle", f"/tickets/{ticket.number}", hint=ticket.number
        )


_PAGES = (
    (lazy("Notifications"), "bell", "/notifications"),
    (lazy("Performance"), "chart-column", "/performance"),
    (lazy("Settings"), "settings-2", "/settings"),
    (lazy("Your settings"), "circle-user", "/me"),
    (lazy("Your notifications"), "bell", "/me/notifications"),
    (lazy("Keyboard shortcuts"), "info", "/keys"),
)


def _caps(one: Shortcut) -> str:
    return " ".join(one.shown[0])


def _keys_to(address: str) -> str:
    """The keys that lead there, if there are any."""
    plain = address.removesuffix("/todo")
    return next((_caps(one) for one in SHORTCUTS if one.does == ("go", plain)), "")
