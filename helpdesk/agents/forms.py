"""What the agent's own switches accept."""

from wtforms import SelectField

from helpdesk.agents.agent import AVAILABILITIES
from helpdesk.core.forms import Form


class AvailabilityForm(Form):
    """Online, busy, away or offline."""

    availability = SelectField(choices=AVAILABILITIES)
