"""Macros: their settings; and on a ticket, first what one would do, then doing it."""

from typing import Any

from flask import Response, abort, redirect, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from helpdesk.accounts.roles import agent, viewer
from helpdesk.accounts.user import User
from helpdesk.agents.group import Group
from helpdesk.agents.settings import clashes, is_stale, settings_page
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.errors import NotAllowed, Refusal
from helpdesk.core.i18n import _
from helpdesk.core.pages import page
from helpdesk.tickets.bulk_item import SKIPPED
from helpdesk.tickets.bulk_run import BulkRun
from helpdesk.tickets.canned_reply import CannedReply
from helpdesk.tickets.category import Category
from helpdesk.tickets.deed_views import bp, found
from helpdesk.tickets.lifecycle import CLOSE_REASONS, PRIORITY_LABELS, STATUS_LABELS
from helpdesk.tickets.macro import Macro, names_of
from helpdesk.tickets.macro_form import MacroForm
from helpdesk.tickets.snooze_form import WHENS
from helpdesk.tickets.ticket import Ticket
from helpdesk.tickets.ticket_deed import CLOSED, KINDS, MOVABLE, REASON_LABELS, TEAM, TicketDeed

INDEX = "tickets.macro_index"
Choices = dict[str, list[tuple[str, str]]]


# For a ticket -------------------------------------------------------------------------------------------------


@bp.get("/tickets/<number:number>/macros")
@allow(agent)
def macros_show(number: str) -> Response:
    """What can be done to a ticket in one go."""
    ticket, words = Ticket.find(number, viewer()) or abort(404), request.args.get("q", "")[:100]
    found_ones = Macro.matching(viewer(), words)
    names = names_of([deed for macro in found_ones for deed in macro.ordered])
    macros = [(macro, [deed.words(names) for deed in macro.ordered]) for macro in found_ones]
    return page("tickets/macros.html", ticket=ticket, macros=macros, q=words)


@bp.post("/tickets/<number:number>/macros/<id:macro_id>/preview")
@allow(agent)
def macro_preview(number: str, macro_id: int) -> Response:
    """What a macro would do to this ticket now: each step with its effect, or why it cannot be. Nothing is changed."""
    TicketDeed.lock_for([TicketDeed("add_tags")])
    ticket, macro = found(number), usable(macro_id)
    steps = macro.preview(ticket, by=viewer())
    return page("tickets/macro.html", ticket=ticket, macro=macro, steps=steps)


@bp.post("/tickets/<number:number>/macros/<id:macro_id>/runs")
@allow(agent)
def macro_create(number: str, macro_id: int) -> Response:
    """Do all of it, or nothing."""
    TicketDeed.lock_for([TicketDeed("add_tags")])
    ticket, macro = found(number), usable(macro_id)
    run = macro.give_to(BulkRun.propose([ticket.id], [], by=viewer()))
    run.start(by=viewer())
    if run.items[0].state == SKIPPED:
        raise Refusal(run.items[0].why)
    undo = {"undo": run.id} if run.can_be_undone else {}
    return redirect(url_for("desk.ticket_show", number=ticket.number, **undo), 303)


def usable(macro_id: int) -> Macro:
    """One that he can use; nobody else's is there."""
    return db.session.scalar(Macro.usable_by(viewer()).where(Macro.id == macro_id)) or abort(404)


def said(deeds: list[TicketDeed]) -> list[str]:
    """Steps in words."""
    names = names_of(deeds)
    return [deed.words(names) for deed in deeds]


# Settings -----------------------------------------------------------------------------------------------------


@bp.get("/settings/macros")
@allow(agent)
def macro_index() -> Response:
    """The macros that he may see, with whose they are."""
    macros = db.session.scalars(Macro.seen_by(viewer()).options(joinedload(Macro.owner))).all()
    own_groups = set(db.session.scalars(Group.ids_of(viewer().id)))
    mine = {macro.id for macro in macros if macro.may_be_edited_by(viewer(), own_groups)}
    names = names_of([deed for macro in macros for deed in macro.ordered])
    steps = {macro.id: [deed.words(names) for deed in macro.ordered] for macro in macros}
    return settings_page(
        "settings/macros.html", section="macros", macros=macros, groups=_groups(), mine=mine, steps=steps
    )


@bp.get("/settings/macros/new")
@allow(agent)
def macro_new() -> Response:
    """An empty form."""
    return editor(None, MacroForm(data={"scope": "own"}))


@bp.post("/settings/macros")
@allow(agent)
def macro_add() -> Response:
    """A new macro."""
    form = offered(MacroForm.of_request(), None)
    if form.move.data or not form.validate():
        return editor(None, form, 422)
    macro = Macro.create(form.values, by=viewer(), **_scope(form, None))
    return redirect(url_for(INDEX, saved=macro.id), 303)


@bp.get("/settings/macros/<id:macro_id>")
@allow(agent)
def macro_show(macro_id: int) -> Response:
    """One macro, to be changed."""
    macro = own(macro_id)
    names = {"name_en": macro.name_en, "name_vi": macro.name_vi}
    return editor(macro, MacroForm.of_deeds(macro.ordered, scope=macro.scope, version=macro.version, **names))


@bp.post("/settings/macros/<id:macro_id>")
@allow(agent)
def macro_update(macro_id: int) -> Response:
    """Change it."""
    macro = own(macro_id, lock=True)
    form = offered(MacroForm.of_request(scope=macro.scope), macro)
    if form.move.data or not form.validate():
        return editor(macro, form, 422)
    present = {name: getattr(macro, name) for name in form.values}
    if is_stale(form, macro) and (differs := clashes(_words(form.values), _words(present))):
        return editor(macro, form, 409, clashes=differs)
    macro.change(form.values | _scope(form, macro), by=viewer())
    return redirect(url_for(INDEX, saved=macro.id), 303)


@bp.post("/settings/macros/<id:macro_id>/archival")
@allow(agent)
def macro_archive(macro_id: int) -> Response:
    """Not to be offered any more."""
    own(macro_id, lock=True).archive(by=viewer())
    return redirect(url_for(INDEX, saved=macro_id), 303)


@bp.post("/settings/macros/<id:macro_id>/restoration")
@allow(agent)
def macro_restore(macro_id: int) -> Response:
    """To be offered again."""
    own(macro_id, lock=True).restore(by=viewer())
    return redirect(url_for(INDEX, saved=macro_id), 303)


def own(macro_id: int, *, lock: bool = False) -> Macro:
    """One that he may change. 404 for what he does not see, 403 for what others keep."""
    seen = Macro.seen_by(viewer()).where(Macro.id == macro_id)
    macro = db.session.scalar(seen.with_for_update(of=Macro, key_share=True) if lock else seen) or abort(404)
    if not macro.may_be_edited_by(viewer()):
        raise NotAllowed(_("Only a manager may change what everybody uses."))
    return macro


def editor(macro: Macro | None, form: MacroForm, code: int = 200, **local: Any) -> Response:
    """The page of one macro, or of a new one."""
    groups = form.groups or offered(form, macro).groups
    if form.move.data:
        form.moved()
        code = 200
    return settings_page(
        "settings/macro.html", section="macros", code=code, macro=macro, form=form, groups=groups,
        choices=form.choices, **({"clashes": []} | local),
    )  # fmt: skip


def offered(form: MacroForm, macro: Macro | None) -> MacroForm:
    """Say for whom it can be, as canned replies have it, and which steps there are."""
    is_boss = viewer().is_at_least("manager")
    own_groups = set(db.session.scalars(Group.ids_of(viewer().id)))
    form.groups, form.choices = (all_groups := _groups()), choices(all_groups)
    groups = [str(id_) for id_ in all_groups if is_boss or id_ in own_groups]
    present = [macro.scope] if macro else []
    form.scope.choices = list(dict.fromkeys(["own", *groups, *(["all"] if is_boss else []), *present]))
    kept = {f"{deed.kind}|{deed.value}" for deed in macro.ordered} if macro else set()
    form.offered = frozenset(kept | {value for options in form.choices.values() for value, _word in options})
    return form


def choices(groups: dict[int, Group]) -> Choices:
    """Every step that there is, by its kind: `<kind>|<value>` and its words."""
    people = select(User.id, User.name).where(User.is_active).order_by(User.name, User.id)
    tree = Category.tree()
    canned = db.session.scalars(
        CannedReply.usable_by(viewer()).where(CannedReply.archived_at.is_(None))
    ).all()
    lists: dict[str, list[tuple[Any, Any]]] = {
        "assign": [
            ("me", _("to who uses it")), ("", _("to nobody, so that somebody is chosen")),
            *((f"{TEAM}{id_}", group.name) for id_, group in groups.items()), *db.session.execute(people),
        ],
        "status": [
            *((status.value, STATUS_LABELS[status]) for status in MOVABLE),
            *((f"{CLOSED}{reason}", REASON_LABELS[reason]) for reason in CLOSE_REASONS),
        ],
        "priority": list(PRIORITY_LABELS.items()),
        "add_tags": [("", _("those beside it"))], "remove_tags": [("", _("those beside it"))],
        "category": [
            ("", _("No category")),
            *((one.id, " › ".join(each.name for each in tree.line(one))) for one in tree.walk()),
        ],
        "snooze": [(value, word) for value, word in WHENS.items() if value != "at"],
        "follow": [("", _("who uses it"))], "note": [("", _("with the words beside it"))],
        "reply": [(reply.id, reply.name) for reply in canned]
        + [(f"{reply.id}:RESOLVED", _("%(name)s – and resolve", name=reply.name)) for reply in canned],
    }  # fmt: skip
    return {
        str(KINDS[kind]): [(f"{kind}|{value}", str(word)) for value, word in options]
        for kind, options in lists.items() if options
    }  # fmt: skip


def _groups() -> dict[int, Group]:
    return {group.id: group for group in db.session.scalars(Group.on_offer())}


def _scope(form: MacroForm, macro: Macro | None) -> dict[str, int | None]:
    """Whose it will be; an agent's own stays his when a manager corrects it."""
    chosen = form.scope.data
    if chosen == "own":
        return {"owner_id": (macro and macro.owner_id) or viewer().id, "group_id": None}
    return {"owner_id": None, "group_id": None if chosen == "all" else int(chosen)}


def _words(values: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (_("Name in English"), values["name_en"]), (_("Name in Vietnamese"), values["name_vi"]),
        (_("Steps"), "\n".join(said(TicketDeed.all_of(values["deeds"])))),
    ]  # fmt: skip
