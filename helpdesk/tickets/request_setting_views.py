"""The settings of requests: files, closing by itself, and what each store answers by itself."""

from typing import Any

from flask import Response, abort, redirect, url_for
from sqlalchemy import select

from helpdesk.accounts.roles import manager, viewer
from helpdesk.agents.settings import clashes, settings_page
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.forms import Form
from helpdesk.core.i18n import _
from helpdesk.organizers.merchant import Merchant
from helpdesk.organizers.organizer import Organizer
from helpdesk.tickets.deed_views import bp
from helpdesk.tickets.request_form import LABELS, LIMITS, AutoReplyForm, RequestForm, state_of

INDEX = "tickets.requests_index"


@bp.get("/settings/requests")
@allow(manager)
def requests_index() -> Response:
    """What holds for all requests, and the stores with what they answer by themselves."""
    return index(None)


@bp.post("/settings/requests")
@allow(manager)
def requests_update() -> Response:
    """Change what holds for all requests."""
    Organizer.lock()
    organizer, form = Organizer.present(), RequestForm.of_request()
    if not form.validate():
        return index(form, 422)
    if found := stale(form, _limits(organizer)):
        return index(form, 409, clashes=found)
    organizer.ask_of_requests(form.values, by=viewer())
    return redirect(url_for(INDEX, saved="limits"), 303)


@bp.get("/settings/requests/<id:merchant_id>")
@allow(manager)
def auto_replies_show(merchant_id: int) -> Response:
    """What one store answers by itself."""
    store = store_of(merchant_id)
    values = _texts(store)
    return editor(store, AutoReplyForm(data=values | {"before": state_of(values)}))


@bp.post("/settings/requests/<id:merchant_id>")
@allow(manager)
def auto_replies_update(merchant_id: int) -> Response:
    """Answer with these words from now on, or not at all."""
    store, form = store_of(merchant_id, lock=True), AutoReplyForm.of_request()
    if not form.validate():
        return editor(store, form, 422)
    if found := stale(form, _texts(store)):
        return editor(store, form, 409, clashes=found)
    texts = form.values
    store.reply_by_itself(texts["auto_reply_en"], texts["auto_reply_vi"], by=viewer())
    return redirect(url_for(INDEX, saved=store.id), 303)


def index(form: RequestForm | None, code: int = 200, **local: Any) -> Response:
    """The page of all of them."""
    values = _limits(Organizer.present())
    stores = select(Merchant).where(Merchant.deleted_at.is_(None)).order_by(Merchant.name, Merchant.id)
    return settings_page(
        "settings/requests.html", section="requests", code=code, labels=LABELS, limits=LIMITS,
        form=form or RequestForm(data=values | {"before": state_of(values)}),
        stores=db.session.scalars(stores).all(), **({"clashes": []} | local),
    )  # fmt: skip


def editor(store: Merchant, form: AutoReplyForm, code: int = 200, **local: Any) -> Response:
    """The page of one store."""
    return settings_page(
        "settings/auto_reply.html", section="requests", code=code, merchant=store, form=form, labels=LABELS,
        **({"clashes": []} | local),
    )  # fmt: skip


def stale(form: Form, present: dict[str, Any]) -> list[Any]:
    """Where what was typed differs from what somebody else saved meanwhile; the form may then be sent again."""
    shown, now = form["before"].data, state_of(present)
    form["before"].data, form["before"].raw_data = now, [now]
    if not shown or shown == now:
        return []
    found = clashes(
        *([(str(LABELS[name]), str(each[name] or "")) for name in present] for each in (form.values, present))
    )
    if found:
        form.form_errors.append(
            _("Somebody changed this meanwhile. Compare, and save again if yours should stand.")
        )
    return found


def store_of(merchant_id: int, *, lock: bool = False) -> Merchant:
    """A store of the organizer. 404 otherwise."""
    own = select(Merchant).where(Merchant.id == merchant_id, Merchant.deleted_at.is_(None))
    if lock:
        own = own.with_for_update(key_share=True).execution_options(populate_existing=True)
    return db.session.scalar(own) or abort(404)


def _limits(organizer: Organizer) -> dict[str, int]:
    return {name: getattr(organizer, name) for name in LIMITS}


def _texts(store: Merchant) -> dict[str, str]:
    return {"auto_reply_en": store.auto_reply_en or "", "auto_reply_vi": store.auto_reply_vi or ""}
