"""The settings pages of how stores sign their mails."""

from email.utils import parseaddr
from typing import Any

from flask import Response, abort, redirect, url_for
from sqlalchemy import select

from helpdesk.accounts.roles import manager, viewer
from helpdesk.agents.settings import clashes, is_stale, settings_page
from helpdesk.config import current_config
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.core.forms import sent_files
from helpdesk.core.i18n import _
from helpdesk.notifications import preview_views  # noqa: F401 - imported to be registered
from helpdesk.notifications.mail_logo import MailLogo
from helpdesk.notifications.mail_sender import MailSender
from helpdesk.notifications.mail_server import WORDS, MailServer
from helpdesk.notifications.mail_server_form import SECURITY, MailServerForm
from helpdesk.notifications.template_form import SenderForm
from helpdesk.notifications.template_views import bp
from helpdesk.organizers.merchant import Merchant


@bp.get("/settings/templates/sender")
@allow(manager)
def senders_index() -> Response:
    """The stores that he sees, with the name under which each writes."""
    seen = (
        select(Merchant).where(Merchant.id.in_(viewer().merchant_ids())).order_by(Merchant.name, Merchant.id)
    )
    return settings_page(
        "settings/senders.html", section="templates", merchants=db.session.scalars(seen).all(),
        senders=MailSender.by_merchant(),
    )  # fmt: skip


@bp.get("/settings/templates/sender/<id:merchant_id>")
@allow(manager)
def senders_show(merchant_id: int) -> Response:
    """How one store signs."""
    store = store_of(merchant_id)
    sender = MailSender.of(store)
    return editor(store, sender, sender_form(store, sender))


@bp.post("/settings/templates/sender/<id:merchant_id>")
@allow(manager)
def senders_update(merchant_id: int) -> Response:
    """Change it."""
    store = store_of(merchant_id)
    sender, form = MailSender.of(store, lock=True), SenderForm.of_request()
    logo = chosen_logo(form)
    if not form.validate() or isinstance(logo, str):
        return editor(store, sender, form, 422, logo_error=logo if isinstance(logo, str) else "")
    if is_stale(form, sender) and (found := clashes(_words(form.values), _words(_values(store, sender)))):
        return editor(store, sender, form, 409, clashes=found)
    sender.change(store, form.values | logo, by=viewer())
    return redirect(url_for("notifications.senders_show", merchant_id=store.id, saved=1), 303)


def store_of(merchant_id: int) -> Merchant:
    """A store that he sees. 404 for any other."""
    seen = select(Merchant).where(Merchant.id == merchant_id, Merchant.id.in_(viewer().merchant_ids()))
    return db.session.scalar(seen) or abort(404)


def chosen_logo(form: SenderForm) -> dict[str, MailLogo | None] | str:
    """A new logo, none any more, nothing said; or what is wrong with the file."""
    files = sent_files("logo")
    if not files:
        return {"logo": None} if form.without_logo.data else {}
    try:
        return {"logo": MailLogo.taken(files[0].stream)}
    except Refusal as refusal:
        return refusal.message


def sender_form(store: Merchant, sender: MailSender) -> SenderForm:
    """As it is now."""
    return SenderForm(data=_values(store, sender) | {"version": sender.version})


def editor(store: Merchant, sender: MailSender, form: SenderForm, code: int = 200, **local: Any) -> Response:
    """The page of one store."""
    server = MailServer.of(store)
    nothing = {
        "clashes": [],
        "logo_error": "",
        "server_clashes": [],
        "server_problem": "",
        "server_answer": "",
    }
    return settings_page(
        "settings/sender.html", section="templates", code=code, store=store, sender=sender, form=form, server=server,
        mail_from=parseaddr(current_config().mail_from)[1], security=SECURITY,
        **(nothing | {"server_form": server_form(server)} | local),
    )  # fmt: skip


def server_form(server: MailServer) -> MailServerForm:
    """As it is kept, without its password."""
    return MailServerForm(data={word: getattr(server, word) for word in WORDS} | {"version": server.version})


def _values(store: Merchant, sender: MailSender) -> dict[str, str]:
    return {"name": sender.name, "reply_to": sender.reply_to, "brand_colour": store.brand_colour or ""}


def _words(values: dict[str, str]) -> list[tuple[str, str]]:
    labels = {"name": _("Sender's name"), "reply_to": _("Reply address"), "brand_colour": _("Colour")}
    return [(label, values[name]) for name, label in labels.items()]
