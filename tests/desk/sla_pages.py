"""The pages that tell of promises, read as their readers do, on a Wednesday on which time stands still."""

from __future__ import annotations

from datetime import UTC, datetime

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.sla.calendar import Calendar, CalendarVersion
from helpdesk.sla.policy import Policy, PolicyVersion
from helpdesk.sla.tracker import Tracker
from helpdesk.tickets.lifecycle import Priority
from tests.support.page import Element, read
from tests.support.seat import Seat, at_work

T0 = datetime(2026, 11, 4, 9, 0, 0, tzinfo=UTC)  # a Wednesday
HOUR = 3600
PAGE = "/tickets/ACME-1/sla"
OFFICE = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def office(zone: str = "UTC", **kinds: int | None) -> int:
    """The organizer's default policy in working hours; the policy's id. Call it inside the organizer."""
    calendar = Calendar(name_en="Office", name_vi="Văn phòng")
    policy = Policy(name_en="Gold", name_vi="Vàng", is_default=True)
    db.session.add_all([calendar, policy])
    db.session.flush()
    holidays = [{"date": "2026-11-05", "name_en": "Founders' Day", "name_vi": "Ngày thành lập"}]
    wanted = {"first": 2 * HOUR, "next": 4 * HOUR, "resolution": 16 * HOUR} | kinds
    db.session.add_all([
        CalendarVersion(calendar_id=calendar.id, number=3, zone=zone, schedule=OFFICE, closures=[], holidays=holidays),
        PolicyVersion(policy_id=policy.id, number=2, calendar_id=calendar.id,
                      targets={priority.value: wanted for priority in Priority}),
    ])  # fmt: skip
    db.session.flush()
    return policy.id


def go_on(world, hours: float, deed=None, name: str = "Gus") -> None:
    clock.travel(hours * HOUR)
    if deed:
        with at_work(world, 1, name) as (ticket, me):
            deed(ticket, me)


def shown(world, path: str = PAGE, name: str = "Gus", code: int = 200, **query: str) -> Element:
    answer = Seat(world, name).get(path, **query)
    assert answer.status_code == code
    return read(answer)


def section(page: Element, kind: str) -> Element:
    return next(each for each in page.with_attribute("data-round") if each["data-kind"] == kind)


def words(element: Element) -> str:
    """What is read: elements put no space before a comma."""
    return element.text.replace(" ,", ",")


def lines(part: Element) -> list[tuple[str, str, str]]:
    """Reason, whether it counts, and the running total in hours."""
    return [
        (row["data-reason"], row["data-counted"], f"{float(list(row.all('data'))[-1]['value']) / HOUR:g}")
        for row in part.with_attribute("data-counted")
    ]


def rounds(world, count: int) -> None:
    """So many questions, each answered, and one that is open."""
    with world.inside():
        office(next=10 * 60)
    world.ticket()
    go_on(world, 0.1, lambda t, me: t.reply("Hello?", by=me))
    with world.inside():
        tracker = world.one(Tracker, ticket_id=1)
        for _ in range(count):
            clock.travel(60)
            tracker.asked(clock.now())
            clock.travel(60)
            tracker.answered(clock.now())
        tracker.asked(clock.now())
