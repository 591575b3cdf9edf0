"""The queue, the ticket's page, and the socket that keeps both true."""

from typing import Any

from flask import Blueprint, Response, abort, redirect, request, send_file, url_for
from flask_login import current_user
from simple_websocket import Server
from sqlalchemy import select

from helpdesk.accounts.roles import agent, viewer
from helpdesk.accounts.user import User, workers_of
from helpdesk.agents.agent import Agent
from helpdesk.assignment.decision import Decision
from helpdesk.core import live, storage
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.events import Event, last_sequence
from helpdesk.core.forms import fresh_key
from helpdesk.core.pages import fragment, page, refused
from helpdesk.core.security import loosen
from helpdesk.desk.queries import VIEWS, Filters, View, counts, page_of
from helpdesk.escalations.escalation import Escalation
from helpdesk.tickets.forms import MessageForm, ReplyForm
from helpdesk.tickets.lifecycle import Priority, Status
from helpdesk.tickets.queries import file_for, missed_since, thread_of
from helpdesk.tickets.ticket import Ticket
from helpdesk.tickets.ticket_relation import TicketRelation

bp = Blueprint("desk", __name__)
OTHER_TICKETS = 5


@bp.get("/")
@allow(agent)
def home() -> Response:
    """Where a signed-in person begins."""
    return redirect(url_for("desk.queue_show"), 302)


@bp.get("/queue", defaults={"key": "todo"})
@bp.get("/queue/<key>")
@allow(agent)
def queue_show(key: str) -> Response:
    """The queue."""
    view = VIEWS.get(key) or abort(404)
    sequence = last_sequence()  # read first: whatever comes later is caught up from here
    return page(
        "desk/queue.html", **frame(), views=nav(view), filters=filter_bar(), live_url=queue_socket(),
        **rows(view, sequence),
    )  # fmt: skip


@bp.get("/queue/<key>/rows")
@allow(agent)
def rows_show(key: str) -> Response:
    """The rows alone, for a page whose list changed."""
    view = VIEWS.get(key) or abort(404)
    return fragment("desk/rows.stream.html", views=nav(view), **rows(view, last_sequence()))


def rows(view: View, sequence: int) -> dict[str, Any]:
    """What the list of a view shows."""
    filters = Filters(
        **{name: request.args.get(name, "")[:20] for name in ("status", "priority", "assignee")}
    )
    after, before = request.args.get("after", ""), request.args.get("before", "")
    found = page_of(view, viewer(), filters, after, before)
    chosen = {name: value for name, value in vars(filters).items() if value}
    here = chosen | ({"after": after} if after else {}) | ({"before": before} if before else {})
    return {
        "view": {"key": view.key, "label": str(view.label), "url": url_for("desk.queue_show", key=view.key)},
        "tickets": found.tickets,
        "next_url": found.after and url_for("desk.queue_show", key=view.key, after=found.after, **chosen),
        "previous_url": found.before
        and url_for("desk.queue_show", key=view.key, before=found.before, **chosen),
        "rows_url": url_for("desk.rows_show", key=view.key, **here),
        "sequence": sequence,
    }


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


def frame() -> dict[str, Any]:
    """What the header of every page of the desk shows."""
    profile = Agent.of(viewer().id)
    return {"availability": profile.availability if profile else None}


def queue_socket() -> str:
    """The address of the socket for the queue of this viewer's merchants."""
    topics = [f"user.{viewer().id}", *(f"queue.{id_}" for id_ in db.session.scalars(viewer().merchant_ids()))]
    return url_for("desk.socket", topics=",".join(topics[: live.MOST_TOPICS]))


# The ticket's page -------------------------------------------------------------------------------------------


@bp.get("/tickets/<number:number>")
@allow(agent)
def ticket_show(number: str) -> Response:
    """Everything about one ticket."""
    sequence = last_sequence()
    ticket = Ticket.find(number, viewer()) or abort(404)
    messages = thread_of(ticket)
    around = TicketRelation.around(ticket, OTHER_TICKETS)
    others = [each.ticket for each in reversed(around) if each.ticket.customer_id == ticket.customer_id]
    return page(
        "desk/ticket.html", **frame(), ticket=ticket, messages=messages, sequence=sequence,
        last_seen=messages[-1].id if messages else 0, moves=ticket.moves, agents=colleagues(ticket),
        decision=db.session.scalar(Decision.newest(ticket.id)), escalations=escalations(ticket),
        near=[each for each in around if each.how != "other"], other_tickets=others[:OTHER_TICKETS], categories=[],
        live_url=url_for("desk.socket", topics=f"user.{viewer().id},ticket.{ticket.id}"),
        changes_url=url_for("desk.changes_show", number=number), **forms(),
    )  # fmt: skip


@bp.get("/tickets/<number:number>/changes")
@allow(agent)
def changes_show(number: str) -> Response:
    """What a ticket's page that was away has missed: all that may have changed, as fragments."""
    sequence = last_sequence()
    ticket = Ticket.find(number, viewer()) or abort(404)
    missed = missed_since(ticket, request.args.get("since", ""))
    return fragment(
        "tickets/changes.stream.html", ticket=ticket, messages=missed.lines, moves=ticket.moves,
        removed=missed.removed, near=TicketRelation.around(ticket) if missed.relations else None,
        agents=colleagues(ticket), escalations=escalations(ticket), sequence=sequence,
    )  # fmt: skip


@bp.get("/tickets/<number:number>/audit")
@allow(agent)
def audit_show(number: str) -> Response:
    """The record of a ticket: who did what, when."""
    ticket = Ticket.find(number, viewer()) or abort(404)
    events = db.session.scalars(select(Event).where(Event.ticket_id == ticket.id).order_by(Event.id)).all()
    return page("desk/audit.html", **frame(), ticket=ticket, events=events)


def forms() -> dict[str, Any]:
    """The forms of the ticket's page: fresh, or as they came back with errors."""
    return {
        "reply_form": refused("reply") or ReplyForm(data={"submission": fresh_key()}),
        "note_form": refused("note") or MessageForm(data={"submission": fresh_key()}),
        "resolve_form": refused("resolve"),
    }


def colleagues(ticket: Ticket) -> list[User]:
    """Who may be given a ticket."""
    return list(db.session.scalars(workers_of(ticket.merchant_id)))


def escalations(ticket: Ticket) -> list[Escalation]:
    """A ticket's escalations, newest first."""
    return list(db.session.scalars(Escalation.of(ticket.id)))


@bp.get("/attachments/<id:attachment_id>/<name>")
@allow(agent)
def attachment_show(attachment_id: int, name: str) -> Response:
    """A file of a message that the viewer may see. Only pictures are shown in the browser."""
    file = file_for(viewer(), attachment_id) or abort(404)
    loosen(sandbox="", default_src="'none'")
    return send_file(storage.path_of(file.storage_key), mimetype=file.content_type, download_name=file.name,
                     as_attachment=not file.is_image)  # fmt: skip


@live.sock.route("/ws", bp=bp)
@allow(agent)
def socket(ws: Server) -> None:
    """Stream to one page of the desk."""
    row = current_user.row
    live.serve(ws, live.Identity("session", row.id, row.organizer_id), live.requested_topics())


@live.may_join("queue")
def _own_queue(user: object, merchant_id: int) -> bool:
    return isinstance(user, User) and user.sees_merchant(merchant_id)


@live.may_join("ticket")
def _seen_ticket(user: object, ticket_id: int) -> bool:
    seen = Ticket.visible_to(user).where(Ticket.id == ticket_id) if isinstance(user, User) else None
    return seen is not None and db.session.scalar(seen) is not None


from helpdesk.desk import deleted_views  # noqa: E402, F401 - its pages stand in the same frame
