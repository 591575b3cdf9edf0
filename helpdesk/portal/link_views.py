"""The signed link: the secret in its address is swapped for a cookie at first use; from then on it is clean."""

from flask import Blueprint, Response, abort, g, redirect, request, url_for

from helpdesk.config import current_config
from helpdesk.core.access import Rule, allow, anyone
from helpdesk.core.errors import failure, written
from helpdesk.core.events import record
from helpdesk.core.i18n import speak_to
from helpdesk.core.pages import is_htmx, page
from helpdesk.core.security import limiter
from helpdesk.core.tenancy import enter
from helpdesk.tickets.customer_link import COOKIE_PURPOSE, CustomerLink

bp = Blueprint("portal", __name__)
COOKIE_SECONDS = 30 * 24 * 3600
FRAMED = ("portal.embed_", "portal.thanks_")


class LinkExpired(Exception):
    """A link that was good once."""

    def __init__(self, link: CustomerLink) -> None:
        super().__init__()
        self.link = link


def _check() -> None:
    """Whoever brings the cookie of this address's ticket; anything else is 404, as if there were no such page."""
    link = CustomerLink.find(request.cookies.get(_cookie_name(), ""), COOKIE_PURPOSE)
    if link is None or link.ticket_id != (request.view_args or {})["ticket_id"]:
        abort(404)
    _go_in(link)
    if not link.is_live:
        raise LinkExpired(link)


customer = Rule("customer", _check)


def _go_in(link: CustomerLink) -> None:
    """Be inside its organizer; speak the request's language unless the reader chose another."""
    enter(link.organizer_id)
    g.link = link
    speak_to(link.ticket.language)


def _cookie_name() -> str:
    return "__Secure-request" if current_config().is_https else "request"


def bring(answer: Response, link: CustomerLink) -> Response:
    """Give the browser the cookie of one request's page; it opens that page and no other."""
    path = f"/requests/{link.ticket_id}"
    answer.set_cookie(
        _cookie_name(), link.cookie, max_age=COOKIE_SECONDS, path=path, httponly=True, samesite="Lax",
        secure=current_config().is_https,
    )  # fmt: skip
    return answer


def _found(token: str) -> CustomerLink:
    link = CustomerLink.find(token) or abort(404)
    _go_in(link)
    return link


def _gone(link: CustomerLink, sent: bool = False) -> Response:
    renew_url = url_for("portal.renewal_create", token=link.token)
    answer = page(
        "portal/gone.html", merchant=link.ticket.merchant, renew_url=renew_url, sent=sent,
        ticket=link.ticket, words={"reply": "\n\n".join(written(410))},
    )  # fmt: skip
    answer.status_code = 410
    return answer


@bp.app_errorhandler(LinkExpired)
def link_expired(error: LinkExpired) -> Response:
    """Say so, and offer to mail a new one."""
    return failure(410) if is_htmx() else _gone(error.link)


@bp.get("/t/<token>")
@allow(anyone)
def link_show(token: str) -> Response:
    """Swap the link for a cookie. Nothing is written: mail scanners open links before their readers do."""
    link = _found(token)
    if not link.is_live:
        return _gone(link, sent=request.args.get("sent") == "1")
    onward = CustomerLink.living_of(link.ticket.heir) or link  # what was merged is gone on with elsewhere
    answer = redirect(url_for("portal.request_show", ticket_id=onward.ticket_id), 303)
    return bring(bring(answer, onward), link)


@bp.post("/t/<token>/renewal")
@allow(anyone)
@limiter.limit("10 per hour")
@limiter.limit("3 per hour", key_func=lambda: f"renewal:{(request.view_args or {})['token']}")
def renewal_create(token: str) -> Response:
    """Mail a new link to the address on file. The answer is the same whatever comes of it."""
    link = _found(token)
    if link.ticket.deleted_at is None:
        record("link.renewed", on=link, by=link.customer)
    return redirect(url_for("portal.link_show", token=token, sent=1), 303)


@bp.post("/requests/<id:ticket_id>/leaving")
@allow(customer)
def leaving_create(ticket_id: int) -> Response:
    """Forget this browser's way in. The link in the mail goes on working."""
    answer = redirect(url_for("portal.left_show"), 303)
    answer.delete_cookie(
        _cookie_name(),
        path=f"/requests/{ticket_id}",
        secure=current_config().is_https,
        httponly=True,
        samesite="Lax",
    )
    return answer


@bp.get("/left")
@allow(anyone)
def left_show() -> Response:
    """The page is left."""
    return page("portal/left.html", merchant=None)


@bp.after_request
def _discreet(response: Response) -> Response:
    """Addresses of these pages tell something: they are in no Referer and in no search engine."""
    if not (request.endpoint or "").startswith(FRAMED):
        response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
