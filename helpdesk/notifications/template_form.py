"""What the pages of mails accept: texts, how to look at them, and how a store signs."""

from collections.abc import Mapping
from typing import Any

from email_validator import EmailNotValidError, validate_email
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional, Regexp, StopValidation

from helpdesk.core.forms import TOO_LONG, Form, VersionedForm, one_line, text
from helpdesk.core.i18n import lazy as _
from helpdesk.notifications.mail_kind import KINDS, MailKind
from helpdesk.notifications.mail_template import PARTS, MailTemplate, faults


class TemplateForm(VersionedForm):
    """The four texts of one kind of mail."""

    kind: MailKind
    subject_en = StringField(filters=[one_line])
    subject_vi = StringField(filters=[one_line])
    body_en = TextAreaField(filters=[text])
    body_vi = TextAreaField(filters=[text])

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """Each text by itself: there, not too long, with placeholders that exist and those that it must have."""
        is_fine = super().validate(extra_validators)
        found = faults(self.kind, self.values)
        for part, sentence in found.items():
            self[part].errors = [sentence]
        return is_fine and not found

    @property
    def values(self) -> dict[str, str]:
        """As a template takes them."""
        return {part: self[part].data or "" for part in PARTS}

    @property
    def template(self) -> MailTemplate:
        """The texts as a template that is not kept, to look at."""
        return MailTemplate(kind=self.kind.key, **self.values)

    @classmethod
    def of_kind(cls, kind: str) -> "TemplateForm":
        """What was posted for a kind of mail."""
        form = cls.of_request()
        assert isinstance(form, TemplateForm)
        form.kind = KINDS[kind]
        return form


class PreviewForm(Form):
    """How a mail is looked at; what is strange falls back to the ordinary."""

    language = SelectField(choices=["en", "vi"])
    show = SelectField(choices=["html", "dark", "text"])
    ticket = StringField(filters=[one_line])
    merchant = StringField(filters=[one_line])

    @property
    def number(self) -> str:
        """The number of the ticket that is wanted, if any."""
        return str(self.ticket.data or "")[:30].upper()

    @property
    def merchant_id(self) -> int | None:
        """The id of the store that is wanted, if any."""
        wanted = str(self.merchant.data or "")
        return int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 19 else None


class ReplyAddress:
    """One plain address that any mail program can answer to."""

    def __call__(self, form: Form, field: StringField) -> None:
        """Keep it in its normal form."""
        try:
            found = validate_email(
                field.data, check_deliverability=False, allow_quoted_local=False, allow_smtputf8=False
            )
        except EmailNotValidError:
            raise StopValidation(_("Enter an email address like name@example.com.")) from None
        field.data = found.normalized.lower()


class SenderForm(VersionedForm):
    """How a store signs its mails; the logo is a file."""

    name = StringField(filters=[one_line], validators=[Length(max=100, message=TOO_LONG)])
    reply_to = StringField(
        filters=[one_line], validators=[Optional(), Length(max=254, message=TOO_LONG), ReplyAddress()]
    )
    brand_colour = StringField(
        filters=[one_line],
        validators=[Optional(), Regexp(r"#[0-9A-Fa-f]{6}\Z", message=_("Enter a colour like #2c52cc."))],
    )
    without_logo = BooleanField(default=False)

    @property
    def values(self) -> dict[str, Any]:
        """As a sender takes them; the logo comes on its own way."""
        return {
            "name": self.name.data or "", "reply_to": self.reply_to.data or "",
            "brand_colour": (self.brand_colour.data or "").lower(),
        }  # fmt: skip
