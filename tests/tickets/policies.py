"""What the tests of policies begin with: values of a form, deeds of the manager, and moving until nobody is left."""

from __future__ import annotations

from typing import Any

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.sla.calendar import Calendar, CalendarVersion
from helpdesk.sla.policy import Policy
from helpdesk.tickets.remeasuring import SETTLING, Remeasuring
from tests.sla.desk_time import HOUR, targets
from tests.support.world import World

OFFICE = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def values(name: str = "Fast", **changed: Any) -> dict[str, Any]:
    """As the form gives them."""
    return {
        "name_en": name, "name_vi": "", "targets": targets(first=HOUR, next=2 * HOUR, resolution=8 * HOUR),
        "warn_percent": 75, "critical_percent": 90, "pausing_statuses": ["WAITING_USER"], "calendar_id": None,
        "merchant_ids": [], "is_default": False, **changed,
    }  # fmt: skip


def make(world: World, name: str = "Fast", slug: str = "acme", by: str = "Mai", **changed: Any) -> int:
    """A new policy of the manager; its id."""
    with world.inside(slug):
        return Policy.create(values(name, **changed), by=world.user(by)).id


def change(world: World, policy_id: int, *, running: bool = False, **changed: Any) -> None:
    """Change some values of a policy."""
    with world.inside():
        policy = Policy.locked(policy_id)
        assert policy
        newest = policy.newest
        present = {
            name: getattr(newest, name)
            for name in ("targets", "warn_percent", "critical_percent", "pausing_statuses", "calendar_id")
        }
        kept = {"name_en": policy.name_en, "name_vi": policy.name_vi, "is_default": policy.is_default}
        said = present | kept | {"merchant_ids": policy.store_ids} | changed
        policy.change(said, by=world.user("Mai"), apply_to_running=running)


def calendar(world: World, schedule: dict[str, Any] | None = None, slug: str = "acme", **said: Any) -> int:
    """A calendar with its first version; its id."""
    with world.inside(slug):
        row = Calendar(name_en="Office", name_vi="Văn phòng")
        db.session.add(row)
        db.session.flush()
        add_calendar_version(row.id, schedule, 1, **said)
        return row.id


def add_calendar_version(calendar_id: int, schedule: dict[str, Any] | None, number: int, **said: Any) -> int:
    """The next version of a calendar, inside its organizer; its id."""
    version = CalendarVersion(
        calendar_id=calendar_id, number=number, schedule=schedule or OFFICE, closures=[], holidays=[],
        **({"zone": "UTC"} | said),
    )  # fmt: skip
    db.session.add(version)
    db.session.flush()
    return version.id


def move_all(world: World) -> int:
    """Let a worker move until nobody is left, then once more when every deed of before is through; how many steps."""
    steps = 0
    for late in (False, True):
        if late:
            clock.travel(SETTLING.total_seconds())
        while True:
            with world.inside():
                if not Remeasuring.step():
                    break
            steps += 1
    return steps
