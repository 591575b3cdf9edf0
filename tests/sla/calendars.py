"""Tests of calendars: what a page would give for one."""

from __future__ import annotations

from typing import Any

from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.sla.calendar import Calendar, CalendarVersion
from tests.support.world import World

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
