"""What one user wants to be told of, how, and when."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.accounts.user import User
from helpdesk.core import clock
from helpdesk.core.adding import add_once
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.tenancy import Tenanted
from helpdesk.core.week import DAYS
from helpdesk.core.zone import zone_names
from helpdesk.notifications.batch import Batch
from helpdesk.notifications.mail_preference import MailPreference
from helpdesk.notifications.preference_times import PreferenceTimes
from helpdesk.notifications.preference_topic import BATCHED, LIVE, MAILS, OF_USERS, PreferenceTopic
from helpdesk.organizers.organizer import Organizer

TIMES: dict[str, Any] = {
    "digest": "none", "digest_hour": 8, "quiet_from": "", "quiet_to": "", "quiet_days": list(DAYS),
}  # fmt: skip
LOUD: dict[str, Any] = {"is_shown_by_browser": False, "is_heard": False}


class Preference(Tenanted, Model):
    """A user's choices. Who has made none has the shipped ones; a topic he has not touched follows them, too."""

    __tablename__ = "preferences"
    __table_args__ = (UniqueConstraint("user_id"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"))
    choices: Mapped[dict[str, Any]]  # key of a topic → channel
    digest: Mapped[str] = mapped_column(String(10))  # none, hourly, daily
    digest_hour: Mapped[int]  # of the daily one, where he is
    quiet_from: Mapped[str] = mapped_column(String(5))  # "22:00"; empty: no quiet hours
    quiet_to: Mapped[str] = mapped_column(String(5))
    quiet_days: Mapped[list[str]]  # on which they begin
    is_shown_by_browser: Mapped[bool] = mapped_column(default=False)  # while he looks elsewhere
    is_heard: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)

    @classmethod
    def of(cls, user_id: int) -> "Preference":
        """A user's choices, or the shipped ones."""
        return cls.of_all([user_id])[user_id]

    @classmethod
    def of_all(cls, user_ids: Iterable[int]) -> dict[int, "Preference"]:
        """The same of several users."""
        ids = set(user_ids)
        chosen = db.session.scalars(select(cls).where(cls.user_id.in_(ids))) if ids else ()
        known = {row.user_id: row for row in chosen}
        return {id: known.get(id) or cls(user_id=id, choices={}, **TIMES, **LOUD) for id in ids}

    def channel(self, topic: PreferenceTopic) -> str:
        """How he hears of a topic."""
        chosen = self.choices.get(topic.key)
        return chosen if chosen in topic.channels and not topic.is_fixed else topic.channel

    def times(self, user: User) -> PreferenceTimes:
        """His times, where he is: UTC where he has not said where that is."""
        zone = user.time_zone if user.time_zone in zone_names() else "UTC"
        return PreferenceTimes(
            zone, self.digest, self.digest_hour, self.quiet_from, self.quiet_to, tuple(self.quiet_days)
        )

    def due(self, topic: PreferenceTopic, user: User, since: datetime) -> datetime:
        """When a mail about something that happened at an instant is to leave; never in quiet hours that are now."""
        times, at = self.times(user), since
        if self.channel(topic) == BATCHED:
            at = times.closes(since, Organizer.present().mail_window_seconds)
        if not topic.is_held:
            return at
        held_until = times.out_of_quiet(max(at, clock.now()))
        return held_until if held_until > clock.now() else at

    @classmethod
    def shown_to(cls, user: User) -> dict[str, str]:
        """The channel of every topic as it is for a user: mails that he unsubscribed from by a link do not come."""
        mine, refused = cls.of(user.id), MailPreference.refused_by(user.id)
        return {topic.key: mine._shown(topic, refused) for topic in OF_USERS}

    def _shown(self, topic: PreferenceTopic, refused: set[str]) -> str:
        is_silenced = topic.kind in refused and not topic.is_fixed
        return LIVE if is_silenced and self.channel(topic) in MAILS else self.channel(topic)

    @classmethod
    def choose(cls, channels: Mapping[str, str], times: Mapping[str, Any], *, by: User) -> "Preference":
        """Choose for oneself. What waits already leaves when the new choice says. A fixed topic stays as it is.

        What is left as it is shipped is not kept, so that it goes along with what later versions ship.
        """
        mine = cls._kept(by.id)
        chosen = {
            topic: channels[topic.key] for topic in OF_USERS if topic.key in channels and not topic.is_fixed
        }
        mine.choices = {
            **{key: value for key, value in mine.choices.items() if key not in channels},
            **{topic.key: channel for topic, channel in chosen.items() if channel != topic.channel},
        }
        for name, value in times.items():
            setattr(mine, name, value)
        mine.changed_at = clock.now()
        MailPreference.allow(
            "user", by.id, {topic.kind for topic, channel in chosen.items() if channel in MAILS}
        )
        mine._move_what_waits(by)
        return mine

    @classmethod
    def reset(cls, *, by: User) -> "Preference":
        """Back to the shipped choices; links that were followed to unsubscribe are forgotten, too."""
        return cls.choose({topic.key: topic.channel for topic in OF_USERS}, TIMES | LOUD, by=by)

    def _move_what_waits(self, user: User) -> None:
        """The open batch leaves as if it were begun with these choices; never later, but for quiet hours."""
        times, window = self.times(user), Organizer.present().mail_window_seconds

        def due(since: datetime, before: datetime) -> datetime:
            return times.out_of_quiet(min(before, times.closes(since, window)))

        Batch.move(user.id, due)

    @classmethod
    def _kept(cls, user_id: int) -> "Preference":
        """His row, locked; made where he has none."""
        add_once(cls(user_id=user_id, choices={}, **TIMES, **LOUD))
        mine = select(cls).where(cls.user_id == user_id).with_for_update(key_share=True)
        return db.session.scalars(mine.execution_options(populate_existing=True)).one()
