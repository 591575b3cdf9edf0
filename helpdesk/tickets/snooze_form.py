"""Until when a ticket is to be out of sight, as people say it: in the time of who asks."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import SelectField, StringField
from wtforms.validators import StopValidation

from helpdesk.accounts.user import User
from helpdesk.core import clock
from helpdesk.core.forms import Form, a_wall_time, one_line
from helpdesk.core.i18n import lazy as _
from helpdesk.core.zone import zone_names
from helpdesk.tickets.snooze import LONGEST

MORNING = time(8)
WHENS: dict[str, Any] = {
    "hours": _("In three hours"),
    "tomorrow": _("Tomorrow, 08:00"),
    "monday": _("Monday, 08:00"),
    "week": _("In a week, 08:00"),
    "at": _("At another time"),
}


class SnoozeForm(Form):
    """One of a few times, or any; `zone` is the device's, for who has chosen none."""

    until = SelectField(choices=list(WHENS), default="tomorrow")
    at = StringField(filters=[one_line])
    zone = StringField(filters=[one_line])
    owner: User

    @classmethod
    def sent_by(cls, user: User) -> "SnoozeForm":
        """What somebody sent."""
        form = cls.of_request()
        form.owner = user
        return form

    def validate_at(self, field: StringField) -> None:
        """A time that is still to come, where it counts."""
        if self.until.data == "at":
            a_wall_time(field.data)
            if not clock.now() < self.instant <= clock.now() + LONGEST:
                raise StopValidation(_("Choose a time that is still to come, at most a year from now."))

    @property
    def _zone(self) -> ZoneInfo:
        named = [name for name in (self.owner.time_zone, self.zone.data) if name in zone_names()]
        return ZoneInfo(named[0] if named else "UTC")

    @property
    def instant(self) -> datetime:
        """When the ticket is to come back."""
        today = clock.now().astimezone(self._zone).date()
        if self.until.data == "hours":
            return clock.now() + timedelta(hours=3)
        if self.until.data == "at":
            return a_wall_time(self.at.data).replace(tzinfo=self._zone).astimezone(UTC)
        days = {"tomorrow": 1, "monday": 7 - today.weekday(), "week": 7}
        return self._morning(today + timedelta(days=days[self.until.data]))

    def _morning(self, day: date) -> datetime:
        return datetime.combine(day, MORNING, self._zone).astimezone(UTC)
