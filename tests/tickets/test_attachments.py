"""MSG-002: what a file is, is decided by what is in it; a file that is not taken takes nothing with it."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.tickets.attachment import Attachment
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.message import Message
from helpdesk.tickets.upload import BadFile
from tests.support.seat import Seat, ticket_in
from tests.tickets.files import EXE, HTML, MP4, PDF, SVG, archive, bomb, office, picture, received, stored

MOST_BYTES = 20 * 1024 * 1024

TAKEN = [
    ("photo.png", picture("PNG"), "image/png"),
    ("photo.jpg", picture("JPEG"), "image/jpeg"),
    ("photo.gif", picture("GIF"), "image/gif"),
    ("photo.webp", picture("WEBP"), "image/webp"),
    ("bill.pdf", PDF, "application/pdf"),
    ("film.mp4", MP4, "video/mp4"),
    ("words.txt", "Xin chào".encode(), "text/plain"),
    ("rows.csv", b"a;b\n1;2\n", "text/plain"),
    ("love.txt", b"<3 this shop. <b>Really</b>", "text/plain"),
]
REFUSED = [
    ("page.png", HTML), ("page.html", HTML), ("page.pdf", HTML), ("drawing.svg", SVG), ("drawing.png", SVG),
    ("setup.exe", EXE), ("setup.txt", EXE), ("setup.png", EXE), ("bomb.png", bomb()), ("bomb.txt", bomb()),
    ("smaller-bomb.png", bomb(11_000)),
    ("page.txt", HTML), ("page.csv", b"\xef\xbb\xbf\n <!DOCTYPE HTML>"), ("drawing.txt", SVG), ("a.log", b"<?xml ?>"),
    ("cut.png", picture("PNG")[:40]), ("letter.txt", "Grüße".encode("utf-16")),
    ("archive.zip", archive({"x/y": "<x/>"})),
    ("macro.docm", office("word/vbaProject.bin")), ("empty.png", b""), ("empty.txt", b""), ("empty", b""),
    ("photo.bmp", picture("BMP")), ("photo.tiff", picture("TIFF")), ("x.js", b"alert(1)"), ("no-ending", b"words"),
]  # fmt: skip


def kept(world) -> int:
    with world.inside():
        return len(db.session.scalars(select(Attachment)).all())


def test_MSG_002_the_type_comes_from_the_content(world):
    with world.inside():
        for name, content, kind in TAKEN:
            upload = received(name, content)
            assert (upload.content_type, upload.name, upload.size) == (kind, name, len(stored(upload))), name


def test_MSG_002_word_and_excel_are_taken(world):
    with world.inside():
        assert received("a.docx", office()).content_type.endswith("wordprocessingml.document")
        assert received("a.xlsx", office("xl/workbook.xml")).content_type.endswith("spreadsheetml.sheet")


def test_MSG_002_what_is_dangerous_or_unknown_is_refused_by_name(world):
    with world.inside():
        for name, content in REFUSED:
            with pytest.raises(BadFile, match=re.escape(name)):
                received(name, content)


def test_MSG_002_a_file_of_20_mb_is_taken_and_one_byte_more_is_not(world):
    with world.inside():
        assert received("long.txt", b"x" * MOST_BYTES).size == 20 * 1024 * 1024
        with pytest.raises(BadFile, match="20 MB"):
            received("long.txt", b"x" * (MOST_BYTES + 1))


NAMES = [
    ("../../etc/passwd.txt", "passwd.txt"),
    ("C:\\Users\\Bea\\note.txt", "note.txt"),
    ("/var/www/note.txt", "note.txt"),
    ("no\x00te\x1b[31m.txt", "note[31m.txt"),
    ("two\r\nlines.txt", "two lines.txt"),
    ("\u202egpj.txt", "gpj.txt"),
    ("hóa đơn.txt", "hóa đơn.txt"),
    (" .hidden.txt ", "hidden.txt"),
]  # fmt: skip


def test_MSG_002_a_name_is_a_name_and_no_path(world):
    with world.inside():
        assert [received(sent, b"words").name for sent, _ in NAMES] == [shown for _, shown in NAMES]


def test_MSG_002_a_very_long_name_keeps_its_ending(world):
    with world.inside():
        name = received("n" * 5000 + ".txt", b"words").name
    assert len(name) <= 150
    assert name.endswith(".txt")


def test_MSG_002_ten_files_are_taken_and_eleven_are_not(world):
    ticket_in(world, Status.ASSIGNED)
    gus = Seat(world, "Gus")

    def files(n):
        return [(BytesIO(f"file {i}".encode()), f"{i}.txt") for i in range(n)]

    assert gus.post("/tickets/ACME-1/notes", body="Eleven.", files=files(11)).status_code == 422
    assert kept(world) == 0
    assert gus.post("/tickets/ACME-1/notes", body="Ten.", files=files(10)).status_code == 303
    assert kept(world) == 10


@pytest.mark.parametrize("door", ["replies", "notes", "comments"])
def test_MSG_002_a_refused_file_saves_nothing_and_loses_nothing_of_the_message(world, door):
    made = ticket_in(world, Status.ASSIGNED)
    with world.inside():
        before = world.count(Message, ticket_id=made)
    files = [(BytesIO(picture("PNG")), "good.png"), (BytesIO(SVG), "bad.svg")]
    answer = Seat(world, "Gus").post(
        f"/tickets/ACME-1/{door}", htmx=True, body="My long answer.", files=files
    )
    assert answer.status_code == 422
    assert "My long answer." in answer.text
    assert "bad.svg" in answer.text
    with world.inside():
        assert world.count(Message, ticket_id=made) == before
    assert kept(world) == 0


def test_MSG_002_the_same_content_is_kept_once_and_shown_under_each_name(world):
    ticket_in(world, Status.ASSIGNED)
    files = [(BytesIO(b"same"), "a.txt"), (BytesIO(b"same"), "b.txt")]
    Seat(world, "Gus").post("/tickets/ACME-1/notes", body="Two.", files=files)
    with world.inside():
        rows = db.session.scalars(select(Attachment)).all()
        assert [row.name for row in rows] == ["a.txt", "b.txt"]
        assert len({row.storage_key for row in rows}) == 1


def test_MSG_002_an_empty_slot_of_the_browser_is_no_file(world):
    ticket_in(world, Status.ASSIGNED)
    answer = Seat(world, "Gus").post("/tickets/ACME-1/notes", body="None.", files=[(BytesIO(b""), "")])
    assert answer.status_code == 303
    assert kept(world) == 0
