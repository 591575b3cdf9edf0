"""What the settings page of a store accepts."""

from typing import Any

from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Regexp

from helpdesk.core.forms import TOO_LONG, VersionedForm, line, one_line, text
from helpdesk.core.i18n import lazy as _

MOST_TEXT = 2000


def _words() -> TextAreaField:
    return TextAreaField(filters=[text], validators=[Length(max=MOST_TEXT, message=TOO_LONG)])


class MerchantForm(VersionedForm):
    """A store."""

    name = line(200, DataRequired(_("Enter a name.")))
    default_language = SelectField(choices=["en", "vi"], default="en")
    contact_en = _words()
    contact_vi = _words()

    @property
    def values(self) -> dict[str, Any]:
        """As a merchant takes them."""
        return {
            "name": self.name.data, "default_language": self.default_language.data,
            "contact_en": self.contact_en.data or None, "contact_vi": self.contact_vi.data or None,
        }  # fmt: skip


def _capitals(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


class NewMerchantForm(MerchantForm):
    """A new store, with the letters that begin its tickets' numbers."""

    prefix = StringField(
        filters=[one_line, _capitals],
        validators=[
            Regexp(r"[A-Z][A-Z0-9]{1,9}\Z", message=_("Enter two to ten letters and digits, like ACME.")),
        ],
    )

    @property
    def values(self) -> dict[str, Any]:
        """With the prefix."""
        return super().values | {"prefix": self.prefix.data}
