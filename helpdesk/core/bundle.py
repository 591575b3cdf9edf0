"""Several scripts or sheets as one file: together they compress better, and comments stay at home. No build.

What a page needs is a list of names in the code, so that every process makes the same file of it.
"""

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from flask import Response, request

from helpdesk.config import ROOT

_COMMENT = re.compile(r"^[ \t]*//.*\n|[ \t]// [^'\"`\n]*$", re.MULTILINE)
_SHEET_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_INDENT = re.compile(r"^\s+", re.MULTILINE)


class Bundle:
    """Scripts in their order, each in a block of its own, or sheets, at the address that they are served under."""

    def __init__(self, address: str, names: Sequence[str]) -> None:
        self.address, self.kind = address, address.rpartition(".")[2]
        self.files = tuple(ROOT / "static" / self.kind / f"{name}.{self.kind}" for name in names)

    @property
    def text(self) -> str:
        """All of them as they are now."""
        return _together(self.files, tuple(file.stat().st_mtime for file in self.files))

    @property
    def url(self) -> str:
        """The address with a mark of its content, so that it can be cached for a year."""
        return f"{self.address}?v={hashlib.sha256(self.text.encode()).hexdigest()[:12]}"

    def answer(self) -> Response:
        """The file."""
        answer = Response(self.text, mimetype="text/css" if self.kind == "css" else "text/javascript")
        if request.args.get("v"):
            answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer


@lru_cache(maxsize=16)
def _together(files: tuple[Path, ...], changed: tuple[float, ...]) -> str:
    texts = [(file.suffix, file.read_text("utf-8")) for file in files]
    return "".join(_sheet(text) if suffix == ".css" else _script(text) for suffix, text in texts)


def _script(text: str) -> str:
    return f"{{\n{_INDENT.sub('', _COMMENT.sub('', text)).strip()}\n}}\n"


def _sheet(text: str) -> str:
    """What a sheet names beside itself is named from the root."""
    return _INDENT.sub("", _SHEET_COMMENT.sub("", text)).replace('url("../', 'url("/static/')
