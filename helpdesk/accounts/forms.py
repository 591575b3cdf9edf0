"""What the sign-in form accepts."""

from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from helpdesk.core.forms import Form, one_line
from helpdesk.core.i18n import lazy as _


class SignInForm(Form):
    """Address and password. Nothing is said about which of them was wrong."""

    email = StringField(
        filters=[one_line], validators=[InputRequired(_("Enter your email.")), Length(max=254)]
    )
    password = PasswordField(validators=[InputRequired(_("Enter your password.")), Length(max=1000)])
