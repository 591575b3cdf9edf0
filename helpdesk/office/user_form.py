"""What the pages of users accept."""

from collections.abc import Iterable
from typing import Any

from wtforms import RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, StopValidation

from helpdesk.accounts.user import ROLES
from helpdesk.core.forms import TOO_LONG, Email, Form, VersionedForm, one_line
from helpdesk.core.i18n import LANGUAGES
from helpdesk.core.i18n import lazy as _


class UserForm(VersionedForm):
    """Name, language, role and stores. What can be chosen is set by `offer`."""

    name = StringField(
        filters=[one_line], validators=[InputRequired(_("Enter a name.")), Length(max=200, message=TOO_LONG)]
    )
    language = SelectField(choices=list(LANGUAGES), default="en")
    role = SelectField(choices=list(ROLES), default="agent")
    merchant_ids = SelectMultipleField(default=list)

    @classmethod
    def holding(cls, values: dict[str, Any], *, version: int) -> "UserForm":
        """Filled with what is there."""
        ids = [str(id_) for id_ in values["merchant_ids"]]
        return cls(data=values | {"merchant_ids": ids, "version": version})

    def offer(self, merchant_ids: Iterable[int], roles: Iterable[str]) -> "UserForm":
        """Say what can be chosen."""
        self.merchant_ids.choices = [str(id_) for id_ in merchant_ids]
        self.role.choices = list(roles)
        return self

    def validate_name(self, field: StringField) -> None:
        """Spaces are no name."""
        if not field.data:
            raise StopValidation(_("Enter a name."))

    @property
    def values(self) -> dict[str, Any]:
        """As an employment takes them."""
        return {
            "name": self.name.data, "language": self.language.data, "role": self.role.data,
            "merchant_ids": sorted({int(id_) for id_ in self.merchant_ids.data or []}),
        }  # fmt: skip


class InvitationForm(UserForm):
    """The same of somebody new, with his address."""

    email = StringField(
        filters=[one_line], validators=[InputRequired(_("Enter an email address like name@example.com.")), Email()]
    )  # fmt: skip

    @property
    def values(self) -> dict[str, Any]:
        """As an invitation takes them."""
        return super().values | {"email": self.email.data}


class LeavingForm(Form):
    """What becomes of the tickets of somebody who is deactivated."""

    tickets = RadioField(
        choices=["keep", "queue", "colleague"], validators=[InputRequired(_("Choose what becomes of the tickets."))]
    )  # fmt: skip
    colleague = SelectField(default="")

    def offer(self, user_ids: Iterable[int]) -> "LeavingForm":
        """Say who can have them."""
        self.colleague.choices = ["", *(str(id_) for id_ in user_ids)]
        return self

    def validate_colleague(self, field: SelectField) -> None:
        """Needed where it is chosen."""
        if self.tickets.data == "colleague" and not field.data:
            raise StopValidation(_("Choose a colleague."))

    @property
    def colleague_id(self) -> int | None:
        """Who gets them, if somebody does."""
        return int(self.colleague.data) if self.tickets.data == "colleague" else None


class FactorForm(Form):
    """From which role on a second factor is required; empty: from none."""

    factor_from = SelectField(choices=["", *ROLES])
