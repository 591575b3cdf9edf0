"""Several scripts or sheets as one file: together they compress better, and comments stay at home. No build.

What a page needs is a list of names in the code, so that every process makes the same file of it. A process makes it
once: who changes a script starts the web server again, as for what is written in Python.
"""

import hashlib
import re
from collections.abc import Sequence
from functools import cached_property

from flask import Response, request

from helpdesk.config import ROOT
from helpdesk.core.pages import asset

_COMMENT = re.compile(r"^[ \t]*//.*\n|[ \t]// [^'\"`\n]*$", re.MULTILINE)
_SHEET_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_INDENT = re.compile(r"^\s+", re.MULTILINE)
_BESIDE = re.compile(r'url\("\.\./([^"]+)"\)')
FOR_EVER = "public, max-age=31536000, immutable"


class Bundle:
    """Scripts in their order, each in a block of its own, or sheets, at the address that they are served under."""

    def __init__(self, address: str, names: Sequence[str]) -> None:
        self.address, self.kind = address, address.rpartition(".")[2]
        self.files = tuple(ROOT / "static" / self.kind / f"{name}.{self.kind}" for name in names)

    @cached_property
    def text(self) -> str:
        """All of them as they were when the first page asked."""
        made = _sheet if self.kind == "css" else _script
        return "".join(made(file.read_text("utf-8")) for file in self.files)

    @cached_property
    def mark(self) -> str:
        """What tells this content from another."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:12]

    @property
    def url(self) -> str:
        """The address with the mark of its content, so that it can be cached for a year."""
        return f"{self.address}?v={self.mark}"

    def answer(self) -> Response:
        """The file. Under another mark, as a page of another release names it, it is asked for each time."""
        answer = Response(self.text, mimetype="text/css" if self.kind == "css" else "text/javascript")
        answer.set_etag(self.mark)
        answer.headers["Cache-Control"] = (
            FOR_EVER if request.args.get("v") == self.mark else "public, no-cache"
        )
        return answer.make_conditional(request)


def _script(text: str) -> str:
    return f"{{\n{_INDENT.sub('', _COMMENT.sub('', text)).strip()}\n}}\n"


def _sheet(text: str) -> str:
    """What a sheet names beside itself is named from the root, with its mark: a page may ask for it first."""
    plain = _INDENT.sub("", _SHEET_COMMENT.sub("", text))
    return _BESIDE.sub(lambda named: f'url("{asset(named[1])}")', plain)
