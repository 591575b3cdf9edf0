"""The settings of a store's forms: what each asks, where it may stand, how it looks."""

from typing import Any

from flask import Response, abort, redirect, url_for

from helpdesk.accounts.roles import manager, viewer
from helpdesk.agents.settings import clashes, is_stale, settings_page
from helpdesk.config import current_config
from helpdesk.core.access import allow
from helpdesk.core.errors import Refusal
from helpdesk.core.security import loosen
from helpdesk.notifications.brand_colour import contrast
from helpdesk.organizers.form_key import VALUES, FormKey
from helpdesk.organizers.merchant import Merchant
from helpdesk.portal.form_key_form import FormKeyForm, NewFormKeyForm, RotationForm
from helpdesk.portal.form_words import FormWords
from helpdesk.portal.link_views import bp
from helpdesk.portal.merchant_views import locked as locked_merchant
from helpdesk.portal.queries import form_changes, form_of
from helpdesk.portal.questions import LETTERS, Questions
from helpdesk.portal.snippet import Snippet


@bp.post("/settings/merchants/<id:merchant_id>/forms")
@allow(manager)
def forms_create(merchant_id: int) -> Response:
    """A new form, off for now."""
    shop, form = locked_merchant(merchant_id), NewFormKeyForm.of_request()
    if not form.validate():
        abort(422)
    made = FormKey.create(shop, form.name.data or "", by=viewer())
    return redirect(url_for("portal.forms_show", merchant_id=shop.id, form_id=made.id), 303)


@bp.get("/settings/merchants/<id:merchant_id>/forms/<id:form_id>")
@allow(manager)
def forms_show(merchant_id: int, form_id: int) -> Response:
    """One form, to be changed."""
    found = form_of(form_id, merchant_id) or abort(404)
    return editor(found, filled(found))


@bp.post("/settings/merchants/<id:merchant_id>/forms/<id:form_id>")
@allow(manager)
def forms_update(merchant_id: int, form_id: int) -> Response:
    """Change its values."""
    found = locked(form_id, merchant_id)
    asked = Questions.of(found)
    form = FormKeyForm.of_request().offer(asked.tree.by_id)
    if not form.validate():
        return editor(found, form, 422)
    words = FormWords(asked.tree)
    if is_stale(form, found) and (told := clashes(words.of(form.values), words.of(values(found)))):
        return editor(found, form, 409, clashes=told)
    found.change(form.values, by=viewer())
    return redirect(url_for("portal.forms_show", merchant_id=merchant_id, form_id=form_id, saved=1), 303)


@bp.post("/settings/merchants/<id:merchant_id>/forms/<id:form_id>/archival")
@allow(manager)
def forms_archive(merchant_id: int, form_id: int) -> Response:
    """Close it and put it out of the way."""
    locked(form_id, merchant_id).archive(by=viewer())
    return redirect(url_for("portal.merchants_show", merchant_id=merchant_id), 303)


@bp.post("/settings/merchants/<id:merchant_id>/forms/<id:form_id>/restoration")
@allow(manager)
def forms_restore(merchant_id: int, form_id: int) -> Response:
    """Put it back."""
    locked(form_id, merchant_id).restore(by=viewer())
    return redirect(url_for("portal.forms_show", merchant_id=merchant_id, form_id=form_id), 303)


@bp.post("/settings/merchants/<id:merchant_id>/forms/<id:form_id>/keys")
@allow(manager)
def keys_create(merchant_id: int, form_id: int) -> Response:
    """A new key, beside the old one."""
    found, form = locked(form_id, merchant_id), RotationForm.of_request()
    if not form.validate():
        return editor(found, filled(found), 422, key_form=form)
    return _tried(found, lambda: found.rotate_key(form.ends_at, by=viewer()), "key")


@bp.post("/settings/merchants/<id:merchant_id>/forms/<id:form_id>/keys/retirement")
@allow(manager)
def keys_retire(merchant_id: int, form_id: int) -> Response:
    """The old key opens nothing any more."""
    found = locked(form_id, merchant_id)
    return _tried(found, lambda: found.retire_key(by=viewer()), "key")


@bp.post("/settings/merchants/<id:merchant_id>/forms/<id:form_id>/secrets")
@allow(manager)
def secrets_create(merchant_id: int, form_id: int) -> Response:
    """A new secret, shown on this answer and never again."""
    found, form = locked(form_id, merchant_id), RotationForm.of_request()
    if not form.validate():
        return editor(found, filled(found), 422, secret_form=form)
    try:
        secret = found.rotate_secret(form.ends_at, by=viewer())
    except Refusal as refusal:
        return editor(found, filled(found), 409, problem=refusal.message)
    return editor(found, filled(found), new_secret=secret)


@bp.post("/settings/merchants/<id:merchant_id>/forms/<id:form_id>/secrets/retirement")
@allow(manager)
def secrets_retire(merchant_id: int, form_id: int) -> Response:
    """What was signed with the old one is believed no more."""
    found = locked(form_id, merchant_id)
    return _tried(found, lambda: found.retire_secret(by=viewer()), "secret")


def _tried(found: FormKey, deed: Any, part: str) -> Response:
    try:
        deed()
    except Refusal as refusal:
        return editor(found, filled(found), 409, problem=refusal.message)
    where = {"merchant_id": found.merchant_id, "form_id": found.id, "saved": part}
    return redirect(url_for("portal.forms_show", **where), 303)


def locked(form_id: int, merchant_id: int) -> FormKey:
    """A form of a store that is about to be changed. 404 for any other."""
    shop: Merchant = locked_merchant(merchant_id)
    return FormKey.locked(form_id, shop.id) or abort(404)


def values(found: FormKey) -> dict[str, Any]:
    """As it is kept."""
    return {name: getattr(found, name) for name in VALUES}


def filled(found: FormKey) -> FormKeyForm:
    """The editor's form as it is kept."""
    ids = ("category_ids", "order_category_ids", "phone_category_ids")
    said = values(found) | {name: [str(one) for one in getattr(found, name)] for name in ids}
    return FormKeyForm(data=said | {"sites": "\n".join(found.allowed_origins), "version": found.version})


def editor(found: FormKey, form: FormKeyForm, code: int = 200, **local: Any) -> Response:
    """The page of one form."""
    loosen(frame_src="'self'")
    asked = Questions.of(found)
    nothing: dict[str, Any] = {"clashes": [], "key_form": RotationForm(), "secret_form": RotationForm()}
    nothing |= {"problem": "", "new_secret": ""}
    return settings_page(
        "settings/form.html", section="merchants", code=code, shop=found.merchant, found=found,
        form=form.offer(asked.tree.by_id), options=asked.tree.on_form(found.merchant_id), asked=asked,
        history=form_changes(found), words=FormWords(asked.tree),
        of_letters=contrast(found.colour, LETTERS) if found.colour else None,
        snippets=list(Snippet.all_of(found, current_config().base_url)), **(nothing | local),
    )  # fmt: skip
