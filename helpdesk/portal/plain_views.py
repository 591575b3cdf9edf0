"""What only a page's own HTML form needs, and the style sheet of ours."""

import hashlib

from flask import Response, g, make_response, redirect, request
from werkzeug.datastructures import FileStorage
from werkzeug.urls import iri_to_uri

from helpdesk.config import current_config
from helpdesk.core.access import allow, anyone
from helpdesk.core.forms import sent_files
from helpdesk.core.pages import is_htmx
from helpdesk.core.security import loosen
from helpdesk.portal.form_token import FormToken
from helpdesk.portal.link_views import bp
from helpdesk.portal.plain_form import PlainForm, site_of
from helpdesk.portal.questions import WANTED, hash_of, is_readable, sheet

A_YEAR, MINUTES = 31_536_000, 300  # seconds
MOST_CATEGORIES = 500


@bp.get("/embed.css")
@allow(anyone)
def embed_css() -> Response:
    """The rules for a form's colour and for what only some topics ask. All of them are in the address.

    With the hash of just these rules it is kept for a year; with none, or with that of another release, for minutes.
    """
    colour = f"#{request.args.get('colour', '')}".lower()
    wanting = {field: _numbers(request.args.get(field, "")) for field in WANTED}
    rules = sheet(colour if is_readable(colour) else "", wanting)
    answer = Response(rules, mimetype="text/css")
    is_pinned = request.args.get("v") == hash_of(rules)
    answer.cache_control.public = True
    answer.cache_control.max_age = A_YEAR if is_pinned else MINUTES
    answer.cache_control.immutable = is_pinned or None
    return answer


def _numbers(said: str) -> list[int]:
    parts = [
        part for part in said[:10_000].split(".") if part.isascii() and part.isdecimal() and len(part) < 19
    ]
    return [int(part) for part in parts][:MOST_CATEGORIES]


def plain_form(key: str) -> PlainForm:
    """What was posted, as such a form."""
    return PlainForm(g.form_key, key, request.headers.get("Origin"), list(request.form.items(multi=True)))


def plain_token(key: str) -> FormToken | None:
    """The token of a form that has none and is welcome all the same; not for one that brings a wrong one."""
    plain = plain_form(key)
    if request.form.get("form_token") or not plain.is_welcome:
        return None
    return plain.token(current_config().fill_seconds, map(_digest, sent_files("files")))


def _digest(file: FileStorage) -> str:
    found = hashlib.file_digest(file.stream, "sha256").hexdigest()
    file.stream.seek(0)
    return f"{found} {file.filename}"


def own_thanks(key: str) -> str:
    """Where such a form wants its sender to go, instead of to our page of thanks; empty where nowhere of its own.

    The form that comes back with errors carries it: said again, it is looked at again.
    """
    return plain_form(key).thanks(request.form.get("next")) or ""


def carried_thanks(key: str) -> str:
    """The same for the form that comes back. Browsers ask its policy about the redirect after it as well."""
    wanted = own_thanks(key)
    if wanted:
        loosen(form_action=f"'self' {site_of(wanted)}")
    return wanted


def thanked(key: str, ours: str) -> Response:
    """Send its sender on. No script may follow a redirect to another site: htmx is told to go there."""
    wanted = own_thanks(key)
    if wanted and is_htmx():
        return make_response("", {"HX-Redirect": iri_to_uri(wanted)})
    return redirect(wanted or ours, 303)
