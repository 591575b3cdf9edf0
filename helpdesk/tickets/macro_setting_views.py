"""The settings of macros: the list, and the editor of one."""

from collections.abc import Sequence
from typing import Any

from flask import Response, redirect, url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from helpdesk.accounts.roles import agent, viewer
from helpdesk.accounts.user import User
from helpdesk.agents.agent import Agent
from helpdesk.agents.group import Group
from helpdesk.agents.settings import clashes, is_stale, settings_page
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.i18n import _
from helpdesk.core.name_order import by_name
from helpdesk.tickets.canned_reply import CannedReply
from helpdesk.tickets.category import Category
from helpdesk.tickets.deed_views import bp
from helpdesk.tickets.lifecycle import CLOSE_REASONS, PRIORITY_LABELS, STATUS_LABELS
from helpdesk.tickets.macro import Macro, half_replies, in_words, names_of, spoken
from helpdesk.tickets.macro_form import WRITTEN, MacroForm
from helpdesk.tickets.sharing_views import own_one, own_teams, owners, private_of, scopes, teams
from helpdesk.tickets.snooze_form import WHENS
from helpdesk.tickets.ticket_deed import CLOSED, KINDS, MOVABLE, REASON_LABELS, TEAM, TicketDeed

INDEX = "tickets.macro_index"
Choices = dict[str, list[tuple[str, str]]]


@bp.get("/settings/macros")
@allow(agent)
def macro_index() -> Response:
    """The macros that he may see, with whose they are."""
    macros = db.session.scalars(Macro.seen_by(viewer()).options(joinedload(Macro.owner))).all()
    own = own_teams()
    mine = {macro.id for macro in macros if macro.may_be_edited_by(viewer(), own)}
    steps = {macro.id: said for macro, said in spoken(macros)}
    return settings_page(
        "settings/macros.html", section="macros", macros=macros, groups=teams(), mine=mine, steps=steps,
        half_replies=half_replies(macros),
    )  # fmt: skip


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
    macro = Macro.create(form.values, by=viewer(), **owners(form.scope.data, None))
    return redirect(url_for(INDEX, saved=macro.id), 303)


@bp.get("/settings/macros/<id:macro_id>")
@allow(agent)
def macro_show(macro_id: int) -> Response:
    """One macro, to be changed."""
    macro = own_one(Macro, macro_id)
    names = {"name_en": macro.name_en, "name_vi": macro.name_vi}
    return editor(macro, MacroForm.of_deeds(macro.ordered, scope=macro.scope, version=macro.version, **names))


@bp.post("/settings/macros/<id:macro_id>")
@allow(agent)
def macro_update(macro_id: int) -> Response:
    """Change it."""
    macro = own_one(Macro, macro_id, lock=True)
    form = offered(MacroForm.of_request(scope=macro.scope), macro)
    if form.move.data or not form.validate():
        return editor(macro, form, 422)
    present = {name: getattr(macro, name) for name in form.values}
    if is_stale(form, macro) and (differs := clashes(_words(form.values), _words(present))):
        return editor(macro, form, 409, clashes=differs)
    macro.change(form.values | owners(form.scope.data, macro), by=viewer())
    return redirect(url_for(INDEX, saved=macro.id), 303)


@bp.post("/settings/macros/<id:macro_id>/archival")
@allow(agent)
def macro_archive(macro_id: int) -> Response:
    """Not to be offered any more."""
    own_one(Macro, macro_id, lock=True).archive(by=viewer())
    return redirect(url_for(INDEX, saved=macro_id), 303)


@bp.post("/settings/macros/<id:macro_id>/restoration")
@allow(agent)
def macro_restore(macro_id: int) -> Response:
    """To be offered again."""
    own_one(Macro, macro_id, lock=True).restore(by=viewer())
    return redirect(url_for(INDEX, saved=macro_id), 303)


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
    """Say for whom it can be, which steps there are, and which of them nobody else could do."""
    form.groups = teams()
    form.choices, form.scope.choices = choices(form.groups), scopes(macro, form.groups)
    _keep_steps(form.choices, macro.ordered if macro else ())
    form.offered = frozenset(value for options in form.choices.values() for value, _word in options)
    form.private = private_of(form.replies, CannedReply)
    return form


def _keep_steps(choices: Choices, deeds: Sequence[TicketDeed]) -> None:
    """What a macro does already stays on offer, also where nobody would choose it any more: who edits it sees it."""
    names = names_of(deeds)
    for deed in deeds:
        options, value = choices.setdefault(str(KINDS[deed.kind]), []), f"{deed.kind}|{deed.value}"
        if deed.kind not in WRITTEN and value not in dict(options):
            options.append((value, deed.object_of(names)))


def choices(groups: dict[int, Group]) -> Choices:
    """Every step that there is, by its kind: `<kind>|<value>` and its words."""
    able = select(User.id, User.name).where(User.is_active, User.id.not_in(Agent.relieved()))
    people = by_name(db.session.execute(able.order_by(User.id)))
    tree = Category.tree()
    canned = db.session.scalars(CannedReply.usable_by(viewer())).all()
    lists: dict[str, list[tuple[Any, Any]]] = {
        "assign": [
            ("me", _("to who uses it")), ("", _("to nobody, so that somebody is chosen")),
            *((f"{TEAM}{id_}", group.name) for id_, group in groups.items()), *people,
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


def _words(values: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (_("Name in English"), values["name_en"]), (_("Name in Vietnamese"), values["name_vi"]),
        (_("Steps"), "\n".join(in_words(TicketDeed.all_of(values["deeds"])))),
    ]  # fmt: skip
