"""A hit of a search: the ticket, and where on it the words are, marked in the text as it was written."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup, escape

from helpdesk.core.fulltext import WORD, Question, as_word, fold
from helpdesk.tickets.queries import Said
from helpdesk.tickets.ticket import Ticket

BEFORE, LENGTH = 50, 220  # letters of an excerpt: in front of the first mark, and in all
_MARKDOWN = re.compile(r"\*\*|`|^\s*[>#]+\s*", re.MULTILINE)


class Mark(NamedTuple):
    """A word of a text that is meant: where it begins and ends, and which of the question's words it is."""

    start: int
    end: int
    place: int


@dataclass(frozen=True)
class Evidence:
    """Something on a ticket that can be shown, and which of the question's words are in it."""

    kind: (
        str  # of a message, or `file`, `tag`, `order`, `phone`, `external`; empty: it is on every hit anyway
    )
    author: str
    text: str
    places: frozenset[int]

    @property
    def is_shown_anyway(self) -> bool:
        """Whether a hit shows it already."""
        return not self.kind


@dataclass(frozen=True)
class Hit:
    """One result: the ticket and its best evidence beside its subject."""

    ticket: Ticket
    question: Question
    evidence: Evidence | None

    @property
    def subject(self) -> Markup:
        """With marks."""
        return marked(self.ticket.subject, self.question)

    @property
    def customer(self) -> Markup:
        """His name or his address, with marks; both where the address is what was meant."""
        name, email = self.ticket.sender.shown_name, self.ticket.customer.email
        shown = f"{name} · {email}" if name != email and self.question.places_in(email) else name
        return marked(shown, self.question)

    @property
    def excerpt(self) -> Markup | None:
        """The piece of the evidence around the first words that are meant."""
        return excerpt(self.evidence.text, self.question) if self.evidence else None


def evidence_of(said: Iterable[Said], question: Question) -> list[Evidence]:
    """What of it has any of the words; the first of the best comes first."""
    looked = (Evidence(one.kind, one.author, one.text, question.places_in(one.text)) for one in said)
    return sorted((one for one in looked if one.places), key=lambda one: -len(one.places))


def marks(text: str, question: Question) -> Iterator[Mark]:
    """Every word of a composed text that is meant; of a longer word only the beginning that was asked for."""
    for found in WORD.finditer(text):
        place = question.place_of(fold(as_word(found[0])))
        if place is not None:
            asked = len(question.folded_words[place])
            yield Mark(found.start(), found.start() + _letters(found[0], asked), place)


def _letters(written: str, folded: int) -> int:
    """How many letters of a word as written make so many folded ones, with the marks that follow them."""
    here = next((n for n in range(1, len(written)) if len(fold(written[:n].lower())) >= folded), len(written))
    while here < len(written) and unicodedata.category(written[here]) == "Mn":
        here += 1
    return here


def marked(text: str, question: Question) -> Markup:
    """The text, escaped, with what is meant in `<mark>`."""
    text = unicodedata.normalize("NFC", text)
    return _written(text, list(marks(text, question)), 0, len(text))


def excerpt(text: str, question: Question) -> Markup:
    """Some words around the place where most of the question's words stand together."""
    text = " ".join(_MARKDOWN.sub("", unicodedata.normalize("NFC", text)).split())
    found = list(marks(text, question))
    start = max(0, _best(found) - BEFORE)
    start = text.rfind(" ", 0, start) + 1 if start else 0
    end = min(len(text), start + LENGTH)
    if end < len(text):
        end = max(text.rfind(" ", start, end), start + 1)
    shown = _written(text, [mark for mark in found if start <= mark.start and mark.end <= end], start, end)
    return Markup("{}{}{}").format("… " if start else "", shown, " …" if end < len(text) else "")


def _best(found: list[Mark]) -> int:
    """Where the mark begins that has the most different words within reach behind it."""
    best, most = 0, 0
    for number, mark in enumerate(found):
        near = {
            other.place for other in found[number : number + 20] if other.end < mark.start + LENGTH - BEFORE
        }
        if len(near) > most:
            best, most = mark.start, len(near)
    return best


def _written(text: str, found: list[Mark], start: int, end: int) -> Markup:
    parts, here = [], start
    for mark in found:
        parts += [
            escape(text[here : mark.start]),
            Markup("<mark>{}</mark>").format(text[mark.start : mark.end]),
        ]
        here = mark.end
    return Markup("").join([*parts, escape(text[here:end])])
