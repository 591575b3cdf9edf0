"""Calendars: opening hours and days off, in versions that never change."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Select, String, UniqueConstraint, exists, select
from sqlalchemy.orm import Mapped, aliased, defer, mapped_column, relationship
from sqlalchemy.orm.attributes import flag_modified

from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, db, partial_index
from helpdesk.core.errors import Refusal
from helpdesk.core.events import Actor, Robot, record
from helpdesk.core.hours import Hours
from helpdesk.core.i18n import Localized, _, lazy
from helpdesk.core.tenancy import Tenanted
from helpdesk.core.zone import zone_names
from helpdesk.organizers.organizer import Organizer
from helpdesk.sla.closure import Closure, refuse_closures
from helpdesk.sla.public_holidays import PublicHolidays

if TYPE_CHECKING:
    from helpdesk.sla.policy import Policy

YEARS_AHEAD = 10  # so far days off that come back every year are known; see `CalendarVersion.last_year`
YEARS_KEPT = 3  # a version that knows fewer years than that ahead is followed by the next
HOURS = ("zone", "schedule", "country", "subdivision", "closures")
extender = Robot("calendars", lazy("The calendar"))


class Calendar(Tenanted, Model):
    """A named set of opening hours. When it is open is in its versions."""

    __tablename__ = "sla_calendars"

    id: Mapped[Id]
    name_en: Mapped[str] = mapped_column(String(200), default="")
    name_vi: Mapped[str] = mapped_column(String(200), default="")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    archived_at: Mapped[datetime | None]

    name = Localized("name")
    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def on_offer(cls) -> Select[tuple["Calendar"]]:
        """Those in use, in the order in which they were made."""
        return select(cls).where(cls.archived_at.is_(None)).order_by(cls.id)

    @classmethod
    def locked(cls, calendar_id: int) -> "Calendar | None":
        """One of them, while nobody else changes any; None where there is none."""
        Organizer.lock()
        own = select(cls).where(cls.id == calendar_id)
        return db.session.scalar(own.execution_options(populate_existing=True))

    @classmethod
    def create(cls, values: dict[str, Any], *, by: Actor) -> "Calendar":
        """A new one, with its first version."""
        version = CalendarVersion.of(values, number=1)
        version.refuse()
        calendar = cls(name_en=values.get("name_en") or "", name_vi=values.get("name_vi") or "")
        db.session.add(calendar)
        db.session.flush()
        calendar._follow(version, by)
        said = {name: getattr(version, name) for name in HOURS}
        record("calendar.created", on=None, by=by, **calendar._said, number=1, **said)
        return calendar

    def propose(self, values: dict[str, Any]) -> "CalendarVersion":
        """The version that these values would make, not kept; `newest` where they change nothing about the hours."""
        newest = self.newest
        proposed = CalendarVersion.of(newest.values | values, number=newest.number + 1)
        proposed.calendar_id = self.id
        if not newest.differences(proposed):
            return newest
        proposed.refuse()
        self._refuse_too_little(proposed.hours)
        return proposed

    def _refuse_too_little(self, hours: Hours) -> None:
        """Raise `Refusal` where a policy that counts by it could not keep its longest promise within generations."""
        from helpdesk.sla.demand import Demand  # which has calendars

        for policy in self.used_by().get(self.id, []):
            Demand.of(policy.newest).check_hours(hours)

    def change(self, values: dict[str, Any], *, by: Actor, apply_to_running: bool = False) -> None:
        """Take over values of a form. Other hours make the next version; `apply_to_running` moves tickets to it."""
        Organizer.lock()
        names = {name: values[name] or "" for name in ("name_en", "name_vi") if name in values}
        changes = {
            name: [getattr(self, name), new] for name, new in names.items() if getattr(self, name) != new
        }
        newest, proposed = self.newest, self.propose(values)
        for name in changes:
            setattr(self, name, names[name])
        if proposed is not newest:
            changes |= newest.differences(proposed)
            proposed.moved_to_id = 0 if apply_to_running else None
            self._follow(proposed, by)
        if changes:
            said = {"number": proposed.number, "running": apply_to_running and proposed is not newest}
            record("calendar.changed", on=None, by=by, **self._said, **said, changes=changes)

    def archive(self, *, by: Actor) -> None:
        """Offer it no more; refused while a policy counts by it. Tickets keep the version they have."""
        Organizer.lock()
        if self.archived_at:
            return
        if policies := self.used_by().get(self.id):
            names = ", ".join(f"“{policy.name}”" for policy in policies)
            raise Refusal(_("It cannot be archived while these policies use it: %(names)s.", names=names))
        self.archived_at = clock.now()
        record("calendar.archived", on=None, by=by, **self._said)

    def restore(self, *, by: Actor) -> None:
        """Offer it again."""
        if self.archived_at is None:
            return
        self.archived_at = None
        record("calendar.restored", on=None, by=by, **self._said)

    @classmethod
    def extend_known(cls) -> None:
        """Where few years are left of which the days off are known, make the next version. No ticket moves."""
        until = datetime(clock.now().year - YEARS_AHEAD + YEARS_KEPT, 1, 1, tzinfo=UTC)
        ageing = (
            CalendarVersion.newest_ones().join(Calendar)
            .where(CalendarVersion.created_at < until, Calendar.archived_at.is_(None))
        )  # fmt: skip
        if not db.session.scalars(ageing).all():
            return
        Organizer.lock()
        for newest in db.session.scalars(ageing).all():
            following = CalendarVersion.of(newest.values, number=newest.number + 1)
            newest.calendar._follow(following, extender)
            changes = {"last_year": [newest.last_year, following.last_year]}
            said = {"number": following.number, "running": False, "changes": changes}
            record("calendar.changed", on=None, by=extender, **newest.calendar._said, **said)

    @classmethod
    def used_by(cls) -> "dict[int, list[Policy]]":
        """Calendar → the policies in use that count by it now."""
        from helpdesk.sla.policy import PolicyVersion  # which have calendars

        found: dict[int, list[Policy]] = {}
        for version in PolicyVersion.newest_of_all():
            if version.calendar_id and version.policy.deleted_at is None:
                found.setdefault(version.calendar_id, []).append(version.policy)
        return found

    @property
    def newest(self) -> "CalendarVersion":
        """What is in force for new tickets."""
        return CalendarVersion.newest_of(self.id)

    @property
    def _said(self) -> dict[str, Any]:
        return {"calendar": self.id, "called": {"en": self.name_en or "", "vi": self.name_vi or ""}}

    def _follow(self, version: "CalendarVersion", by: Actor) -> None:
        version.calendar_id = self.id
        version.created_by_id = by.actor["id"] if by.actor["kind"] == "user" else None
        db.session.add(version)
        flag_modified(self, "name_en")  # a change for who edits it meanwhile, though in no column of its own
        db.session.flush()


class CalendarVersion(Tenanted, Model):
    """When a calendar was open from one change to the next. A tracker pins the version it is measured with.

    `holidays` are the country's, worked out when the version was made: another release of the library that knows
    them changes no promise that was given.
    """

    __tablename__ = "sla_calendar_versions"
    __table_args__ = (
        UniqueConstraint("calendar_id", "number"),
        partial_index(
            "ix_sla_calendar_versions_moving", "organizer_id", "id", where="moved_to_id IS NOT NULL"
        ),
    )

    id: Mapped[Id]
    calendar_id: Mapped[int] = mapped_column(BigId, ForeignKey("sla_calendars.id"))
    number: Mapped[int]
    zone: Mapped[str] = mapped_column(String(64))  # IANA name
    schedule: Mapped[dict[str, Any]]  # "mon" … "sun" → [["09:00", "17:00"], …], see `Week.of`
    country: Mapped[str | None] = mapped_column(String(2))  # ISO 3166 alpha-2
    subdivision: Mapped[str | None] = mapped_column(String(40))  # as the library of holidays calls it
    closures: Mapped[list[Any]]  # the organizer's own days off, see `Closure`
    holidays: Mapped[list[Any]]  # [{"date", "name_en", "name_vi"}], the country's, whole days
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("users.id"))
    moved_to_id: Mapped[int | None] = mapped_column(BigId)  # last tracker that was moved to it; None: done

    calendar: Mapped[Calendar] = relationship()

    @classmethod
    def newest_of(cls, calendar_id: int | None) -> "CalendarVersion | None":
        """The newest version of a calendar; None for around the clock."""
        if calendar_id is None:
            return None
        versions = select(cls).where(cls.calendar_id == calendar_id).order_by(cls.number.desc())
        return db.session.scalars(versions.limit(1)).one()

    @classmethod
    def newest_ones(cls) -> Select[tuple["CalendarVersion"]]:
        """The newest version of every calendar."""
        later = aliased(cls)
        newer = exists().where(later.calendar_id == cls.calendar_id, later.number > cls.number)
        return select(cls).where(~newer)

    @classmethod
    def of_calendar(cls, calendar_id: int, limit: int) -> Sequence["CalendarVersion"]:
        """The last versions of one, newest first, without the long lists of holidays."""
        versions = select(cls).where(cls.calendar_id == calendar_id).order_by(cls.number.desc())
        return db.session.scalars(versions.options(defer(cls.holidays)).limit(limit)).all()

    @classmethod
    def of(cls, values: dict[str, Any], *, number: int) -> "CalendarVersion":
        """A version with these values and the public holidays of the years that it is to know; not kept yet."""
        version = cls(number=number, created_at=clock.now(), **{name: values.get(name) for name in HOURS})
        version.schedule, version.closures = values.get("schedule") or {}, values.get("closures") or []
        version.holidays = []
        if version.country:
            years = range(version.created_at.year - 1, version.last_year + 1)
            version.holidays = PublicHolidays(version.country, version.subdivision).days(years)
        return version

    @property
    def values(self) -> dict[str, Any]:
        """What people say about the hours."""
        return {name: getattr(self, name) for name in HOURS}

    def differences(self, other: "CalendarVersion") -> dict[str, list[Any]]:
        """Name → [here, there] of what differs; of closures only those that the other side does not have."""
        found = {name: [a, b] for name, a in self.values.items() if a != (b := getattr(other, name))}
        if "closures" in found:
            here, there = found["closures"]
            found["closures"] = [[c for c in here if c not in there], [c for c in there if c not in here]]
        return found

    def refuse(self) -> None:
        """Refuse, with a sentence, what cannot be a calendar."""
        if self.zone not in zone_names():
            raise Refusal(_("There is no such time zone. Choose one of the list, like Asia/Ho_Chi_Minh."))
        if self.country and not PublicHolidays(self.country, self.subdivision).is_known:
            raise Refusal(_("The public holidays of this country or region are not known."))
        try:
            if not any(self.schedule.values()):
                raise Refusal(_("A calendar needs some open time."))
            refuse_closures(self.closures)
            now, end = clock.now(), datetime(self.last_year + 1, 1, 1, tzinfo=UTC)
            is_open = self.hours.spent(now, end) > 0
        except (ValueError, TypeError, KeyError, AttributeError):
            raise Refusal(_("These opening hours or days off cannot be read.")) from None
        if not is_open:
            raise Refusal(_("With all these days off there is no open time left."))

    @property
    def last_year(self) -> int:
        """The last year in which its days off are known."""
        return self.created_at.year + YEARS_AHEAD

    @property
    def hours(self) -> Hours:
        """Its opening hours, for the calculator. ValueError, with a sentence, where they cannot be."""
        holidays = [day["date"] for day in self.holidays]
        years = [self.created_at.year - 1, self.last_year]
        return _hours(json.dumps([self.zone, self.schedule, holidays, self.closures, years], sort_keys=True))

    def names_on(self, day: date) -> list[dict[str, str]]:
        """What is celebrated or closed on a local day: [{"en", "vi"}], the country's holidays first."""
        said = day.isoformat()
        found = [each for each in self.holidays if each["date"] == said]
        found += [each for each in self.closures if Closure.read(each).is_on(day)]
        return [{"en": each.get("name_en") or "", "vi": each.get("name_vi") or ""} for each in found]


@lru_cache(maxsize=256)
def _hours(said: str) -> Hours:
    """The same words, the same hours: what they have worked out is kept."""
    zone, schedule, holidays, closures, (first, last) = json.loads(said)
    days = [date.fromisoformat(day) for day in holidays]
    parts = [part for closure in closures for part in Closure.read(closure).parts(first, last)]
    return Hours.of(zone, schedule, days, parts)
