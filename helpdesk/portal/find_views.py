"""Find my request: who lost his link has it mailed to the address on file. The answer never says if there is one."""

from time import monotonic, sleep

from flask import Response, after_this_request, g, redirect, request, url_for
from wtforms import StringField

from helpdesk.core.access import allow, anyone
from helpdesk.core.db import let_go
from helpdesk.core.errors import way_on
from helpdesk.core.forms import Email, Form, line, one_line
from helpdesk.core.i18n import _
from helpdesk.core.pages import invalid, page
from helpdesk.core.security import limiter
from helpdesk.portal.link_views import bp
from helpdesk.tickets.customer_link import CustomerLink

EVEN_SECONDS = 0.2  # longer than mailing the links of a known address takes


class FindForm(Form):
    """An address, and the number where it is known."""

    email = StringField(filters=[one_line], validators=[Email()])
    number = line(24)


@bp.get("/find")
@allow(anyone)
def find_show() -> Response:
    """The form, or what it always says afterwards."""
    sent = request.args.get("sent") == "1"
    return page("portal/find.html", merchant=None, form=FindForm(), sent=sent)


@bp.post("/find")
@allow(anyone)
@limiter.limit("10 per hour")
def find_create() -> Response:
    """Mail the links, if there are any."""
    form = FindForm.of_request()
    if not form.validate():
        return invalid("portal/find.html", merchant=None, form=form, sent=False)
    g.sender, began = form.email.data, monotonic()
    after_this_request(lambda answer: _even(answer, began))
    return _asked(form)


@limiter.limit("3 per hour", key_func=lambda: f"find:{g.sender}")
def _asked(form: FindForm) -> Response:
    """Counted against the address whether it is known or not: nobody's mailbox is flooded through us."""
    CustomerLink.ask_for(form.email.data, (form.number.data or "").upper())
    return redirect(url_for("portal.find_show", sent=1), 303)


def _even(answer: Response, began: float) -> Response:
    """Keep an answer back until it is as late as any: more is written for who is known, and he who asks has a watch.

    What was written is committed by now, and nobody waits for us.
    """
    let_go()
    sleep(max(0.0, EVEN_SECONDS - (monotonic() - began)))
    return answer


@way_on
def _to_the_form() -> tuple[str, str] | None:
    """From an error at a form: the form."""
    at_a_form = (request.endpoint or "").startswith("portal.embed_") and "form_key" in g
    return (f"/embed/{g.form_key.key}", _("Go back to the form")) if at_a_form else None


@way_on
def _to_find() -> tuple[str, str] | None:
    """From an error on the customers' side, or where nobody knows which side it is."""
    ours = request.endpoint is None or request.endpoint.startswith("portal.")
    return ("/find", _("Find my request")) if ours else None
