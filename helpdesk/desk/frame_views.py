"""The desk's blueprint, and what its pages share: the views beside the list, the filters."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from flask import Blueprint, request
from sqlalchemy import literal, select, true, union_all

from helpdesk.accounts.roles import viewer
from helpdesk.accounts.user import User
from helpdesk.agents.agent import Agent
from helpdesk.agents.group import Group
from helpdesk.core.db import db
from helpdesk.core.events import Chain, last_sequence
from helpdesk.core.i18n import _
from helpdesk.core.memory import foreknow, remembering
from helpdesk.core.name_order import by_name
from helpdesk.desk.filters import DEADLINES, NOBODY, SORTS, SOURCES, Filters, categories
from helpdesk.desk.listing import Listing
from helpdesk.desk.queries import VIEWS, Parts, counts, own_merchants, parts_of
from helpdesk.desk.saved_view import SavedView
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.lifecycle import PRIORITY_LABELS, STATUS_LABELS

bp = Blueprint("desk", __name__)


@remembering()
def nav(current: Listing | None, **exact: Parts) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """The views beside the list with their counts, saved ones last; and how much is in lists of the page at hand."""
    saved = SavedView.beside(viewer())
    lists = {each.key: parts_of(each.base, viewer(), each.filters) for each in saved}
    numbers = counts(viewer(), lists, exact)
    shipped = [
        {
            "key": view.key, "label": str(view.label), "url": view.address, "count": numbers.get(view.key),
            "current": bool(current and current.view is view and not current.saved), "saved": None,
        }
        for view in VIEWS.values()
    ]  # fmt: skip
    own = [
        {
            "key": each.key, "label": each.name, "url": f"/queue/saved/{each.id}", "count": numbers.get(each.key),
            "current": bool(current and current.saved and current.saved.id == each.id), "saved": each,
        }
        for each in saved
    ]  # fmt: skip
    return shipped + own, numbers


def asked() -> Filters:
    """What the address asks for; what it says twice is one value with a comma."""
    return Filters.of({name: ",".join(filter(None, values)) for name, values in request.args.lists()})


def filter_bar(filters: Filters, merchants: Sequence[Any] | None = None) -> dict[str, Any]:
    """What the filters offer and what is chosen. Search, which has no merchants here, has the first three."""
    people, teams, able = people_and_teams()
    lists = {
        "status": list(STATUS_LABELS.items()), "priority": list(reversed(PRIORITY_LABELS.items())),
        "assignee": [("me", _("Me")), (NOBODY, _("Nobody")), *people],
    }  # fmt: skip
    more = {} if merchants is None else rarer(merchants, teams)
    return {
        "chosen": vars(filters) | {"statuses": filters.statuses},
        "lists": spoken(lists),
        "able": able,
        "more": spoken(more),
        "sorts": spoken({"": SORTS.items()})[""],
    }


def people_and_teams() -> tuple[list[tuple[int, str]], list[Group], set[str]]:
    """Who can have tickets, by name, and which teams, in the order in which they were made; in one query.

    Last: the ids of those who can be given more.
    """
    nothing = literal(None, Group.lead_id.type)
    people = select(
        literal(1).label("of"), User.id, User.name.label("en"), literal("").label("vi"), nothing.label("lead"),
        User.id.not_in(Agent.relieved()).label("able"),
    )  # fmt: skip
    offered = Group.on_offer().order_by(None)
    teams = offered.with_only_columns(
        literal(2), Group.id, Group.name_en, Group.name_vi, Group.lead_id, true()
    )
    both = union_all(people.where(User.is_active), teams).subquery()
    rows = db.session.execute(select(both)).all()
    named = by_name(sorted((row.id, row.en) for row in rows if row.of == 1), itemgetter(1))
    made = sorted((row for row in rows if row.of == 2), key=lambda row: row.id)
    groups = [Group(id=row.id, name_en=row.en, name_vi=row.vi, lead_id=row.lead) for row in made]
    able = {str(row.id) for row in rows if row.of == 1 and row.able}
    return named, groups, able


def rarer(merchants: Sequence[Any], teams: Sequence[Group]) -> dict[str, Any]:
    """The lists of the filters that are folded away. There is nothing to choose among less than two merchants."""
    tree = categories()
    lines = [(one.id, " › ".join(each.name for each in tree.line(one))) for one in tree.walk()]
    groups = [(team.id, team.name) for team in teams]
    return {
        "deadline": DEADLINES.items(), "group": [("mine", _("My teams")), (NOBODY, _("No team")), *groups],
        "category": [(NOBODY, _("No category")), *lines],
        "merchant": merchants if len(merchants) > 1 else [],
        "source": SOURCES.items(),
        "led": [(team.id, team.name) for team in teams if SavedView.may_be_made_by(viewer(), team)],
    }  # fmt: skip


def spoken(lists: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """Values and their words, as a page writes them."""
    return {name: [(str(value), str(word)) for value, word in options] for name, options in lists.items()}


def chips(listing: Listing, bar: dict[str, Any]) -> list[dict[str, str]]:
    """What narrows the list, each with the address of the list without it."""
    names = {
        "status": _("Status"), "priority": _("Priority"), "assignee": _("Assignee"), "group": _("Team"),
        "category": _("Category"), "tag": _("Tag"), "merchant": _("Store"), "deadline": _("Deadline"),
        "customer": _("Customer"), "source": _("Channel"), "since": _("Created from"), "until": _("Created until"),
    }  # fmt: skip
    words = {name: dict(options) for name, options in (bar["lists"] | bar["more"]).items()}
    filters = listing.filters
    return [
        {
            "name": names[name], "value": words.get(name, {}).get(value, value),
            "url": listing.narrowed(filters.without(name, value)),
        }
        for name, value in filters.single
    ]  # fmt: skip


def sequence_and_merchants() -> tuple[int, list[Any]]:
    """How far the log is sealed, and the merchants that the viewer sees: id and name."""
    seen = select(Merchant.id, Merchant.name, select(Chain.sequence).scalar_subquery())
    rows = db.session.execute(
        seen.where(Merchant.id.in_(viewer().merchant_ids())).order_by(Merchant.name, Merchant.id)
    ).all()
    foreknow({own_merchants(viewer()): [id_ for id_, _name, _sequence in rows]})
    return (rows[0][2] or 0) if rows else last_sequence(), [(id_, name) for id_, name, _sequence in rows]
