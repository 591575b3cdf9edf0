"""Mentions: a colleague who is addressed in a note, `@Gus Holt` or `@gus`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from helpdesk.accounts.user import User, workers_of
from helpdesk.core.db import db
from helpdesk.core.fulltext import fold, words
from helpdesk.core.name_order import place

_AT = re.compile(r"(?<![\w.@])@([^\n@]{1,80})")  # not the sign of an address
MOST = 20
OFFERED = 8


@dataclass(frozen=True)
class Mention:
    """Somebody who can be addressed, by the words that mean him and nobody else."""

    user: User
    calls: frozenset[tuple[str, ...]]

    @classmethod
    def ids_in(cls, note: str, merchant_id: int) -> list[int]:
        """Ids of the users who are addressed in a note and may read it, each once, in the order of the text."""
        if "@" not in note:
            return []
        people, found = cls.among(_readers(merchant_id)), []
        for typed in _AT.findall(note):
            called = tuple(fold(word) for word in words(typed))
            found += [m.user.id for m in people if any(called[: len(call)] == call for call in m.calls)]
        return list(dict.fromkeys(found))[:MOST]

    @classmethod
    def offered(cls, merchant_id: int, words_: str) -> list["Mention"]:
        """Who may read a note and is called so: every word begins a word of his name or his address, marks or not."""
        wanted = [fold(word) for word in words(words_)]
        people = cls.among(_readers(merchant_id))

        def answers(user: User) -> bool:
            said = [*(fold(word) for word in words(user.name)), *_handle(user)]
            return all(any(each.startswith(word) for each in said) for word in wanted)

        found = [mention for mention in people if answers(mention.user)]
        return sorted(found, key=lambda mention: (place(mention.user.name), mention.user.id))[:OFFERED]

    def call(self, others: Iterable["Mention"]) -> str:
        """What to write so that it means him and nobody else: his name, or where another has it too, his address."""
        same = [other for other in others if other.user.name == self.user.name]
        return self.user.name if len(same) < 2 else self.user.email.partition("@")[0]

    @classmethod
    def among(cls, users: Iterable[User]) -> list["Mention"]:
        """Everybody by his whole name and his address's first part; by one word of the name if only he has it.

        Marks and capitals do not matter: who types `@duc` means Đức.
        """
        names = [(user, [fold(word) for word in words(user.name)]) for user in users]
        return [
            cls(
                user,
                frozenset([tuple(name), _handle(user), *((word,) for word in _own(word_of, names, user))]),
            )
            for user, name in names
            for word_of in [set(name)]
        ]


def _handle(user: User) -> tuple[str, ...]:
    return tuple(fold(word) for word in words(user.email.partition("@")[0]))


def _own(mine: set[str], names: list[tuple[User, list[str]]], user: User) -> set[str]:
    """The words of a name that nobody else has."""
    return mine - {word for other, name in names if other is not user for word in name}


def _readers(merchant_id: int) -> list[User]:
    """Who may read a note on a ticket of this merchant."""
    workers = workers_of(merchant_id).with_only_columns(User.id).order_by(None)
    able = User.id.in_(workers) | User.role.in_(("manager", "admin"))
    return list(db.session.scalars(select(User).where(User.is_active, able).order_by(User.id)))
