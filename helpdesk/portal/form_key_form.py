"""What the settings page of a form accepts."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Any

from wtforms import BooleanField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Length, StopValidation

from helpdesk.core import clock
from helpdesk.core.forms import TOO_LONG, Form, VersionedForm, a_day, line, one_line, text
from helpdesk.core.i18n import lazy as _
from helpdesk.notifications.brand_colour import BrandColour, contrast
from helpdesk.organizers.form_key import ASKED, VALUES
from helpdesk.organizers.site import NoSite, Site
from helpdesk.portal.questions import LETTERS, is_readable
from helpdesk.tickets.lifecycle import Priority

MOST_SITES = 50
MOST_TEXT = 1000
FAULTS = {
    "scheme": _("Line %(n)s, “%(line)s”: begin with https:// (or http:// for a test), like https://www.example.com."),
    "path": _("Line %(n)s, “%(line)s”: leave out what follows the name of the site, like https://www.example.com."),
    "wildcard": _("Line %(n)s, “%(line)s”: a star stands for sites that you do not know. Name each site."),
    "host": _("Line %(n)s, “%(line)s”: this is no name of a site. Write it like https://www.example.com."),
    "port": _("Line %(n)s, “%(line)s”: a port is a number up to 65535, like https://www.example.com:8443."),
}  # fmt: skip


def _words() -> TextAreaField:
    return TextAreaField(filters=[text], validators=[Length(max=MOST_TEXT, message=TOO_LONG)])


class FormKeyForm(VersionedForm):
    """A form as managers edit it. Which categories there are is said by `offer`."""

    name = line(100)
    is_on = BooleanField(default=False)
    sites = TextAreaField(filters=[text])
    takes_plain = BooleanField(default=False)
    highest_priority = SelectField(choices=[one.value for one in Priority], default="HIGH")
    category_ids = SelectMultipleField(default=list)
    order_asked = SelectField(choices=list(ASKED), default="always")
    order_category_ids = SelectMultipleField(default=list)
    phone_asked = SelectField(choices=list(ASKED), default="always")
    phone_category_ids = SelectMultipleField(default=list)
    person_first = BooleanField(default=False)
    colour = StringField(
        filters=[one_line], validators=[Length(max=7, message=_("Enter a colour like #2c52cc."))]
    )
    title_en, title_vi = line(), line()
    intro_en, intro_vi = _words(), _words()
    thanks_en, thanks_vi = _words(), _words()
    origins: list[str]

    def offer(self, categories: Iterable[int]) -> "FormKeyForm":
        """Say which categories can be named."""
        ids = [str(one) for one in categories]
        for field in (self.category_ids, self.order_category_ids, self.phone_category_ids):
            field.choices = ids
        return self

    def validate_sites(self, field: TextAreaField) -> None:
        """One site a line, each of them a whole origin."""
        self.origins, faults = [], []
        for number, said in enumerate((field.data or "").split("\n"), 1):
            try:
                self.origins += [Site.of(said).origin] if said.strip() else []
            except NoSite as fault:
                faults.append(str(FAULTS[fault.reason]) % {"n": number, "line": said.strip()[:80]})
        self.origins = list(dict.fromkeys(self.origins))
        if len(self.origins) > MOST_SITES:
            faults.append(str(_("At most %(n)s sites can be named.")) % {"n": MOST_SITES})
        if faults:
            field.errors = faults
            raise StopValidation()

    def validate_colour(self, field: StringField) -> None:
        """White letters on it can be read."""
        wanted = (field.data or "").lower()
        if wanted and BrandColour.of(wanted).value != wanted:
            raise StopValidation(_("Enter a colour like #2c52cc."))
        if wanted and not is_readable(wanted):
            said = {"n": f"{contrast(wanted, LETTERS):.1f}", "darker": darker(wanted)}
            sentence = _(
                "White words on it have a contrast of %(n)s to 1; 4.5 is needed. Darker, like %(darker)s?"
            )
            raise StopValidation(str(sentence) % said)

    def validate_order_asked(self, field: SelectField) -> None:
        """For some categories, so which?"""
        self._which(field, self.order_category_ids)

    def validate_phone_asked(self, field: SelectField) -> None:
        """The same."""
        self._which(field, self.phone_category_ids)

    def _which(self, field: SelectField, chosen: SelectMultipleField) -> None:
        if field.data == "some" and not chosen.data:
            raise StopValidation(_("Choose the categories for which it is asked."))

    @property
    def values(self) -> dict[str, Any]:
        """As a form takes them."""
        return {name: self.value_of(name) for name in VALUES}

    def value_of(self, name: str) -> Any:
        """One of them. Its field must be without errors."""
        if name == "allowed_origins":
            return self.origins
        said = self[name].data
        if isinstance(self[name], BooleanField):
            return bool(said)
        if isinstance(self[name], SelectMultipleField):
            return sorted(int(one) for one in said or [])
        if name == "colour":
            return (said or "").lower() or None
        return (said or "") if name == "name" or isinstance(self[name], SelectField) else said or None


def darker(colour: str) -> str:
    """The same colour, as much darker as it must be for white letters."""
    parts = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
    for share in range(100, -1, -1):
        shade = "#" + "".join(f"{part * share // 100:02x}" for part in parts)
        if is_readable(shade):
            break
    return shade


class NewFormKeyForm(Form):
    """What a new form is called."""

    name = line(100)


class RotationForm(Form):
    """How long the old key, or the old secret, goes on; nothing: until somebody switches it off."""

    until = StringField(filters=[one_line])

    def validate_until(self, field: StringField) -> None:
        """A day that is not over."""
        if field.data and a_day(field.data) < clock.now().date():
            raise StopValidation(_("Enter a day that is still to come, or leave it empty."))

    @property
    def ends_at(self) -> datetime | None:
        """The end of that day in UTC."""
        if not self.until.data:
            return None
        return datetime.combine(a_day(self.until.data) + timedelta(days=1), time(), UTC)
