"""A candidate: an agent as he stands at the instant of a decision. Pure, and kept with the decision as it was."""

from typing import Any, NamedTuple


class Lack(NamedTuple):
    """A skill that is asked for, and that he does not have well enough."""

    skill_id: int
    wanted: int
    level: int  # his own; 0 for none


class Candidate(NamedTuple):
    """What a rule looks at, and what the strategies compare."""

    user_id: int
    name: str
    load: int
    cap: int
    availability: str
    last_assigned_at: float  # seconds since 1970; 0 is never
    in_group: bool = True  # of the team that the ticket was given to, if it was
    in_pool: bool = True  # whom the rule is about
    on_shift: bool = True
    on_leave: bool = False  # why he is off shift
    back_at: str | None = (
        None  # when his next shift begins, ISO 8601 in UTC; None: not known, or he is on shift
    )
    handed_back: bool = False  # this very ticket, by his own hand
    lacks: tuple[Lack, ...] = ()
    needs_language: str | None = None  # the language that the rule asks for and he does not speak
    speaks: bool = True  # the ticket's language
    fit: int = 0  # sum of his levels in the skills that are asked for
    turn: int = 0  # when he had his turn with this rule, by its own count; 0 is never
    idle_since: float = 0.0  # seconds since 1970
    served_at: float = (
        0.0  # when he, or whom he stands in for, last had a ticket of this customer; 0 is never
    )
    kept: int = 0  # promises of the last 30 days
    broken: int = 0
    place: int = 0  # in the line of a fixed agent and his substitutes: 0 is himself
    stands_in_for: str | None = None  # the absent colleague because of whom the rule is about him

    @property
    def passed_over(self) -> str | None:
        """Why he cannot have it: a code that the page puts into words; None if he can."""
        if not self.in_pool:
            return "not_in_pool"
        if not self.in_group:
            return "not_in_group"
        if self.handed_back:
            return "handed_back"
        if not self.on_shift:
            return "on_leave" if self.on_leave else "off_shift"
        if self.availability != "online":
            return f"availability:{self.availability}"
        if self.lacks:
            return "lacks_skill"
        if self.needs_language:
            return "lacks_language"
        return "at_cap" if self.load >= self.cap else None

    @property
    def share(self) -> float:
        """How full he is, 0 to 1."""
        return self.load / self.cap if self.cap else 1.0

    @property
    def record(self) -> float:
        """The part of his promises that he kept, 0 to 1. Who has made none yet has broken none."""
        made = self.kept + self.broken
        return self.kept / made if made else 1.0

    def as_kept(self) -> dict[str, Any]:
        """How the decision keeps him: enough to choose again and come to the same result. Defaults are left out."""
        kept = {
            name: value
            for name, value, default in zip(self._fields, self, _DEFAULTS, strict=True)
            if value != default
        }
        return kept | {"lacks": [list(lack) for lack in self.lacks], "passed_over": self.passed_over}

    @classmethod
    def from_kept(cls, kept: dict[str, Any]) -> "Candidate":
        """The same, from a decision; what an older one does not say has its default."""
        known = {name: kept[name] for name in cls._fields if name in kept}
        return cls(**known | {"lacks": tuple(Lack(*lack) for lack in kept.get("lacks", ()))})


_DEFAULTS = [Candidate._field_defaults.get(name, ...) for name in Candidate._fields]  # nothing equals `...`
