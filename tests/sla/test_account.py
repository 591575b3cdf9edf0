"""SLA-011: the account of a clock: every stretch of time, why it counts or not, and a sum that is the clock's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.sla.account import Account
from helpdesk.sla.calendar import Calendar, CalendarVersion
from helpdesk.sla.clock import Clock, Pause
from helpdesk.sla.tracker import Tracker
from helpdesk.tickets.lifecycle import Priority, Status
from helpdesk.tickets.ticket import Ticket
from tests.sla.desk_time import HOUR, T0, after, go_to, look, own_policy, targets
from tests.support.seat import at_work

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
OFFICE = {day: [["09:00", "17:00"]] for day in WEEKDAYS}


@pytest.fixture(autouse=True)
def _still():
    with clock.frozen(T0):  # Monday 2 March 2026, 09:00 UTC
        yield


def calendar(zone: str = "UTC", schedule: Any = OFFICE, number: int = 1, **more: Any) -> CalendarVersion:
    """A calendar, written down; call it inside an organizer."""
    calendar = Calendar(name_en="Office", name_vi="Văn phòng")
    db.session.add(calendar)
    db.session.flush()
    version = CalendarVersion(
        calendar_id=calendar.id, number=number, zone=zone, schedule=schedule,
        **{"closures": [], "holidays": [], "created_at": T0, **more},
    )  # fmt: skip
    db.session.add(version)
    db.session.flush()
    return version


def account(world, made: int, kind: str = "resolution", at: datetime | None = None) -> Account:
    """The account of the newest clock of a kind, as it stands now."""
    with world.inside():
        tracker = world.one(Tracker, ticket_id=made)
        newest = [each for each in tracker.clocks if each.kind == kind][-1]
        found = Account.of(newest, tracker, at or clock.now())
        for line in found.lines:
            assert line.change is None or line.change.targets
        return found


def told(found: Account) -> list[tuple[float, float, str]]:
    """Its lines: from and to in hours since the beginning, and why, with the reason of a pause."""
    return [
        ((line.start - T0).total_seconds() / HOUR, (line.end - T0).total_seconds() / HOUR, line.detail or line.reason)
        for line in found.lines
    ]  # fmt: skip


def do(world, made: int, deed: Callable[[Ticket, Any], Any], name: str = "Gus") -> None:
    with at_work(world, made, name) as (ticket, me):
        deed(ticket, me)


def in_office_hours(world, target: int = 8 * HOUR, **more: Any) -> int:
    """A ticket whose policy counts working hours."""
    with world.inside():
        version = calendar(**more)
        own_policy(targets=targets(first=None, next=None, resolution=target), calendar_id=version.calendar_id)
    made = world.ticket()
    do(world, made, lambda t, me: t.take(by=me))
    return made


def test_SLA_011_a_clock_around_the_clock_is_one_line_to_its_due_instant(world):
    made = world.ticket()
    go_to(HOUR)
    found = account(world, made, "first")
    assert told(found) == [(0, 8, "open")]
    assert (found.end, found.used, found.agrees) == (after(8 * HOUR), HOUR, True)
    assert found.lines[-1].total_seconds == 8 * HOUR


def test_SLA_011_closed_hours_are_told_and_do_not_count(world):
    made = in_office_hours(world, target=10 * HOUR)
    go_to(4 * HOUR)
    found = account(world, made)
    assert told(found) == [(0, 8, "open"), (8, 24, "closed"), (24, 26, "open")]
    assert [line.total_seconds / HOUR for line in found.lines] == [8, 8, 10]


def test_SLA_003_a_target_used_up_exactly_at_closing_ends_there(world):
    assert told(account(world, in_office_hours(world))) == [(0, 8, "open")]


def test_SLA_011_a_pause_is_told_with_its_reason_where_time_would_count(world):
    made = in_office_hours(world, target=12 * HOUR)
    go_to(HOUR)
    do(world, made, lambda t, me: t.move_to(Status.WAITING_USER, by=me))
    go_to(25 * HOUR)
    do(world, made, lambda t, me: t.hear("Here.", by=t.customer))
    found = account(world, made)
    assert told(found) == [
        (0, 1, "open"), (1, 8, "WAITING_USER"), (8, 24, "closed"), (24, 25, "WAITING_USER"), (25, 32, "open"),
        (32, 48, "closed"), (48, 52, "open")]  # fmt: skip
    assert found.stood == {"WAITING_USER": 8 * HOUR}
    assert found.agrees


def test_SLA_011_a_clock_that_stands_is_told_up_to_now(world):
    made = in_office_hours(world)
    go_to(HOUR)
    do(world, made, lambda t, me: t.move_to(Status.WAITING_USER, by=me))
    go_to(3 * HOUR)
    found = account(world, made)
    assert told(found) == [(0, 1, "open"), (1, 3, "WAITING_USER")]
    assert (found.used, found.agrees) == (HOUR, True)


def test_SLA_011_days_off_are_told_with_their_names_in_both_languages(world):
    made = in_office_hours(
        world, target=16 * HOUR,
        holidays=[{"date": "2026-03-03", "name_en": "Founders' Day", "name_vi": "Ngày thành lập"}],
        closures=[
            {"date": "2026-03-04", "from": "09:00", "to": "12:00", "name_en": "Stocktaking", "name_vi": "Kiểm kê"}
        ],
    )  # fmt: skip
    found = account(world, made)
    assert told(found) == [
        (0, 8, "open"), (8, 15, "closed"), (15, 39, "holiday"), (39, 48, "closed"), (48, 51, "holiday"),
        (51, 56, "open"), (56, 72, "closed"), (72, 75, "open")]  # fmt: skip
    assert found.days_off == (("Founders' Day", "Ngày thành lập"), ("Stocktaking", "Kiểm kê"))


def test_SLA_011_changes_of_priority_stand_at_their_instant_with_both_targets(world):
    made = world.ticket()
    go_to(10 * HOUR)
    do(world, made, lambda t, me: t.reprioritise(Priority.HIGH, by=me))
    found = account(world, made)
    assert told(found) == [(0, 10, "open"), (10, 10, "changed"), (10, 24, "open")]
    (change,) = found.changes
    assert (change.before.priority, change.after.priority) == ("MEDIUM", "HIGH")
    assert (change.targets, change.is_kept) == ((72 * HOUR, 24 * HOUR), False)
    assert found.lines[-1].total_seconds == 24 * HOUR


def test_SLA_011_a_target_below_what_is_used_is_due_at_the_change(world):
    made = world.ticket()
    go_to(30 * HOUR)
    do(world, made, lambda t, me: t.reprioritise(Priority.HIGH, by=me))
    found = account(world, made)
    assert told(found) == [(0, 30, "open"), (30, 30, "changed")]
    assert (found.end, found.agrees) == (after(30 * HOUR), True)


def test_SLA_011_another_policy_counts_by_its_own_calendar_from_then_on(world):
    made = world.ticket()
    go_to(2 * HOUR)
    with at_work(world, made) as (ticket, _):
        hours = calendar()
        version = own_policy(
            targets=targets(first=None, next=None, resolution=12 * HOUR), calendar_id=hours.calendar_id
        )
        ticket.tracker.governed_by(version, hours, why="policy", status=ticket.status, at=clock.now())
    found = account(world, made)
    assert told(found) == [
        (0, 2, "open"),
        (2, 2, "changed"),
        (2, 8, "open"),
        (8, 24, "closed"),
        (24, 28, "open"),
    ]
    (change,) = found.changes
    assert (change.before.calendar_version, change.after.calendar_version.zone) == (None, "UTC")
    assert found.agrees


def test_SLA_011_what_is_late_is_told_up_to_now_and_marked(world):
    made = in_office_hours(world)
    go_to(25 * HOUR)
    look(world)
    found = account(world, made)
    assert [(*line, late.is_late) for line, late in zip(told(found), found.lines, strict=True)] == [
        (0, 8, "open", False), (8, 24, "closed", True), (24, 25, "open", True)]  # fmt: skip
    assert (found.used, found.agrees) == (9 * HOUR, True)


def test_SLA_006_after_a_breach_a_change_keeps_the_target(world):
    made = world.ticket()
    go_to(73 * HOUR)
    look(world)
    do(world, made, lambda t, me: t.reprioritise(Priority.LOW, by=me))
    go_to(74 * HOUR)
    found = account(world, made)
    assert told(found) == [(0, 72, "open"), (72, 73, "open"), (73, 73, "changed"), (73, 74, "open")]
    assert [change.targets for change in found.changes] == [(72 * HOUR, 72 * HOUR)]
    assert found.agrees


def test_SLA_005_while_resolved_it_stands_and_goes_on_after_the_reopening(world):
    made = in_office_hours(world)
    go_to(HOUR)
    do(world, made, lambda t, me: t.resolve(by=me, note_en="Done.", note_vi="Xong."))
    assert told(account(world, made)) == [(0, 1, "open")]  # to the instant at which it was met
    go_to(3 * HOUR)
    do(world, made, lambda t, me: t.reopen(by=t.customer))
    found = account(world, made)
    assert told(found) == [
        (0, 1, "open"),
        (1, 3, "RESOLVED"),
        (3, 8, "open"),
        (8, 24, "closed"),
        (24, 26, "open"),
    ]
    assert found.stood == {"RESOLVED": 2 * HOUR}


def test_SLA_005_a_pause_goes_on_under_the_name_of_what_it_stands_for_now(world):
    made = world.ticket()
    do(world, made, lambda t, me: t.take(by=me))
    for hour, deed, name in [
        (1, lambda t, me: t.move_to(Status.WAITING_USER, by=me), "Gus"),
        (2, lambda t, me: t.delete(by=me), "Mai"),
        (3, lambda t, me: t.restore(by=me), "Mai"),
        (5, lambda t, me: t.hear("Here.", by=t.customer), "Gus"),
    ]:
        go_to(hour * HOUR)
        do(world, made, deed, name)
    go_to(6 * HOUR)
    found = account(world, made)
    assert told(found)[:-1] == [
        (0, 1, "open"), (1, 2, "WAITING_USER"), (2, 3, "DELETED"), (3, 5, "WAITING_USER")]  # fmt: skip
    assert found.agrees


def test_SLA_012_a_resolved_ticket_that_was_restored_stands_because_it_is_resolved(world):
    made = world.ticket()
    do(world, made, lambda t, me: t.resolve(by=me, note_en="Done.", note_vi="Xong."))
    for hour, deed in [(1, lambda t, me: t.delete(by=me)), (2, lambda t, me: t.restore(by=me))]:
        go_to(hour * HOUR)
        do(world, made, deed, "Mai")
    go_to(3 * HOUR)
    found = account(world, made, "first")
    assert told(found) == [(0, 1, "RESOLVED"), (1, 2, "DELETED"), (2, 3, "RESOLVED")]


def test_SLA_005_a_clock_that_began_before_it_was_made_is_measured_by_what_held_when_it_was_made(world):
    """A question on a ticket that is merged into another one has been waiting since it was asked."""
    with world.inside():
        own_policy(targets=targets(first=HOUR, next=8 * HOUR, resolution=None))
    made = world.ticket()
    do(world, made, lambda t, me: t.reply("Yes?", by=me))
    go_to(10 * HOUR)
    do(world, made, lambda t, me: t.reprioritise(Priority.HIGH, by=me))
    go_to(12 * HOUR)
    do(world, made, lambda t, me: t.tracker.asked(after(9 * HOUR)))
    found = account(world, made, "next")
    assert told(found) == [(9, 17, "open")]
    assert found.agrees


def test_SLA_006_a_reply_whose_clock_stood_still_meanwhile_meets_it_where_it_stood(world):
    made = world.ticket()
    go_to(HOUR)
    do(world, made, lambda t, me: t.resolve(by=me, note_en="Done.", note_vi="Xong."))
    do(world, made, lambda t, me: t.tracker.answered(after(HOUR - 3)))
    found = account(world, made, "first")
    assert (found.end, found.used, found.agrees) == (after(HOUR), HOUR, True)


def test_SLA_011_a_hypothetical_ticket_has_the_same_account_as_a_real_one(world):
    made = in_office_hours(world, target=20 * HOUR)
    with world.inside():
        tracker = world.one(Tracker, ticket_id=made)
        before = world.count(Clock)
        (found,) = Account.imagined(tracker.version, tracker.calendar_version, "MEDIUM", T0)
        assert world.count(Clock) == before
        real = Account.of(tracker.clocks[-1], tracker, T0)
        assert (found.lines, found.clock.due_at) == (real.lines, real.clock.due_at)


def test_SLA_011_a_clock_whose_record_is_missing_is_known(world):
    made = world.ticket()
    go_to(HOUR)
    do(world, made, lambda t, me: t.take(by=me))
    do(world, made, lambda t, me: t.move_to(Status.WAITING_USER, by=me))
    go_to(2 * HOUR)
    assert account(world, made).agrees
    with world.inside():
        world.one(Pause).from_at = after(0)
    assert not account(world, made).agrees
