"""What the switches of availability, the form of leave and the small forms of the settings accept."""

from datetime import date, datetime, timedelta

from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import Length, StopValidation

from helpdesk.agents.agent import AVAILABILITIES, Agent
from helpdesk.agents.shift import MOST_LEAVE_DAYS
from helpdesk.core import clock
from helpdesk.core.errors import Refusal
from helpdesk.core.forms import Form, WholeField, a_day, line, one_line
from helpdesk.core.i18n import lazy as _

SCHEDULE, SHIFT = "schedule", "shift"
MOST_MINUTES = 10_080  # a week


class AvailabilityForm(Form):
    """Online, busy, away or offline, or as the schedule says; perhaps for some minutes, or until the shift ends."""

    availability = SelectField(choices=[*AVAILABILITIES, SCHEDULE])
    minutes = StringField(filters=[one_line], validators=[Length(max=5)])
    hand_back = BooleanField(default=False)

    def validate_minutes(self, field: StringField) -> None:
        """A number from 1 to a week, `shift`, or nothing."""
        typed = field.data or ""
        is_number = typed.isascii() and typed.isdecimal() and 1 <= int(typed) <= MOST_MINUTES
        if typed and typed != SHIFT and not is_number:
            raise StopValidation(_("Choose one of the list."))

    @property
    def chosen(self) -> str | None:
        """As `Agent.choose` takes it."""
        return None if self.availability.data == SCHEDULE else self.availability.data

    def until(self, profile: Agent) -> datetime | None:
        """Until when it counts; None: until it is taken back. Refuses the end of a shift that is not on."""
        typed = self.minutes.data
        if not typed:
            return None
        if typed != SHIFT:
            return clock.now() + timedelta(minutes=int(typed))
        if ends_at := profile.shift.ends_at(clock.now()):
            return ends_at
        raise Refusal(_("No shift that ends is on now. Choose for how long instead."))


class LeaveForm(Form):
    """The first day and the last, both included; without a last one it is a single day."""

    first_day = line(10)
    last_day = line(10)
    note = line(200)

    def validate_first_day(self, field: StringField) -> None:
        """A day that can be planned."""
        a_day(field.data)

    def validate_last_day(self, field: StringField) -> None:
        """Not before the first, and not a year later."""
        if not field.data or self.first_day.errors:
            return
        last, first = a_day(field.data), a_day(self.first_day.data)
        if last < first:
            raise StopValidation(_("The last day of leave lies before the first."))
        if (last - first).days >= MOST_LEAVE_DAYS:
            raise StopValidation(_("A leave can be a year at most."))

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last."""
        first = a_day(self.first_day.data)
        return first, a_day(self.last_day.data) if self.last_day.data else first


class HandBackForm(Form):
    """After how many minutes away others get what somebody has not begun; empty: never."""

    hand_back_minutes = WholeField(1, MOST_MINUTES)
