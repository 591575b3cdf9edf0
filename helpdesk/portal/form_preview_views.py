"""Looking at a form while it is edited: the real page, with what is not saved yet. It sends nothing."""

from typing import Any

from flask import Response, abort, request

from helpdesk.accounts.roles import manager
from helpdesk.core.access import allow
from helpdesk.core.i18n import LANGUAGES, language, speaking
from helpdesk.core.pages import page
from helpdesk.core.security import loosen
from helpdesk.organizers.form_key import VALUES, FormKey
from helpdesk.portal.form_key_form import FormKeyForm
from helpdesk.portal.form_key_views import values
from helpdesk.portal.forms import TicketForm
from helpdesk.portal.link_views import bp
from helpdesk.portal.queries import form_of
from helpdesk.portal.questions import Questions

NO_TOKEN = "preview"  # noqa: S105 - it opens nothing
NOWHERE = dict.fromkeys(("default_src", "script_src", "connect_src", "form_action", "object_src"), "'none'")


@bp.get("/settings/merchants/<id:merchant_id>/forms/<id:form_id>/preview")
@allow(manager)
def form_preview_show(merchant_id: int, form_id: int) -> Response:
    """The form as it is saved."""
    return framed(form_of(form_id, merchant_id) or abort(404), {})


@bp.post("/settings/merchants/<id:merchant_id>/forms/<id:form_id>/preview")
@allow(manager)
def form_preview_create(merchant_id: int, form_id: int) -> Response:
    """The form as it is being edited; what is wrong there is shown as it is saved."""
    found = form_of(form_id, merchant_id) or abort(404)
    form = FormKeyForm.of_request().offer(Questions.of(found).tree.by_id)
    form.validate()
    return framed(found, edited(form))


def edited(form: FormKeyForm) -> dict[str, Any]:
    """What of the editor can be seen on the form."""
    unseen = ("allowed_origins", "is_on", "takes_plain", "name")
    fine = [name for name in VALUES if name not in unseen and name not in form.errors]
    return {name: form.value_of(name) for name in fine}


def framed(found: FormKey, changed: dict[str, Any]) -> Response:
    """The form's page in a box in which nothing runs and nothing leaves; a copy, so that nothing is kept."""
    wanted = request.values.get("preview_language")
    shown = FormKey(merchant=found.merchant, key=found.key, **(values(found) | changed))
    asked = Questions.of(shown)
    theme = request.values.get("preview_theme")
    loosen(
        **NOWHERE,
        style_src="'self'",
        img_src="'self' data:",
        font_src="'self'",
        frame_ancestors="'self'",
        sandbox="allow-same-origin",
    )
    with speaking(wanted if wanted in LANGUAGES else language()):
        return page(
            "portal/form.html", merchant=found.merchant, form=TicketForm().offer([], []), asked=asked, token=NO_TOKEN,
            is_still=True, challenge=None, prefilled=set(), known=set(), upload_url="", post_url="", next_url="",
            other_language_url="", sheet_url=asked.sheet_url, theme=theme if theme in ("light", "dark") else "",
        )  # fmt: skip
