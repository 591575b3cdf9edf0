"""The desk's blueprint, and what its pages share: the views beside the list, the filters."""

from typing import Any

from flask import Blueprint, request, url_for
from sqlalchemy import select

from helpdesk.accounts.roles import viewer
from helpdesk.accounts.user import User
from helpdesk.core.db import db
from helpdesk.desk.queries import VIEWS, View, counts
from helpdesk.tickets.lifecycle import Priority, Status

bp = Blueprint("desk", __name__)


def nav(current: View | None) -> list[dict[str, Any]]:
    """The views beside the list, with their counts."""
    numbers = counts(viewer())
    return [
        {
            "key": view.key, "label": str(view.label), "url": url_for("desk.queue_show", key=view.key),
            "count": numbers.get(view.key), "current": view is current,
        }
        for view in VIEWS.values()
    ]  # fmt: skip


def filter_bar() -> dict[str, Any]:
    """What the filters offer and what is chosen."""
    people = select(User).where(User.is_active).order_by(User.name, User.id)
    return {
        "status": request.args.get("status", ""), "priority": request.args.get("priority", ""),
        "assignee": request.args.get("assignee", ""), "statuses": [status.value for status in Status],
        "priorities": [priority.value for priority in reversed(Priority)],
        "assignees": db.session.scalars(people).all(),
    }  # fmt: skip
