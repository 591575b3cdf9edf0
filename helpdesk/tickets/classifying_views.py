"""What a ticket is about: its title, its category and its tags."""

import re

from flask import Response, abort

from helpdesk.accounts.roles import agent, viewer
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.pages import StrictId, fragment
from helpdesk.organizers.organizer import Organizer
from helpdesk.tickets.category import Category
from helpdesk.tickets.deed_views import accepted, again, bp, changed, found, overtaken
from helpdesk.tickets.forms import CategoryChoiceForm, SubjectForm, TagsForm
from helpdesk.tickets.tag import Tag


@bp.post("/tickets/<number:number>/subject")
@allow(agent)
def subject_update(number: str) -> Response:
    """Give it another title."""
    ticket, form = found(number), SubjectForm.of_request()
    if not form.validate():
        return again("tickets/_subject_field.html", ticket, kind="subject", form=form, conflict=form)
    if late := overtaken(ticket, form, "subject", form.subject.data, ticket.subject):
        return late
    ticket.rename(form.subject.data, by=viewer())
    return changed(ticket)


@bp.post("/tickets/<number:number>/category")
@allow(agent)
def category_update(number: str) -> Response:
    """Say what it is about."""
    ticket, form = found(number), accepted(CategoryChoiceForm.of_request())
    category = _chosen(form.category.data)
    if late := overtaken(ticket, form, "category", form.category.data, str(ticket.category_id or "")):
        return late
    ticket.recategorise(category, by=viewer())
    return changed(ticket)


@bp.post("/tickets/<number:number>/tags")
@allow(agent)
def tags_create(number: str) -> Response:
    """Give it a set of tags."""
    Organizer.lock(shared=True)  # before the ticket's row, see `retag`
    ticket, form = found(number), TagsForm.of_request()
    if not form.validate():
        return again("tickets/_tags_field.html", ticket, kind="tags", form=form, conflict=form)
    present = ", ".join(tag.name for tag in ticket.tags)
    if late := overtaken(ticket, form, "tags", ", ".join(form.names), present):
        return late
    ticket.retag(form.names, by=viewer())
    return changed(ticket)


def _chosen(word: str | None) -> Category | None:
    if word is None:
        abort(400)  # an empty choice takes the category away; no choice at all is no form of ours
    if word and not re.fullmatch(StrictId.regex, word):
        abort(400)
    return (db.session.get(Category, int(word)) or abort(404)) if word else None


@bp.get("/tags")
@allow(agent)
def names_show() -> Response:
    """The tags that there are, for a field that is being written in."""
    return fragment("tickets/_tag_names.html", names=Tag.offered())
