"""What the pages of profiles accept: a week of working hours, and what only managers set."""

from collections.abc import Iterable
from typing import Any

from wtforms import BooleanField, SelectField, SelectMultipleField, StringField
from wtforms.validators import StopValidation

from helpdesk.agents.agent_skill import LEVELS
from helpdesk.agents.profile import MOST_CAP
from helpdesk.core.errors import Refusal
from helpdesk.core.forms import VersionedForm, WholeField, line
from helpdesk.core.i18n import LANGUAGES
from helpdesk.core.i18n import lazy as _
from helpdesk.core.opening_times import OpeningTimes, read_day
from helpdesk.core.week import DAYS
from helpdesk.core.zone import zone_called, zone_names

EXAMPLE = {day: [["09:00", "12:00"], ["13:00", "17:30"]] for day in DAYS[:5]}  # shown to who has no hours yet


class WeekForm(VersionedForm):
    """When somebody works, where, and who stands in for him. Without working hours he is always on shift."""

    has_hours = BooleanField(default=False)
    mon, tue, wed, thu, fri, sat, sun = (line() for _day_ in DAYS)
    time_zone = line(64)
    substitute_id = SelectField(default="")

    @classmethod
    def holding(cls, values: dict[str, Any], *, version: int) -> "WeekForm":
        """Filled with what is there."""
        schedule = values["schedule"]
        times = OpeningTimes(EXAMPLE if schedule is None else schedule)
        said = {
            "has_hours": schedule is not None, "time_zone": values["time_zone"], "version": version,
            "substitute_id": str(values["substitute_id"] or ""),
        }  # fmt: skip
        return cls(data=said | {day: times.line(day) for day in DAYS} | cls._more(values))

    @classmethod
    def _more(cls, values: dict[str, Any]) -> dict[str, Any]:
        return {}

    def offer(self, *, substitutes: Iterable[int], **more: Iterable[int]) -> "WeekForm":
        """Say what can be chosen."""
        self.substitute_id.choices = ["", *map(str, substitutes)]
        return self

    def validate_time_zone(self, field: StringField) -> None:
        """A name of the list, however it is written. Hours are hours somewhere."""
        field.data = zone_called(field.data or "") or field.data
        if field.data and field.data not in zone_names():
            raise StopValidation(
                _("There is no such time zone. Choose one of the list, like Asia/Ho_Chi_Minh.")
            )
        if self.has_hours.data and not field.data:
            raise StopValidation(_("Choose a time zone: the working hours are counted there."))

    def _validate_day(self, field: StringField) -> None:
        try:
            read_day((self.has_hours.data and field.data) or "")
        except Refusal as refusal:
            raise StopValidation(refusal.message) from None

    validate_mon = validate_tue = validate_wed = validate_thu = validate_fri = validate_sat = validate_sun = (
        _validate_day
    )

    @property
    def times(self) -> OpeningTimes:
        """The week as typed; a line that cannot be read is free for now."""
        return OpeningTimes.read({day: self[day].data or "" for day in DAYS if self._can_read(day)})

    def _can_read(self, day: str) -> bool:
        try:
            return bool(read_day(self[day].data or ""))
        except Refusal:
            return False

    @property
    def values(self) -> dict[str, Any]:
        """As a profile takes them."""
        return {
            "schedule": dict(self.times.schedule) if self.has_hours.data else None,
            "time_zone": self.time_zone.data or "", "substitute_id": number(self.substitute_id.data),
        }  # fmt: skip


class ProfileForm(WeekForm):
    """Everything that a manager sets. Teams are what was changed in them: others may change theirs meanwhile."""

    cap = WholeField(0, MOST_CAP)
    languages = SelectMultipleField(choices=list(LANGUAGES), default=list)
    skills = SelectMultipleField(default=list)  # "skill:level"
    merchants = SelectMultipleField(default=list)
    groups = SelectMultipleField(default=list)
    groups_seen = SelectMultipleField(
        default=list, validate_choice=False
    )  # what he was in as the page was made

    def validate_cap(self, field: WholeField) -> None:
        """There is one; who may carry nothing has 0."""
        if field.data is None:
            raise StopValidation(
                _("Enter a whole number from %(least)s to %(most)s.") % {"least": 0, "most": MOST_CAP}
            )

    @classmethod
    def _more(cls, values: dict[str, Any]) -> dict[str, Any]:
        groups = [str(id_) for id_ in values["groups"]]
        return {
            "cap": values["cap"], "languages": values["languages"], "groups": groups, "groups_seen": groups,
            "merchants": [str(id_) for id_ in values["merchants"]],
            "skills": [f"{id_}:{level}" for id_, level in values["skills"].items()],
        }  # fmt: skip

    def offer(self, *, substitutes: Iterable[int], **more: Iterable[int]) -> "ProfileForm":
        """Say what can be chosen."""
        super().offer(substitutes=substitutes)
        self.skills.choices = [f"{id_}:{level}" for id_ in more["skills"] for level in LEVELS]
        self.skills.data = [word for word in self.skills.data or [] if word]
        self.merchants.choices = [str(id_) for id_ in more["merchants"]]
        self.groups.choices = [str(id_) for id_ in more["groups"]]
        return self

    def groups_after(self, now: Iterable[int]) -> list[int]:
        """The groups that he is in with these changes, from those that he is in now."""
        seen, wanted = set(self.groups_seen.data or []), set(self.groups.data or [])
        left, joined = seen - wanted, {int(id_) for id_ in wanted - seen}
        return sorted({id_ for id_ in now if str(id_) not in left} | joined)

    @property
    def values(self) -> dict[str, Any]:
        """As a profile takes them, but for the groups."""
        levels = (word.split(":") for word in self.skills.data or [])
        return super().values | {
            "cap": self.cap.data, "languages": [code for code in LANGUAGES if code in (self.languages.data or [])],
            "skills": dict(sorted((int(skill), int(level)) for skill, level in levels)),
            "merchants": sorted({int(id_) for id_ in self.merchants.data or []}),
        }  # fmt: skip


def number(word: str | None) -> int | None:
    """The id that was chosen, or None."""
    return int(word) if word else None
