"""What is set on a form, in words: for a clash of two versions, and for its history."""

from dataclasses import dataclass
from typing import Any

from helpdesk.core.i18n import _
from helpdesk.organizers.form_key import ASKED, LABELS
from helpdesk.tickets.category_tree import CategoryTree
from helpdesk.tickets.lifecycle import PRIORITY_LABELS, Priority


@dataclass(frozen=True)
class FormWords:
    """In the reader's language; categories by their present names."""

    tree: CategoryTree

    @property
    def labels(self) -> dict[str, str]:
        """What each value is called."""
        return {name: str(label) for name, label in LABELS.items()}

    def of(self, values: dict[str, Any]) -> list[tuple[str, str]]:
        """A whole state, field by field."""
        return [(label, self.word(name, values[name])) for name, label in self.labels.items()]

    def changes(self, changes: dict[str, list[Any]]) -> list[tuple[str, str, str]]:
        """What one change did: the field, before, after."""
        labels = self.labels
        return [
            (labels[name], self.word(name, before), self.word(name, after))
            for name, (before, after) in changes.items() if name in labels
        ]  # fmt: skip

    def word(self, name: str, value: Any) -> str:
        """One value."""
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        if name == "highest_priority":
            return str(PRIORITY_LABELS[Priority(value)])
        if name.endswith("_asked"):
            return str(ASKED[value])
        if name == "allowed_origins":
            return ", ".join(value) or _("Any site")
        if name.endswith("category_ids"):
            nothing = (
                _("All topics") if name == "category_ids" else ""
            )  # of a field that no topic wants in particular
            return ", ".join(self._category(one) for one in value) or nothing
        return value or ""

    def _category(self, category_id: int) -> str:
        found = self.tree.by_id.get(category_id)
        return found.name if found else _("a topic that is gone")
