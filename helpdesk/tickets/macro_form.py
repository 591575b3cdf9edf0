"""What the settings accept for a macro: its names, whose it is, and its steps in their order."""

from typing import Any

from wtforms import HiddenField, SelectField, SelectMultipleField
from wtforms.validators import StopValidation

from helpdesk.core.errors import Refusal
from helpdesk.core.forms import TOO_LONG, UNKNOWN, NamedForm, row_id, text
from helpdesk.core.i18n import lazy as _
from helpdesk.tickets.tag import refuse_names, tag_names
from helpdesk.tickets.ticket_deed import TicketDeed

ROWS = 8
LONGEST = 5_000
WRITTEN = ("add_tags", "remove_tags", "note")  # kinds whose words are typed beside them
Row = tuple[str, str]


class MacroForm(NamedForm):
    """A step is a choice `<kind>|<value>` of the list, and the words beside it; an empty choice is no step."""

    scope = SelectField(default="own")
    step = SelectMultipleField(validate_choice=False)
    words = SelectMultipleField(validate_choice=False)
    move = HiddenField()
    offered: frozenset[str] = frozenset()
    choices: dict[str, list[tuple[str, str]]] = {}
    groups: dict[int, Any] = {}
    private: set[int] = set()  # canned replies that are somebody's own

    @classmethod
    def of_deeds(cls, deeds: list[TicketDeed], **data: Any) -> "MacroForm":
        """With the steps of a macro."""
        steps = [f"{deed.kind}|{'' if deed.kind in WRITTEN else deed.value}" for deed in deeds]
        words = [deed.value if deed.kind in WRITTEN else "" for deed in deeds]
        return cls(data=data | {"step": steps, "words": words})

    @property
    def rows(self) -> list[Row]:
        """The lines of the form, filled up with empty ones."""
        steps, words = ([*(field.data or [])] for field in (self.step, self.words))
        steps, words = (part + [""] * (ROWS - len(part)) for part in (steps, words))
        return [(step, text(said) or "") for step, said in zip(steps[:ROWS], words[:ROWS], strict=True)]

    @property
    def replies(self) -> set[int]:
        """Ids of the canned replies among its steps."""
        return {row_id(reply_of(step)) for step, _words in self.rows}

    def moved(self) -> None:
        """Let a line change places with the one above or below it."""
        place, _sep, way = (self.move.data or "").partition(":")
        rows, to = self.rows, -1 if way == "up" else 1
        if place.isdecimal() and len(place) < 3 and 0 <= int(place) < ROWS and 0 <= int(place) + to < ROWS:
            at = int(place)
            rows[at], rows[at + to] = rows[at + to], rows[at]
        self.step.data, self.words.data = [row[0] for row in rows], [row[1] for row in rows]

    def validate_step(self, field: SelectMultipleField) -> None:
        """At least one, each of the list, each with what it needs."""
        steps = [(step, words) for step, words in self.rows if step]
        if len(field.data or []) > ROWS or len(self.words.data or []) > ROWS:
            raise StopValidation(UNKNOWN)
        if not steps:
            raise StopValidation(_("Choose at least one step."))
        for step, words in steps:
            if step not in self.offered:
                raise StopValidation(UNKNOWN)
            if self.scope.data != "own" and row_id(reply_of(step)) in self.private:
                raise StopValidation(_("Others cannot send somebody's own canned reply. Share that first."))
            if step.partition("|")[0] in WRITTEN:
                _refuse_words(step.partition("|")[0], words)

    @property
    def deeds(self) -> list[dict[str, str]]:
        """As a macro keeps them."""
        return [
            TicketDeed(kind, words if kind in WRITTEN else value).said
            for step, words in self.rows if step
            for kind, _sep, value in [step.partition("|")]
        ]  # fmt: skip

    @property
    def values(self) -> dict[str, Any]:
        """As a macro takes them."""
        return {"name_en": self.name_en.data or "", "name_vi": self.name_vi.data or "", "deeds": self.deeds}


def reply_of(step: str) -> str:
    """The id of the canned reply that a step sends; empty for any other step."""
    kind, _sep, value = step.partition("|")
    return value.partition(":")[0] if kind == "reply" else ""


def _refuse_words(kind: str, words: str) -> None:
    if len(words) > LONGEST:
        raise StopValidation(TOO_LONG % {"max": LONGEST})
    if kind == "note":
        if not words:
            raise StopValidation(_("Write the words of the note beside its step."))
        return
    if not (names := tag_names(words)):
        raise StopValidation(_("Enter at least one tag."))
    try:
        refuse_names(names)
    except Refusal as refusal:
        raise StopValidation(refusal.message) from None
