"""What the page of a group accepts."""

from collections.abc import Iterable
from typing import Any

from wtforms import SelectField, SelectMultipleField
from wtforms.validators import StopValidation

from helpdesk.agents.profile_form import number
from helpdesk.core.forms import NamedForm
from helpdesk.core.i18n import lazy as _


class GroupForm(NamedForm):
    """Its name, its members and which of them leads it. What can be chosen is set by `offer`."""

    member_ids = SelectMultipleField(default=list)
    lead_id = SelectField(default="")

    @classmethod
    def holding(cls, values: dict[str, Any], *, version: int) -> "GroupForm":
        """Filled with what is there."""
        chosen = {
            "member_ids": [str(id_) for id_ in values["member_ids"]], "lead_id": str(values["lead_id"] or ""),
        }  # fmt: skip
        return cls(data=values | chosen | {"version": version})

    def offer(self, user_ids: Iterable[int]) -> "GroupForm":
        """Say who can be a member."""
        self.member_ids.choices = [str(id_) for id_ in user_ids]
        self.lead_id.choices = ["", *self.member_ids.choices]
        return self

    def validate_lead_id(self, field: SelectField) -> None:
        """One of the members."""
        if field.data and field.data not in (self.member_ids.data or []):
            raise StopValidation(_("The lead is one of the members. Tick the box beside the name, too."))

    @property
    def values(self) -> dict[str, Any]:
        """As a group takes them."""
        return {
            "name_en": self.name_en.data or "", "name_vi": self.name_vi.data or "",
            "member_ids": sorted({int(id_) for id_ in self.member_ids.data or []}),
            "lead_id": number(self.lead_id.data),
        }  # fmt: skip
