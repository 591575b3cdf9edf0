"""NTF-004: the settings pages of mails, through HTTP."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.core.tenancy import inside
from helpdesk.notifications.mail_kind import KINDS
from helpdesk.notifications.mail_template import PARTS, MailTemplate
from helpdesk.notifications.mail_template_version import MailTemplateVersion
from helpdesk.notifications.mail_test import MOST_PER_HOUR, MailTest
from tests.notifications.post import MAI, Post
from tests.notifications.sink import parts
from tests.support.page import Filled, form, read
from tests.support.seat import Seat, at_work
from tests.support.world import World

KIND = "ticket.replied.customer"
PAGE = f"/settings/templates/{KIND}"
FINE = {
    "subject_en": "{{ticket_number}} answered", "subject_vi": "{{ticket_number}} đã trả lời",
    "body_en": "Look:\n\n{{message_text}}", "body_vi": "Xem:\n\n{{message_text}}",
}  # fmt: skip
HOSTILE = [
    "{{config}}", "{{ticket.secret}}", "{{''.__class__.__mro__}}", "{% include '/etc/passwd' %}", "${7*7}", "#{7*7}",
    "<script>alert(1)</script>", "<img src=https://evil.test/x.gif>", "<svg onload=alert(1)>", "\u202egpj.exe",
    "a\x00b", "x" * 1_000_000, "👩‍👩‍👧‍👦", "Đặng", '"><iframe src=//evil.test>',
    "javascript:alert(1)", "</style><style>@import 'https://evil.test'</style>",
]  # fmt: skip


@pytest.fixture
def mai(world: World) -> Seat:
    return Seat(world, "Mai")


def ask(seat: Seat, address: str, **data: str):
    """A frame's content, which is a mail and no page of ours."""
    seat.client.looks = False
    return seat.post(address, **data) if data else seat.get(address)


def test_NTF_004_the_list_has_every_kind_with_its_state_by_language(world, mai):
    page = read(mai.get("/settings/templates?lang=en"))
    links = {link["href"] for link in page.all("a", class_="settings-link")}
    assert links == {f"/settings/templates/{kind}" for kind in KINDS}
    assert page.text.count("English: as shipped") == len(KINDS)
    mai.post(PAGE, version="0", **(_shipped(world) | {"body_vi": FINE["body_vi"]}))
    text = read(mai.get("/settings/templates?lang=en")).text
    assert text.count("Vietnamese: own words") == 1
    assert "English: own words" not in text


def _shipped(world: World) -> dict[str, str]:
    with world.inside():
        return MailTemplate.of(KIND).parts


def test_NTF_004_texts_are_saved_shown_and_taken_back(world, mai):
    sent = form(mai.get(PAGE), PAGE)
    assert set(PARTS) < sent.fields.keys()
    answer = sent.send(mai.client, **FINE)
    assert (answer.status_code, answer.location) == (303, f"{PAGE}?saved=changed")
    page = mai.get(f"{PAGE}?lang=en&saved=changed")
    assert "Mails say this from now on" in page.text
    changed = " ".join(d.text for d in read(page).all("ins"))
    assert {"answered", "Look:", "đã", "Xem:"} <= set(changed.split())
    assert form(mai.get(PAGE), f"{PAGE}/reset").send(mai.client).status_code == 303
    assert _shipped(world)["subject_en"].startswith("[")
    assert "Version 3" in mai.get(f"{PAGE}?lang=en").text


def test_NTF_004_every_field_says_what_is_wrong_and_nothing_typed_is_lost(world, mai):
    typed = FINE | {"subject_en": "{{ticket_numbr}} oh", "body_vi": "no message <b>here</b>"}
    answer = mai.post(f"{PAGE}?lang=en", **typed)
    assert answer.status_code == 422
    page = read(answer)
    errors = {e["id"]: e.text for e in page.all("p", class_="field-error")}
    assert "Did you mean {{ticket_number}}?" in errors["subject_en-error"]
    assert "{{message_text}} is missing" in errors["body_vi-error"]
    assert (
        Filled(next(f for f in page.all("form") if f.attributes.get("action") == PAGE)).fields.items()
        >= typed.items()
    )
    assert _shipped(world)["subject_en"].startswith("[")


def test_NTF_004_an_older_form_is_shown_what_somebody_else_saved(world, mai):
    page = form(mai.get(PAGE), PAGE)
    with world.inside():
        MailTemplate.change(KIND, FINE | {"body_en": "Ada's: {{message_text}}"}, by=world.user("Ada"))
    answer = page.send(mai.client, **FINE)
    assert answer.status_code == 409
    cells = [cell.text for cell in read(answer).all("td", class_="clash-text")]
    assert cells == ["Look: {{message_text}}", "Ada's: {{message_text}}"]
    assert form(answer, PAGE).send(mai.client).status_code == 303
    assert _shipped(world) == FINE


def test_NTF_004_versions_are_looked_at_and_restored(world, mai):
    mai.post(PAGE, **FINE)
    mai.post(PAGE, **(FINE | {"body_en": "Second: {{message_text}} <i>"}))
    with world.inside():
        ids = {row.number: row.id for row in db.session.scalars(select(MailTemplateVersion))}
    shown = mai.get(f"{PAGE}/versions/{ids[3]}?lang=en")
    assert [d.text for d in read(shown).all("del")] == ["Look:"]
    assert "&lt;i&gt;" in shown.text
    assert "restoration" not in shown.text, "it is the newest"
    answer = form(mai.get(f"{PAGE}/versions/{ids[2]}"), "restoration").send(mai.client)
    assert answer.location.endswith("saved=restored")
    assert _shipped(world) == FINE
    assert mai.get(f"/settings/templates/ticket.closed.customer/versions/{ids[2]}").status_code == 404


@pytest.mark.parametrize(
    "kind",
    ["", "x", "ticket.replied", "Ticket.replied.customer", "ticket.replied.customer.x", "%00", "9" * 30],
)
def test_NTF_004_what_is_no_kind_is_not_there(mai, kind):
    mai.client.looks = False
    for address in ("", "/preview", "/versions/1"):
        assert mai.get(f"/settings/templates/{kind}{address}").status_code in (308, 404)
    if kind:
        for address in ("", "/reset", "/preview", "/tests", "/versions/1/restoration"):
            assert mai.post(f"/settings/templates/{kind}{address}", **FINE).status_code == 404


def test_Q_2_agents_stay_outside(world):
    gus = Seat(world, "Gus")
    for address in (PAGE, f"{PAGE}/preview", "/settings/templates", "/settings/templates/sender"):
        assert gus.get(address).status_code == 403
    assert gus.post(PAGE, **FINE).status_code == 403
    assert "/settings/templates" not in gus.get("/settings").text


# Looking at it ------------------------------------------------------------------------------------------------


def test_NTF_004_a_preview_can_run_and_load_nothing(mai):
    mai.client.looks = False
    for answer in (
        mai.get(f"{PAGE}/preview"),
        mai.get(f"{PAGE}/preview?show=text"),
        mai.get(f"{PAGE}/preview?ticket=X-1"),
    ):
        policy = dict(d.partition(" ")[::2] for d in answer.headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == policy["script-src"] == policy["connect-src"] == "'none'"
        assert policy["sandbox"] == ""
        assert policy["frame-ancestors"] == "'self'"
        assert policy["img-src"] in ("data:", "'self' data:")
        assert "X-Frame-Options" not in answer.headers
    (frame,) = read(mai.get(PAGE)).all("iframe")
    assert frame["sandbox"] == ""


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("show", ["html", "dark", "text"])
def test_NTF_004_hostile_texts_are_words(mai, words, show):
    said = FINE | {"body_en": f"{words}\n\n{{{{message_text}}}}", "language": "en", "show": show}
    answer = ask(mai, f"{PAGE}/preview", **said)
    assert answer.status_code in (200, 422)
    assert "evil.test" not in [e.attributes.get("src") for e in read(answer).all()]
    assert not [
        e.tag for e in read(answer).all() if e.tag in ("script", "iframe", "img", "svg") and e.tag != "svg"
    ]
    assert "49" not in answer.text.partition("<body")[2]
    for word in ("SECRET_KEY", "root:x", "<module", "<class"):
        assert word not in answer.text


def test_NTF_004_a_preview_shows_what_is_typed_in_either_language(mai):
    for code, words in (("en", "Look:"), ("vi", "Xem:")):
        answer = ask(mai, f"{PAGE}/preview", language=code, **FINE)
        assert f"<p>{words}</p>" in answer.text
        assert f'<html lang="{code}">' in answer.text
        answer = ask(mai, f"{PAGE}/preview", language=code, show="text", **FINE)
        assert words in answer.text
        assert "SHOP-1042" in answer.text


def test_NTF_004_a_preview_of_a_ticket_says_what_that_says_and_opens_nothing(world, mai):
    made = world.ticket(subject="A <b>lamp</b>", body="It is broken.")
    with at_work(world, made) as (ticket, gus):
        ticket.note("Nobody may know", by=gus)
        ticket.reply("A **new** one comes.", by=gus)
    token = world.link(made).rpartition("/")[2]
    answer = ask(mai, f"{PAGE}/preview?ticket=acme-1&language=en")
    assert "<strong>new</strong>" in answer.text
    assert "Gus from Acme Shop" in answer.text
    assert "Nobody may know" not in answer.text
    assert token not in answer.text
    assert "/t/preview" in answer.text
    other = ask(mai, "/settings/templates/ticket.replied.user/preview?ticket=ACME-1")
    assert "It is broken." in other.text
    assert (
        "&lt;b&gt;lamp"
        in ask(mai, "/settings/templates/ticket.replied.user/preview?ticket=ACME-1&show=text").text
    )


@pytest.mark.parametrize("number", ["GLOB-1", "ACME-999", "x", "9" * 30, "\u202e", "<b>", "%00", "ACME-2"])
def test_Q_1_a_ticket_that_he_does_not_see_is_not_previewed(world, mai, number):
    world.ticket(by="Cyd", subject="Their secret")
    deleted = [world.ticket(), world.ticket(subject="Gone")][1]
    with at_work(world, deleted, "Mai") as (ticket, boss):
        ticket.delete(by=boss)
    answer = ask(mai, f"{PAGE}/preview?lang=en&ticket={number}")
    if number not in ("%00", "\u202e"):  # nothing is left of these
        assert answer.status_code == 422
        assert "There is no ticket with this number." in answer.text
    assert "Their secret" not in answer.text
    assert "Gone" not in answer.text


def test_Q_1_a_store_that_he_does_not_see_is_not_previewed(world, mai):
    with world.inside("globex"):
        theirs = world.customer("Cyd").merchant_id
    for store in (theirs, 99999, "9" * 30):
        found = ask(mai, f"{PAGE}/preview?merchant={store}")
        assert "Glob Shop" not in found.text
        assert found.status_code in (200, 409)


def test_NTF_004_a_broken_text_is_said_in_the_frame(mai):
    answer = ask(mai, f"{PAGE}/preview?lang=en", **(FINE | {"body_en": "{{mesage_text}}"}))
    assert answer.status_code == 422
    assert "Did you mean {{message_text}}?" in answer.text


# A test mail --------------------------------------------------------------------------------------------------


@pytest.fixture
def boss(post: Post) -> Seat:
    return Seat(post, "Mai")


def deliver(post: Post, app: Flask) -> None:
    with app.app_context(), inside(post.organizers["acme"]):
        MailTest.send_queued()


def test_NTF_004_a_test_mail_goes_to_oneself_and_to_nobody_else(post, app, boss):
    answer = boss.post(
        f"{PAGE}/tests?lang=en", language="vi", recipient="eve@evil.test", ticket="ACME-1", **FINE
    )
    assert f"on its way to {MAI}" in answer.text
    deliver(post, post.app)
    deliver(post, post.app)
    ((recipients, mail),) = post.sink.mails
    assert recipients == [MAI]
    assert mail["Subject"] == "Test: SHOP-1042 đã trả lời"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "Xem:" in parts(mail)[0]
    assert _own_texts(post) is None, "nothing was saved"
    assert "sent" in read(boss.get(f"{PAGE}?lang=en")).text


def _own_texts(post: Post) -> MailTemplate | None:
    with post.inside():
        return MailTemplate.both(KIND)[1]


def test_NTF_004_a_test_that_fails_is_said_and_not_repeated(post, boss):
    post.sink.at_data.append("554 no spam, please")
    boss.post(f"{PAGE}/tests", language="en", **FINE)
    deliver(post, post.app)
    deliver(post, post.app)
    assert post.sink.mails == []
    assert "not sent. The server said: 554 no spam, please" in read(boss.get(f"{PAGE}?lang=en")).text


def test_NTF_004_test_mails_are_limited(post, boss):
    for _ in range(MOST_PER_HOUR):
        assert boss.post(f"{PAGE}/tests", language="en", **FINE).status_code == 200
    answer = boss.post(f"{PAGE}/tests?lang=en", language="en", **FINE)
    assert answer.status_code == 409
    assert "within an hour" in answer.text
    deliver(post, post.app)
    assert len(post.sink.mails) == MOST_PER_HOUR


def test_NTF_004_a_broken_text_is_not_sent(post, boss):
    assert boss.post(f"{PAGE}/tests", language="en", **(FINE | {"body_en": "x"})).status_code == 422
    deliver(post, post.app)
    assert post.sink.mails == []


def test_NTF_004_without_a_mail_server_that_is_said(mai):
    answer = mai.post(f"{PAGE}/tests?lang=en", language="en", **FINE)
    assert answer.status_code == 409
    assert "No mail server" in answer.text
