"""Tests of calendars: what a page would give for one."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.sla.calendar import Calendar, CalendarVersion
from tests.sla.desk_time import own_policy, targets
from tests.support.page import form, read
from tests.support.seat import Seat
from tests.support.world import World

LIST = "/settings/calendars"

WEEK = ("mon", "tue", "wed", "thu", "fri")


def values(**other: Any) -> dict[str, Any]:
    """Mon–Fri 09:00–17:00 in Berlin, no holidays."""
    office = {day: [["09:00", "17:00"]] for day in WEEK}
    usual = {"name_en": "Office", "name_vi": "Văn phòng", "zone": "Europe/Berlin", "schedule": office}
    return usual | {"country": None, "subdivision": None, "closures": []} | other


def made(world: World, slug: str = "acme", **other: Any) -> int:
    """A calendar of acme; its id."""
    with world.inside(slug):
        name = {"acme": "Mai", "globex": "Gil"}[slug]
        return Calendar.create(values(**other), by=world.user(name)).id


def changed(world: World, calendar_id: int, *, apply_to_running: bool = False, **new: Any) -> None:
    """Mai changes it, in a transaction of her own."""
    with world.inside():
        db.session.get_one(Calendar, calendar_id).change(
            new, by=world.user("Mai"), apply_to_running=apply_to_running
        )


def versions(world: World, calendar_id: int) -> list[CalendarVersion]:
    """Its versions, oldest first, detached."""
    with world.inside():
        return list(reversed(CalendarVersion.of_calendar(calendar_id, 100)))


def told(world: World) -> list[tuple[str, dict[str, Any]]]:
    """The events of calendars, in order."""
    with world.inside():
        rows = db.session.query(Event).filter(Event.name.startswith("calendar.")).order_by(Event.id).all()
        return [(row.name.removeprefix("calendar."), row.data) for row in rows]


# Its page -------------------------------------------------------------------------------------------------------


def page_of(world: World, **other: Any) -> str:
    """The address of a new calendar's page."""
    return f"{LIST}/{made(world, **other)}"


def used(world: World, **other: Any) -> str:
    """The page of a calendar that the policy in force counts by, with one running ticket."""
    path = page_of(world, **other)
    with world.inside():
        calendar_id = int(path.rpartition("/")[2])
        own_policy(targets=targets(first=3600, resolution=7200), calendar_id=calendar_id)
    world.ticket()
    return path


def send(seat: Seat, path: str, **typed: Any) -> TestResponse:
    """Fill in the form of a page and send it, without scripts."""
    return form(seat.get(path), path).send(seat.client, **typed)


def facts(answer: TestResponse) -> str:
    """The small print of a page."""
    return " ".join(fact.text for fact in read(answer).all("p", class_="settings-facts"))


def latest(world: World, path: str) -> CalendarVersion:
    """The newest version of a page's calendar."""
    return versions(world, int(path.rpartition("/")[2]))[-1]
