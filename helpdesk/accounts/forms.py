"""What the sign-in form and the page of one's own settings accept."""

from zoneinfo import available_timezones

from wtforms import IntegerField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange

from helpdesk.core.forms import Form, one_line
from helpdesk.core.i18n import LANGUAGES
from helpdesk.core.i18n import lazy as _

MOST_UNDO = 30
UNDO_CHOICES = (0, 5, 10, 30)
THEMES = ("system", "light", "dark")
_undo = _("Choose between 0 and 30 seconds.")


class SignInForm(Form):
    """Address and password. Nothing is said about which of them was wrong."""

    email = StringField(
        filters=[one_line], validators=[InputRequired(_("Enter your email.")), Length(max=254)]
    )
    password = PasswordField(validators=[InputRequired(_("Enter your password.")), Length(max=1000)])


class OwnSettingsForm(Form):
    """What somebody chooses for himself."""

    undo_seconds = IntegerField(validators=[InputRequired(_undo), NumberRange(0, MOST_UNDO, message=_undo)])
    language = SelectField(choices=list(LANGUAGES))
    time_zone = SelectField(choices=["", *sorted(available_timezones())])
    theme = SelectField(choices=list(THEMES))
