"""The own mail server of a store: its part of the page on how the store signs, and a try of what is typed there."""

from typing import Any

from flask import Response, redirect, url_for
from flask_limiter import RateLimitExceeded

from helpdesk.accounts.roles import manager, viewer
from helpdesk.agents.settings import clashes, is_stale
from helpdesk.core.access import allow
from helpdesk.core.db import let_go
from helpdesk.core.errors import Refusal, TooOften
from helpdesk.core.i18n import _
from helpdesk.core.mail import Undelivered
from helpdesk.core.mail_faults import in_words
from helpdesk.core.mail_line import Line, Relay
from helpdesk.core.secret_text import Unreadable
from helpdesk.core.security import limiter
from helpdesk.notifications.mail_sender import MailSender
from helpdesk.notifications.mail_server import WORDS, MailServer
from helpdesk.notifications.mail_server_form import SECURITY, MailServerForm
from helpdesk.notifications.sender_views import editor, sender_form, store_of
from helpdesk.notifications.template_views import bp
from helpdesk.organizers.merchant import Merchant

TRY_SECONDS = 8
TRIES = "10 per minute; 60 per hour"  # of one person


@bp.post("/settings/templates/sender/<id:merchant_id>/server")
@allow(manager)
def servers_update(merchant_id: int) -> Response:
    """Use it, change it, or use the house's again."""
    store = store_of(merchant_id)
    server, form = MailServer.of(store, lock=True), MailServerForm.of_request()
    if not form.validate():
        return shown(store, form, 422)
    if is_stale(form, server) and (found := clashes(_words(form.values), _words(_values(server)))):
        return shown(store, form, 409, server_clashes=found)
    try:
        server.change(store, form.values, by=viewer())
    except Refusal as refusal:
        return shown(store, form, 409, server_problem=refusal.message)
    return redirect(url_for("notifications.senders_show", merchant_id=store.id, saved="server"), 303)


@bp.post("/settings/templates/sender/<id:merchant_id>/server/tests")
@allow(manager)
def server_tests_create(merchant_id: int) -> Response:
    """Say hello to what is typed in the form, and show what it answers. Nothing is saved, and no mail is sent."""
    store, form = store_of(merchant_id), MailServerForm.of_request()
    form.is_tried = True
    if not form.validate():
        return shown(store, form, 422)
    try:
        relay = MailServer.of(store).relay(form.values)
        _count()
    except Refusal as refusal:
        return shown(store, form, refusal.code, server_problem=refusal.message)
    except Unreadable:
        return shown(
            store,
            form,
            409,
            server_problem=_("The password that is kept cannot be read any more. Enter it again."),
        )
    let_go()
    return shown(store, form, 200, **answer_of(relay, form.values["address"]))


@limiter.limit(TRIES, key_func=lambda: f"mail-server:{viewer().id}")
def _counted() -> None:
    """Once more by this person."""


def _count() -> None:
    """Nobody looks through the Internet's ports from here. Raises `TooOften`."""
    try:
        _counted()
    except RateLimitExceeded:
        raise TooOften(_("You have tried servers very often just now. Wait a few minutes.")) from None


def answer_of(relay: Relay, sender: str) -> dict[str, str]:
    """What a server says, for the page."""
    try:
        with Line(relay, TRY_SECONDS) as line:
            return {"server_answer": line.greet(sender)}
    except Undelivered as fault:
        return {"server_problem": " ".join((_("The server cannot be used."), in_words(fault.answer)))}


def shown(store: Merchant, form: MailServerForm, code: int, **local: Any) -> Response:
    """The page of the store, with this form on it as it was typed."""
    sender = MailSender.of(store)
    return editor(store, sender, sender_form(store, sender), code, server_form=form, **local)


def _values(server: MailServer) -> dict[str, Any]:
    return {word: getattr(server, word) for word in WORDS}


def _words(values: dict[str, Any]) -> list[tuple[str, str]]:
    labels = {
        "is_on": _("In use"), "host": _("Server"), "port": _("Port"), "security": _("Protection of the line"),
        "address": _("Sends from"), "user_name": _("User name"),
    }  # fmt: skip
    said = values | {
        "is_on": _("Yes") if values["is_on"] else _("No"), "port": str(values["port"]),
        "security": str(dict(SECURITY)[values["security"]]),
    }  # fmt: skip
    return [(label, said[name]) for name, label in labels.items()]
