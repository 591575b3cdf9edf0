"""The bell: what a user has not read yet. It stands in the header of every page of the desk."""

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager

from helpdesk.accounts.user import User
from helpdesk.agents.agent import Agent
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.notifications.notification import Notification
from helpdesk.notifications.preference import Preference
from helpdesk.tickets.bulk_run import BulkRun
from helpdesk.tickets.ticket import Ticket

MOST = 99  # are counted; more are "99+"
SHOWN = 3  # tickets of which a browser says something at once


class News(NamedTuple):
    """The newest thing about a ticket, for the browser's own notification."""

    id: int
    number: str
    event: Event


@dataclass(frozen=True)
class Bell:
    """How many there are; for a page that asked, on which tickets, and what its browser is to say."""

    count: int
    tickets: tuple[str, ...] = ()  # their numbers, newest first
    newest_id: int = 0
    news: tuple[News, ...] = ()
    is_shown: bool = False  # by the browser itself
    is_heard: bool = False

    @property
    def has_more(self) -> bool:
        """Whether there are too many to count."""
        return self.count > MOST

    @classmethod
    def of(cls, viewer: User) -> "Bell":
        """Everything about it; a bulk change that was finished behind his back counts as one."""
        unread = Notification.seen_by(viewer).where(Notification.read_at.is_(None))
        runs = db.session.scalar(select(func.count()).select_from(BulkRun.unseen_by(viewer).subquery())) or 0
        columns = unread.with_only_columns(Notification.id, Ticket.number, Notification.event_id)
        rows = db.session.execute(columns.order_by(Notification.id.desc()).limit(MOST + 1)).all()
        newest = {row.number: row for row in reversed(rows)}
        wanted = Preference.of(viewer.id)
        is_loud = wanted.is_shown_by_browser or wanted.is_heard
        loud = sorted(newest.values(), reverse=True)[:SHOWN] if is_loud else []
        events = select(Event).where(Event.id.in_([row.event_id for row in loud]))
        known = {event.id: event for event in db.session.scalars(events)} if loud else {}
        return cls(
            len(rows) + runs, tuple(dict.fromkeys(row.number for row in rows)), rows[0].id if rows else 0,
            tuple(News(row.id, row.number, known[row.event_id]) for row in loud),
            wanted.is_shown_by_browser, wanted.is_heard,
        )  # fmt: skip


class Header(NamedTuple):
    """What the header of a page asks about its viewer, in one query."""

    profile: Agent | None
    bell: Bell

    @classmethod
    def of(cls, viewer: User) -> "Header":
        """His profile, if he can be given work, and how much he has not read."""
        unread = Notification.seen_by(viewer).where(Notification.read_at.is_(None))
        counted = unread.with_only_columns(Notification.id).limit(MOST + 1).subquery()
        runs = BulkRun.unseen_by(viewer).with_only_columns(BulkRun.id).order_by(None).subquery()
        count = select(func.count()).select_from(counted).scalar_subquery()
        count += select(func.count()).select_from(runs).scalar_subquery()
        own = (
            select(Agent, count)
            .select_from(User)
            .outerjoin(Agent, (Agent.user_id == User.id) & Agent.relieved_at.is_(None))
        )
        own = own.where(User.id == viewer.id).options(contains_eager(Agent.user))
        profile, number = db.session.execute(own).one()
        return cls(profile, Bell(number))
