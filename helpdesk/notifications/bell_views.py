"""The page of what a user is told, the bell in the header of every page, and what is read and unread."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Response, abort, g, make_response, redirect, request, url_for

from helpdesk.accounts.roles import agent, viewer
from helpdesk.accounts.user import User
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.pages import fragment, is_htmx, page
from helpdesk.core.zone import instant, micros
from helpdesk.notifications.bell import Bell, Header
from helpdesk.notifications.notification import Notification
from helpdesk.notifications.notification_group import NotificationGroup, why
from helpdesk.notifications.preference_views import bp
from helpdesk.tickets.bulk_run import BulkRun
from helpdesk.tickets.ticket import Ticket


@bp.app_template_global()
def header_of(viewer: User) -> Header:
    """What the header of a page asks, once for its title too."""
    if "header" not in g:
        g.header = Header.of(viewer)
    found: Header = g.header
    return found


@bp.get("/notifications")
@allow(agent)
def notifications_index() -> Response:
    """What I was told, ticket by ticket."""
    is_unread = request.args.get("show") == "unread"
    groups, last = NotificationGroup.page(viewer(), unread=is_unread, before=whole("before"))
    return page(
        "notifications/index.html", groups=groups, why=why, is_unread=is_unread, query=kept(here()), done=taken_back(),
        runs=db.session.scalars(BulkRun.unseen_by(viewer())).all(),
        is_first="before" not in request.args, last=last,
    )  # fmt: skip


@bp.get("/notifications/groups")
@allow(agent)
def groups_show() -> Response:
    """The newest groups alone, for a page whose bell has changed."""
    is_unread = request.args.get("show") == "unread"
    groups, _ = NotificationGroup.page(viewer(), unread=is_unread)
    return fragment(
        "notifications/_told.html",
        groups=groups,
        why=why,
        is_unread=is_unread,
        is_first=True,
        query=kept(here()),
    )


@bp.get("/notifications/bell")
@allow(agent)
def bell_show() -> Response:
    """The bell alone, for a page that was told to look again."""
    return fragment("notifications/_bell.html", bell=Bell.of(viewer()))


@bp.post("/notifications/reading")
@allow(agent)
def reading_create() -> Response:
    """I have read everything that I was shown."""
    BulkRun.all_seen(by=viewer())
    return marked(Notification.read(by=viewer(), up_to=whole("up_to", request.form)))


@bp.post("/notifications/<number:number>/reading")
@allow(agent)
def ticket_reading_create(number: str) -> Response:
    """I have read what was told about a ticket, or I look at it."""
    ticket = Ticket.find(number, viewer()) or abort(404)
    return marked(Notification.read(by=viewer(), ticket_id=ticket.id, up_to=whole("up_to", request.form)))


@bp.post("/notifications/<number:number>/keeping")
@allow(agent)
def ticket_reading_delete(number: str) -> Response:
    """I read the newest about a ticket later."""
    ticket = Ticket.find(number, viewer()) or abort(404)
    Notification.keep(ticket.id, by=viewer())
    return marked(None)


@bp.post("/notifications/reading/undo")
@allow(agent)
def reading_delete() -> Response:
    """I have not read it after all."""
    Notification.unread(moment(request.form.get("at", "")) or abort(400), by=viewer())
    return marked(None)


def whole(name: str, said: Any = None) -> int | None:
    """The id in an address or a form; 400 for what is none."""
    words = (request.args if said is None else said).get(name)
    if words is None:
        return None
    return int(words) if words.isascii() and words.isdecimal() and len(words) < 19 else abort(400)


def moment(words: str) -> datetime | None:
    """The instant by which a deed can be taken back, in microseconds; None for what is none."""
    is_number = words.isascii() and words.isdecimal() and len(words) < 18
    return instant(int(words)) if is_number else None


def here() -> dict[str, str]:
    """What the address says of which part of the page is shown."""
    return {name: request.args[name][:20] for name in ("show", "before") if request.args.get(name)}


def kept(args: dict[str, str]) -> str:
    """The same for an address."""
    return f"?{urlencode(args)}" if args else ""


def taken_back() -> str:
    """The instant of what was done just now, if it can be taken back."""
    words = request.args.get("done", "")
    return words if moment(words) else ""


def marked(at: datetime | None) -> Response:
    """The page again, with the way back; a page of a ticket only hears that it is done."""
    if is_htmx():
        return make_response("", 204)
    done = {"done": micros(at)} if at else {}
    return redirect(url_for("notifications.notifications_index", **here(), **done), 303)
