"""What the sign-in form and the page of one's own settings accept."""

from typing import Any
from zoneinfo import available_timezones

from wtforms import IntegerField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange

from helpdesk.accounts.password import Password
from helpdesk.accounts.user import OWN, User
from helpdesk.core.forms import Form, VersionedForm, one_line
from helpdesk.core.i18n import LANGUAGES, ngettext
from helpdesk.core.i18n import lazy as _

MOST_UNDO = 30
UNDO_CHOICES = (0, 5, 10, 30)
LANGUAGE_NAMES = {"en": "English", "vi": "Tiếng Việt"}  # each in itself
LABELS = {
    "undo_seconds": _("Time to take a reply back"), "language": _("Language"), "time_zone": _("Time zone"),
    "theme": _("Appearance"), "density": _("Rows of the queue"), "uses_shortcuts": _("Single-key shortcuts"),
    "after_send": _("After sending a reply"),
}  # fmt: skip
OPTIONS: dict[str, dict[str, Any]] = {
    "theme": {"system": _("As on this device"), "light": _("Light"), "dark": _("Dark")},
    "density": {"comfortable": _("Comfortable"), "compact": _("Compact: more rows at once")},
    "uses_shortcuts": {"on": _("On"), "off": _("Off")},
    "after_send": {
        "stay": _("Stay on the ticket"), "next": _("Go to the next ticket of the queue"),
        "queue": _("Go back to the queue"),
    },
}  # fmt: skip
_undo = _("Choose between 0 and 30 seconds.")


class SignInForm(Form):
    """Address and password. Nothing is said about which of them was wrong."""

    email = StringField(
        filters=[one_line], validators=[InputRequired(_("Enter your email.")), Length(max=254)]
    )
    password = PasswordField(validators=[InputRequired(_("Enter your password.")), Length(max=1000)])


class CodeForm(Form):
    """A code of the second factor, or one of the recovery codes."""

    code = StringField(filters=[one_line], validators=[InputRequired(_("Enter the code.")), Length(max=60)])


class AddressForm(Form):
    """Whose password is to be set anew."""

    email = StringField(
        filters=[one_line], validators=[InputRequired(_("Enter your email.")), Length(max=254)]
    )


class NewPasswordForm(Form):
    """A new password, typed once: managers of passwords and the eye in the field do better than typing it twice."""

    password = PasswordField(validators=[InputRequired(_("Enter a password."))])

    def suits(self, user: User) -> bool:
        """Whether it will do for somebody; if not, the form says why."""
        if not self.validate():
            return False
        if why := Password(self.password.data).why_not(user):
            self.password.errors = [why]
        return not self.errors


class OwnPasswordForm(NewPasswordForm):
    """Another password for oneself: the present one is asked for."""

    present = PasswordField(validators=[InputRequired(_("Enter your present password.")), Length(max=1000)])

    def suits(self, user: User) -> bool:
        """Whether the present one is right, and the new one will do."""
        if self.validate() and not user.knows(self.present.data):
            self.present.errors = [_("This is not your present password.")]
        return not self.errors and super().suits(user)


class ConfirmationForm(Form):
    """One's own password, before something that guards the account changes."""

    present = PasswordField(validators=[InputRequired(_("Enter your present password.")), Length(max=1000)])

    def confirms(self, user: User) -> bool:
        """Whether it is right; if not, the form says so."""
        if self.validate() and not user.knows(self.present.data):
            self.present.errors = [_("This is not your present password.")]
        return not self.errors


class OwnSettingsForm(VersionedForm):
    """What somebody chooses for himself."""

    undo_seconds = IntegerField(validators=[InputRequired(_undo), NumberRange(0, MOST_UNDO, message=_undo)])
    language = SelectField(choices=list(LANGUAGES))
    time_zone = SelectField(choices=["", *sorted(available_timezones())])
    theme = SelectField(choices=list(OPTIONS["theme"]))
    density = SelectField(choices=list(OPTIONS["density"]))
    uses_shortcuts = SelectField(choices=list(OPTIONS["uses_shortcuts"]))
    after_send = SelectField(choices=list(OPTIONS["after_send"]))

    @classmethod
    def of(cls, user: User) -> "OwnSettingsForm":
        """As somebody has chosen."""
        return cls(data=cls._chosen(user) | {"version": user.version})

    @classmethod
    def sent_by(cls, user: User) -> "OwnSettingsForm":
        """What was sent; what a form does not name stays as he has chosen it."""
        kept = cls._chosen(user)
        return cls.of_request(
            **{name: kept[name] for name in ("theme", "density", "uses_shortcuts", "after_send")}
        )

    @staticmethod
    def _chosen(user: User) -> dict[str, Any]:
        return {name: getattr(user, name) for name in OWN} | {
            "uses_shortcuts": "on" if user.uses_shortcuts else "off"
        }

    @property
    def choices(self) -> dict[str, Any]:
        """What the user is to have."""
        return {name: self[name].data for name in OWN} | {"uses_shortcuts": self.uses_shortcuts.data == "on"}

    @property
    def words(self) -> list[tuple[str, str]]:
        """The state of the form in words, field by field."""
        return [(str(LABELS[name]), self._word(name, self[name].data)) for name in OWN]

    @staticmethod
    def _word(name: str, value: Any) -> str:
        if name == "undo_seconds":
            return undo_words(value)
        word = LANGUAGE_NAMES.get(value) if name == "language" else OPTIONS.get(name, {}).get(value)
        return str(word or value or _("As on this device"))


def undo_words(seconds: int) -> str:
    """How long a reply is held."""
    return ngettext("%(num)s second", "%(num)s seconds", seconds) if seconds else str(_("None: send at once"))
