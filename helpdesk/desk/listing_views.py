"""What the page of a list shows, whichever view it is of, and the part of it that lives."""

from collections.abc import Collection
from typing import Any

from flask import Response, redirect, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from helpdesk.accounts.roles import viewer
from helpdesk.config import current_config
from helpdesk.core import live
from helpdesk.core.db import db
from helpdesk.core.events import last_sequence
from helpdesk.core.memory import remembering
from helpdesk.core.pages import fragment, page
from helpdesk.desk.bulk_views import bulk_bar
from helpdesk.desk.filters import SIZE, SIZES
from helpdesk.desk.frame_views import chips, filter_bar, nav, sequence_and_merchants
from helpdesk.desk.listing import Listing
from helpdesk.desk.queries import END, MOST_FOUND, Page, ahead_of, page_of, parts_of
from helpdesk.desk.row import Row
from helpdesk.organizers.form_key import ROOM, FormKey
from helpdesk.tickets.ticket import Ticket


@remembering()
def shown(listing: Listing) -> Response:
    """The page of a list; another address of it leads to the one that stays."""
    if "" in request.args.values() or any(len(values) > 1 for _name, values in request.args.lists()):
        return redirect(listing.narrowed(listing.filters), 302)
    sequence, merchants = sequence_and_merchants()  # read first: what comes later is caught up from here
    bar = filter_bar(listing.filters, merchants)
    bulk = bulk_bar(listing.view, listing.filters, bar)
    return page(
        "desk/queue.html", **rows(listing, sequence, bar, bulk["picks"]), filters=bar, live_url=queue_socket(merchants),
        keeping=keeping(listing, bar["more"]["led"]), bulk=bulk,
    )  # fmt: skip


def rows_alone(listing: Listing) -> Response:
    """The part of its page that lives."""
    return fragment("desk/rows.stream.html", **rows(listing, last_sequence()))


@remembering()
def rows(
    listing: Listing, sequence: int, bar: dict[str, Any] | None = None, picks: Collection[str] = ()
) -> dict[str, Any]:
    """What a list shows, and the views beside it. What its filters are called is asked only where it is said."""
    after, before = request.args.get("after", ""), request.args.get("before", "")
    asked_for = (listing.view, viewer(), listing.filters)
    found = page_of(*asked_for, after, before)
    parts = () if found.is_whole else (parts_of(*asked_for), ahead_of(*asked_for, after, before))
    exact = {name: part for name, part in zip(("total", "ahead"), parts, strict=False) if part is not None}
    views, numbers = nav(listing, **exact)
    numbers = {"total": len(found.lines)} | numbers
    bar = bar or (None if found.lines else filter_bar(listing.filters, sequence_and_merchants()[1]))
    here = {name: at for name, at in (("after", after), ("before", before)) if at}
    return {
        "view": {
            "key": listing.view.key, "label": listing.label, "url": listing.view.address, "place": listing.place,
            "is_narrowed": bool(listing.filters.narrowing),
        },
        "views": views, "rows": Row.every(found.lines, viewer(), picks), "sequence": sequence,
        "chips": chips(listing, bar) if bar else [],
        "forms": None if found.lines or listing.filters.narrowing else forms_to_embed(),
        "total": numbers["total"], "footer": footer(listing, found, numbers),
        "rows_url": listing.address(listing.rows, **here),
    }  # fmt: skip


def forms_to_embed() -> list[dict[str, str]] | None:
    """On the first day, when there is no ticket at all: how requests come here. None on every later one."""
    if db.session.scalar(Ticket.within_sight_of(viewer()).with_only_columns(Ticket.id).limit(1)):
        return None
    own = select(FormKey).where(FormKey.merchant_id.in_(viewer().merchant_ids()), FormKey.is_on)
    keys = db.session.scalars(own.options(joinedload(FormKey.merchant)).order_by(FormKey.id).limit(3))
    script = f'<script async src="{current_config().base_url}/embed.js"></script>'
    return [
        {
            "store": key.merchant.name, "url": f"/embed/{key.key}",
            "lines": f'<div data-helpdesk-form="{key.key}">{ROOM}</div>\n{script}',
        }
        for key in keys
    ]  # fmt: skip


def footer(listing: Listing, found: Page, numbers: dict[str, int]) -> dict[str, Any]:
    """Which rows these are of how many, the ways to the others, and how many a page may have."""
    size = int(listing.filters.size or SIZE)
    return {
        "first": found.first_of(numbers.get("total", 0), numbers.get("ahead"), MOST_FOUND), "shown": len(found.lines),
        "start_url": found.before and listing.address(), "end_url": found.after and listing.address(before=END),
        "previous_url": found.before and listing.address(before=found.before),
        "next_url": found.after and listing.address(after=found.after),
        "sizes": [(each, listing.sized(each), each == size) for each in SIZES],
    }  # fmt: skip


def queue_socket(merchants: list[Any]) -> str:
    """The address of the socket for the queue of this viewer's merchants."""
    topics = [f"user.{viewer().id}", *(f"queue.{id_}" for id_, _ in merchants)]
    return url_for("desk.socket", topics=",".join(topics[: live.MOST_TOPICS]))


def keeping(listing: Listing, led: list[tuple[int, str]]) -> dict[str, Any]:
    """What can be done with the list as it is: saving it under a name, or in the place of what was saved."""
    saved = listing.saved
    return {
        "saved": saved, "may_edit": bool(saved and saved.may_be_edited_by(viewer())), "is_changed": listing.is_changed,
        "view": listing.view.key, "query": listing.query, "led": led,
        "is_offered": bool(listing.filters.to_keep) and (saved is None or listing.is_changed),
    }  # fmt: skip
