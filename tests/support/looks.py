"""What a page looks like to everybody: in both languages, light and dark, wide and narrow, without a flaw.

    looker = Looker(browser, server.origin, server.cookie("Gus"))   # or no cookie: nobody
    assert looker.flaws("/queue", *ALL) == []

`flaws` answers one line for each rule of axe-core (WCAG 2.0 to 2.2, A and AA, and its best practice) that a page
breaks, and for each width at which it would have to be moved sideways. It raises where a page does not come in the
language that was asked for, or where what was clicked does not open. A page is loaded once per language; the scheme
and the width change under it. Only colours depend on the scheme: what is not about colours is looked at in one of the
two.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, expect

AXE = (Path(__file__).parent / "axe-core" / "axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
HEIGHT = 900
NARROWEST = 320  # no rule is asked there, but nothing may stick out
RUN = """
async (only) => (await axe.run(document, { runOnly: only, resultTypes: ['violations'] })).violations.map((found) => [
  found.id, found.nodes.length, found.nodes[0].target.join(' '), found.nodes[0].html.slice(0, 160)])
"""
# Nothing moves any more: a scheme that has just changed is on the screen.
STILL = """
async () => {
  const frame = () => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); });
  await frame();
  document.getAnimations().forEach((one) => { try { one.finish(); } catch { one.cancel(); } });
  await frame();
}
"""
STICKS_OUT = """
() => {
  const page = document.documentElement;
  if (page.scrollWidth <= innerWidth) return [];
  const own = (one) => one.closest('[class*=scroll], dialog:not([open]), .visually-hidden'); // of its own
  const out = [...document.querySelectorAll('body *')].filter((one) => {
    const { width, right } = one.getBoundingClientRect();
    return width && right > innerWidth + 0.5 && !own(one);
  });
  return [...out.slice(0, 3).map((one) => `${one.tagName.toLowerCase()}.${one.className}`), String(page.scrollWidth)];
}
"""


@dataclass(frozen=True)
class Look:
    """One way in which somebody sees a page."""

    language: str
    scheme: str
    width: int

    def __str__(self) -> str:
        return f"{self.language} {self.scheme} {self.width}"


ALL = tuple(Look(*each) for each in product(("en", "vi"), ("light", "dark"), (1440, 360)))


class Looker:
    """Somebody's browser, which goes from page to page and looks at each."""

    def __init__(self, browser: Browser, origin: str, cookie: str = "") -> None:
        self.context: BrowserContext = browser.new_context(reduced_motion="reduce")
        self.origin = origin
        if cookie:
            name, _, value = cookie.partition("=")
            self.context.add_cookies([{"name": name, "value": value, "url": origin}])
        self.context.add_init_script(AXE)
        self.page: Page = self.context.new_page()
        self.status, self.address = 0, ""  # of what was shown last, after it was led on

    def flaws(self, path: str, *looks: Look, opened: str = "", shows: str = "") -> list[str]:
        """What is wrong with a page in these ways of looking; `opened` is clicked first: then `shows` is there."""
        found: list[str] = []
        for language in dict.fromkeys(look.language for look in looks):
            self.show(path, language, opened, shows)
            said: set[int] = set()  # widths at which more than the colours was looked at
            for look in (look for look in looks if look.language == language):
                rules = COLOURS if look.width in said else None
                said.add(look.width)
                found += [
                    f"{path} ({look}{' ' * bool(opened)}{opened}): {flaw}" for flaw in self._at(look, rules)
                ]
            self.page.set_viewport_size({"width": NARROWEST, "height": HEIGHT})
            found += [f"{path} ({language} {NARROWEST}): {flaw}" for flaw in self._sideways()]
        return found

    def show(self, path: str, language: str, opened: str = "", shows: str = "") -> None:
        """Open a page in a language, as wide as a desk, and in it a dialog, a fold, a menu."""
        self.page.set_viewport_size({"width": 1440, "height": HEIGHT})
        answer = self.page.goto(f"{self.origin}{path}{'&' if urlsplit(path).query else '?'}lang={language}")
        assert answer, path
        self.status, self.address = answer.status, urlsplit(answer.url).path
        expect(self.page.locator("html")).to_have_attribute("lang", language)
        if opened:
            self.page.locator(opened).first.click()
            expect(self.page.locator(shows).first).to_be_visible()

    def _at(self, look: Look, rules: list[str] | None) -> list[str]:
        self.page.emulate_media(color_scheme=look.scheme)  # type: ignore[arg-type]
        self.page.set_viewport_size({"width": look.width, "height": HEIGHT})
        self.page.evaluate(STILL)
        only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": RULES}
        broken = [
            f"{id_}, {count} times: {where} {html}"
            for id_, count, where, html in self.page.evaluate(RUN, only)
        ]
        return broken if rules else broken + self._sideways()

    def _sideways(self) -> list[str]:
        out = self.page.evaluate(STICKS_OUT)
        return [f"is {out[-1]} wide: {', '.join(out[:-1])}"] if out else []
