"""The settings of stores: how each is called, in which language it writes, how to reach it."""

from collections.abc import Callable
from typing import Any

from flask import Response, abort, redirect, request, url_for

from helpdesk.accounts.roles import admin, manager, viewer
from helpdesk.agents.settings import clashes, is_stale, settings_page, tried
from helpdesk.core.access import allow
from helpdesk.core.errors import Refusal
from helpdesk.core.i18n import _
from helpdesk.organizers.merchant import VALUES, Merchant
from helpdesk.portal.link_views import bp
from helpdesk.portal.merchant_form import MerchantForm, NewMerchantForm
from helpdesk.portal.queries import forms_by_merchant, forms_of, merchant_use, merchants_seen

INDEX = "portal.merchants_index"


@bp.get("/settings/merchants")
@allow(manager)
def merchants_index() -> Response:
    """All stores, with their forms."""
    return settings_page(
        "settings/merchants.html", section="merchants", merchants=merchants_seen(), forms=forms_by_merchant(),
        with_archived="archived" in request.args,
    )  # fmt: skip


@bp.get("/settings/merchants/new")
@allow(admin)
def merchants_new() -> Response:
    """An empty form."""
    return editor(None, NewMerchantForm())


@bp.post("/settings/merchants")
@allow(admin)
def merchants_create() -> Response:
    """A new store."""
    form = NewMerchantForm.of_request()
    if not form.validate():
        return editor(None, form, 422)
    return tried(lambda: Merchant.create(form.values, by=viewer()), INDEX, refusing(None, form))


@bp.get("/settings/merchants/<id:merchant_id>")
@allow(manager)
def merchants_show(merchant_id: int) -> Response:
    """One store, to be changed."""
    shop = next((one for one in merchants_seen() if one.id == merchant_id), None) or abort(404)
    return editor(shop, MerchantForm(obj=shop))


@bp.post("/settings/merchants/<id:merchant_id>")
@allow(manager)
def merchants_update(merchant_id: int) -> Response:
    """Change its values."""
    shop, form = locked(merchant_id), MerchantForm.of_request()
    if not form.validate():
        return editor(shop, form, 422)
    present = {name: getattr(shop, name) for name in VALUES}
    if is_stale(form, shop) and (found := clashes(words(form.values), words(present))):
        return editor(shop, form, 409, clashes=found)
    return tried(lambda: shop.change(form.values, by=viewer()) or shop, INDEX, refusing(shop, form))


@bp.post("/settings/merchants/<id:merchant_id>/archival")
@allow(admin)
def merchants_archive(merchant_id: int) -> Response:
    """It takes no new requests any more."""
    shop = locked(merchant_id)
    shop.archive(by=viewer())
    return redirect(url_for(INDEX, archived="", saved=shop.id), 303)


@bp.post("/settings/merchants/<id:merchant_id>/restoration")
@allow(admin)
def merchants_restore(merchant_id: int) -> Response:
    """It takes them again."""
    shop = locked(merchant_id)
    shop.restore(by=viewer())
    return redirect(url_for(INDEX, saved=shop.id), 303)


def locked(merchant_id: int) -> Merchant:
    """A store that is about to be changed. 404 for any other."""
    return Merchant.locked(merchant_id) or abort(404)


def refusing(shop: Merchant | None, form: MerchantForm) -> Callable[..., Response]:
    """Shows the editor again, with the sentence that says why not."""

    def again(refusal: Refusal) -> Response:
        form.form_errors = [*form.form_errors, refusal.message]
        return editor(shop, form, 409)

    return again


def words(values: dict[str, Any]) -> list[tuple[str, str]]:
    """A state of the form in words, field by field."""
    languages = {"en": _("English"), "vi": _("Vietnamese")}
    return [
        (_("Name"), values["name"]), (_("Default language"), languages[values["default_language"]]),
        (_("Contact in English"), values["contact_en"] or ""),
        (_("Contact in Vietnamese"), values["contact_vi"] or ""),
    ]  # fmt: skip


def editor(shop: Merchant | None, form: MerchantForm, code: int = 200, **local: Any) -> Response:
    """The page of one store, or of a new one."""
    return settings_page(
        "settings/merchant.html", section="merchants", code=code, shop=shop, form=form,
        forms=forms_of(shop) if shop else [], use=merchant_use(shop.id) if shop else {}, **({"clashes": []} | local),
    )  # fmt: skip
