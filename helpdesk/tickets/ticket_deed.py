"""The ticket deed: one thing of a closed list, done to whatever ticket comes. Bulk changes and macros are made of it.

Each is done by the noun's own method, with the rights of who does it: nothing is possible here that is not on the page.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from helpdesk.accounts.user import User
from helpdesk.agents.group import Group
from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.core.i18n import _, instant, language, lazy
from helpdesk.organizers.organizer import Organizer
from helpdesk.tickets.canned_reply import CannedReply, unfilled
from helpdesk.tickets.category import Category
from helpdesk.tickets.follower import Follower
from helpdesk.tickets.lifecycle import CLOSE_REASONS, PRIORITY_LABELS, STATUS_LABELS, Priority, Status
from helpdesk.tickets.snooze import Snooze
from helpdesk.tickets.snooze_form import WHENS, SnoozeForm
from helpdesk.tickets.tag import tag_names

if TYPE_CHECKING:
    from helpdesk.tickets.ticket import Ticket

KINDS: dict[str, Any] = {  # in the order in which they are offered
    "assign": lazy("Assign"),
    "status": lazy("Change the status"),
    "priority": lazy("Change the priority"),
    "add_tags": lazy("Add tags"),
    "remove_tags": lazy("Remove tags"),
    "category": lazy("Change the category"),
    "snooze": lazy("Snooze"),
    "follow": lazy("Follow"),
    "note": lazy("Add an internal note"),
    "reply": lazy("Send a canned reply"),
    "merge": lazy("Merge"),
}
REVERSIBLE = frozenset({"assign", "status", "priority", "add_tags", "remove_tags", "snooze"})
MOVABLE = (
    Status.OPEN, Status.IN_PROGRESS, Status.WAITING_USER, Status.WAITING_INTERNAL, Status.ESCALATED,
)  # fmt: skip
REASON_LABELS = {
    "duplicate": lazy("Close as a duplicate"), "spam": lazy("Close as spam"), "withdrawn": lazy("Close as withdrawn"),
}  # fmt: skip
TEAM, CLOSED = "group:", "CLOSED:"


@dataclass(frozen=True)
class TicketDeed:
    """What is done, and with what: a user's id or `me`, a status, names of tags, a text …, always as a string."""

    kind: str
    value: str = ""

    @classmethod
    def all_of(cls, kept: Iterable[dict[str, str]]) -> list["TicketDeed"]:
        """As they are kept in a row."""
        return [cls(one["kind"], one["value"]) for one in kept]

    @property
    def said(self) -> dict[str, str]:
        """To be kept."""
        return {"kind": self.kind, "value": self.value}

    @property
    def is_reversible(self) -> bool:
        """Whether a ticket that nobody has touched since can be brought back as it was."""
        return self.kind in REVERSIBLE and not self.value.startswith((TEAM, CLOSED))

    @staticmethod
    def lock_for(deeds: Sequence["TicketDeed"]) -> None:
        """What has to be held before the rows of tickets are, see `retag`."""
        if any("tags" in deed.kind for deed in deeds):
            Organizer.lock(shared=True)

    def do(self, ticket: "Ticket", *, by: User) -> None:
        """Do it. Raises Refusal where the ticket's state, or his rights, do not allow it."""
        getattr(self, f"_{self.kind}")(ticket, by)

    def _assign(self, ticket: "Ticket", by: User) -> None:
        if not self.value:
            ticket.release(by=by)
        elif self.value.startswith(TEAM):
            self._hand_to_team(ticket, by)
        elif self.value not in ("me", str(by.id)):
            ticket.give_to(db.session.get(User, int(self.value)) or _gone(), by=by)
        elif by.is_at_least("manager"):
            ticket.assign_to(by, by=by)
        else:
            ticket.take(by=by)

    def _hand_to_team(self, ticket: "Ticket", by: User) -> None:
        group = Group.working_for(ticket.merchant_id, int(self.value.removeprefix(TEAM)))
        if group is None:
            raise Refusal(_("This team does not work for the ticket's store."))
        if ticket.is_finished:
            raise Refusal(_("A finished ticket cannot be assigned; reopen it first."))
        ticket.hand_to(group, by=by)

    def _status(self, ticket: "Ticket", by: User) -> None:
        if self.value.startswith(CLOSED):
            ticket.close(by=by, reason=self.value.removeprefix(CLOSED))
        else:
            ticket.move_to(Status(self.value), by=by)

    def _priority(self, ticket: "Ticket", by: User) -> None:
        ticket.reprioritise(Priority(self.value), by=by)

    def _add_tags(self, ticket: "Ticket", by: User) -> None:
        ticket.retag([*(tag.name for tag in ticket.tags), *tag_names(self.value)], by=by)

    def _remove_tags(self, ticket: "Ticket", by: User) -> None:
        off = set(tag_names(self.value))
        ticket.retag([tag.name for tag in ticket.tags if tag.name not in off], by=by)

    def _category(self, ticket: "Ticket", by: User) -> None:
        category = (db.session.get(Category, int(self.value)) or _gone()) if self.value else None
        ticket.recategorise(category, by=by)

    def _snooze(self, ticket: "Ticket", by: User) -> None:
        Snooze.begin(ticket, self.until(by), by=by)

    def until(self, by: User) -> datetime:
        """Until when: an instant, or one of a few times as they are for who does it."""
        if self.value not in WHENS:
            return datetime.fromisoformat(self.value)
        form = SnoozeForm(data={"until": self.value})
        form.owner = by
        return form.instant

    def _follow(self, ticket: "Ticket", by: User) -> None:
        Follower.follow(ticket, by=by)

    def _note(self, ticket: "Ticket", by: User) -> None:
        ticket.note(self.value, by=by)

    def text_on(self, ticket: "Ticket", by: User) -> str:
        """What it writes: a note, or a reply in the customer's language with its placeholders filled in."""
        return self.value if self.kind == "note" else self._canned(by).text_for(ticket, by)

    def _canned(self, by: User) -> CannedReply:
        own = CannedReply.usable_by(by)
        canned = db.session.scalar(own.where(CannedReply.id == int(self.value.partition(":")[0])))
        return canned or _gone(_("The canned reply of this step is not there any more."))

    def _reply(self, ticket: "Ticket", by: User) -> None:
        canned, then = self._canned(by), self.value.partition(":")[2]
        text = canned.text_for(ticket, by)
        if left := unfilled(text):
            raise Refusal(not_filled(left))
        ticket.reply(text, by=by, then=Status(then) if then else None)
        canned.used(by=by)

    def _merge(self, ticket: "Ticket", by: User) -> None:
        into = type(ticket).find(self.value, by) or _gone()
        ticket.merge_into(into, by=by)

    def words(self, names: dict[str, str]) -> str:
        """As people read it. `names`: what the ids in it are called, by `<kind>:<value>`."""
        what = self.object_of(names)
        return f"{KINDS[self.kind]}: {what}" if what else str(KINDS[self.kind])

    def object_of(self, names: dict[str, str]) -> str:
        """The same without the verb: to whom, to which status, and so on."""
        return names.get(f"{self.kind}:{self.value}") or self._spoken()

    def _spoken(self) -> str:
        if self.kind == "snooze" and self.value not in WHENS:
            return instant(datetime.fromisoformat(self.value), language())
        known = {
            "assign": {"me": _("to me"), "": _("to nobody, so that somebody is chosen")},
            "status": {
                **{str(status): STATUS_LABELS[status] for status in Status},
                **{f"{CLOSED}{reason}": REASON_LABELS[reason] for reason in CLOSE_REASONS},
            },
            "priority": PRIORITY_LABELS, "snooze": WHENS, "category": {"": _("No category")},
        }  # fmt: skip
        return str(known.get(self.kind, {}).get(self.value, self.value))


def not_filled(marks: Sequence[str]) -> str:
    """That a text cannot be sent yet, because some of its placeholders stand there still."""
    said = ", ".join(dict.fromkeys(marks))
    return _("Not filled in yet: %(marks)s. Write what belongs there, or take it out.", marks=said)


def _gone(words: str = "") -> Any:
    raise Refusal(words or _("What this would do it with is not there any more."))
