"""What the page of one's own notifications accepts."""

from collections.abc import Mapping
from typing import Any

from wtforms import BooleanField, IntegerField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, NumberRange, Regexp, StopValidation

from helpdesk.core.forms import UNKNOWN, Form, one_line
from helpdesk.core.i18n import lazy as _
from helpdesk.core.week import DAYS
from helpdesk.notifications.preference import LOUD, TIMES, Preference
from helpdesk.notifications.preference_times import DIGESTS
from helpdesk.notifications.preference_topic import OF_USERS

_TIME = Regexp(r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9])?\Z", message=_("Enter a time like 22:00."))
_hour = _("Choose a full hour of the day.")


class PreferenceForm(Form):
    """Times, and beside them one channel per topic; a topic that is not sent stays as it is."""

    digest = SelectField(choices=list(DIGESTS))
    digest_hour = IntegerField(validators=[InputRequired(_hour), NumberRange(0, 23, message=_hour)])
    quiet_from = StringField(filters=[one_line], validators=[_TIME])
    quiet_to = StringField(filters=[one_line], validators=[_TIME])
    quiet_days = SelectMultipleField(choices=list(DAYS))
    is_shown_by_browser = BooleanField()
    is_heard = BooleanField()

    channels: Mapping[str, str]  # key of a topic → channel, as it is shown

    @classmethod
    def showing(cls, mine: Preference, channels: Mapping[str, str]) -> "PreferenceForm":
        """The form of what is kept."""
        form = cls(data={name: getattr(mine, name) for name in (*TIMES, *LOUD)})
        form.channels = channels
        return form

    @classmethod
    def sent(cls, channels: Mapping[str, str], typed: Mapping[str, str]) -> "PreferenceForm":
        """The form as it was sent, over what is kept. What cannot be chosen is not looked at."""
        form = cls.of_request()
        chosen = {topic.key: typed.get(topic.field) for topic in OF_USERS if not topic.is_fixed}
        form.channels = {**channels, **{key: one for key, one in chosen.items() if one is not None}}
        return form

    def validate(self, extra_validators: Any = None) -> bool:
        """The times, and that every channel is one."""
        is_right = super().validate(extra_validators)
        if all(self.channels[topic.key] in topic.channels for topic in OF_USERS):
            return is_right
        self.form_errors.append(UNKNOWN)
        return False

    def validate_quiet_to(self, field: StringField) -> None:
        """Both ends or none, and something in between."""
        if bool(field.data) != bool(self.quiet_from.data):
            raise StopValidation(_("Enter when the quiet hours begin and when they end, or neither."))
        if field.data and field.data == self.quiet_from.data:
            raise StopValidation(_("Quiet hours cannot last all day. Enter two different times."))

    @property
    def times(self) -> dict[str, Any]:
        """As they are kept, and whether the browser says so by itself; the days in the order of the week."""
        kept = {name: self[name].data or "" for name in TIMES if name != "digest_hour"}
        kept |= {"digest_hour": self.digest_hour.data, **{name: self[name].data for name in LOUD}}
        return kept | {"quiet_days": [day for day in DAYS if day in (self.quiet_days.data or [])]}
