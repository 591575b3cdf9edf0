"""The desk's blueprint, and what its pages share: the views beside the list, the filters."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, url_for
from sqlalchemy import select

from helpdesk.accounts.roles import viewer
from helpdesk.accounts.user import User
from helpdesk.agents.group import Group
from helpdesk.core.db import db
from helpdesk.core.i18n import _
from helpdesk.desk.filters import DEADLINES, NOBODY, SORTS, Filters
from helpdesk.desk.queries import VIEWS, View, counts, tickets_in
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.category import Category
from helpdesk.tickets.lifecycle import PRIORITY_LABELS, STATUS_LABELS

bp = Blueprint("desk", __name__)


def nav(current: View | None, filters: Filters | None = None) -> list[dict[str, Any]]:
    """The views beside the list, with their counts, and how many tickets the list itself has."""
    shown = tickets_in(current, viewer(), filters) if current and filters else None
    numbers = counts(viewer(), shown)
    return [
        {
            "key": view.key, "label": str(view.label), "url": url_for("desk.queue_show", key=view.key),
            "count": numbers.get(view.key), "current": view is current,
            "total": numbers.get("shown", 0),
        }
        for view in VIEWS.values()
    ]  # fmt: skip


def filter_bar(filters: Filters, merchants: Sequence[Any] | None = None) -> dict[str, Any]:
    """What the filters offer and what is chosen. Search, which has no merchants here, has the first three."""
    people = select(User.id, User.name).where(User.is_active).order_by(User.name, User.id)
    lists = {
        "status": list(STATUS_LABELS.items()), "priority": list(reversed(PRIORITY_LABELS.items())),
        "assignee": [("me", _("Me")), (NOBODY, _("Nobody")), *db.session.execute(people)],
    }  # fmt: skip
    more = {} if merchants is None else rarer(merchants)
    return {
        "chosen": vars(filters),
        "lists": spoken(lists),
        "more": spoken(more),
        "sorts": spoken({"": SORTS.items()})[""],
    }


def rarer(merchants: Sequence[Any]) -> dict[str, Any]:
    """The lists of the filters that are folded away. There is nothing to choose among less than two merchants."""
    tree = Category.tree()
    lines = [(one.id, " › ".join(each.name for each in tree.line(one))) for one in tree.walk()]
    groups = [(group.id, group.name) for group in db.session.scalars(Group.on_offer())]
    return {
        "deadline": DEADLINES.items(), "group": [("mine", _("My teams")), (NOBODY, _("No team")), *groups],
        "category": [(NOBODY, _("No category")), *lines],
        "merchant": merchants if len(merchants) > 1 else [],
    }  # fmt: skip


def spoken(lists: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """Values and their words, as a page writes them."""
    return {name: [(str(value), str(word)) for value, word in options] for name, options in lists.items()}


def chips(view: View, filters: Filters, bar: dict[str, Any]) -> list[dict[str, str]]:
    """What narrows the list, each with the address of the list without it."""
    names = {
        "status": _("Status"), "priority": _("Priority"), "assignee": _("Assignee"), "group": _("Team"),
        "category": _("Category"), "tag": _("Tag"), "merchant": _("Store"), "deadline": _("Deadline"),
    }  # fmt: skip
    words = {name: dict(options) for name, options in (bar["lists"] | bar["more"]).items()}
    return [
        {
            "name": names[name], "value": words.get(name, {}).get(value, value),
            "url": url_for("desk.queue_show", key=view.key, **{k: v for k, v in filters.said.items() if k != name}),
        }
        for name, value in filters.narrowing.items()
    ]  # fmt: skip


def merchants_seen() -> list[Any]:
    """The merchants that the viewer sees: id and name."""
    seen = select(Merchant.id, Merchant.name).where(Merchant.id.in_(viewer().merchant_ids()))
    return list(db.session.execute(seen.order_by(Merchant.name, Merchant.id)))
