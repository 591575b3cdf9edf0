"""Somebody who has no mouse: goes from field to field with Tab, and presses keys."""

from __future__ import annotations

from playwright.sync_api import Page

FARTHEST = 200  # presses of Tab until something must be in reach
AT = "(selector) => document.activeElement?.matches(selector) ?? false"
FRESH = """(selector) => document.activeElement === document.body && document.querySelector('.skip-link')
  && document.querySelector('main')?.contains(document.querySelector(selector))"""
SHOWN = "document.activeElement.selectedOptions[0]?.text.trim() ?? ''"
NO_MOUSE = "addEventListener('mousedown', (event) => { if (event.isTrusted) window.moused = true; }, true);"


class Fingers:
    """On the keys of one page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.add_init_script(NO_MOUSE)

    def reach(self, selector: str) -> None:
        """Press Tab until something has the focus; fails when it cannot be reached."""
        self.skip(selector)
        for _press in range(FARTHEST):
            if self.page.evaluate(AT, selector):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{selector} cannot be reached by Tab on {self.page.url}")

    def skip(self, selector: str) -> None:
        """On a fresh page, past header and sections to the content, where the thing is there."""
        if self.page.evaluate(FRESH, selector):
            self.page.keyboard.press("Tab")
            self.page.keyboard.press("Enter")

    def open(self, selector: str) -> None:
        """Go along a link, and wait for the page behind it."""
        self.reach(selector)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def write(self, selector: str, words: str) -> None:
        """Put words into a field, in the place of what is there."""
        self.reach(selector)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(words)

    def choose(self, selector: str, option: str) -> None:
        """Go down a list until a line is chosen."""
        self.reach(selector)
        self.page.keyboard.press("Home")
        for _press in range(FARTHEST):
            if option in self.page.evaluate(SHOWN):
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{selector} does not offer “{option}” on {self.page.url}")

    def tick(self, selector: str, ticked: bool = True) -> None:
        """Set a box."""
        self.reach(selector)
        if self.page.is_checked(selector) != ticked:
            self.page.keyboard.press("Space")

    def send(self, selector: str) -> None:
        """Press a button, and wait for the page that answers."""
        self.reach(selector)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def used_no_mouse(self) -> bool:
        """On the present page."""
        return not self.page.evaluate("Boolean(window.moused)")
