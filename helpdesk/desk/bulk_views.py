"""The same done to many tickets: from the bar above the queue, and the page that says what became of it."""

from collections.abc import Sequence
from typing import Any

from flask import Response, abort, make_response, redirect, request, url_for
from sqlalchemy import select

from helpdesk.accounts.roles import agent, viewer
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.forms import row_id
from helpdesk.core.i18n import _
from helpdesk.core.pages import fragment, invalid, is_htmx, page, refused
from helpdesk.desk.bulk_form import BulkForm
from helpdesk.desk.filters import Filters
from helpdesk.desk.frame_views import asked, bp
from helpdesk.desk.queries import VIEWS, View, tickets_in
from helpdesk.tickets.bulk_run import MOST, BulkRun
from helpdesk.tickets.jobs import work_off
from helpdesk.tickets.lifecycle import CLOSE_REASONS, STATUS_LABELS
from helpdesk.tickets.macro import Macro, in_words, spoken
from helpdesk.tickets.macro_views import usable
from helpdesk.tickets.ticket import NUMBER, Ticket
from helpdesk.tickets.ticket_deed import CLOSED, MOVABLE, REASON_LABELS, TEAM, TicketDeed


@bp.post("/queue/<key>/bulk")
@allow(agent)
def bulk_create(key: str) -> Response:
    """Do it to the chosen tickets; where it cannot be undone, or is about all results, only after a second look."""
    view, form = VIEWS.get(key) or abort(404), BulkForm.of_request()
    if not form.is_right(viewer()):
        return invalid(
            "desk/_bulk_errors.html", page="desk.queue_show", args={"key": key}, kind="bulk", form=form
        )
    ids, unknown = chosen(form) if not form.all.data else (all_of(view, asked()), 0)
    run = proposed(form, ids, unknown)
    if form.all.data or form.do.data in ("merge", "macro"):
        return led_to(run)
    run.start(by=viewer())
    return done(run, key)


def bulk_bar(view: View, filters: Filters, bar: dict[str, Any]) -> dict[str, Any]:
    """What the bar above the list offers; on the page after a deed, what became of it."""
    form, is_boss = refused("bulk"), viewer().is_at_least("manager")
    words = request.args.get("bulk", "")
    run = BulkRun.of(viewer(), row_id(words)) if words else None
    able = [one for one in bar["lists"]["assignee"][2:] if is_boss and one[0] in bar["able"]]
    people = [("me", _("Me")), ("none", _("Nobody")), *able]
    teams = [(f"{TEAM}{value}", word) for value, word in bar["more"].get("group", [])[2:]]
    closing = [(f"{CLOSED}{reason}", str(REASON_LABELS[reason])) for reason in CLOSE_REASONS]
    return {
        "form": form, "run": run, "picks": form.numbers if form else (), "people": [*people, *teams],
        "url": url_for("desk.bulk_create", key=view.key, **filters.said),
        "statuses": [*((each.value, str(STATUS_LABELS[each])) for each in MOVABLE), *(closing if is_boss else [])],
        "priorities": bar["lists"]["priority"],
    }  # fmt: skip


def chosen(form: BulkForm) -> tuple[list[int], int]:
    """The ids of the chosen tickets that he sees, and how many others there were."""
    numbers = form.numbers
    seen = Ticket.visible_to(viewer()).where(Ticket.number.in_(numbers)).with_only_columns(Ticket.id)
    ids = list(db.session.scalars(seen))
    return ids, len(numbers) - len(ids)


def all_of(view: View, filters: Filters) -> list[int]:
    """The ids of all that the list of the address holds now: from here on it is about these."""
    found = tickets_in(view, viewer(), filters).with_only_columns(Ticket.id).limit(MOST + 1)
    return list(db.session.scalars(found))


def proposed(form: BulkForm, ids: Sequence[int], unknown: int) -> BulkRun:
    """What is to be done, with its tickets pinned."""
    if form.do.data == "merge":
        oldest = select(Ticket.number).where(Ticket.id == min(ids, default=0))
        into = db.session.scalar(oldest) or abort(404)
        return BulkRun.propose(sorted(ids)[1:], [TicketDeed("merge", into)], by=viewer(), unknown=unknown)
    return BulkRun.propose(ids, form.deeds(viewer()), by=viewer(), unknown=unknown)


def led_to(run: BulkRun) -> Response:
    """On to its page."""
    address = url_for("desk.bulk_show", run_id=run.id)
    if not is_htmx():
        return redirect(address, 303)
    answer = make_response("", 204)
    answer.headers["HX-Redirect"] = address
    return answer


def done(run: BulkRun, key: str) -> Response:
    """Back to the list, with what became of it."""
    wake(run)
    if is_htmx():
        return fragment("desk/bulk.stream.html", run=run)
    return redirect(
        url_for("desk.queue_show", key=key, **request.args.to_dict() | {"bulk": str(run.id)}), 303
    )


def chosen_macro() -> Macro:
    """One that he can use; 404 for any other."""
    return usable(row_id(request.form.get("macro", "")))


def wake(run: BulkRun) -> None:
    """A worker goes on with it, if it is one's."""
    if run.next_at:
        work_off.later(run.id)


def own(run_id: int, *, lock: bool = False) -> BulkRun:
    """One of the viewer's own; nobody else's is there."""
    return BulkRun.of(viewer(), run_id, lock=lock) or abort(404)


@bp.get("/bulk/<id:run_id>")
@allow(agent)
def bulk_show(run_id: int) -> Response:
    """What is to be done, how far it is, or what became of it."""
    run = own(run_id)
    macro = db.session.get(Macro, run.macro_id) if run.macro_id else None
    said = [_("Undo a bulk change")] if run.undo_of_id else in_words(run.ordered)
    return page(
        "desk/bulk.html", run=run, macro=macro, said=said, skipped=run.left_out(), macros=offered(run)
    )


def offered(run: BulkRun) -> list[tuple[Macro, list[str]]]:
    """Of a run that has no deeds yet: the macros to choose from, each with what it does."""
    if run.started_at or run.deeds or run.undo_of_id:
        return []
    return spoken(Macro.matching(viewer()))


@bp.get("/bulk/<id:run_id>/state")
@allow(agent)
def bulk_state(run_id: int) -> Response:
    """How far it is, for a page that asks again."""
    run = own(run_id)
    return fragment("tickets/_bulk_state.html", run=run)


@bp.post("/bulk/<id:run_id>/start")
@allow(agent)
def bulk_start(run_id: int) -> Response:
    """Yes, do it."""
    run = own(run_id, lock=True)
    macro = chosen_macro() if not run.deeds and not run.started_at else None
    if macro:
        macro.give_to(run)
    run.start(by=viewer())
    if macro:
        macro.was_used()
    wake(run)
    return redirect(url_for("desk.bulk_show", run_id=run.id), 303)


@bp.post("/bulk/<id:run_id>/stop")
@allow(agent)
def bulk_stop(run_id: int) -> Response:
    """Leave what still waits."""
    run = own(run_id, lock=True)
    run.stop()
    return redirect(url_for("desk.bulk_show", run_id=run.id), 303)


@bp.post("/bulk/<id:run_id>/undo")
@allow(agent)
def bulk_undo(run_id: int) -> Response:
    """Bring back what nobody has touched since."""
    back = own(run_id, lock=True).undo(by=viewer())
    wake(back)
    if is_htmx():
        return fragment("desk/bulk.stream.html", run=back)
    number = request.form.get("back", "")
    if back.done and NUMBER.fullmatch(number):
        return redirect(url_for("desk.ticket_show", number=number), 303)
    return redirect(url_for("desk.bulk_show", run_id=back.id), 303)


@bp.post("/bulk/<id:run_id>/reading")
@allow(agent)
def bulk_reading(run_id: int) -> Response:
    """I have seen what became of it."""
    own(run_id, lock=True).seen()
    return make_response("", 204) if is_htmx() else redirect(url_for("desk.bulk_show", run_id=run_id), 303)
