"""MSG-002 at the customer's doors: his files outlive a form that comes back, and are his alone."""

from __future__ import annotations

import io
import sqlite3
import time

import pytest
from sqlalchemy import select

from helpdesk.core import clock, storage
from helpdesk.core.db import db
from helpdesk.organizers.form_key import FormKey
from helpdesk.organizers.organizer import Organizer
from helpdesk.portal.form_token import FormToken
from helpdesk.tickets.attachment import Attachment
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.message import Message
from helpdesk.tickets.upload import Upload
from tests.portal.test_form import GIVEN, opened
from tests.support.databases import on_sqlite
from tests.support.page import Element, form, read
from tests.support.seat import at_work, bring_to
from tests.tickets.files import HTML, picture, received


def file(name: str, content: bytes = b"words") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def tokens(answer) -> list[str]:
    return [field["value"] for field in read(answer).all("input", name="uploads")]


def names(world) -> list[str]:
    with world.inside():
        return [row.name for row in db.session.scalars(select(Attachment).order_by(Attachment.id))]


@pytest.fixture
def ticket(world) -> int:
    return world.ticket()


@pytest.fixture
def bea(world, ticket):
    client = world.app.test_client()
    client.get(world.link(ticket))
    return client


# The form on a merchant's site -------------------------------------------------------------------------------


def test_MSG_002_the_visitors_files_survive_a_form_that_comes_back(client, world):
    files = [file("a.png", picture()), file("bad.html", HTML), file("b.txt")]
    sent = opened(client, query="lang=en").send(client, **GIVEN | {"email": "uyen@"}, files=files)
    assert sent.status_code == 422
    assert "“bad.html” cannot be attached" in sent.text
    assert len(tokens(sent)) == 2
    assert form(sent, "/embed/").send(client, **GIVEN).status_code == 303
    assert names(world) == ["a.png", "b.txt"]


def test_MSG_002_files_survive_a_form_that_was_open_too_long(client, world):
    """Its token is a new one then, and so are those of the files."""
    filled = opened(client)
    clock.travel(24 * 3600 + 1)
    sent = filled.send(client, **GIVEN, files=[file("a.txt")])
    assert (sent.status_code, len(tokens(sent))) == (422, 1)
    assert form(sent, "/embed/").send(client).status_code == 303
    assert names(world) == ["a.txt"]


def test_MSG_002_files_survive_suspicion(client, world):
    sent = opened(client).send(client, **GIVEN, website="http://spam.example", files=[file("a.txt")])
    assert (sent.status_code, len(tokens(sent))) == (422, 1)
    assert form(sent, "/embed/").send(client).status_code == 303
    assert names(world) == ["a.txt"]


def test_MSG_002_a_visitor_sends_files_at_once(client, world):
    filled = opened(client)
    token = filled.fields["form_token"]
    sent = client.post(
        "/embed/form-acme/uploads", data={"form_token": token, "files": [file("a.png", picture())]}
    )
    assert (sent.status_code, len(tokens(sent))) == (200, 1)
    assert "frame-ancestors" in sent.headers["Content-Security-Policy"]
    assert filled.send(client, **GIVEN, uploads=tokens(sent)).status_code == 303
    assert names(world) == ["a.png"]


def test_Q_2_without_a_token_of_this_form_nothing_is_taken(client, world, tmp_path):
    theirs = opened(client, "form-glob").fields["form_token"]
    for token in (theirs, "made up", ""):
        data = {"form_token": token, "files": [file("a.txt")]}
        assert client.post("/embed/form-acme/uploads", data=data).status_code == 400
    assert not list((tmp_path / "blobs").rglob("*")), "not even on the disk"


def test_Q_2_a_form_that_is_off_takes_no_files(client, world):
    token = opened(client).fields["form_token"]
    with world.inside():
        world.one(FormKey, key="form-acme").is_on = False
    data = {"form_token": token, "files": [file("a.txt")]}
    assert client.post("/embed/form-acme/uploads", data=data).status_code == 403


def test_Q_1_one_visitors_file_is_not_anothers(client, world):
    mine, other = opened(client), opened(client)
    data = {"form_token": mine.fields["form_token"], "files": [file("a.txt")]}
    token = tokens(client.post("/embed/form-acme/uploads", data=data))
    assert other.send(client, **GIVEN, uploads=token).status_code == 422
    assert names(world) == []


def test_Q_2_a_visitors_uploads_are_counted(make_app, world):
    client = make_app(rate_limits=True).test_client()
    token = opened(client).fields["form_token"]
    answers = [client.post("/embed/form-acme/uploads", data={"form_token": token}) for _ in range(31)]
    assert [answer.status_code for answer in answers] == [200] * 30 + [429]
    assert opened(client).send(client, **GIVEN).status_code == 303, "the form itself has a count of its own"


def test_MSG_002_the_form_says_the_limits_of_its_organizer(client, world):
    with world.inside():
        Organizer.present().most_files, Organizer.present().most_file_mb = 2, 1
    filled = opened(client, query="lang=en")
    assert "At most 2 files of 1 MB each" in client.get("/embed/form-acme?lang=en").text
    assert "At most 10 files of 20 MB each" in client.get("/embed/form-glob?lang=en").text
    sent = filled.send(client, **GIVEN, files=[file(f"{n}.txt") for n in range(3)])
    assert sent.status_code == 422
    assert "At most 2 files can be attached." in sent.text


# The request page --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("htmx", [True, False])
def test_MSG_002_the_customers_files_survive_an_empty_reply(htmx, bea, world, ticket):
    filled = form(bea.get(f"/requests/{ticket}"), "/replies")
    sent = filled.send(bea, htmx=htmx, body=" ", files=[file("a.txt"), file("b.txt")])
    assert (sent.status_code, len(tokens(sent))) == (422, 2)
    assert form(sent, "/replies").send(bea, body="Here.").status_code == 303
    assert names(world) == ["a.txt", "b.txt"]


@pytest.mark.parametrize("htmx", [True, False])
def test_MSG_002_files_come_with_a_reopening_and_survive_it(htmx, bea, world, ticket):
    bring_to(world, ticket, Status.RESOLVED)
    filled = form(bea.get(f"/requests/{ticket}"), "/reopening")
    sent = filled.send(bea, htmx=htmx, body="", files=[file("a.txt"), file("bad.html", HTML)])
    assert (sent.status_code, len(tokens(sent))) == (422, 1)
    assert "“bad.html”" in sent.text
    fold = next(fold for fold in read(sent).all("details") if list(fold.all(name="uploads")))
    assert "open" in fold.attributes, "what is wrong is seen"
    assert form(sent, "/reopening").send(bea, body="Still broken.").status_code == 303
    assert names(world) == ["a.txt"]


def test_MSG_002_a_customer_sends_files_at_once(bea, world, ticket):
    filled = form(bea.get(f"/requests/{ticket}"), "/replies")
    data = {"csrf_token": filled.fields["csrf_token"], "files": [file("a.png", picture())]}
    sent = bea.post(f"/requests/{ticket}/uploads", data=data)
    assert sent.status_code == 200
    assert filled.send(bea, body="Here.", uploads=tokens(sent)).status_code == 303
    assert names(world) == ["a.png"]


def test_Q_1_a_token_of_the_desk_or_of_another_request_is_nothing_here(bea, world, ticket):
    with world.inside():
        gus = world.user("Gus")
        strangers = [
            received("a.txt", b"words").token(owner) for owner in (f"user:{gus.id}", "link:99", "form:x")
        ]
    filled = form(bea.get(f"/requests/{ticket}"), "/replies")
    for token in strangers:
        assert filled.send(bea, body="Here.", uploads=token).status_code == 422
    assert names(world) == []


def attach(world, ticket: int, deed: str) -> Attachment:
    """A picture on a message of an agent."""
    with at_work(world, ticket) as (row, gus):
        message: Message = getattr(row, deed)("Look.", by=gus, files=[received("plan.png", picture())])
        return message.attachments[0]


def pictures(page: Element) -> list[str]:
    return [image["src"] for image in page.all("img") if "/attachments/" in image["src"]]


def test_MSG_003_a_thumbnail_of_a_note_is_not_there_for_the_customer(bea, world, ticket):
    shown, hidden = attach(world, ticket, "comment"), attach(world, ticket, "note")
    base = f"/requests/{ticket}/attachments"
    answer = bea.get(f"{base}/{shown.id}/thumbnail", buffered=True)
    assert (answer.status_code, answer.mimetype) == (200, "image/webp")
    assert answer.headers["Cache-Control"] == "no-store"
    assert bea.get(f"{base}/{hidden.id}/thumbnail").status_code == 404
    assert pictures(read(bea.get(f"/requests/{ticket}"))) == [f"{base}/{shown.id}/thumbnail"]


def test_MSG_002_a_thumbnail_is_named_by_its_file(bea, world, ticket):
    attach(world, ticket, "comment")
    image = next(i for i in read(bea.get(f"/requests/{ticket}")).all("img") if "/attachments/" in i["src"])
    assert image["alt"] == "plan.png"


def test_F35_a_file_that_is_missing_on_the_disk_is_404_and_only_that(bea, world, ticket):
    lost, there = attach(world, ticket, "comment"), attach(world, ticket, "comment")
    with world.inside():
        row = world.one(Attachment, id=lost.id)
        row.storage_key = "0" * 64
    base = f"/requests/{ticket}/attachments"
    assert bea.get(f"{base}/{lost.id}/plan.png").status_code == 404
    assert bea.get(f"{base}/{there.id}/plan.png", buffered=True).status_code == 200
    assert bea.get(f"/requests/{ticket}").status_code == 200


def test_MSG_002_parts_of_a_file_can_be_asked_for(bea, world, ticket):
    with at_work(world, ticket) as (row, gus):
        row.comment("Look.", by=gus, files=[received("long.txt", b"0123456789")])
    url = f"/requests/{ticket}/attachments/1/long.txt"
    answer = bea.get(url, headers={"Range": "bytes=2-4"}, buffered=True)
    assert (answer.status_code, answer.data) == (206, b"234")
    assert bea.get(url, headers={"Range": "bytes=50-"}, buffered=True).status_code == 416


def test_Q_2_the_name_of_a_download_is_clean_whatever_the_row_says(bea, world, ticket):
    with at_work(world, ticket) as (row, gus):
        bad = Upload(
            "../a\u202e\r\nX: y\u200f" + "ữ" * 180 + ".txt", "text/plain", *storage.keep(io.BytesIO(b"x"), 1)
        )
        row.comment("Look.", by=gus, files=[bad])
    said = bea.get(f"/requests/{ticket}/attachments/1/x", buffered=True).headers["Content-Disposition"]
    assert said.startswith("attachment; ")
    assert "filename*=UTF-8''" in said
    assert not any(mark in said for mark in ("\r", "\n", "%E2%80%AE", "%E2%80%8F", "/", ".."))
    assert len(said) < 1600


def test_Q_5_a_request_over_the_whole_bound_is_refused_in_the_readers_language(bea, world, ticket):
    environ = {"CONTENT_LENGTH": str(300 << 20), "wsgi.input": io.BytesIO(b"")}
    kind = "multipart/form-data; boundary=x"
    linh = world.sign_in("Linh")
    for headers, shape in (({}, "<html"), ({"HX-Request": "true"}, "<hx-partial")):
        headers["Accept-Language"] = "vi"
        for client, door in ((bea, f"/requests/{ticket}/replies"), (linh, "/uploads")):
            answer = client.post(door, content_type=kind, headers=headers, environ_overrides=environ)
            assert answer.status_code == 413
            assert shape in answer.text
            assert "Dữ liệu quá lớn" in answer.text


@on_sqlite
def test_Q_4_files_that_come_in_wait_for_nobody_who_writes_and_hold_nobody_up(client, bea, world, ticket):
    """They are kept without a row; a slow line would hold SQLite's one lock for as long as it takes."""
    linh = world.sign_in("Linh")
    tickets_page = linh.get("/tickets/ACME-1")
    doors = (
        (client, "/embed/form-acme/uploads", {"form_token": opened(client).fields["form_token"]}),
        (
            bea,
            f"/requests/{ticket}/uploads",
            {"csrf_token": form(bea.get(f"/requests/{ticket}"), "/replies").fields["csrf_token"]},
        ),
        (linh, "/uploads", {"csrf_token": form(tickets_page, "/replies").fields["csrf_token"]}),
    )
    with world.inside():
        path = db.engine.url.database
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    try:
        answers = [who.post(door, data=data | {"files": [file("a.txt")]}) for who, door, data in doors]
        took = time.monotonic() - began
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert [(answer.status_code, len(tokens(answer))) for answer in answers] == [(200, 1)] * 3
    assert took < 2, took


def test_MSG_002_a_forms_files_belong_to_its_number(world):
    with world.app.app_context():
        token = FormToken.fresh("form-acme")
        assert (
            token.owner == FormToken.read(token.text, "form-acme").owner != FormToken.fresh("form-acme").owner
        )
