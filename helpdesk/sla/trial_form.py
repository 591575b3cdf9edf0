"""The question of when so many working hours end."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from wtforms import StringField
from wtforms.validators import DataRequired, StopValidation

from helpdesk.core.forms import WHEN, Form, a_wall_time, line
from helpdesk.core.i18n import lazy as _
from helpdesk.sla.calendar import CalendarVersion


class TrialForm(Form):
    """When so many working hours end, counted from a local time."""

    at = line(19, DataRequired(WHEN))
    hours = line(8, DataRequired(_("Enter a number of hours like 4 or 1.5.")))

    def validate_at(self, field: StringField) -> None:
        """A wall time of the years that calendars are for."""
        a_wall_time(field.data)

    def validate_hours(self, field: StringField) -> None:
        """More than none, and not for ever."""
        if not re.fullmatch(r"\d{1,4}([.,]\d{1,3})?", field.data or "", re.ASCII) or not self._hours:
            raise StopValidation(_("Enter a number of hours like 4 or 1.5."))

    @property
    def _hours(self) -> float:
        return float((self.hours.data or "0").replace(",", "."))

    def ends_at(self, version: CalendarVersion) -> datetime | None:
        """The instant at which they are used up, by the product's own calculator; None where that is never."""
        start = datetime.fromisoformat(self.at.data or "").replace(tzinfo=ZoneInfo(version.zone))
        try:
            return version.hours.due(start, self._hours * 3600)
        except ValueError:
            return None
