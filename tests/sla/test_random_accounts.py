"""SLA-011: whatever happens to a ticket, the account of each clock adds up to what the clock has counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.tenancy import inside
from helpdesk.sla.account import Account
from helpdesk.sla.calendar import CalendarVersion
from helpdesk.sla.clock import KINDS
from helpdesk.sla.policy import PolicyVersion
from helpdesk.sla.tracker import Tracker
from tests.sla.desk_time import HOUR, MINUTE

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
OFFICE = {day: [["09:00", "17:00"]] for day in WEEKDAYS}
MILLISECOND = timedelta(milliseconds=1)
ZONES = {
    "Europe/Berlin": "2026-03-28T15:00",
    "America/New_York": "2026-10-30T20:00",
    "Asia/Ho_Chi_Minh": "2026-02-13T03:00",
}
PRIORITIES = ("LOW", "MEDIUM", "HIGH", "CRITICAL")
STATUSES = ("IN_PROGRESS", "WAITING_USER", "WAITING_INTERNAL")
NIGHTS = {"sat": [["22:00", "06:00"]], "sun": [["01:00", "12:00"]], "mon": [["00:00", "24:00"]]}
HALVES = {day: [["08:30", "12:00"], ["13:15", "17:45"]] for day in (*WEEKDAYS, "sat")}
shifts = st.sampled_from([OFFICE, NIGHTS, HALVES])
pace = st.one_of(st.integers(1, 3 * HOUR * 10**6), st.integers(1, 90 * HOUR * 10**6))  # microseconds
deeds = st.lists(
    st.tuples(
        pace,
        st.sampled_from(
            ("follow", "follow", "resolve", "priority", "measure", "answer", "ask", "delete", "look")
        ),
        st.integers(0, 2**16),
    ),
    max_size=14,
)


class Life:
    """A tracker on its own, driven through its deeds; the ticket's status is kept beside it."""

    def __init__(
        self, versions: list[PolicyVersion], calendars: list[CalendarVersion | None], at: datetime
    ) -> None:
        self.versions, self.calendars, self.status, self.deleted = versions, calendars, "IN_PROGRESS", False
        self.tracker = Tracker(
            ticket_id=1, version=versions[0], calendar_version=calendars[0], priority="MEDIUM", started_at=at,
            clocks=[], measures=[],
        )  # fmt: skip
        for kind in ("first", "resolution"):
            self.tracker._begin(kind, at)

    def do(self, deed: str, pick: int) -> None:
        at, tracker = clock.now(), self.tracker
        if deed == "delete":
            self.deleted = not self.deleted
            if self.deleted:
                tracker.ended(at, "DELETED")
            else:
                tracker.restored(self.status, at)
        elif self.deleted:
            return
        elif deed == "resolve":
            if self.status == "RESOLVED":
                self.status = "IN_PROGRESS"
                tracker.reopened(at)
            else:
                self.status = "RESOLVED"
                tracker.resolved(at)
        elif deed == "follow" and self.status != "RESOLVED":
            self.status = STATUSES[pick % 3]
            tracker.follow(self.status, at)
        elif deed == "priority" and self.status != "RESOLVED":
            tracker.reprioritised(PRIORITIES[pick % 4], self.status, at)
        elif deed == "measure":
            version, hours = self.versions[pick % 3], self.calendars[pick // 3 % 4]
            tracker.governed_by(version, hours, why="policy", status=self.status, at=at)
        elif deed == "answer":
            tracker.answered(at - timedelta(seconds=pick % 7))
        elif deed == "ask" and self.status != "RESOLVED":
            tracker.asked(at - timedelta(seconds=pick % 20000))
        elif deed == "look":
            for each in tracker.clocks:
                each.mark(at)


@contextmanager
def quietly(world) -> Iterator[None]:
    """Inside an organizer, and nothing of it is kept."""
    with world.app.app_context(), inside(world.organizers["acme"]):
        try:
            yield
        finally:
            db.session.rollback()
            db.session.remove()


def check(life: Life) -> None:
    now, tracker = clock.now(), life.tracker
    for each in tracker.clocks:
        found = Account.of(each, tracker, now)
        assert [line.start for line in found.lines[1:]] == [line.end for line in found.lines[:-1]]
        kept = each.used_seconds
        if each.running_since and each.running_since < now:
            kept += tracker.hours.spent(each.running_since, now)
        assert found.used == pytest.approx(kept, abs=0.001)
        assert found.agrees
        if found.lines:
            assert (found.lines[0].start, found.lines[-1].end) == (found.start, found.end)
        if each.due_at and not each.met_at and not each.is_off:
            counted = found.counted_until(each.due_at)
            # a target below what is counted already is due at once, or where the clock goes on that stood still then
            since = min((p.from_at for p in each.pauses if p.to_at == each.due_at), default=each.due_at)
            lowered = any(since <= change.before.to_at <= each.due_at for change in found.changes)
            assert counted == pytest.approx(each.target_seconds, abs=0.001) or (
                lowered and counted > each.target_seconds
            )
            # used up at the very instant at which it stood still: due where it goes on
            goes_on = any(pause.to_at == each.due_at for pause in each.pauses)
            if not lowered and not goes_on:
                assert abs(found.reached_at(each.target_seconds) - each.due_at) <= MILLISECOND


@given(
    st.sampled_from(sorted(ZONES)), shifts, st.lists(st.integers(1, 40), min_size=9, max_size=9), deeds,
    st.lists(st.integers(0, 12), max_size=3),
)  # fmt: skip
@example(  # lowered below what is counted by the very change that makes it stand still
    "America/New_York", {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    [1, 1, 2, 1, 1, 1, 1, 1, 1], [(1_800_001_000, "follow", 14), (1, "measure", 200), (1, "follow", 0)], [],
)  # fmt: skip
@settings(
    max_examples=400, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
def test_SLA_011_whatever_happens_the_account_adds_up_to_what_the_clock_has_counted(
    world, zone, schedule, hours, steps, offs
):
    start = datetime.fromisoformat(ZONES[zone]).replace(tzinfo=UTC)
    days_off = [(start + timedelta(days=n)).date().isoformat() for n in offs]
    holidays = [{"date": day, "name_en": "Off", "name_vi": "Nghỉ"} for day in days_off]
    with quietly(world), clock.frozen(start):
        version = CalendarVersion(
            zone=zone, schedule=schedule, closures=[], holidays=holidays, created_at=start
        )
        other = CalendarVersion(zone="UTC", schedule=OFFICE, closures=[], holidays=[], created_at=start)
        versions = [
            PolicyVersion(
                targets={
                    priority: {kind: n * HOUR // (place + 1) for kind, n in zip(KINDS, three, strict=True)}
                    for place, priority in enumerate(PRIORITIES)
                },
                warn_percent=75, critical_percent=90, pausing_statuses=["WAITING_USER"],
            )
            for three in (hours[:3], hours[3:6], hours[6:])
        ]  # fmt: skip
        versions[2].targets["LOW"]["resolution"] = None
        versions[2].pausing_statuses = ["WAITING_INTERNAL"]
        life = Life(versions, [None, version, other, None], clock.now())
        check(life)
        for pause, deed, pick in steps:
            clock.travel(pause / 10**6)
            life.do(deed, pick)
            check(life)
        clock.travel(5 * MINUTE)
        check(life)
