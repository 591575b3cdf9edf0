"""MSG-003: a note reaches nothing that the customer's browser, socket or mailbox ever receives, over a whole journey.

The mark stands in a note's text, its file's name and its file, in a mention, in a draft and in a canned text. Every
answer and every frame that comes to the customer's Chromium is kept, and every mail to him, decoded part by part. A
second word, which he is meant to read, goes the same ways, so that it is seen that the watch can see.
"""

from __future__ import annotations

import re
import time
from email.message import EmailMessage

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect

from tests.support.live_server import until
from tests.support.operator import Operator
from tests.support.process import HelpdeskProcess
from tests.support.servers import Mailbox

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

MARK, PLANTED = "kestrel9kestrel", "plover4plover"
SOLUTION = "The bulb was loose."
CUSTOMER = "leak.watch@mail.example"
PATIENCE = 40_000
MOST_FILES = 12  # ids of files that are asked for, whosever they are


class Watch:
    """All that comes into a browser: bodies, headers and addresses of answers, frames of sockets."""

    def __init__(self, context: BrowserContext) -> None:
        self.bodies: list[tuple[str, str]] = []
        self.frames: list[str] = []
        self.unread: list[str] = []
        context.on("response", self._answer)
        context.on("page", lambda page: page.on("websocket", self._socket))

    def _socket(self, socket: object) -> None:
        socket.on(
            "framereceived",
            lambda said: self.frames.append(
                said if isinstance(said, str) else said.decode("utf-8", "replace")
            ),
        )  # type: ignore[attr-defined]

    def _answer(self, answer: Response) -> None:
        self.bodies.append((answer.url, f"{answer.url}\n{answer.headers}"))
        if 300 <= answer.status < 400 or answer.status in (101, 204):
            return
        try:
            self.bodies.append((answer.url, answer.body().decode("utf-8", "replace")))
        except Exception:  # the page was left before its answer could be read
            self.unread.append(answer.url)

    def read_the_rest(self, context: BrowserContext) -> None:
        """Ask again, as he, for what changed, where the page was left meanwhile: it is told at least that."""
        for url in [url for url in self.unread if "/changes?" in url]:
            answer = context.request.get(url)
            assert answer.ok, (url, answer.status)
            self.bodies.append((url, answer.text()))
            self.unread.remove(url)


def parts(mail: EmailMessage) -> str:
    """Everything of a mail, decoded: headers, texts, names and contents of files."""
    said = [f"{name}: {value}" for name, value in mail.items()]
    for part in mail.walk():
        said.append(str(part.get_filename() or ""))
        content = part.get_payload(decode=True)
        said.append(content.decode("utf-8", "replace") if isinstance(content, bytes) else "")
    return "\n".join(said)


class Desk:
    """Somebody of the desk, by forms."""

    def __init__(self, browser: Browser, product: HelpdeskProcess, email: str) -> None:
        self.base = product.address
        self.http = browser.new_context(locale="en-GB").request
        self.token = self._token("/login")
        self.post("/login", email=email, password="demo-helpdesk")
        self.token = self._token("/me")

    def _token(self, path: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(path))
        assert found
        return found[1]

    def get(self, path: str) -> str:
        return self.http.get(self.base + path).text()

    def post(self, path: str, file: tuple[str, bytes] | None = None, **fields: str) -> None:
        sent: dict[str, object] = {"csrf_token": self.token, **fields}
        if file:
            sent["files"] = {"name": file[0], "mimeType": "text/plain", "buffer": file[1]}
        answer = self.http.post(self.base + path, multipart=sent, max_redirects=0)  # type: ignore[arg-type]
        assert answer.status == 303, (path, answer.status, answer.text()[:300])


@pytest.fixture
def product(helpdesk_process) -> HelpdeskProcess:
    return helpdesk_process()


def send_request(page: Page, product: HelpdeskProcess) -> str:
    """With a mistake first, so that the form comes back once."""
    page.goto(f"{product.address}/embed/demo-acme?lang=en")
    for name, value in {"subject": "Broken lamp", "name": "Leda", "email": CUSTOMER}.items():
        page.fill(f"[name={name}]", value)
    time.sleep(2.1)
    page.click("#request-form button[type=submit]")
    page.locator("#errors").wait_for()
    page.fill("[name=description]", "It does not light.")
    page.click("#request-form button[type=submit]")
    return str(page.locator("[data-ticket]").get_attribute("data-ticket"))


def say_among_us(gus: Desk, number: str, again: str = "") -> None:
    """Everything that the desk writes for itself."""
    desk = f"/tickets/{number}"
    file = (f"{MARK}{again}.txt", f"{MARK} in the file".encode())
    gus.post(f"{desk}/notes", file, body=f"@Linh, the {MARK} is between us. {again}", submission=f"n{again}")
    draft = {"kind": "reply", "body": f"Perhaps {MARK}? {again}", "submission": f"d{again}"}
    gus.post(f"{desk}/drafts", **draft)


def link_of(mail: Mailbox, count: int = 1) -> str:
    first = mail.wait(count, to=CUSTOMER, seconds=60)[0]
    body = first.get_body(("plain",))
    assert body
    found = re.search(r"https?://\S+/t/\S+", body.get_content())
    assert found
    return found[0]


def look_everywhere(page: Page, ticket_id: str) -> None:
    """Addresses that he may try: files of any id, what changed since ever, search, and errors."""
    base = f"/requests/{ticket_id}"
    tried = [f"{base}/attachments/{n}/{MARK}.txt" for n in range(1, MOST_FILES)]
    tried += [f"{base}/attachments/{n}/{PLANTED}.txt" for n in range(1, MOST_FILES)]
    tried += [f"{base}/attachments/{n}/thumbnail" for n in range(1, MOST_FILES)]
    tried += [f"/attachments/{n}/x.txt" for n in range(1, MOST_FILES)]
    tried += [
        f"{base}/changes?since=0",
        base,
        f"{base}?print=1",
        "/search?q=kestrel",
        "/find",
        "/t/x",
        "/nothing",
    ]
    page.evaluate("async (paths) => { for (const path of paths) await (await fetch(path)).text(); }", tried)


def test_MSG_003_a_note_reaches_nothing_of_the_customers(
    browser: Browser, product: HelpdeskProcess, mail: Mailbox
) -> None:
    context = browser.new_context(locale="en-GB")
    context.set_default_timeout(PATIENCE)
    watch, page = Watch(context), context.new_page()
    gus, mai = (Desk(browser, product, f"{name}@acme.example") for name in ("gus", "mai"))
    canned = {
        "name_en": f"Canned {MARK}",
        "name_vi": "Mẫu",
        "body_en": f"{MARK} canned",
        "body_vi": f"{MARK} mẫu",
    }
    mai.post("/settings/canned", scope="own", **canned)
    number = send_request(page, product)
    Operator(product).wait_for(number, "ticket.created")
    page.goto(link_of(mail))
    shows(page, number, "ASSIGNED")
    talk(page, gus, number)
    mai.post(f"/tickets/{number}/resolution", note_en=SOLUTION, note_vi="Xong.")
    end(page, gus, number)
    mails = all_mails(mail)
    watch.read_the_rest(context)

    assert gus.get(f"/tickets/{number}").count(MARK) >= 2, "the desk itself reads it"
    assert not [url for url, said in watch.bodies if MARK in said.removeprefix(url)]
    assert not [said for said in watch.frames if MARK in said]
    assert not [each["Subject"] for each in mails if MARK in parts(each)]
    check_the_watch(watch, mails)


def all_mails(mail: Mailbox) -> list[EmailMessage]:
    """Once the last of them has come: what happens within a batch's two minutes comes in one mail."""
    told: list[EmailMessage] = []

    def is_told() -> bool:
        told[:] = mail.messages(CUSTOMER)
        return any(SOLUTION in parts(each) for each in told)

    until(is_told, seconds=300)
    return told


def shows(page: Page, number: str, status: str) -> None:
    """By itself, live."""
    shown = page.locator(f"[data-ticket='{number}'][data-status={status}]")
    expect(shown).to_be_attached(timeout=PATIENCE)


def talk(page: Page, gus: Desk, number: str) -> None:
    """Notes before and after what is public; the reply has the word that he may read."""
    say_among_us(gus, number)
    planted = (f"{PLANTED}.txt", f"{PLANTED} in the file".encode())
    said = {"body": f"We look into it, {PLANTED}.", "then": "waiting_user", "submission": "r1"}
    gus.post(f"/tickets/{number}/replies", planted, **said)
    reply = page.locator("li[data-kind=agent_reply]")
    expect(reply).to_have_count(1, timeout=PATIENCE)  # by the socket, once it is not held any more
    page.fill("form[data-composer] textarea", "Thank you.")
    page.locator("form[data-composer] button[type=submit]").click()
    expect(page.locator("li[data-kind=customer_reply]")).to_have_count(1, timeout=PATIENCE)
    say_among_us(gus, number, "again")


def end(page: Page, gus: Desk, number: str) -> None:
    """It is resolved, printed, confirmed; and notes go on."""
    ticket_id = page.url.rsplit("/", 1)[1].split("?")[0]
    shows(page, number, "RESOLVED")
    look_everywhere(page, ticket_id)
    page.emulate_media(media="print")
    page.reload()
    assert MARK not in page.content()
    page.emulate_media(media="screen")
    page.locator("summary", has_text="Yes, solved").click()
    page.locator("form[action$=confirmation] button[type=submit]").click()
    shows(page, number, "CLOSED")
    say_among_us_when_closed(gus, number)
    page.reload()
    look_everywhere(page, ticket_id)


def say_among_us_when_closed(gus: Desk, number: str) -> None:
    """Notes go on after the end."""
    gus.post(f"/tickets/{number}/notes", body=f"Still {MARK}.", submission="n9")


def check_the_watch(watch: Watch, mails: list[EmailMessage]) -> None:
    """What is meant for him was seen on every way, or this would see no leak either."""
    assert any(PLANTED in said for said in watch.frames), "a frame"
    files = [said for url, said in watch.bodies if url.endswith(f"{PLANTED}.txt")]
    assert any(f"{PLANTED} in the file" in said for said in files), "a file"
    pages = [said for url, said in watch.bodies if "/requests/" in url and "/attachments/" not in url]
    assert sum(f"We look into it, {PLANTED}" in said for said in pages) >= 2, "the page and what changed"
    assert any(f"{PLANTED}.txt" in said for said in pages), "the name of a file"
    assert [each for each in mails if PLANTED in parts(each)], "a mail"
    assert len(watch.frames) > 3
    assert not [url for url in watch.unread if "/requests/" in url and "/live" not in url], (
        "everything was read"
    )
