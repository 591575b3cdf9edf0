"""Why somebody was passed over, in the reader's words (AGT-011)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from helpdesk.agents.skill import Skill
from helpdesk.assignment.candidate import Candidate, Lack
from helpdesk.core.db import db
from helpdesk.core.i18n import _, in_names, lazy

LANGUAGE_NAMES = {"en": lazy("English"), "vi": lazy("Vietnamese")}
ABSENT = ("off_shift", "on_leave")  # until an instant that is known
CONDITION_NAMES = {
    "merchant": lazy("another store"), "categories": lazy("another category"), "priorities": lazy("another priority"),
    "languages": lazy("another language"), "tags": lazy("none of its tags"), "sources": lazy("it came another way"),
    "vip": lazy("no VIP"), "amount_from": lazy("the order is too small"), "amount_to": lazy("the order is too large"),
    "time": lazy("not at this time"), "nobody": lazy("nobody could have it"),
}  # fmt: skip


class Row(NamedTuple):
    """A candidate with his reason. Off shift or on leave, `back_at` is when he is on again, as the page puts it."""

    candidate: Candidate
    is_chosen: bool
    reason: str
    back_at: datetime | None = None


class Reasons:
    """The words for the candidates of one decision, or of a dry run."""

    def __init__(self, candidates: Iterable[Candidate], chosen_id: int | None) -> None:
        self.candidates, self.chosen_id = list(candidates), chosen_id
        ids = {lack.skill_id for one in self.candidates for lack in one.lacks}
        rows = db.session.scalars(select(Skill).where(Skill.id.in_(ids))) if ids else ()
        self.skills = {skill.id: skill.name for skill in rows}

    @property
    def rows(self) -> list[Row]:
        """The chosen one first, then those who could have had it, then the others."""
        order = sorted(
            self.candidates,
            key=lambda one: (one.user_id != self.chosen_id, one.passed_over is not None, one.name),
        )
        return [
            Row(
                one, one.user_id == self.chosen_id, self.word(one),
                datetime.fromisoformat(one.back_at) if one.passed_over in ABSENT and one.back_at else None,
            )
            for one in order
        ]  # fmt: skip

    def word(self, one: Candidate) -> str:
        """One candidate's reason."""
        code = one.passed_over
        if one.user_id == self.chosen_id:
            return _("chosen")
        if code == "at_cap":
            return _("at cap %(load)s/%(cap)s", load=one.load, cap=one.cap)
        if code == "lacks_skill":
            return "; ".join(self._lacking(lack) for lack in one.lacks)
        if code == "lacks_language":
            spoken = LANGUAGE_NAMES.get(one.needs_language or "", one.needs_language)
            return _("does not speak %(language)s", language=spoken)
        return _plain(code)

    def _lacking(self, lack: Lack) -> str:
        name = self.skills.get(lack.skill_id, "?")
        if not lack.level:
            return _("lacks the skill “%(name)s”", name=name)
        return _(
            "has “%(name)s” at level %(level)s, %(wanted)s is asked for",
            name=name, level=lack.level, wanted=lack.wanted,
        )  # fmt: skip


def _plain(code: str | None) -> str:
    words = {
        None: _("eligible, others come first"),
        "not_in_pool": _("not among those whom the rule is about"),
        "not_in_group": _("not in the team that has the ticket"),
        "handed_back": _("handed it back"),
        "off_shift": _("off shift"),
        "on_leave": _("on leave"),
        "availability:busy": _("busy"),
        "availability:away": _("away"),
        "availability:offline": _("offline"),
    }
    return words.get(code) or str(code)


def seen_by(passes: Iterable[dict[str, Any]]) -> list[tuple[str, list[Row]]]:
    """The rules that fit and found nobody, with everybody's reason: (name, rows). Older decisions do not know."""
    found = (
        (in_names(one["called"]), [Candidate.from_kept(kept) for kept in one["kept"]])
        for one in passes if one.get("kept")
    )  # fmt: skip
    return [(name, Reasons(candidates, None).rows) for name, candidates in found]


def passed_over(passes: Iterable[dict[str, Any]]) -> list[tuple[str, str]]:
    """The rules that a decision passed over, as it keeps them: what each was called, and why it was not the one."""
    return [(in_names(each["called"]), str(CONDITION_NAMES.get(each["why"], each["why"]))) for each in passes]
