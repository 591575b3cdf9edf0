"""The ticket's page, and the fragments that keep it true."""

from typing import Any

from flask import Response, abort, request, url_for

from helpdesk.accounts.roles import agent, viewer
from helpdesk.accounts.user import User
from helpdesk.agents.agent import Agent
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.events import last_sequence
from helpdesk.core.forms import row_id
from helpdesk.core.pages import fragment, page, refused
from helpdesk.desk.frame_views import bp
from helpdesk.desk.presence import Presence
from helpdesk.desk.ticket_page import OTHER_TICKETS, TicketPage, others_of
from helpdesk.escalations.escalation import Escalation
from helpdesk.notifications.ticket_mails import TicketMails
from helpdesk.tickets.bulk_run import BulkRun
from helpdesk.tickets.canned_reply import canned_text
from helpdesk.tickets.conflict import PROPERTIES
from helpdesk.tickets.draft import Draft
from helpdesk.tickets.forms import MessageForm, ReplyForm
from helpdesk.tickets.queries import missed_since
from helpdesk.tickets.thread import Thread
from helpdesk.tickets.ticket import Ticket
from helpdesk.tickets.ticket_relation import TicketRelation


@bp.get("/tickets/<number:number>")
@allow(agent)
def ticket_show(number: str) -> Response:
    """Everything about one ticket."""
    shown = TicketPage.find(number, viewer())
    if shown is None:
        return deleted(number)
    ticket, printed = shown.ticket, request.args.get("print")
    whole = bool(printed or request.args.get("all"))
    notes = printed in (None, "notes")
    around = TicketRelation.around(ticket, OTHER_TICKETS)
    thread = Thread.of(ticket, reader=viewer(), read_to=shown.read_to, whole=whole, notes=notes)
    return page(
        "desk/ticket.html", **vars(shown), **forms(ticket), thread=thread, entries=thread.entries, moves=ticket.moves,
        last_seen=thread.newest_id, agents=colleagues(ticket), other_tickets=others_of(ticket, around),
        live_url=ticket_socket(ticket), printed=printed,
        changes_url=url_for("desk.changes_show", number=number), tab=tab(),
        people=Presence.on([ticket.id], but=viewer().id)[ticket.id],
        near=[each for each in around if each.how != "other"],
        is_followed=viewer() in shown.followers, macro_run=just_run(ticket),
    )  # fmt: skip


def just_run(ticket: Ticket) -> BulkRun | None:
    """The macro that this page's address says was done, where it can still be undone."""
    run_id = row_id(request.args.get("undo", ""))
    run = BulkRun.on(ticket, viewer(), run_id) if run_id else None
    return run if run and run.can_be_undone else None


def ticket_socket(ticket: Ticket) -> str:
    """The address of the socket for the page of a ticket, which shows its customer's other ones too."""
    topics = f"user.{viewer().id},ticket.{ticket.id},customer.{ticket.customer_id}"
    return url_for("desk.socket", topics=topics)


def deleted(number: str) -> Response:
    """Instead of the page of a deleted ticket: that it was deleted, and what its reader was writing on it."""
    ticket = Ticket.find(number, viewer(), deleted_too=True) or abort(404)
    drafts = Draft.kept(ticket.id, viewer())
    words = {kind: drafts[kind].body if kind in drafts else "" for kind in ("reply", "note")}
    answer = page("desk/ticket_gone.html", ticket=ticket, words=words)
    answer.status_code = 404
    return answer


def forms(ticket: Ticket) -> dict[str, Any]:
    """The forms of the ticket's page: with what was begun in them, or as they came back with errors."""
    drafts = Draft.kept(ticket.id, viewer())
    return {
        "reply_form": refused("reply") or begun(ticket, drafts.get("reply")),
        "note_form": refused("note") or MessageForm.of_draft(drafts.get("note")),
        "resolve_form": refused("resolve"),
        "snooze_form": refused("snooze"),
        "conflicts": {name: refused(name) for name in PROPERTIES},
    }


def begun(ticket: Ticket, draft: Draft | None) -> ReplyForm:
    """The reply that somebody has begun, or a canned one that he has just chosen without scripts."""
    form = ReplyForm.of_draft(draft)
    chosen = canned_text(viewer(), ticket, request.args.get("canned"))
    if chosen:
        form.body.data = "\n\n".join(filter(None, (form.body.data, chosen)))
    return form


def tab() -> str:
    """Which half of the page a narrow screen shows; what went wrong with a property is among the details."""
    wrong = any(refused(name) for name in (*PROPERTIES, "resolve", "snooze"))
    return "details" if wrong or request.args.get("tab") == "details" else "conversation"


@bp.get("/tickets/<number:number>/messages")
@allow(agent)
def messages_show(number: str) -> Response:
    """Earlier messages, for a page that shows the ends of a long thread."""
    ticket = Ticket.find(number, viewer()) or abort(404)
    before = request.args.get("before", "")
    number_ = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else abort(400)
    return fragment("tickets/_entries.html", ticket=ticket, entries=Thread.earlier(ticket, number_).entries)


@bp.get("/tickets/<number:number>/changes")
@allow(agent)
def changes_show(number: str) -> Response:
    """What a ticket's page that was away has missed: all that may have changed, as fragments."""
    sequence = last_sequence()
    ticket = Ticket.find(number, viewer()) or abort(404)
    missed = missed_since(ticket, request.args.get("since", ""))
    return fragment(
        "tickets/changes.stream.html", ticket=ticket, messages=missed.lines, moves=ticket.moves,
        is_left=missed.is_left, removed=missed.removed,
        near=TicketRelation.around(ticket) if missed.relations else None,
        mails=TicketMails.of(ticket.id) if missed.mails else None,
        agents=colleagues(ticket), escalations=escalations(ticket), sequence=sequence,
    )  # fmt: skip


@bp.get("/tickets/<number:number>/panels")
@allow(agent)
def panels_show(number: str) -> Response:
    """What beside a ticket is its reader's own, or hangs on other tickets: asked for, as nobody can push it."""
    shown = TicketPage.find(number, viewer()) or abort(404)
    around = TicketRelation.around(shown.ticket, OTHER_TICKETS)
    return fragment(
        "desk/panels.stream.html", **vars(shown), other_tickets=others_of(shown.ticket, around),
        near=[each for each in around if each.how != "other"], is_followed=viewer() in shown.followers,
    )  # fmt: skip


def colleagues(ticket: Ticket) -> list[User]:
    """Who may be given a ticket."""
    return Agent.able_for(ticket.merchant_id)


def escalations(ticket: Ticket) -> list[Escalation]:
    """A ticket's escalations, newest first."""
    return list(db.session.scalars(Escalation.of(ticket.id)))
