"""The form inside a page of another site, as shops have them: languages, schemes, widths, with and without scripts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import product as every
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, Page, expect

from helpdesk.organizers.form_key import FormKey
from helpdesk.tickets.ticket import Ticket
from tests.support.live_server import LiveServer, until
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

TITLES = {"en": "How can we help?", "vi": "Chúng tôi có thể giúp gì cho bạn?"}
HOSTILE = (
    "* { all: unset !important; } iframe, div { display: none !important; transform: scale(0.1) !important; }"
)
WATCH = """window.shift = 0; new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.shift += one.value;
}).observe({ type: 'layout-shift', buffered: true });
window.said = []; for (const name of ['loaded', 'submitted', 'closed'])
  addEventListener(`helpdesk:${name}`, (event) => window.said.push([name, event.detail.ticket ?? null]));"""

ESCAPE = """document.activeElement.dispatchEvent(
    new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true, %s }))"""


class Shop:
    """A site of its own on another port: pages of any HTML, with a strict policy and its own styles."""

    def __init__(self, form_at: str) -> None:
        self.form_at = form_at
        self.pages: dict[str, tuple[str, str]] = {}
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                html, kind = shop.pages.get(urlsplit(self.path).path, ("", "text/html"))
                self.send_response(200)
                self.send_header("Content-Type", f"{kind}; charset=utf-8")
                self.send_header("Content-Security-Policy", shop.policy)
                self.end_headers()
                self.wfile.write(html.encode())

            def log_message(self, *_: object) -> None:
                """The tests read the answers."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()
        self.origin = f"http://localhost:{self.server.server_port}"

    @property
    def policy(self) -> str:
        """Nothing but its own things, and one address more for a script and a frame."""
        one = self.form_at
        return f"default-src 'none'; script-src 'self' {one}; frame-src {one}; style-src 'self'; form-action {one}"

    def page(self, body: str, lang: str = "en", css: str = "") -> str:
        """Put a page there; its address."""
        path = f"/p{len(self.pages)}"
        self.pages[f"{path}.css"] = (css, "text/css")
        self.pages["/watch.js"] = (WATCH, "text/javascript")
        html = f"""<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>Shop</title>
        <meta name="viewport" content="width=device-width"><link rel="stylesheet" href="{path}.css">
        <script src="/watch.js"></script><h1>Shop</h1>{body}<p>The end</p></html>"""
        self.pages[path] = (html, "text/html")
        return f"{self.origin}{path}?secret=42"

    def script(self) -> str:
        """What a shop includes once."""
        return f'<script async src="{self.form_at}/embed.js"></script>'

    def close(self) -> None:
        """End its thread."""
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def shop(server: LiveServer) -> Iterator[Shop]:
    shop = Shop(server.origin)
    yield shop
    shop.close()


def opened(context: BrowserContext, url: str) -> Page:
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(url)
    return page


def form_in(page: Page, at: int = 0) -> Frame:
    """The frame of the form that stands at this place, once it is there."""
    element = page.locator("iframe").nth(at)
    element.scroll_into_view_if_needed()
    frame = element.element_handle().content_frame()
    assert frame
    frame.wait_for_selector("#request-form")
    return frame


def fill(frame: Frame, subject: str) -> None:
    for name, text in (
        ("subject", subject), ("description", "Đã năm ngày."), ("name", "Bea"), ("email", "bea@mail.example")
    ):  # fmt: skip
        frame.fill(f"[name={name}]", text)


def soon(place: Page | Frame, true: str) -> None:
    """Wait for something; the pages' policies let no script of Playwright's wait inside."""
    until(lambda: place.evaluate(true), seconds=30)


def tickets(world: World) -> int:
    with world.inside():
        return world.count(Ticket)


def test_TKT_002_the_form_stands_in_any_shops_page(browser: Browser, server: LiveServer, shop: Shop) -> None:
    body = f'<div data-helpdesk-form="form-acme"></div>{shop.script()}'
    plain = f'<a href="{server.origin}/embed/form-acme?lang=%s">Write to us</a>'
    for lang, scheme, width, scripts in every(TITLES, ("light", "dark"), (1440, 360, 320), (True, False)):
        where = f"{lang}, {scheme}, {width}, {'with' if scripts else 'without'} scripts"
        context = browser.new_context(
            java_script_enabled=scripts, color_scheme=scheme, viewport={"width": width, "height": 800}, locale="fr"
        )  # fmt: skip
        page = opened(context, shop.page(body if scripts else plain % lang, lang=lang))
        if scripts:
            frame = form_in(page)
            soon(page, "said.some(([name]) => name === 'loaded')")
            fits = "document.documentElement.scrollHeight <= innerHeight && document.body.scrollWidth <= innerWidth"
            soon(frame, fits)  # it never scrolls inside
        else:
            page.click("a")
            frame = page.main_frame
        expect(frame.locator("h1")).to_have_text(TITLES[lang])
        assert frame.get_attribute("html", "lang") == lang, where
        light = (
            frame.evaluate("getComputedStyle(document.querySelector('input[name=subject]')).color")
            if scripts
            else ""
        )
        assert not scripts or (light == "rgb(26, 34, 48)") == (scheme == "light"), where
        assert context.cookies() == [], f"{where}: a cookie before anything is sent"
        sideways = page.evaluate("document.documentElement.scrollWidth - innerWidth") if scripts else 0
        assert sideways <= 0, f"{where}: the page scrolls sideways"
        context.close()


def test_TKT_002_it_survives_a_hostile_page_without_moving_it(browser: Browser, shop: Shop) -> None:
    body = f'<div data-helpdesk-form="form-acme" data-colour="#1f6f54"></div>{shop.script()}'
    for css in (HOSTILE.split("iframe")[0], "* { all: unset; }", ""):
        context = browser.new_context(viewport={"width": 320, "height": 700}, locale="en")
        page = opened(context, shop.page(body, css=css))
        frame = form_in(page)
        button = frame.locator("#request-form button[type=submit]")
        expect(button).to_have_css("background-color", "rgb(31, 111, 84)")
        assert page.locator("iframe").bounding_box()["width"] >= 280  # type: ignore[index]
        page.wait_for_timeout(300)
        assert page.evaluate("window.shift") <= 0.05
        context.close()


def counts(frame: Frame) -> None:
    """How much room is left, also in a form that came back with errors."""
    for length, said in ((19_998, "2 characters"), (19_999, "1 character"), (20_001, "-1 characters")):
        frame.fill("[name=description]", "x" * length)
        expect(frame.locator("char-count")).to_contain_text(f"{said} left")


def composes(frame: Frame) -> None:
    """Escape of an input method, which closes its own list."""
    frame.focus("[name=subject]")
    for words in ("isComposing: true", "keyCode: 229"):
        frame.evaluate(ESCAPE % words)
    frame.press("[name=subject]", "Tab")


def test_TKT_002_two_forms_and_a_launcher_on_one_page(browser: Browser, world: World, shop: Shop) -> None:
    body = f"""<div data-helpdesk-form="form-acme" data-order="DH-7" data-readonly="order"></div>
    <div data-helpdesk-form="form-beta" data-lang="vi"></div>
    <div data-helpdesk-form="form-acme" data-mode="button" data-label="Ask us"></div>{shop.script()}"""
    context = browser.new_context(viewport={"width": 1000, "height": 800}, locale="en")
    page = opened(context, shop.page(body))
    first, second = form_in(page, 0), form_in(page, 1)
    assert first.input_value("[name=order]") == "DH-7"
    assert first.get_attribute("[name=order]", "readonly") == "readonly"
    expect(second.locator("h1")).to_have_text(TITLES["vi"])
    fill(second, "Second")
    second.click("#request-form button[type=submit]")
    expect(second.locator("[data-ticket]")).to_have_attribute("data-ticket", "BETA-1")
    fill(first, "")
    first.click("#request-form button[type=submit]")
    expect(first.locator("#errors")).to_be_focused()
    assert first.input_value("[name=description]") == "Đã năm ngày."
    counts(first)
    page.click("text=Ask us")
    third = form_in(page, 2)
    expect(page.locator("dialog")).to_be_visible()
    composes(third)
    assert page.locator("dialog").is_visible()
    assert "closed" not in [name for name, _ in page.evaluate("said")]
    third.press("[name=subject]", "Escape")
    expect(page.locator("dialog")).to_be_hidden()
    soon(page, "said.some(([name]) => name === 'closed')")
    assert ["submitted", "BETA-1"] in page.evaluate("said")
    with world.inside():
        assert world.one(Ticket).sent_from["page"].startswith(f"{shop.origin}/p")
        assert "secret" not in world.one(Ticket).sent_from["page"]
    context.close()


def test_MSG_007_five_clicks_on_a_slow_line_make_one_ticket(
    browser: Browser, world: World, shop: Shop
) -> None:
    context = browser.new_context(locale="en")
    page = opened(context, shop.page(f'<div data-helpdesk-form="form-acme"></div>{shop.script()}'))
    frame = form_in(page)
    fill(frame, "Once")
    line = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
    context.new_cdp_session(frame).send("Network.emulateNetworkConditions", line)
    button = frame.locator("#request-form button[type=submit]")
    button.evaluate("button => { for (let press = 0; press < 5; press += 1) button.click(); }")
    expect(button).to_have_attribute("aria-busy", "true", timeout=1000)
    expect(frame.locator("[data-ticket]")).to_have_attribute("data-ticket", "ACME-1")
    assert tickets(world) == 1
    context.close()


def test_C1_what_was_typed_offline_is_kept_and_sent_later(browser: Browser, world: World, shop: Shop) -> None:
    context = browser.new_context(locale="en")
    framed = opened(context, shop.page(f'<div data-helpdesk-form="form-acme"></div>{shop.script()}'))
    alone = opened(
        context, f"{shop.form_at}/embed/form-acme"
    )  # browsers let no frame of another site keep anything
    frame = form_in(framed)
    alone.fill("[name=subject]", "Tomorrow")
    fill(frame, "Later")
    context.set_offline(True)
    for place in (frame, alone.main_frame):
        place.click("#request-form button[type=submit]")
        expect(place.locator("kept-form > [role=status]")).to_contain_text("You are offline")
    context.set_offline(False)
    expect(frame.locator("kept-form > [role=status]")).to_contain_text("You are online again")
    frame.click("#request-form button[type=submit]")
    expect(frame.locator("[data-ticket]")).to_be_attached()
    assert tickets(world) == 1
    alone.reload()
    expect(alone.locator("[name=subject]")).to_have_value("Tomorrow")
    fill(alone.main_frame, "Today")
    alone.click("#request-form button[type=submit]")
    expect(alone.locator("[data-ticket]")).to_be_attached()
    alone.goto(f"{shop.form_at}/embed/form-acme")
    expect(alone.locator("[name=subject]")).to_have_value("")
    context.close()


def test_Q_2_messages_of_strangers_change_nothing(browser: Browser, shop: Shop) -> None:
    context = browser.new_context(locale="en")
    page = opened(context, shop.page(f'<div data-helpdesk-form="form-acme"></div>{shop.script()}'))
    form_in(page)
    soon(page, "said.length > 0")
    before, said = page.locator("iframe").bounding_box(), page.evaluate("said.length")
    page.evaluate("""for (const message of [{ source: 'helpdesk', type: 'height', height: 5 }, { source: 'helpdesk',
      type: 'submitted', ticket: 'X-1' }, null, 'helpdesk', { source: 'helpdesk', type: 'height', height: '9px' }])
      window.postMessage(message, '*');""")
    page.wait_for_timeout(300)
    assert page.locator("iframe").bounding_box() == before
    assert page.evaluate("said.length") == said
    form_in(page).evaluate(
        "document.querySelector('main').style.minBlockSize = '1500px'"
    )  # the form itself is heard
    until(lambda: page.locator("iframe").bounding_box()["height"] > before["height"] + 400, seconds=30)
    context.close()


def test_TKT_002_a_plain_form_posts_from_another_site(browser: Browser, world: World, shop: Shop) -> None:
    with world.inside():
        found = world.one(FormKey, key="form-acme")
        found.takes_plain, found.allowed_origins = True, [shop.origin]
    fields = "".join(f'<input name="{name}">' for name in ("subject", "description", "name", "email"))
    body = f'<form method="post" action="{shop.form_at}/embed/form-acme?lang=vi">{fields}<button>Go</button></form>'
    context = browser.new_context(java_script_enabled=False, locale="en")
    page = opened(context, shop.page(body))
    fill(page.main_frame, "Plain")
    page.click("button")
    expect(page.locator("[data-ticket]")).to_have_attribute("data-ticket", "ACME-1")
    assert parse_qs(urlsplit(page.url).query)["lang"] == ["vi"]
    context.close()
