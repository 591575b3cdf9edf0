"""What somebody's bell says, and his page of notifications."""

from __future__ import annotations

from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.notifications.bell import Bell
from helpdesk.notifications.notification import Notification
from tests.support.page import read
from tests.support.seat import Seat, at_work
from tests.support.world import World

PATH = "/notifications"


def told(world: World, name: str, slug: str = "acme") -> list[str]:
    """What somebody was told, in order, by the names of the events."""
    world.run_reactions()
    with world.inside(slug):
        own = select(Event.name).join(Notification, Notification.event_id == Event.id)
        own = own.where(Notification.user_id == world.user(name).id).order_by(Notification.id)
        return list(db.session.scalars(own))


def unread(world: World, name: str = "Gus", slug: str = "acme") -> int:
    """What his bell says."""
    world.run_reactions()
    with world.inside(slug):
        return Bell.of(world.user(name)).count


def shown(seat: Seat, path: str = "/me") -> int:
    """What the bell of a page says, with its words."""
    (bell,) = read(seat.get(path)).all("a", id="bell")
    count = int(bell["data-count"])
    assert bell["aria-label"].split()[0] in ("No", "Không", str(count), "More", "Có", "Hơn")
    return count


def given(world: World, name: str = "Gus", by: str = "Mai", **opening: str) -> int:
    """A ticket that a manager gave to somebody, who has read that."""
    made = world.ticket(**opening)
    with at_work(world, made, by) as (ticket, manager):
        ticket.assign_to(world.user(name), by=manager)
    world.run_reactions()
    with world.inside():
        Notification.read(by=world.user(name))
    return made


def hear(world: World, ticket_id: int, text: str = "And now?") -> None:
    with at_work(world, ticket_id) as (ticket, _):
        ticket.hear(text, by=ticket.customer)


def groups(seat: Seat, path: str = PATH, **query: str) -> list[tuple[str, int, list[str]]]:
    """(ticket, how many unread, the events) in the order of the page."""
    found = read(seat.get(path, **query)).with_attribute("data-told")
    return [
        (
            one["data-told"],
            int(one["data-unread"]),
            [e["data-event"] for e in one.with_attribute("data-event")],
        )
        for one in found
    ]
