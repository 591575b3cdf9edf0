"""The form on a merchant's own site: in a frame, without cookies, open to everybody."""

from datetime import datetime
from typing import Any

from flask import Response, abort, g, request, send_from_directory, url_for
from werkzeug.datastructures import MultiDict

from helpdesk.config import ROOT
from helpdesk.core.access import Rule, allow, anyone
from helpdesk.core.db import db, reads_first, write_from_here
from helpdesk.core.i18n import COOKIE, LANGUAGES, _, browser_language, language
from helpdesk.core.pages import asset, invalid, is_htmx, page
from helpdesk.core.security import csrf, limiter, loosen
from helpdesk.core.signing import sign, unsign
from helpdesk.core.tenancy import enter
from helpdesk.organizers.form_key import FormKey
from helpdesk.portal.doubt_views import (
    PER_ADDRESS,
    PER_EMAIL,
    PER_FORM,
    PER_INSTALLATION,
    Doubt,
    asked,
    doubt_about,
)
from helpdesk.portal.form_token import FormToken
from helpdesk.portal.forms import TicketForm
from helpdesk.portal.link_views import bp
from helpdesk.portal.plain_views import carried_thanks, plain_token, thanked
from helpdesk.portal.queries import ticket_of_merchant
from helpdesk.portal.questions import Questions
from helpdesk.portal.sent_from import SentFrom
from helpdesk.portal.submission import Submission
from helpdesk.portal.vouched_identity import VouchedIdentity
from helpdesk.portal.vouched_views import unvouched, vouched, with_identity
from helpdesk.tickets.customer_link import CustomerLink
from helpdesk.tickets.ticket import Ticket

PREFILLED = ("name", "email", "phone", "subject", "category", "order")
LOOK = ("host", "mode", "theme", "colour", "readonly")  # what the page around it asks for
A_YEAR = 31_536_000


def _open_form() -> None:
    """Everybody may come in who knows the key of a form; the key says whose form it is and who may frame it."""
    form_key = FormKey.find(form_key_asked())
    if form_key is None or form_key.merchant.deleted_at:
        abort(404)
    enter(form_key.organizer_id)
    g.form_key, g.key_use = form_key, (form_key.id, form_key.uses(form_key_asked()))
    sites = " ".join([*form_key.allowed_origins, "'self'"]) if form_key.allowed_origins else "*"
    loosen(frame_ancestors=sites)
    known = {
        request.args.get("lang"),
        request.cookies.get(COOKIE),
        browser_language(),
    }
    if not known & set(LANGUAGES):
        g.language = form_key.merchant.default_language


def form_key_asked() -> str:
    """The key in the address; either of the two that a form may have."""
    return str((request.view_args or {})["key"])


visitor = Rule("anyone", _open_form)


@bp.get("/embed.js")
@allow(anyone)
def embed_js() -> Response:
    """The script that a merchant's page includes; any site may load it, and has a new one within minutes.

    Who names the version (`?v=`) that is served keeps it for a year.
    """
    pinned = request.args.get("v") == asset("js/embed.js").partition("?v=")[2]
    answer = send_from_directory(
        ROOT / "static" / "js", "embed.js", mimetype="text/javascript", max_age=A_YEAR if pinned else 300
    )
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


@bp.get("/embed/<key>")
@allow(visitor)
def embed_show(key: str) -> Response:
    """The form, filled in with what the merchant's page knows."""
    if not g.form_key.is_open:
        return _closed()
    identity, problem = vouched()
    token = FormToken.fresh(key, identity)
    form = offered(TicketForm(data=_prefill(identity))).belongs_to(token)
    form.form_errors += problem
    return page("portal/form.html", **_form_page(form, token))


@bp.post("/embed/<key>")
@csrf.exempt  # it works without cookies; the signed token in the form takes their place
@allow(visitor)
@limiter.limit(PER_ADDRESS)
@limiter.limit(PER_FORM, key_func=lambda: f"form:{(request.view_args or {})['key']}")
@limiter.limit(PER_INSTALLATION, key_func=lambda: "forms")
@reads_first
def embed_create(key: str) -> Response:
    """A request comes in: a ticket, or the form again."""
    if not g.form_key.is_open:
        return _closed()
    token = FormToken.read(request.form.get("form_token", ""), key) or plain_token(key) or abort(400)
    token, problem = with_identity(token)
    form = offered(TicketForm(typed_for(token))).belongs_to(token)
    if request.form.get("only") == "language":
        return _in_that_language(form, token)
    problem += _suspicions(token)
    if not form.validate() or problem:  # looked at in any case: its files are kept
        return form_again(form, FormToken.fresh(key, token.identity) if token.is_old else token, problem)
    if doubt := doubt_about(token):
        return form_again(form, token, [doubt.words], doubt)
    write_from_here()  # nobody waits while files come in and pictures are made small
    ticket = _accept(Submission(g.form_key, form, token, language(), _sent_from()), form.email.data)
    if ticket is None:
        return form_again(form, FormToken.fresh(key), [unvouched()])
    return thanked(key, _thanks_url(ticket, token))


def _thanks_url(ticket: Ticket, token: FormToken) -> str:
    link = CustomerLink.of(ticket).id if token.identity else 0
    said = sign("thanks", [ticket.id, link])
    return url_for("portal.thanks_show", key=token.form_key, said=said, **_kept(lang=language()))


@bp.get("/embed/<key>/thanks/<said>")
@allow(visitor)
def thanks_show(key: str, said: str) -> Response:
    """The number, and what is promised. Its link comes by mail, unless the merchant vouched for the visitor."""
    ticket_id, link_id = unsign("thanks", said) or abort(404)
    ticket = ticket_of_merchant(ticket_id, g.form_key.merchant_id) or abort(404)
    return _bookmarkable(
        "portal/thanks.html",
        merchant=g.form_key.merchant,
        form_key=g.form_key,
        thanks=g.form_key.thanks,
        ticket_number=ticket.number,
        promise_at=_promise(ticket),
        email_masked=ticket.customer.masked_email,
        follow_url=_follow_url(link_id),
        again_url=url_for("portal.embed_show", key=key, **_kept(lang=language()))
        if g.form_key.is_open
        else None,
        **_look(),
    )


def _bookmarkable(template: str, **local: Any) -> Response:
    """A page whose address the browser shows, also when scripts have brought it in."""
    answer = page(template, **local)
    if is_htmx():
        answer.headers["HX-Replace-Url"] = request.full_path.rstrip("?")
    return answer


@limiter.limit(PER_EMAIL, key_func=lambda: f"form-email:{g.sender}")
def _counted(submission: Submission) -> Ticket | None:
    return submission.accept()


def _accept(submission: Submission, sender: str) -> Ticket | None:
    """Valid forms count against their address: nobody's mailbox is flooded through us."""
    g.sender = sender
    return _counted(submission)


def _suspicions(token: FormToken) -> list[str]:
    """What a person hardly does. The form comes back, so that nobody who does it all the same loses a word."""
    if request.form.get("website"):
        return [_("Something filled in a field that nobody sees. We have emptied it: send the form again.")]
    if token.is_old:
        return [_("This form was open for a long time. Please check it and send it again.")]
    return []


def _prefill(identity: VouchedIdentity | None) -> dict[str, Any]:
    known = {name: request.args[name][:254] for name in PREFILLED if request.args.get(name)}
    return known | (identity.claimed if identity else {})


def typed_for(token: FormToken) -> MultiDict[str, str]:
    """What was posted; what the merchant vouches for cannot be typed over, and what is not asked is not read."""
    typed = MultiDict(
        (name, text) for name, text in request.form.items(multi=True) if name not in _questions().unasked
    )
    for name, value in (token.identity.claimed if token.identity else {}).items():
        typed[name] = value
    return typed


def _questions() -> Questions:
    """What this form asks."""
    if "questions" not in g:
        g.questions = Questions.of(g.form_key, request.args.get("colour", "")[:7])
    return g.questions


def _sent_from() -> SentFrom:
    """Where it came from; the page around our frame, or the one that holds a plain form."""
    page_of = request.form.get("from_page") or request.args.get("host") or request.referrer
    spoken = request.form.get("from_language") or request.accept_languages.best
    return SentFrom.of(page_of, spoken, request.form.get("from_zone"))


def offered(form: TicketForm) -> TicketForm:
    """Say to the form what can be chosen."""
    asked = _questions()
    return form.offer([each.id for each in asked.categories], asked.priorities)


def _look() -> dict[str, Any]:
    """How the page around it wants it to look."""
    theme = request.args.get("theme")
    return {"sheet_url": _questions().sheet_url, "theme": theme if theme in ("light", "dark") else ""}


def _form_page(form: TicketForm, token: FormToken, doubt: Doubt | None = None) -> dict[str, Any]:
    """Everything that the form's page reads."""
    other, key = "en" if language() == "vi" else "vi", token.form_key
    vouched = set(token.identity.claimed) if token.identity else set()
    fixed = set(request.args.get("readonly", "").split(",")) & {
        name for name in PREFILLED if request.args.get(name)
    }
    return _look() | {
        "merchant": g.form_key.merchant,
        "form": form,
        "asked": _questions(),
        "token": token.text,
        **asked(doubt),
        "prefilled": vouched | fixed,
        "known": vouched | {name for name in PREFILLED if request.args.get(name)},
        "next_url": carried_thanks(key),
        "upload_url": url_for("portal.embed_uploads_create", key=key, lang=language()),
        "post_url": url_for("portal.embed_create", key=key, **_kept(*PREFILLED, lang=language())),
        "other_language_url": url_for("portal.embed_create", key=key, **_kept(*PREFILLED, lang=other)),
    }


def _kept(*names: str, **more: str) -> dict[str, str]:
    """Parts of the present address that the next one keeps; `host` is whom the frame tells its height."""
    return {name: request.args[name] for name in (*names, *LOOK) if request.args.get(name)} | more


def form_again(
    form: TicketForm, token: FormToken, problem: list[str], doubt: Doubt | None = None
) -> Response:
    """The form as it was typed, with what is wrong."""
    form.belongs_to(token).form_errors += problem
    return invalid("portal/form.html", **_form_page(form, token, doubt))


def _in_that_language(form: TicketForm, token: FormToken) -> Response:
    """The form as far as it is filled in, in the language of this address; what was wrong already is said again."""
    form.validate()  # its files are kept
    if "tried" not in request.form:
        for field in form:
            field.errors = field.errors if field.name == "files" else []
    return form_again(form, token, []) if form.errors else page("portal/form.html", **_form_page(form, token))


def _closed() -> Response:
    answer = page("portal/off.html", merchant=g.form_key.merchant, **_look())
    answer.status_code = 403
    return answer


def _follow_url(link_id: int) -> str | None:
    link = db.session.get(CustomerLink, link_id) if link_id else None
    return url_for("portal.link_show", token=link.token) if link and link.is_live else None


def _promise(ticket: Ticket) -> datetime | None:
    """When the first answer is due; None where the policy promises none."""
    return next((clock.due_at for clock in ticket.tracker.promises if clock.kind == "first"), None)
