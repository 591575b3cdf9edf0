"""What the settings page of a policy accepts."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField, StringField
from wtforms.validators import Length, StopValidation

from helpdesk.core.forms import Form, NamedForm, one_line
from helpdesk.core.i18n import lazy as _
from helpdesk.sla.clock import KINDS
from helpdesk.sla.demand import MOST_MINUTES, PAUSABLE, PRIORITIES

UNITS = {"minutes": 1, "hours": 60, "days": 1440}
CELLS = [(priority, kind) for priority in PRIORITIES for kind in KINDS]
_NUMBER = re.compile(r"(\d{1,6})(?:[.,](\d{1,2}))?", re.ASCII)
_PERCENT = re.compile(r"[1-9]\d?", re.ASCII)
_TARGET = _("Enter a number like 4 or 1.5, at most a year, or leave the field empty for no target.")
_PERCENTAGE = _("Enter a whole number from 1 to 99.")


def cell(priority: str, kind: str) -> str:
    """The name of a target's field; its unit's is the same with `_unit`."""
    return f"{kind}_{priority.lower()}"


def _percent() -> StringField:
    return StringField(filters=[one_line])


class PolicyForm(NamedForm):
    """A policy's values. Its targets are fields of their own, see `cell`; what can be chosen is set by `offer`."""

    calendar_id = SelectField(default="")
    pausing_statuses = SelectMultipleField(choices=list(PAUSABLE), default=list)
    warn_percent = _percent()
    critical_percent = _percent()
    merchant_ids = SelectMultipleField(default=list)
    is_default = BooleanField(default=False)
    apply = HiddenField()  # the answer about running tickets: `new` or `running`
    asked = HiddenField()  # which demand it was given to

    def offer(self, *, calendars: Iterable[int], merchants: Iterable[int]) -> "PolicyForm":
        """Say which calendars and stores there are."""
        self.calendar_id.choices = ["", *map(str, calendars)]
        self.merchant_ids.choices = [*map(str, merchants)]
        return self

    def validate_warn_percent(self, field: StringField) -> None:
        """A share of the target."""
        if not _PERCENT.fullmatch(field.data or ""):
            raise StopValidation(_PERCENTAGE)

    def validate_critical_percent(self, field: StringField) -> None:
        """A larger one."""
        if not _PERCENT.fullmatch(field.data or ""):
            raise StopValidation(_PERCENTAGE)
        if _PERCENT.fullmatch(self.warn_percent.data or "") and int(field.data) <= int(
            self.warn_percent.data
        ):
            raise StopValidation(_("The critical mark comes after the warning."))

    @property
    def values(self) -> dict[str, Any]:
        """As a policy takes them."""
        targets = {
            priority: {kind: self._seconds(priority, kind) for kind in KINDS} for priority in PRIORITIES
        }
        return {
            "name_en": self.name_en.data or "", "name_vi": self.name_vi.data or "", "targets": targets,
            "warn_percent": int(self.warn_percent.data), "critical_percent": int(self.critical_percent.data),
            "pausing_statuses": [each for each in PAUSABLE if each in self.pausing_statuses.data],
            "calendar_id": int(self.calendar_id.data) if self.calendar_id.data else None,
            "merchant_ids": sorted({int(id_) for id_ in self.merchant_ids.data or []}),
            "is_default": bool(self.is_default.data),
        }  # fmt: skip

    def _seconds(self, priority: str, kind: str) -> int | None:
        name = cell(priority, kind)
        minutes = _minutes(self[name].data, self[f"{name}_unit"].data)
        return None if minutes is None else minutes * 60


class Target:
    """A number of minutes, hours or days that makes whole minutes, or nothing."""

    def __call__(self, form: PolicyForm, field: StringField) -> None:
        """Raises StopValidation with a sentence that shows the shape."""
        unit = form[f"{field.name}_unit"].data
        try:
            minutes = _minutes(field.data, unit if unit in UNITS else "minutes")
        except ValueError:
            raise StopValidation(_TARGET) from None
        if minutes is not None and not 1 <= minutes <= MOST_MINUTES:
            raise StopValidation(_TARGET)


def _minutes(number: str | None, unit: str) -> int | None:
    """Whole minutes; None for nothing. ValueError for what is no number, or none of whole minutes."""
    if not number:
        return None
    match = _NUMBER.fullmatch(number)
    if match is None:
        raise ValueError(number)
    minutes = Decimal(f"{match[1]}.{match[2] or 0}") * UNITS[unit]
    if minutes != int(minutes):
        raise ValueError(number)
    return int(minutes)


for _priority, _kind in CELLS:
    setattr(PolicyForm, cell(_priority, _kind), StringField(filters=[one_line], validators=[Target()]))
    setattr(PolicyForm, f"{cell(_priority, _kind)}_unit", SelectField(choices=[*UNITS], default="hours"))


class ReplacementForm(Form):
    """The policy that takes the places of one that is archived; empty where it has none."""

    replacement = StringField(filters=[one_line], validators=[Length(max=20)])
