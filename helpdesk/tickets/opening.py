"""What a new ticket says, by whichever door it comes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from helpdesk.tickets.category import Category
from helpdesk.tickets.lifecycle import Priority
from helpdesk.tickets.upload import Upload


@dataclass(frozen=True)
class Opening:
    """What a new ticket says."""

    subject: str
    body: str
    priority: str = ""  # empty: the category decides
    highest: str = Priority.CRITICAL  # that the category may decide
    category_id: int | None = None
    language: str = "en"
    source: str = "form"
    order: dict[str, Any] | None = None
    files: Sequence[Upload] = field(default=())
    key: str | None = None  # of the form, so that sending it twice makes one ticket
    notify: bool = True  # whether the customer is mailed that the ticket is there
    follows_id: int | None = None  # the closed ticket that it goes on with

    def decided(self) -> tuple[Priority, int | None]:
        """Its priority, and the policy that its category wants: what the category leaves empty, its ancestors say."""
        said = policy = None
        if self.category_id:
            tree = Category.tree()
            category = tree.by_id[self.category_id]
            said, policy = (
                tree.effective(category, name).value for name in ("default_priority", "policy_id")
            )
        if self.priority:
            return Priority(self.priority), policy
        return min(
            Priority(said or Priority.MEDIUM), Priority(self.highest), key=list(Priority).index
        ), policy
