"""What only a page's own HTML form needs, and the style sheet of ours."""

from flask import Response, g, request

from helpdesk.config import current_config
from helpdesk.core.access import allow, anyone
from helpdesk.portal.form_token import FormToken
from helpdesk.portal.link_views import bp
from helpdesk.portal.plain_form import PlainForm
from helpdesk.portal.questions import WANTED, is_readable, sheet

A_YEAR = 31_536_000
MOST_CATEGORIES = 500


@bp.get("/embed.css")
@allow(anyone)
def embed_css() -> Response:
    """The rules for a form's colour and for what only some topics ask. All of them are in the address."""
    colour = f"#{request.args.get('colour', '')}".lower()
    wanting = {field: _numbers(request.args.get(field, "")) for field in WANTED}
    answer = Response(sheet(colour if is_readable(colour) else "", wanting), mimetype="text/css")
    answer.cache_control.public, answer.cache_control.max_age, answer.cache_control.immutable = (
        True,
        A_YEAR,
        True,
    )
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
    return plain.token(current_config().fill_seconds)


def own_thanks(token: FormToken) -> str | None:
    """Where such a form wants its sender to go, instead of to our page of thanks."""
    return (
        None
        if request.form.get("form_token")
        else plain_form(token.form_key).thanks(request.form.get("next"))
    )
