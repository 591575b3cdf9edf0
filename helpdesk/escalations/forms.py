"""What the escalation form accepts."""

from wtforms import SelectField, TextAreaField
from wtforms.validators import DataRequired, Length

from helpdesk.core.forms import Form, text
from helpdesk.core.i18n import lazy as _


class EscalationForm(Form):
    """A level and the reason."""

    level = SelectField(choices=["1", "2", "3"], default="1")
    reason = TextAreaField(
        filters=[text], validators=[DataRequired(_("Write the reason.")), Length(max=2000)]
    )
