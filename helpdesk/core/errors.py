"""Refusals and their kin: what a deed may raise, and how each becomes a status, a page or a fragment."""

import logging
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_babel import force_locale as speaking
from flask_babel import lazy_gettext as lazy
from redis.exceptions import RedisError
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

log = logging.getLogger(__name__)

TITLES = {
    400: (lazy("Bad request"), lazy("The server could not read this request. Go back and try again.")),
    401: (lazy("Sign in"), lazy("Your session has ended. Sign in again to go on.")),
    403: (lazy("Not allowed"), lazy("You do not have permission to do this.")),
    404: (lazy("Page not found"), lazy("This page does not exist, or it is not yours to see.")),
    405: (lazy("Not possible here"), lazy("This address does not take that kind of request.")),
    409: (lazy("Not possible now"), lazy("Somebody changed this meanwhile. Reload the page and try again.")),
    410: (lazy("Link expired"), lazy("This link has expired.")),
    413: (lazy("Too large"), lazy("What you sent is larger than this page takes.")),
    429: (lazy("Too many requests"), lazy("Too many attempts. Try again in a few minutes.")),
    500: (
        lazy("Something went wrong"),
        lazy("It is our fault, and we have been told. Try again in a moment."),
    ),
    503: (lazy("Not available"), lazy("The service is busy or being maintained. Try again in a moment.")),
}


Way = Callable[[], tuple[str, str] | None]
_ways: list[Way] = []
WRITTEN = re.compile(
    r"(body|description|note|reason|comment)(_(en|vi))?"
)  # fields that people write texts into
MOST_TEXT = 200_000


class Refusal(Exception):
    """A deed that the present state does not allow; the text says to the user what is possible instead."""

    code = 409

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotAllowed(Refusal):
    """A deed that this person may not do, on a thing that he may see."""

    code = 403


class TooOften(Refusal):
    """A deed that somebody has done too often just now; the text says so, and what was typed stays."""

    code = 429


class SignInFirst(Exception):
    """Nobody is signed in and the page needs somebody."""


def way_on(function: Way) -> Way:
    """Name where an error page leads on to: an address with its words, or None where that is no way on."""
    _ways.append(function)
    return function


def failure(code: int, message: str | None = None, *, sign_in: bool = False) -> Response:
    """The answer for an error: a page, the fragment where a part of a page asked, or JSON where only that is read."""
    title, text = TITLES.get(code, TITLES[500 if code >= 500 else 400])
    local = {"code": code, "title": str(title), "message": str(message or text), "sign_in_url": ""}
    if code == 401 or sign_in:
        local["sign_in_url"] = sign_in_url()
    g.failed = True
    if _is_program():
        return make_response(jsonify(code=code, title=local["title"], message=local["message"]), code)
    if request.headers.get("HX-Request"):  # the page around it has the words still
        return make_response(render_template("errors/_fragment.html", **local), code)
    more = {"written": written(code), "twin": _twin(title, text), "is_lost": request.endpoint is None}
    more["ways"] = [way for each in _ways if (way := each())]
    return make_response(render_template("errors/page.html", **local, **more), code)


def _is_program() -> bool:
    """Whether who asks wants JSON rather than a page; browsers, and whoever takes anything, read pages."""
    return request.accept_mimetypes.best_match(("text/html", "application/json")) == "application/json"


def _twin(title: Any, text: Any) -> tuple[str, str, str] | None:
    """The same in the other language, with its code, for a reader of whom nobody knows what he reads."""
    if not g.get("is_language_guessed"):
        return None
    other = "vi"  # a guess is English
    with speaking(other):
        return other, str(title), str(text)


def written(code: int) -> list[str]:
    """The texts of a form that could not be taken, so that their writer gets them back (MSG-006). Never logged.

    Not what another site's page sent here: it would speak through our page.
    """
    if request.method != "POST" or code == 413 or request.headers.get("Sec-Fetch-Site") == "cross-site":
        return []
    try:
        fields = request.form.items(multi=True)
    except HTTPException:  # it cannot even be read
        return []
    return [text[:MOST_TEXT] for name, text in fields if WRITTEN.fullmatch(name) and text.strip()]


def sign_in_url() -> str:
    """The sign-in page, which leads back to the page that was open."""
    try:
        page, host = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or ""), request.host
    except (HTTPException, ValueError):  # an address, or a host, that nobody can read
        return "/login"
    is_ours = page.netloc == host and page.path.startswith("/") and not page.path.startswith("//")
    here = f"{page.path}?{page.query}" if page.query else page.path
    return f"/login?next={quote(here)}" if is_ours and page.path != "/login" else "/login"


def init_app(app: Flask) -> None:
    """Register what every kind of exception becomes."""
    app.register_error_handler(Refusal, lambda e: failure(e.code, e.message))
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(StaleDataError, lambda e: failure(409))
    app.register_error_handler(IntegrityError, _conflict)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(RedisError, _unexpected)
    app.register_error_handler(Exception, _unexpected)


def _http(error: HTTPException) -> Response:
    answer = failure(error.code or 500)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After", "Location"):
            answer.headers[name] = value
    return answer


def _conflict(error: IntegrityError) -> Response:
    """Two requests wanted the same unique thing; the other was first. Anything else is our mistake."""
    log.warning("integrity error", extra={"error": type(error.orig).__name__})
    return failure(409)


def _database_away(error: SQLAlchemyError) -> Response:
    log.error("database error", exc_info=error)
    answer = failure(503)
    answer.headers["Retry-After"] = "5"
    return answer


def _unexpected(error: Exception) -> Response:
    log.error("unexpected error", exc_info=error)
    return failure(500)
