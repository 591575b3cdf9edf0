"""A new organizer is set up through the settings alone, in Vietnamese and by keyboard; then the main job runs in it.

Only the organizer and its first administrator come from the command line: nobody could sign in before.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.fingers import Fingers
from tests.support.operator import Operator
from tests.support.process import ROOT, HelpdeskProcess
from tests.support.servers import Mailbox

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

PASSWORD = "mot-mat-khau-dai-2026"
ADMIN, AGENT, CUSTOMER = "lan@sen.example", "hoa@sen.example", "khach@mail.example"
SAVE = "main form[method=post] .button-primary[type=submit]"


@pytest.fixture
def product(helpdesk_process) -> HelpdeskProcess:
    return helpdesk_process()


def command(product: HelpdeskProcess, *words: str) -> None:
    """`helpdesk …` beside the running product."""
    code = "import sys; from helpdesk.cli import main; sys.argv[0] = 'helpdesk'; main()"
    env = os.environ | {"HELPDESK_DATA_DIR": str(product.data_dir)}
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def page_of(browser: Browser) -> Page:
    page = browser.new_context(locale="vi-VN", viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(60_000)
    return page


def sign_in(page: Page, product: HelpdeskProcess, email: str) -> Fingers:
    hands = Fingers(page)
    page.goto(f"{product.address}/login")
    hands.write("[name=email]", email)
    hands.write("[name=password]", PASSWORD)
    hands.send("form button[type=submit]:not(.button-quiet)")
    page.wait_for_url("**/queue**")
    return hands


class SettingUp:
    """What the first administrator does, section by section."""

    def __init__(self, hands: Fingers, product: HelpdeskProcess) -> None:
        self.hands, self.page, self.product = hands, hands.page, product

    def section(self, key: str, new: bool = True) -> None:
        """By the list at the left, and to the button for a new one."""
        self.hands.open(f".nav-item[href='/settings/{key}']")
        if new:
            self.hands.open(f"main a[href='/settings/{key}/new']")

    def saved(self, *words: str) -> None:
        """Save, and find it in the list."""
        self.hands.send(SAVE)
        assert self.page.locator(".error-summary").count() == 0, self.page.locator(
            ".error-summary"
        ).inner_text()
        for word in words:
            expect(self.page.locator("main")).to_contain_text(word)
        assert self.page.get_attribute("html", "lang") == "vi"
        assert self.hands.used_no_mouse()

    def store_with_a_form(self) -> str:
        """The store, its form, switched on; the form's key."""
        self.section("merchants")
        self.hands.write("#name", "Cửa hàng Sen")
        self.hands.write("#prefix", "SEN")
        self.hands.choose("#default_language", "Tiếng Việt")
        self.saved("Cửa hàng Sen")
        if not re.search(r"/merchants/\d+$", self.page.url):
            self.hands.open("main .settings-link[href*='/settings/merchants/']")
        self.hands.write("#new-form", "Trang trợ giúp")
        self.hands.send("form[action$='/forms'] button[type=submit]")
        self.hands.tick("#is_on")
        self.saved()
        found = re.search(r"/embed/([\w-]+)", self.page.content()) or re.search(
            r"data-helpdesk-form=(?:&#34;|&quot;|\")([\w-]+)", self.page.content()
        )
        assert found, "the page shows what to copy"
        return found[1]

    def calendar(self) -> None:
        self.section("calendars")
        self.names("Office hours", "Giờ làm việc")
        self.hands.write("#zone", "Asia/Ho_Chi_Minh")
        for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"):
            self.hands.write(f"[name={day}]", "00:00-24:00")
        self.saved("Giờ làm việc")

    def policy(self) -> None:
        self.section("policies")
        self.names("Mail in a day", "Trả lời trong ngày")
        self.hands.choose("#calendar_id", "Giờ làm việc")
        self.hands.tick("[name=is_default]")
        self.saved("Trả lời trong ngày")

    def ladder(self) -> None:
        self.section("ladder", new=False)
        self.hands.write("[name=s1-delay_minutes]", "90")
        self.hands.send("main form#ladder .button-primary[type=submit]")
        expect(self.page.locator("main")).to_contain_text("Đã lưu")

    def people(self) -> None:
        """Somebody is invited; work for him comes later."""
        self.section("users")
        self.hands.write("#name", "Hoa Nguyễn")
        self.hands.write("#email", AGENT)
        self.hands.choose("#language", "Tiếng Việt")
        self.hands.choose("#role", "Nhân viên")
        self.hands.tick("[name=merchant_ids]")
        self.saved("Hoa Nguyễn")

    def agent(self) -> None:
        self.section("agents", new=False)
        buttons = self.page.locator("form[action$='/profile']")
        actions = {str(form.get_attribute("action")) for form in buttons.all() if "Hoa" in form.inner_text()}
        self.hands.send(f"form[action='{actions.pop()}'] button")
        expect(self.page.locator("main")).to_contain_text("Hoa Nguyễn")

    def team(self) -> None:
        self.section("groups")
        self.names("Care", "Chăm sóc khách hàng")
        self.hands.tick("[name=member_ids]")
        self.saved("Chăm sóc khách hàng", "1 thành viên")

    def category(self) -> None:
        self.section("categories")
        self.names("Returns", "Đổi trả")
        self.hands.choose("#group_id", "Chăm sóc khách hàng")
        self.saved("Đổi trả")

    def rule(self) -> None:
        self.section("rules")
        self.names("Returns to care", "Đổi trả cho nhóm chăm sóc")
        self.hands.choose("[name=group]", "Chăm sóc khách hàng")
        self.saved("Đổi trả cho nhóm chăm sóc")

    def mail(self) -> None:
        self.section("templates", new=False)
        self.hands.open("a[href='/settings/templates/ticket.created.customer']")
        self.hands.write("#subject_vi", "[{{ticket_number}}] Sen đã nhận yêu cầu của bạn")
        self.hands.send("main form#editor .button-primary[type=submit]")
        expect(self.page.locator("main")).to_contain_text("Đã lưu")

    def letters_at_once(self) -> None:
        """Mails of this desk wait for no others."""
        self.section("notifications", new=False)
        self.hands.write("#mail_window_seconds", "0")
        self.saved("Đã lưu")

    def names(self, english: str, vietnamese: str) -> None:
        self.hands.write("#name_en", english)
        self.hands.write("#name_vi", vietnamese)


def accepts(browser: Browser, product: HelpdeskProcess, mail: Mailbox) -> Fingers:
    """The invited agent sets a password by the link in the mail, and signs in."""
    body = mail.wait(1, to=AGENT, seconds=40)[-1].get_body(("plain",))
    link = re.search(r"https?://\S+/account/\S+", body.get_content() if body else "")
    assert link
    page = page_of(browser)
    hands = Fingers(page)
    page.goto(link[0])
    hands.write("[name=password]", PASSWORD)
    hands.send("form button[type=submit]")
    if "/login" in page.url:
        return sign_in(page, product, AGENT)
    page.goto(f"{product.address}/queue")
    return hands


def the_main_job(browser: Browser, product: HelpdeskProcess, mail: Mailbox, agent: Page, key: str) -> None:
    """Form, assignment, reply, solution, confirmation."""
    customer = page_of(browser)
    customer.goto(f"{product.address}/embed/{key}?lang=vi")
    customer.fill("[name=subject]", "Xin đổi bình vỡ")
    customer.fill("[name=description]", "Bình giao tới bị vỡ.")
    customer.fill("[name=name]", "Nguyễn Thị Phượng Uyên")
    customer.fill("[name=email]", CUSTOMER)
    category = customer.locator("input[name=category], input[name=category_id]")
    if category.count():
        category.first.check(force=True)
    time.sleep(2.1)  # nobody fills in a form faster
    customer.click("form button[type=submit]")
    number = str(customer.locator("[data-ticket]").get_attribute("data-ticket"))
    assert number == "SEN-1"
    Operator(product).wait_for(number, "ticket.assigned")
    agent.goto(f"{product.address}/tickets/{number}")
    agent.fill("form.composer-reply textarea", "Chào chị, em đổi ngay ạ.")
    agent.click("form.composer-reply .composer-send submit-once button")
    agent.click("li[data-held] form[action$=release] button")
    mails = mail.wait(2, to=CUSTOMER, seconds=60)
    assert str(mails[0]["Subject"]) == f"[{number}] Sen đã nhận yêu cầu của bạn"
    body = mails[-1].get_body(("plain",))
    link = re.search(r"https?://\S+/t/\S+", body.get_content() if body else "")
    assert link
    customer.goto(link[0])
    expect(customer.locator("[data-kind=agent_reply]")).to_contain_text("em đổi ngay")
    agent.locator("details:has([name=note_vi]) > summary").click()
    agent.fill("[name=note_vi]", "Đã gửi bình mới.")
    agent.locator("form:has([name=note_vi]) button[type=submit]").click()
    expect(agent.locator(f"[data-ticket='{number}'][data-status=RESOLVED]").first).to_be_attached()
    customer.reload()
    customer.locator("details:has([name=rating]) > summary").click()
    customer.locator("[name=rating][value='5']").check(force=True)
    customer.locator("form:has([name=rating]) button[type=submit]").click()
    expect(customer.locator(f"[data-ticket='{number}'][data-status=CLOSED]").first).to_be_attached()


def test_a_new_desk_is_set_up_by_its_pages_alone(
    browser: Browser, product: HelpdeskProcess, mail: Mailbox
) -> None:
    command(product, "organizer", "create", "--name", "Sen", "--slug", "sen", "--language", "vi")
    command(
        product, "user", "create", "--organizer", "sen", "--name", "Lan Trần", "--email", ADMIN,
        "--role", "admin", "--language", "vi", "--password", PASSWORD,
    )  # fmt: skip
    hands = sign_in(page_of(browser), product, ADMIN)
    desk = SettingUp(hands, product)
    hands.open("a[href='/settings']")
    key = desk.store_with_a_form()
    desk.calendar()
    desk.policy()
    desk.ladder()
    desk.people()
    agent = accepts(browser, product, mail)
    desk.agent()
    desk.team()
    desk.category()
    desk.rule()
    desk.mail()
    desk.letters_at_once()
    assert hands.used_no_mouse()
    the_main_job(browser, product, mail, agent.page, key)
