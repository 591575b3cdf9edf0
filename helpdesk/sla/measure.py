"""A measure: by what a ticket's clocks were measured until it changed."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.core.db import BigId, Id, Model
from helpdesk.core.hours import Hours
from helpdesk.core.tenancy import Tenanted
from helpdesk.sla.calendar import CalendarVersion
from helpdesk.sla.policy import PolicyVersion


class Measure(Tenanted, Model):
    """The priority, policy and calendar of a ticket from one change to the next; the present ones are the tracker's."""

    __tablename__ = "sla_measures"

    id: Mapped[Id]
    tracker_id: Mapped[int] = mapped_column(BigId, ForeignKey("sla_trackers.id"), index=True)
    from_at: Mapped[datetime]
    to_at: Mapped[datetime]
    priority: Mapped[str] = mapped_column(String(10))
    version_id: Mapped[int] = mapped_column(BigId, ForeignKey("sla_policy_versions.id"))
    calendar_version_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("sla_calendar_versions.id"))
    ended_by: Mapped[str] = mapped_column(String(20))  # priority, category, policy or calendar

    version: Mapped[PolicyVersion] = relationship(lazy="joined", innerjoin=True)
    calendar_version: Mapped[CalendarVersion | None] = relationship(lazy="joined")

    @property
    def hours(self) -> Hours:
        """The opening hours that counted."""
        return self.calendar_version.hours if self.calendar_version else Hours.ALWAYS
