"""Looking at mails before anybody else does: the frame on the settings pages, and a mail to oneself.

What stands in the frame comes from an address of its own, in a box where nothing runs and nothing is loaded.
"""

from flask import Response, request

from helpdesk.accounts.roles import manager, viewer
from helpdesk.core.access import allow
from helpdesk.core.errors import Refusal
from helpdesk.core.i18n import _, language
from helpdesk.core.pages import page
from helpdesk.core.security import loosen
from helpdesk.notifications.jobs import send_tests
from helpdesk.notifications.mail_kind import KINDS
from helpdesk.notifications.mail_template import MailTemplate
from helpdesk.notifications.mail_test import MailTest
from helpdesk.notifications.specimen import Specimen
from helpdesk.notifications.template_form import PreviewForm, TemplateForm
from helpdesk.notifications.template_views import bp, known
from helpdesk.notifications.written_mail import WrittenMail
from helpdesk.tickets.ticket import Ticket

DARK = "@media (prefers-color-scheme: dark)"
NOTHING = dict.fromkeys(("default_src", "script_src", "connect_src", "form_action", "object_src"), "'none'")


@bp.get("/settings/templates/<mail:kind>/preview")
@allow(manager)
def preview_show(kind: str) -> Response:
    """The mail with the texts that are sent now."""
    return looked_at(known(kind).in_use)


@bp.post("/settings/templates/<mail:kind>/preview")
@allow(manager)
def preview_create(kind: str) -> Response:
    """The mail with texts that are not saved."""
    known(kind)
    form = TemplateForm.of_kind(kind)
    if not form.validate():
        return framed(*said(form), code=422)
    return looked_at(form.template)


@bp.post("/settings/templates/<mail:kind>/tests")
@allow(manager)
def tests_create(kind: str) -> Response:
    """The same mail, with made-up words, to oneself."""
    known(kind)
    form = TemplateForm.of_kind(kind)
    if not form.validate():
        return framed(*said(form), code=422)
    try:
        MailTest.ask(specimen(form.template, None), by=viewer())
    except Refusal as refusal:
        return framed(refusal.message, code=409)
    send_tests.later()
    return framed(_("A test mail is on its way to %(address)s.", address=viewer().email), tone="ok")


def looked_at(template: MailTemplate) -> Response:
    """The mail as it looks, or as plain text, with a sample or a ticket that he sees."""
    number = PreviewForm(request.values).number
    ticket = Ticket.find(number, viewer()) if number else None
    if number and ticket is None:
        return framed(_("There is no ticket with this number."), code=422)
    written = specimen(template, ticket)
    if request.values.get("show") == "text":
        return framed(subject=written.subject, text=written.text, code=200, lang=written.language)
    loosen(**NOTHING, style_src="'unsafe-inline'", img_src="data:", frame_ancestors="'self'", sandbox="")
    html = written.html(written.sender.logo_url())
    # A frame of no origin cannot be told which scheme to show, and follows the reader's system.
    shown = "all" if request.values.get("show") == "dark" else "not all"
    return Response(html.replace(DARK, f"@media {shown}"), mimetype="text/html")


def specimen(template: MailTemplate, ticket: Ticket | None) -> WrittenMail:
    """The mail of a ticket's store, of the one that is asked for, or of the first."""
    form = PreviewForm(request.values)
    wanted = form.language.data if form.language.data in ("en", "vi") else language()
    store = ticket.merchant if ticket else Specimen.merchant_for(viewer(), form.merchant_id)
    if store is None:
        raise Refusal(_("Choose one of your stores."))
    return Specimen(KINDS[template.kind], store, ticket).written(template, wanted)


def said(form: TemplateForm) -> list[str]:
    """What is wrong with the texts, in sentences."""
    return list(dict.fromkeys(str(error) for errors in form.errors.values() for error in errors))


def framed(
    *notes: str, code: int = 200, tone: str = "bad", subject: str = "", text: str = "", lang: str = ""
) -> Response:
    """A page for the frame: words of ours, or the plain text of a mail."""
    loosen(**NOTHING, style_src="'self'", frame_ancestors="'self'", sandbox="")
    answer = page(
        "settings/template_frame.html",
        notes=notes,
        tone=tone,
        subject=subject,
        text=text,
        lang=lang or language(),
    )
    answer.status_code = code
    return answer
