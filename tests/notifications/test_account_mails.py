"""Invitations and new passwords by mail: signed, for one purpose, once, for a while (Q-2, M10)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from helpdesk.accounts.account_link import LIVES, AccountLink
from helpdesk.accounts.employment import Employment
from helpdesk.accounts.user import User
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.notifications.account_mail import AccountMail
from tests.notifications.post import GUS, Post
from tests.notifications.sink import parts
from tests.support.page import form
from tests.support.world import PASSWORD

HOA, NEW = "hoa@acme.example", "correct horse battery"


def invite(post: Post, language: str = "vi") -> None:
    with post.inside():
        values = {"name": "Hoa", "email": HOA, "role": "agent", "language": language, "merchant_ids": []}
        Employment.invite(values, by=post.user("Mai"))


def link_in(mail) -> str:
    [found] = re.findall(r"https://help\.example(/account/\S+)", parts(mail)[0])
    return found


def forgotten(client, email: str = GUS):
    return form(client.get("/login/forgotten"), "/login/forgotten").send(client, email=email)


def set_password(client, link: str, password: str = NEW):
    client.get(link)
    return form(client.get("/account-password"), "/account-password").send(client, password=password)


def sign_in(client, email: str, password: str):
    return form(client.get("/login"), "/login").send(client, email=email, password=password)


@pytest.mark.parametrize(("language", "words"), [("vi", "Bạn được mời"), ("en", "You are invited")])
def test_M10_an_invitation_leads_to_a_password_and_a_session(language, words, post):
    invite(post, language)
    [mail] = post.sent_to(HOA)
    assert words in mail["subject"]
    assert mail["content-language"] == language
    client = post.app.test_client()
    answer = client.get(link_in(mail))
    assert answer.headers["Location"] == "/account-password", "the secret leaves the address"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert set_password(client, link_in(mail)).status_code == 303
    assert sign_in(client, HOA, NEW).headers["Location"] == "/queue"


def test_Q_2_a_link_is_good_once_and_a_look_at_it_uses_nothing_up(post):
    invite(post)
    [mail] = post.sent_to(HOA)
    for _ in range(3):
        post.app.test_client().get(link_in(mail))
    assert set_password(post.app.test_client(), link_in(mail)).status_code == 303
    client = post.app.test_client()
    client.get(link_in(mail))
    assert client.get("/account-password").status_code == 410


def test_Q_2_a_withdrawn_replaced_or_old_link_is_worthless(post):
    invite(post)
    [mail] = post.sent_to(HOA)
    with post.inside():
        Employment(post.user("Hoa")).invite_again(by=post.user("Mai"))
    client = post.app.test_client()
    client.get(link_in(mail))
    assert client.get("/account-password").status_code == 410
    _, second = post.sent_to(HOA)
    client.get(link_in(second))
    assert client.get("/account-password").status_code == 200
    clock.travel((LIVES["invitation"] + timedelta(seconds=1)).total_seconds())
    assert client.get("/account-password").status_code == 410


def test_Q_2_a_link_is_for_its_purpose_alone(post):
    invite(post)
    with post.inside():
        link = db.session.scalars(select(AccountLink)).one()
        link.purpose = "password"
        token = link.token
        link.purpose = "invitation"
    client = post.app.test_client()
    for one in (token, "x", "a.b.c", "%00", "é", "x" * 9000):
        client.get(f"/account/{one}")
        assert client.get("/account-password").status_code == 410


def test_Q_2_the_answer_is_the_same_for_known_and_unknown(post):
    asked = [post.app.test_client() for _ in range(3)]
    pages = [forgotten(client, email) for client, email in zip(asked, (GUS, "x@y.example", HOA), strict=True)]
    assert {(page.status_code, page.headers["Location"]) for page in pages} == {
        (303, "/login/forgotten?sent=1")
    }
    post.send()
    assert [to for to, _ in post.sink.mails] == [[GUS]]


def test_Q_2_a_new_password_ends_all_sessions_and_signs_nobody_in(post):
    before = post.sign_in("Gus")
    forgotten(post.app.test_client())
    [mail] = post.sent_to(GUS)
    client = post.app.test_client()
    assert set_password(client, link_in(mail)).headers["Location"] == "/login?said=changed"
    assert before.get("/queue").status_code == 302
    assert client.get("/queue").status_code == 302
    assert sign_in(client, GUS, PASSWORD).status_code == 422
    assert sign_in(client, GUS, NEW).status_code == 303


def test_Q_2_nobody_floods_a_mailbox_with_links(make_app, sink):
    post = Post(make_app(smtp_url=sink.url, base_url="https://help.example", rate_limits=True), sink)
    codes = [forgotten(post.app.test_client()).status_code for _ in range(5)]
    assert codes == [303, 303, 303, 429, 429]
    assert len(post.sent_to(GUS)) == 3


@pytest.mark.parametrize(
    "password",
    ["", "short", "aaaaaaaaaaaaaa", "123456789012", "abcabcabcabc", "password1234", "hoa@acme.example", "x" * 1001,
     "matkhau123matkhau123"],
)  # fmt: skip
def test_Q_2_a_weak_password_is_refused_with_a_reason(password, post):
    invite(post)
    [mail] = post.sent_to(HOA)
    answer = set_password(post.app.test_client(), link_in(mail), password)
    assert answer.status_code == 422
    with post.inside():
        assert post.one(User, email=HOA).is_invited


def test_NTF_005_twice_told_once_mailed(post):
    invite(post)
    post.send()
    with post.inside():
        row = db.session.scalars(select(AccountMail)).one()
        AccountMail.plan(db.session.scalars(select(Event).where(Event.name == "user.invited")).one())
        assert row.state == "sent"
    assert len(post.sent_to(HOA)) == 1


def test_Q_2_events_of_accounts_hold_no_secret(post):
    invite(post)
    forgotten(post.app.test_client())
    with post.inside():
        said = str([row.data for row in db.session.scalars(select(Event).where(Event.ticket_id.is_(None)))])
        for link in db.session.scalars(select(AccountLink)):
            assert link.nonce not in said
            assert link.token not in said


def test_Q_5_the_page_behind_the_link_speaks_the_language_of_who_was_invited(post):
    invite(post, "vi")
    [mail] = post.sent_to(HOA)
    client = post.app.test_client()
    client.get(link_in(mail))
    assert 'lang="vi"' in client.get("/account-password").text
    assert 'lang="en"' in client.get("/account-password?lang=en").text
    set_password(client, link_in(mail))
    assert 'lang="vi"' in client.get("/login").text
