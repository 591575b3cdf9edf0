"""What a new ticket says, by whichever door it comes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from helpdesk.agents.group import Group
from helpdesk.tickets.category import Category
from helpdesk.tickets.category_tree import CategoryTree
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
    sent_from: dict[str, Any] | None = None  # what the visitor's browser says of itself

    def decided(self, merchant_id: int, tree: CategoryTree | None = None) -> "Decided":
        """What follows from its category: what that leaves empty, its ancestors say (CAT-002).

        A team in which nobody works for the merchant does not get the ticket: it would be in nobody's hands.
        """
        tree, category = (tree or Category.tree(), self.category_id) if self.category_id else (None, None)
        said = policy_id = group_id = None
        if tree and category:
            said, policy_id, group_id = (
                tree.effective(tree.by_id[category], name).value
                for name in ("default_priority", "policy_id", "group_id")
            )
        highest = min(Priority(said or Priority.MEDIUM), Priority(self.highest), key=list(Priority).index)
        group = Group.working_for(merchant_id, group_id)
        return Decided(Priority(self.priority or highest), policy_id, group and group.id)


class Decided(NamedTuple):
    """What a new ticket begins with."""

    priority: Priority
    policy_id: int | None
    group_id: int | None
