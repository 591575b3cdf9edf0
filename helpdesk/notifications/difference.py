"""Where two texts differ, word by word."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

MOST_WORDS = 600  # compared one by one; of longer passages only lines are, or it would take too long


@dataclass(frozen=True)
class Difference:
    """Pieces in reading order: `same`, `gone` or `new`, and the words."""

    pieces: tuple[tuple[str, str], ...]

    @classmethod
    def between(cls, before: str, after: str) -> "Difference":
        """From one text to the other: lines first, then words within the lines that changed."""
        found: list[tuple[str, str]] = []
        for how, old, new in _steps(before.splitlines(keepends=True), after.splitlines(keepends=True)):
            if how == "equal":
                found.append(("same", "".join(old)))
            else:
                found += _within("".join(old), "".join(new))
        return cls(tuple(_joined(found)))

    @property
    def is_empty(self) -> bool:
        """Whether the texts are the same."""
        return all(how == "same" for how, _ in self.pieces)


def _within(before: str, after: str) -> list[tuple[str, str]]:
    old, new = (re.findall(r"\s+|\{\{[a-z_]+\}\}|[^\s{]+|\{", text) for text in (before, after))
    if len(old) > MOST_WORDS or len(new) > MOST_WORDS:
        return [("gone", before), ("new", after)]
    found = []
    for how, gone, came in _steps(old, new):
        if how == "equal":
            found.append(("same", "".join(gone)))
        else:
            found += [("gone", "".join(gone)), ("new", "".join(came))]
    return found


def _steps(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, Sequence[str], Sequence[str]]]:
    matcher = SequenceMatcher(None, old, new, autojunk=len(old) > MOST_WORDS or len(new) > MOST_WORDS)
    return [(how, old[a:b], new[c:d]) for how, a, b, c, d in matcher.get_opcodes()]


def _joined(pieces: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Neighbours of one kind as one; empty ones left out."""
    found: list[tuple[str, str]] = []
    for how, words in pieces:
        if words and found and found[-1][0] == how:
            found[-1] = (how, found[-1][1] + words)
        elif words:
            found.append((how, words))
    return found
