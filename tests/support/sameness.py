"""Whether a page that was open all the time shows what a fresh one shows, compared as DOM.

What differs by design is left out: what only ticks or lights up, who is here, what this reader has unfolded, read or
half typed, tokens, and the traces of htmx. Lines of a thread are compared one by one: a fresh page folds runs of them.
"""

from __future__ import annotations

import difflib
from pathlib import Path

from playwright.sync_api import Page

SHOWN = (Path(__file__).parent / "sameness.js").read_text("utf-8")


def shown(page: Page) -> list[str]:
    """What is on a page, line by line."""
    return page.evaluate(SHOWN)


def differences(old: list[str], fresh: list[str]) -> list[str]:
    """How a page differs from a fresh one, as a diff with the lines around."""
    return list(difflib.unified_diff(old, fresh, "open all the time", "fresh", lineterm="", n=2))
