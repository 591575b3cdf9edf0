"""The keys of the desk, all of them: from here come the help, what a key does, the tooltips and `aria-keyshortcuts`."""

from dataclasses import dataclass
from typing import Any

from helpdesk.core.i18n import lazy

PLACES: dict[str, Any] = {  # where keys count, in the order of the help
    "everywhere": lazy("Everywhere"),
    "queue": lazy("In the queue"),
    "ticket": lazy("On a ticket"),
    "composer": lazy("While you write"),
}
NEVER_FIRST = frozenset("aeiouyw")  # Telex drivers make one letter of such a key and the next one
_NAMES: dict[str, Any] = {"Mod": "Ctrl", "Escape": "Esc", "ArrowDown": "↓", "ArrowUp": "↑"}


@dataclass(frozen=True)
class Shortcut:
    """One thing that keys do, and where.

    `keys` are alternatives: `g q` is one key after the other, `Mod+k` is Ctrl, on a Mac Cmd, with another. `deed` is
    `go <address>`, `press <element with that data-deed>`, `row <the same on the page of the row's ticket>`,
    `send <what is sent for the row's ticket>`, `do <a deed of keys.js>`, or `at <element that hears the keys itself>`.
    """

    keys: tuple[str, ...]
    place: str
    deed: str
    label: Any

    @property
    def shown(self) -> list[list[str]]:
        """Each alternative as the caps of its keys."""
        parts = [keys.replace("+", " ").split() for keys in self.keys]
        return [[str(_NAMES.get(part, part)) for part in keys] for keys in parts]

    @property
    def does(self) -> tuple[str, str]:
        """What kind of deed, and which."""
        kind, _, which = self.deed.partition(" ")
        return kind, which


def _keys(keys: str, place: str, deed: str, label: Any) -> Shortcut:
    return Shortcut(tuple(keys.split(" | ")), place, deed, label)


SHORTCUTS = (
    _keys("?", "everywhere", "press help", lazy("Show the keyboard shortcuts")),
    _keys("/", "everywhere", "press search", lazy("Search tickets")),
    _keys("Mod+k", "everywhere", "press palette", lazy("Command palette")),
    _keys("g q", "everywhere", "go /queue", lazy("Go to what is to do")),
    _keys("g m", "everywhere", "go /queue/mine", lazy("Go to my tickets")),
    _keys("g u", "everywhere", "go /queue/unassigned", lazy("Go to what is unassigned")),
    _keys("g n", "everywhere", "go /notifications", lazy("Go to the notifications")),
    _keys("g s", "everywhere", "go /settings", lazy("Go to the settings")),
    _keys("c", "everywhere", "press new", lazy("New ticket")),
    _keys("Escape", "everywhere", "do leave", lazy("Leave the field; what you wrote is kept")),
    _keys("j | ArrowDown", "queue", "do down", lazy("Next row")),
    _keys("k | ArrowUp", "queue", "do up", lazy("Previous row")),
    _keys("o | Enter", "queue", "do open", lazy("Open the ticket of this row")),
    _keys("x", "queue", "do pick", lazy("Select this row")),
    _keys("Shift+x", "queue", "do range", lazy("Select the rows up to this one")),
    _keys("r", "queue", "row reply", lazy("Open and reply")),
    _keys("n", "queue", "row note", lazy("Open and write a note")),
    _keys("m", "queue", "send take", lazy("Assign to me")),
    _keys("a", "queue", "row assign", lazy("Open and assign")),
    _keys("s", "queue", "row status", lazy("Open and change the status")),
    _keys("p", "queue", "row priority", lazy("Open and change the priority")),
    _keys("l", "queue", "row tags", lazy("Open and change the tags")),
    _keys("z", "queue", "row snooze", lazy("Open and snooze")),
    _keys("w", "queue", "send follow", lazy("Follow")),
    _keys("e", "queue", "row resolve", lazy("Open and resolve")),
    _keys(".", "queue", "press updates", lazy("Show the updates that wait")),
    _keys("[", "queue", "press earlier", lazy("Previous page")),
    _keys("]", "queue", "press later", lazy("Next page")),
    _keys("r", "ticket", "press reply", lazy("Reply to customer")),
    _keys("n", "ticket", "press note", lazy("Internal note")),
    _keys("e", "ticket", "press resolve", lazy("Resolve")),
    _keys("a", "ticket", "press assign", lazy("Assignee")),
    _keys("m", "ticket", "press take", lazy("Assign to me")),
    _keys("s", "ticket", "press status", lazy("Status")),
    _keys("p", "ticket", "press priority", lazy("Priority")),
    _keys("l", "ticket", "press tags", lazy("Tags")),
    _keys("t", "ticket", "press rename", lazy("Change the title")),
    _keys("z", "ticket", "press snooze", lazy("Snooze, or bring back")),
    _keys("w", "ticket", "press follow", lazy("Follow, or stop following")),
    _keys("j", "ticket", "press next", lazy("Next ticket of the queue")),
    _keys("k", "ticket", "press previous", lazy("Previous ticket of the queue")),
    _keys("u", "ticket", "press back", lazy("Back to the queue")),
    _keys("y", "ticket", "press copy", lazy("Copy the link")),
    _keys("Mod+Enter", "composer", "do send", lazy("Send")),
    _keys("Mod+Shift+Enter", "composer", "do choose", lazy("Choose what becomes of the ticket, then send")),
    _keys("Mod+Shift+m", "composer", "do turn", lazy("Change between reply and note")),
    _keys("/ | Mod+.", "composer", "at canned", lazy("Canned replies; / at the start of a line")),
)
