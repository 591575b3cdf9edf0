"""The scripts of the request page in one file: together they compress better, and comments stay at home. No build.

A customer's first visit is on a phone and often the only one: ux 2 gives it 25 KB of scripts, htmx included.
"""

import hashlib
import re
from functools import lru_cache

from flask import Response, request

from helpdesk.config import ROOT
from helpdesk.core.access import allow, anyone
from helpdesk.portal.link_views import bp

SCRIPTS = ROOT / "static" / "js"
NAMES = (
    "clock", "elements/local-time", "elements/kept-draft", "elements/file-upload", "elements/file-list",
    "elements/file-wait", "elements/submit-once", "elements/live-socket", "thread-order", "elements/live-thread",
    "notices", "swaps", "refusals", "elements/first-sign",
)  # fmt: skip
FILES = tuple(SCRIPTS / f"{name}.js" for name in NAMES)
COMMENT = re.compile(r"^[ \t]*//.*\n|[ \t]// [^'\"`\n]*$", re.MULTILINE)
INDENT = re.compile(r"^\s+", re.MULTILINE)


@bp.get("/request.js")
@allow(anyone)
def script_show() -> Response:
    """All of them, in their order, each in a block of its own."""
    answer = Response(_together(_changed()), mimetype="text/javascript")
    if request.args.get("v"):
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer


@bp.app_template_global()
def request_script() -> str:
    """Its address, with a mark of its content, so that it can be cached for a year."""
    return f"/request.js?v={hashlib.sha256(_together(_changed()).encode()).hexdigest()[:12]}"


def _changed() -> tuple[float, ...]:
    return tuple(file.stat().st_mtime for file in FILES)


@lru_cache(maxsize=2)
def _together(changed: tuple[float, ...]) -> str:
    return "".join(f"{{\n{_bare(file.read_text('utf-8')).strip()}\n}}\n" for file in FILES)


def _bare(script: str) -> str:
    return INDENT.sub("", COMMENT.sub("", script))
