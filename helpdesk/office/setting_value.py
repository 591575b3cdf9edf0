"""A value of a setting as an event keeps it, in words of the reader's language."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from helpdesk.accounts.user import ROLE_NAMES
from helpdesk.assignment.strategy import STRATEGIES
from helpdesk.core.i18n import _, in_names, lazy
from helpdesk.escalations.ladder import in_words as step_in_words
from helpdesk.notifications.mail_server_form import SECURITY
from helpdesk.organizers.form_key import ASKED
from helpdesk.sla.calendar_words import closures_said
from helpdesk.tickets.lifecycle import PRIORITY_LABELS, STATUS_LABELS

LANGUAGE_NAMES = {"en": lazy("English"), "vi": lazy("Vietnamese")}
CODES: Mapping[str, Mapping[Any, Any]] = {  # field → what its values, or those in its list, are called
    "role": ROLE_NAMES, "factor_from": ROLE_NAMES,
    "default_priority": PRIORITY_LABELS, "highest_priority": PRIORITY_LABELS,
    "pausing_statuses": STATUS_LABELS,
    "language": LANGUAGE_NAMES, "default_language": LANGUAGE_NAMES, "languages": LANGUAGE_NAMES,
    "strategy": {name: one.label for name, one in STRATEGIES.items()}, "security": dict(SECURITY),
    "order_asked": ASKED, "phone_asked": ASKED,
}  # fmt: skip
WAYS: Mapping[str, Callable[[Any], str]] = {
    "closures": closures_said, "steps": lambda steps: "\n".join(step_in_words(one) for one in steps),
}  # fmt: skip


@dataclass(frozen=True)
class SettingValue:
    """Of one field."""

    field: str
    value: Any

    @property
    def words(self) -> str:
        """Empty where there is nothing."""
        if self.value in (None, "", [], {}):
            return ""
        if self.field in WAYS:
            return WAYS[self.field](self.value)
        return self._said(self.value)

    def _said(self, value: Any) -> str:
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        if isinstance(value, list):
            return ", ".join(self._said(each) for each in value)
        if isinstance(value, dict):
            return _of_pair(value)
        return str(CODES.get(self.field, {}).get(value, value))


def _of_pair(value: dict[str, Any]) -> str:
    """A name in two languages, or what has one; anything else as it is kept."""
    if set(value) <= {"en", "vi"}:
        return in_names(value)
    inner = value.get("name") or value.get("called")
    if isinstance(inner, dict):
        return in_names(inner)
    return inner or json.dumps(value, ensure_ascii=False)
