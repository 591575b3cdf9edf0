"""A search of an agent: what he asked for, within what he may see, newest first; exact spelling before any other."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from helpdesk.accounts.user import User
from helpdesk.core.db import db
from helpdesk.core.forms import one_line
from helpdesk.core.fulltext import LONGEST_QUESTION, Question, newest
from helpdesk.desk.filters import Filters
from helpdesk.desk.hit import Hit, evidence_of
from helpdesk.tickets.queries import Said, files_said, newest_said
from helpdesk.tickets.search_document import spellings, tags_on
from helpdesk.tickets.ticket import Ticket

PAGE = 25
FIRST_LOOK = (30, 3_000)  # messages of each ticket, and letters of each, that are looked into for every hit
SECOND_LOOK = (1_000, 30_000)  # where that was not enough
MOST_SCOPES = 20  # merchants by name; whoever has more looks through his organizer, and sees his own
_NUMBER = re.compile(r"#?([A-Za-z][A-Za-z0-9]{0,9}-[1-9][0-9]{0,8})")
_SERIAL = re.compile(r"#?([1-9][0-9]{0,8})")
EXACT, FOLDED = "exact", "folded"  # the two parts of a list, in this order


@dataclass(frozen=True)
class Results:
    """Twenty-five hits, and where the next begin."""

    hits: list[Hit]
    after: str | None


@dataclass(frozen=True)
class Search:
    """What was typed, by whom, and the filters beside it."""

    viewer: User
    text: str
    filters: Filters

    @classmethod
    def of(cls, viewer: User, text: str, filters: Filters) -> "Search":
        """Of anything that can stand in an address."""
        return cls(viewer, one_line(text[:LONGEST_QUESTION]), filters)

    @cached_property
    def question(self) -> Question:
        """Its words."""
        return Question.of(self.text)

    def named(self) -> Ticket | None:
        """The one ticket whose number was typed: `acme-42`, or `42` where only one merchant has it."""
        seen = Ticket.visible_to(self.viewer).limit(2)
        if number := _NUMBER.fullmatch(self.text):
            seen = seen.where(Ticket.number == number[1].upper())
        elif serial := _SERIAL.fullmatch(self.text):
            seen = seen.where(Ticket.serial == int(serial[1]))
        else:
            return None
        tickets = db.session.scalars(seen).all()
        return tickets[0] if len(tickets) == 1 else None

    def results(self, after: str = "") -> Results:
        """One page. A hit that rests on nothing that can be read any more is left out."""
        places = self._places(after) if self.question.words else []
        more, places = len(places) > PAGE, places[:PAGE]
        last = places[-1] if places else None
        hits = self._hits([ticket_id for _, ticket_id in places])
        return Results(hits, f"{last[0]}-{last[1]}" if last and more else None)

    def _places(self, after: str) -> list[tuple[str, int]]:
        """Ids of the tickets from a cursor on, with the part of the list each is in; one more than a page."""
        part, _, id_ = after.partition("-")
        before = int(id_) if id_.isascii() and id_.isdecimal() and len(id_) < 19 else None
        parts = (FOLDED,) if part == FOLDED and before else (EXACT, FOLDED)
        places: list[tuple[str, int]] = []
        for number, name in enumerate(parts):
            ids = self._ids(name, None if number else before, PAGE + 1 - len(places))
            places += [(name, ticket_id) for ticket_id in ids]
            if len(places) > PAGE:
                break
        return places

    def _ids(self, part: str, before: int | None, limit: int) -> list[int]:
        seen = Ticket.visible_to(self.viewer).where(*self.filters.conditions(self.viewer))
        return newest(
            seen.with_only_columns(Ticket.id), Ticket.id, self.question, self._scopes,
            as_written=part == EXACT, before=before, limit=limit,
        )  # fmt: skip

    @cached_property
    def _scopes(self) -> Sequence[str]:
        own = [f"o{self.viewer.organizer_id}"]
        if self.viewer.is_at_least("manager"):
            return own
        ids = list(db.session.scalars(self.viewer.merchant_ids()))
        return [f"m{id_}" for id_ in ids] if 0 < len(ids) <= MOST_SCOPES else own

    def _hits(self, ids: Sequence[int]) -> list[Hit]:
        if not ids:
            return []
        rows = select(Ticket).options(joinedload(Ticket.customer), joinedload(Ticket.assignee))
        tickets = {row.id: row for row in db.session.scalars(rows.where(Ticket.id.in_(ids)))}
        said = _by_ticket(newest_said(ids, *FIRST_LOOK))
        hits = {id_: self._hit(tickets[id_], said.get(id_, [])) for id_ in ids}
        open_ = [id_ for id_, (_, is_whole) in hits.items() if not is_whole]
        if open_:
            more = self._second_look(open_)
            hits |= {id_: self._hit(tickets[id_], more.get(id_, [])) for id_ in open_}
        return [hit for hit, is_whole in hits.values() if is_whole]

    def _second_look(self, ids: list[int]) -> dict[int, list[Said]]:
        """Whole threads, names of files, tags."""
        tags = [Said(id_, "tag", "", name) for id_, names in tags_on(ids).items() for name in names]
        files = [Said(file.ticket_id, "file", file.author, file.text) for file in files_said(ids)]
        return _by_ticket([*newest_said(ids, *SECOND_LOOK), *files, *tags])

    def _hit(self, ticket: Ticket, said: Sequence[Said]) -> tuple[Hit, bool]:
        """The hit with its best evidence, and whether every word of the question was found on the ticket."""
        question = self.question
        evidence = evidence_of([*said, *_facts(ticket)], question)
        there = frozenset().union(*(one.places for one in evidence))
        shown = next((one for one in evidence if not one.is_shown_anyway), None)
        return Hit(ticket, question, shown), len(there) == len(question.words)


def _facts(ticket: Ticket) -> list[Said]:
    """What a ticket says besides its thread; the subject and the customer's name are on every hit anyway."""
    sender, order = ticket.sender, ticket.order or {}
    facts = [("", ticket.number), ("", ticket.subject), ("", sender.shown_name), ("", ticket.customer.email)]
    facts += [("order", str(order.get("id", ""))), ("external", sender.external_id)]
    facts += [("phone", spelling) for spelling in spellings(sender.shown_phone)]
    return [Said(ticket.id, kind, "", text) for kind, text in facts if text]


def _by_ticket(said: Sequence[Said]) -> dict[int, list[Said]]:
    found: dict[int, list[Said]] = {}
    for one in said:
        found.setdefault(one.ticket_id, []).append(one)
    return found
