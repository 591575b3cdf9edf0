"""The scripts of the request page in one file, and those of the form.

A customer's first visit is on a phone and often the only one: ux 2 gives it 25 KB of scripts, htmx included.
"""

from flask import Response

from helpdesk.core.access import allow, anyone
from helpdesk.core.bundle import Bundle
from helpdesk.portal.link_views import bp

REQUEST = Bundle("/request.js", (
    "clock", "elements/local-time", "elements/kept-draft", "elements/file-upload", "elements/file-list",
    "elements/file-wait", "elements/submit-once", "elements/live-socket", "thread-order", "elements/live-thread",
    "notices", "swaps", "catching-up", "refusals", "elements/first-sign",
))  # fmt: skip


FORM = Bundle("/form.js", (
    "clock", "elements/local-time", "elements/file-upload", "elements/file-list", "elements/file-wait",
    "elements/submit-once", "elements/form-proof", "elements/char-count", "elements/kept-form", "notices",
    "embed-frame",
))  # fmt: skip


@bp.get("/request.js")
@allow(anyone)
def script_show() -> Response:
    """All of them."""
    return REQUEST.answer()


@bp.app_template_global()
def request_script() -> str:
    """Where they are."""
    return REQUEST.url


@bp.get("/form.js")
@allow(anyone)
def form_script_show() -> Response:
    """All of the form's."""
    return FORM.answer()


@bp.app_template_global()
def form_script() -> str:
    """Where they are."""
    return FORM.url
