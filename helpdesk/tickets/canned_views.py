"""Canned replies: choosing one for a ticket, and their settings."""

from typing import Any

from flask import Response, abort, redirect, request, url_for

from helpdesk.accounts.roles import agent, viewer
from helpdesk.agents.settings import clashes, is_stale, settings_page
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.i18n import _
from helpdesk.core.pages import fragment, is_htmx, page
from helpdesk.tickets.canned_reply import PLACEHOLDERS, CannedReply, pieces, unfilled
from helpdesk.tickets.category_form import CannedForm
from helpdesk.tickets.deed_views import bp
from helpdesk.tickets.sharing_views import own_one, own_teams, owners, scopes, teams
from helpdesk.tickets.ticket import Ticket

INDEX = "tickets.canned_index"


# For a ticket -------------------------------------------------------------------------------------------------


@bp.get("/tickets/<number:number>/canned")
@allow(agent)
def choice_show(number: str) -> Response:
    """What can be put into a reply, with the texts as they will be."""
    words = request.args.get("q", "")[:100]
    return page("tickets/canned.html", q=words, **_choice(number, words))


@bp.get("/tickets/<number:number>/canned/matches")
@allow(agent)
def matches_show(number: str) -> Response:
    """The same as lines of a listbox, for the composer."""
    return fragment("tickets/_canned_matches.html", **_choice(number, request.args.get("q", "")[:100]))


@bp.post("/tickets/<number:number>/canned/<id:canned_id>/uses")
@allow(agent)
def uses_create(number: str, canned_id: int) -> Response:
    """Put it into the composer: counted here, because a page that is looked at writes nothing."""
    ticket = Ticket.find(number, viewer()) or abort(404)
    own = CannedReply.usable_by(viewer()).where(CannedReply.id == canned_id)
    reply = db.session.scalar(own) or abort(404)
    reply.used(by=viewer())
    if is_htmx():
        return Response(status=204)
    return redirect(url_for("desk.ticket_show", number=ticket.number, canned=reply.id), 303)


def _choice(number: str, words: str) -> dict[str, Any]:
    """The matches on a ticket, in the customer's language and in the other one, filled in."""
    ticket = Ticket.find(number, viewer()) or abort(404)
    found: list[dict[str, Any]] = [
        {"reply": reply, "text": reply.text_for(ticket, viewer()), "texts": reply.texts_for(ticket, viewer())}
        for reply in CannedReply.matches(viewer(), words)
    ]
    codes = ("vi", "en") if ticket.language == "vi" else ("en", "vi")
    for each in found:
        each["halves"] = [(code, pieces(each["texts"][code])) for code in codes if each["texts"][code]]
        each["gaps"] = len(set(unfilled(each["text"])))
    return {"ticket": ticket, "matches": found}


# Settings -----------------------------------------------------------------------------------------------------


@bp.get("/settings/canned")
@allow(agent)
def canned_index() -> Response:
    """The replies that he may see, with whose they are."""
    replies = db.session.scalars(CannedReply.seen_by(viewer())).all()
    return settings_page(
        "settings/canned.html", section="canned", replies=replies, groups=teams(), own_groups=own_teams()
    )


@bp.get("/settings/canned/new")
@allow(agent)
def canned_new() -> Response:
    """An empty form."""
    return editor(None, CannedForm(data={"scope": "own"}))


@bp.post("/settings/canned")
@allow(agent)
def canned_create() -> Response:
    """A new canned reply."""
    form = offered(CannedForm.of_request(), None)
    if not form.validate():
        return editor(None, form, 422)
    reply = CannedReply.create(form.values, by=viewer(), **owners(form.scope.data, None))
    return redirect(url_for(INDEX, saved=reply.id), 303)


@bp.get("/settings/canned/<id:canned_id>")
@allow(agent)
def canned_show(canned_id: int) -> Response:
    """One canned reply, to be changed."""
    reply = own_one(CannedReply, canned_id)
    return editor(reply, CannedForm(data=_values(reply) | {"scope": reply.scope, "version": reply.version}))


@bp.post("/settings/canned/<id:canned_id>")
@allow(agent)
def canned_update(canned_id: int) -> Response:
    """Change it."""
    reply = own_one(CannedReply, canned_id, lock=True)
    form = offered(CannedForm.of_request(scope=reply.scope), reply)
    if not form.validate():
        return editor(reply, form, 422)
    if is_stale(form, reply) and (found := clashes(_words(form.values), _words(_values(reply)))):
        return editor(reply, form, 409, clashes=found)
    reply.change(form.values | owners(form.scope.data, reply), by=viewer())
    return redirect(url_for(INDEX, saved=reply.id), 303)


@bp.post("/settings/canned/<id:canned_id>/archival")
@allow(agent)
def canned_archive(canned_id: int) -> Response:
    """Not to be offered any more."""
    own_one(CannedReply, canned_id, lock=True).archive(by=viewer())
    return redirect(url_for(INDEX, saved=canned_id), 303)


@bp.post("/settings/canned/<id:canned_id>/restoration")
@allow(agent)
def canned_restore(canned_id: int) -> Response:
    """To be offered again."""
    own_one(CannedReply, canned_id, lock=True).restore(by=viewer())
    return redirect(url_for(INDEX, saved=canned_id), 303)


def editor(reply: CannedReply | None, form: CannedForm, code: int = 200, **local: Any) -> Response:
    """The page of one canned reply, or of a new one."""
    offered(form, reply)
    return settings_page(
        "settings/canned_reply.html", section="canned", code=code, reply=reply, form=form, groups=teams(),
        placeholders=PLACEHOLDERS, **({"clashes": []} | local),
    )  # fmt: skip


def offered(form: CannedForm, reply: CannedReply | None) -> CannedForm:
    """Say for whom it can be."""
    form.scope.choices = scopes(reply, teams())
    return form


def _values(reply: CannedReply) -> dict[str, Any]:
    return {name: getattr(reply, name) for name in ("name_en", "name_vi", "body_en", "body_vi", "shortcut")}


def _words(values: dict[str, str]) -> list[tuple[str, str]]:
    return [
        (_("Name in English"), values["name_en"]), (_("Name in Vietnamese"), values["name_vi"]),
        (_("Shortcut"), values["shortcut"]),
        (_("Text in English"), values["body_en"]), (_("Text in Vietnamese"), values["body_vi"]),
    ]  # fmt: skip
