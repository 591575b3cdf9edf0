"""An account from its invitation to being signed out everywhere: mails over SMTP, pages over HTTP, no scripts."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from helpdesk.accounts.totp import Totp, present_step
from helpdesk.core import clock
from tests.notifications.conftest import post, sink  # noqa: F401 - fixtures
from tests.notifications.post import Post
from tests.notifications.sink import parts
from tests.support.page import form, read

HOA, PASSWORD = "hoa@acme.example", "correct horse battery"


def sign_in(at: Post, **code: str) -> FlaskClient:
    """In a browser of its own; with `code`, past the second factor."""
    client = at.app.test_client()
    form(client.get("/login"), "/login").send(client, email=HOA, password=PASSWORD)
    if code:
        assert form(client.get("/login/code"), "/login/code").send(client, **code).status_code == 303
    return client


def test_M10_A13_from_an_invitation_to_signing_out_everywhere(post: Post) -> None:  # noqa: F811
    boss = post.sign_in("Ada")
    sheet = form(boss.get("/settings/users/new"), "/settings/users")
    assert sheet.send(boss, name="Hoa", email=HOA, language="vi", role="manager").status_code == 303

    [mail] = post.sent_to(HOA)
    [link] = re.findall(r"https://help\.example(/account/\S+)", parts(mail)[0])
    newcomer = post.app.test_client()
    newcomer.get(link)
    answer = form(newcomer.get("/account-password"), "/account-password").send(newcomer, password=PASSWORD)
    assert answer.headers["Location"] == "/login?said=joined"

    first = sign_in(post)
    assert first.get("/settings/users").status_code == 200, "with the role that was given"
    form(first.get("/me/factor"), "/me/factor/proposal").send(first, present=PASSWORD)
    page = first.get("/me/factor")
    [key] = read(page).all(class_="office-key")
    totp = Totp(key.text.replace(" ", ""))
    codes = form(page, "/me/factor").send(first, code=totp.at(present_step()))
    [recovery, *_] = [one.text for one in read(codes).all("code")]

    clock.travel(60)
    with_device = sign_in(post, code=totp.at(present_step()))
    without_device = sign_in(post, code=recovery)
    browsers = (first, with_device, without_device)
    assert [one.get("/queue").status_code for one in browsers] == [200, 200, 200]

    form(first.get("/me/security"), "/me/sessions/ending").send(first)
    assert [one.get("/queue").status_code for one in browsers] == [302, 302, 302]
    told = boss.get("/settings/audit?kind=users").text
    for said in ("Ada invited Hoa", "Hoa joined", "Hoa set up a second factor", "Hoa signed out everywhere"):
        assert said in told
