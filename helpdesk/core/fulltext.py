"""Full text: a set of words per row, found by word on SQLite (FTS5) and on PostgreSQL (GIN) alike.

What is kept are tokens that were made here, so that both databases find the same:

    hóa    a word as it was written, in small letters
    _hoa   the same without its marks, where that makes a difference: `hoa` alone was written so
    __m12  a scope, which no text can hold, since words have no underscore: whose row it is

Nothing that somebody types reaches a query language: it is taken apart into words, and these are quoted.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Dialect,
    Select,
    Text,
    TypeDecorator,
    cast,
    column,
    func,
    literal,
    select,
    table,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlalchemy.types import TypeEngine

from helpdesk.core.db import db

LONGEST_WORD = 40  # longer ones are cut, those that are looked for as well
MOST_WORDS = 12  # of a question; what follows is not asked
LONGEST_QUESTION = 200
MOST_BYTES = 700_000  # of a set: PostgreSQL takes a megabyte
SHORTEST_PREFIX = 2
WALKED = 3_000  # documents that PostgreSQL looks at one by one before it collects all hits
WORD = re.compile("[^\\W_](?:[^\\W_]|[\u0300-\u036f])*")  # letters and digits, with marks that stand alone
_documents = table("search_documents", column("id"), column("words"))
_index = table("search_index", column("rowid"), column("search_index"))  # of SQLite, kept by triggers


class Words(TypeDecorator[frozenset[str]]):
    """A set of tokens: text for FTS5, a tsvector for GIN."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The database's own type."""
        return dialect.type_descriptor(TSVECTOR() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Iterable[str] | None, dialect: Dialect) -> str:
        """Sorted, so that the same words are the same value."""
        kept = sorted(value or ())
        return " ".join(f"'{token}'" for token in kept) if dialect.name == "postgresql" else " ".join(kept)

    def process_result_value(self, value: Any, dialect: Dialect) -> frozenset[str]:
        """A tsvector shows its lexemes in quotes."""
        return frozenset(token.strip("'") for token in (value or "").split())


def words(text: str) -> list[str]:
    """The words of a text in their order, in small letters, composed."""
    return [as_word(written) for written in WORD.findall(unicodedata.normalize("NFC", text))]


@lru_cache(maxsize=1 << 16)
def as_word(written: str) -> str:
    """What `words` makes of one that `WORD` found."""
    return unicodedata.normalize("NFC", written.lower())[:LONGEST_WORD]


def taken_apart(text: str) -> str:
    """A text with each letter's marks behind it, as signs of their own."""
    return unicodedata.normalize("NFD", text)


def folded(text: str) -> str:
    """A text for comparing, in small letters and without marks; đ is d. The one way of folding there is."""
    bare = (c for c in taken_apart(text.lower()) if unicodedata.category(c) != "Mn")
    return unicodedata.normalize("NFC", "".join(bare)).replace("đ", "d")


@lru_cache(maxsize=1 << 16)
def fold(word: str) -> str:
    """A word of `words` folded; one of nothing but marks stays as it is."""
    return folded(word) or word


def scoped(*scopes: str) -> frozenset[str]:
    """The tokens that say whose a row is."""
    return frozenset(f"__{scope}" for scope in scopes)


def tokens(texts: Iterable[str], kept: frozenset[str] = frozenset()) -> frozenset[str]:
    """What is kept already, and what texts add: the most important first, for the last are left out when full."""
    found, left = set(kept), MOST_BYTES - sum(len(token.encode()) + 6 for token in kept)
    for text in texts:
        for word in words(text):
            if word in found:
                continue
            folded = fold(word)
            new = {word} if folded == word else {word, f"_{folded}"}
            left -= sum(len(token.encode()) + 6 for token in new)
            if left < 0:
                return frozenset(found)
            found |= new
    return frozenset(found)


@dataclass(frozen=True)
class Question:
    """What somebody looks for: all of these words, the last one as the beginning of one."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "Question":
        """Of anything that can be typed. Without a single word it finds nothing."""
        return cls(tuple(dict.fromkeys(words(text[:LONGEST_QUESTION])))[:MOST_WORDS])

    @cached_property
    def folded_words(self) -> tuple[str, ...]:
        """The same without marks."""
        return tuple(fold(word) for word in self.words)

    @cached_property
    def _whole(self) -> dict[str, int]:
        return {word: n for n, word in enumerate(self.folded_words) if not self._is_prefix(n)}

    def place_of(self, folded: str) -> int | None:
        """Which word of the question a folded word of a text is; None where it is none of them."""
        if folded in self._whole:
            return self._whole[folded]
        last = len(self.words) - 1
        return last if self._is_prefix(last) and folded.startswith(self.folded_words[last]) else None

    def places_in(self, text: str) -> frozenset[int]:
        """Which words of the question are in a text."""
        there = {fold(word) for word in words(text)}
        last = len(self.words) - 1
        places = {n for n, word in enumerate(self.folded_words) if word in there}
        if self._is_prefix(last) and any(word.startswith(self.folded_words[last]) for word in there):
            places.add(last)
        return frozenset(places)

    def _is_prefix(self, place: int) -> bool:
        return place >= 0 and place == len(self.words) - 1 and len(self.words[place]) >= SHORTEST_PREFIX

    def as_written(self, quoted: "_Quoting") -> str:
        """The condition that every word is there with the very marks of the question."""
        return quoted.all([quoted.token(word, self._is_prefix(n)) for n, word in enumerate(self.words)])

    def folded(self, quoted: "_Quoting") -> str:
        """The condition that every word is there, with whatever marks."""
        pairs = ((n, (fold(word), f"_{fold(word)}")) for n, word in enumerate(self.words))
        return quoted.all(
            [quoted.any([quoted.token(each, self._is_prefix(n)) for each in pair]) for n, pair in pairs]
        )


@dataclass(frozen=True)
class _Quoting:
    """How a database writes conditions on tokens. Tokens hold letters, digits and underscores only."""

    token_form: str
    prefix_form: str
    and_: str
    or_: str
    but: str

    def token(self, token: str, is_prefix: bool = False) -> str:
        return (self.prefix_form if is_prefix else self.token_form).format(token)

    def all(self, conditions: Sequence[str]) -> str:
        return f"({self.and_.join(conditions)})"

    def any(self, conditions: Sequence[str]) -> str:
        return f"({self.or_.join(conditions)})"


_QUOTING = {
    "sqlite": _Quoting('"{}"', '"{}" *', " AND ", " OR ", " NOT "),
    "postgresql": _Quoting("'{}'", "'{}':*", " & ", " | ", " & !"),
}


def expression(question: Question, scopes: Sequence[str], dialect: str, *, as_written: bool) -> str:
    """What the database is asked: the words as they were written, or all others that have them without marks."""
    quoting = _QUOTING[dialect]
    scope = quoting.any([quoting.token(f"__{scope}") for scope in scopes])
    exact = question.as_written(quoting)
    if as_written:
        return quoting.all([exact, scope])
    return f"{quoting.all([question.folded(quoting), scope])}{quoting.but}{exact}"


def newest(
    rows: Select[tuple[int]],
    row_id: ColumnElement[int],
    question: Question,
    scopes: Sequence[str],
    *,
    as_written: bool,
    before: int | None,
    limit: int,
) -> list[int]:
    """Ids of the newest of these rows whose documents have the words; `before` is the last one seen.

    SQLite walks the hits from the newest on and looks each row up; the `+ 0` keeps it from doing the opposite.
    PostgreSQL would walk all documents where it thinks that hits are many, and collect all hits where it thinks
    that they are few. So the newest documents are walked first, which fills a page where hits are many; only
    otherwise all hits are collected, in the same statement, and again the `+ 0` keeps it to that.
    """
    dialect = db.session.get_bind().dialect.name
    wanted = expression(question, scopes, dialect, as_written=as_written)
    if dialect == "sqlite":
        id_, hits = _index.c.rowid, _index.c.search_index.op("MATCH")(wanted)
        rows = rows.join(_index, row_id == id_ + 0)
    else:
        id_, hits = _documents.c.id, _documents.c.words.op("@@")(cast(literal(wanted), TSQUERY))
        rows = rows.join(_documents, row_id == id_)
    rows = (rows if before is None else rows.where(id_ < before)).where(hits).limit(limit)
    if dialect == "sqlite":
        return list(db.session.scalars(rows.order_by(id_.desc())))
    last = select(func.max(id_)).scalar_subquery() if before is None else literal(before, BigInteger)
    near = rows.where(id_ > last - WALKED).order_by(id_.desc()).cte("near")
    is_short = select(func.count()).select_from(near).scalar_subquery() < limit
    far = rows.where(is_short).order_by((id_ + 0).desc()).cte("far")
    both = union_all(select(*near.c), select(*far.c))
    return sorted(set(db.session.scalars(both)), reverse=True)
