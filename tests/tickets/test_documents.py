"""MSG-002: what is no picture: documents are looked into, names are for people, everything else is refused."""

from __future__ import annotations

import io
import re
import tracemalloc
import zipfile

import pytest
from werkzeug.datastructures import FileStorage

from helpdesk.core import archives
from helpdesk.organizers.organizer import Organizer
from helpdesk.tickets.upload import BadFile, Upload
from tests.tickets.files import CONTENTS, EXE, HTML, MP4, PDF, SVG, archive, office, picture, received

MB = 1024 * 1024


def refused(name: str, content: bytes) -> str:
    """The sentence for a file that is not taken."""
    with pytest.raises(BadFile) as bad:
        received(name, content)
    assert bad.value.code == 422
    return bad.value.message


# The ending says what the file is ----------------------------------------------------------------------------

ENDINGS = [
    ("photo.pdf", picture("PNG"), "photo.png"),  # a picture that calls itself a document
    ("bill.png", PDF, "bill.pdf"),
    ("bill.docx", office("xl/workbook.xml"), "bill.xlsx"),
    ("bill", office(), "bill.docx"),
    ("page.html", picture("JPEG"), "page.html.jpg"),
    ("version 1.5", picture("GIF"), "version 1.5.gif"),
    ("photo.JPEG", picture("JPEG"), "photo.JPEG"),
    ("Film.MP4", MP4, "Film.MP4"),
    ("words.log", b"words", "words.log"),
    (".pdf", PDF, "pdf.pdf"),
]


def test_MSG_002_the_shown_ending_is_that_of_the_content(world):
    with world.inside():
        assert [received(name, content).name for name, content, _ in ENDINGS] == [
            name for *_, name in ENDINGS
        ]


NAMES = [
    ("", "file.png"), (None, "file.png"), ("...", "file.png"), ("/", "file.png"), ("\\\\", "file.png"),
    ("\x00\x01", "file.png"), ("..\\..\\a.png", "a.png"), ("a\u200fb\u061c.png", "ab.png"),
    ("\u202egnp.exe", "gnp.exe.png"), ("a\n\tb.png", "a b.png"), ("ho\u0301a.png", "hóa.png"),
    ("\ud800.png", "png.png"), ("<b>.png", "<b>.png"), ('a"b.png', 'a"b.png'), ("😀.png", "😀.png"),
    ("con.png", "con.png"),
]  # fmt: skip


def test_MSG_002_every_name_is_one_that_people_can_read(world):
    sent = picture("PNG")
    with world.inside():
        for name, shown in NAMES:
            assert received(name, sent).name == shown, name


@pytest.mark.parametrize("letter", ["n", "ữ", "😀"])
def test_MSG_002_three_hundred_letters_are_cut_and_the_ending_stays(letter, world):
    with world.inside():
        for ending in (".png", ".PNG", "", ".html", "." + letter * 20):
            name = received(letter * 300 + ending, picture("PNG")).name
            assert len(name) == 150
            assert name.lower().endswith(".png")


# Documents -----------------------------------------------------------------------------------------------------


def overlapping() -> bytes:
    """An archive whose two parts are the same bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr(CONTENTS, "<Types/>")
        zipped.writestr("word/document.xml", b"\0" * 9 * MB)
        for number in range(200):
            again = zipfile.ZipInfo(f"word/media/{number}")
            info = zipped.getinfo("word/document.xml")
            again.header_offset, again.CRC = info.header_offset, info.CRC
            again.file_size = again.compress_size = info.compress_size
            zipped.filelist.append(again)
    return made.getvalue()


def encrypted() -> bytes:
    """A document whose directory says that its parts need a password."""
    made = bytearray(office())
    at = 0
    while (at := made.find(b"PK\x01\x02", at)) >= 0:
        made[at + 8] |= 1
        at += 4
    return bytes(made)


def misnamed() -> bytes:
    """A document one of whose names says that it is UTF-8, and is not."""
    return office(**{"word/é.xml": "<x/>"}).replace("é".encode(), b"\xff\xfe")


DANGEROUS = {
    "bomb.docx": (office("word/document.xml", extra=b"\0" * 60 * MB), "far more than its size"),
    "bomb.xlsx": (office("xl/workbook.xml", **{f"xl/{n}.xml": b"\0" * 2 * MB for n in range(9)}), "far more"),
    "overlapping.docx": (overlapping(), "far more"),
    "macros.docm": (office(**{"word/vbaProject.bin": EXE}), "contains macros"),
    "macros.docx": (office(**{"word/vbaProject.bin": EXE}), "contains macros"),
    "macros.xlsx": (archive({CONTENTS: "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
                             "xl/workbook.xml": "<x/>"}), "contains macros"),
    "locked.docx": (encrypted(), "protected by a password"),
    "above.docx": (office(**{"../../etc/cron.d/x": "x"}), "an archive or a damaged document"),
    "root.docx": (office(**{"/etc/cron.d/x": "x"}), "an archive or a damaged document"),
    "windows.docx": (office(**{"word\\..\\x": "x"}), "an archive or a damaged document"),
    "no-contents.docx": (archive({"word/document.xml": "<x/>"}), "an archive or a damaged document"),
    "no-text.docx": (archive({CONTENTS: "<Types/>"}), "an archive or a damaged document"),
    "binary.xlsb": (office("xl/workbook.bin"), "an archive or a damaged document"),
    "archive.zip": (archive({"a.txt": "words"}), "an archive or a damaged document"),
    "packed.docx": (archive({CONTENTS: "<x/>", "word/document.xml": "<x/>"}, zipfile.ZIP_LZMA), "damaged"),
    "misnamed.docx": (misnamed(), "an archive or a damaged document"),
    "half.docx": (office()[:-30], "an archive or a damaged document"),
    "program.docx": (EXE + office(), "cannot be attached"),
    "old.doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "cannot be attached"),
    "old.docx": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "cannot be attached"),
    "page.pdf": (HTML, "cannot be attached"),
    "script.pdf": (b"/*\n%PDF-1.7\n*/ alert(1)", "cannot be attached"),
    "drawing.svg": (SVG, "cannot be attached"),
    "drawing.pdf": (SVG, "cannot be attached"),
    "setup.mp4": (EXE, "cannot be attached"),
    "late.txt": (b"words\n" * 10_000 + EXE, "cannot be attached"),
    "empty.docx": (b"", "is empty"),
}  # fmt: skip


def test_MSG_002_each_dangerous_file_is_refused_with_its_reason(world):
    with world.inside():
        for name, (content, reason) in DANGEROUS.items():
            said = refused(name, content)
            assert f"“{name}”" in said, name
            assert reason in said, (name, said)


def test_MSG_002_a_document_with_any_wrong_byte_is_taken_or_refused():
    whole = office(**{"word/é.xml": "<x/>"})
    kinds = {*archives.KINDS.values(), "NoDocument", "Bomb", "Encrypted"}
    for place in range(len(whole)):
        for value in (0x00, 0x7F, 0xFF, whole[place] ^ 0x08):
            content = whole[:place] + bytes([value]) + whole[place + 1 :]
            try:
                found = archives.kind_of(io.BytesIO(content), len(content))
            except (archives.NoDocument, archives.Bomb, archives.Encrypted) as error:
                found = type(error).__name__
            assert found in kinds, (place, value)


def test_MSG_002_a_document_of_many_parts_is_not_looked_at_for_ever(world, monkeypatch):
    monkeypatch.setattr(archives, "MOST_ENTRIES", 4)
    with world.inside():
        assert received("a.docx", office(**{"word/styles.xml": "<x/>"})).name == "a.docx"
        assert "damaged" in refused("a.docx", office(**{"word/styles.xml": "<x/>", "word/more.xml": "<x/>"}))


def test_MSG_002_the_parts_of_an_ordinary_document_pack_well(world):
    text = "".join(f"<w:p>{n * 7919 % 104729}</w:p>" for n in range(400_000))
    with world.inside():
        assert (
            received("long.docx", office("word/document.xml", **{"word/more.xml": text})).name == "long.docx"
        )


# Sizes -------------------------------------------------------------------------------------------------------


class Endless(io.RawIOBase):
    """A hundred megabytes that are nowhere; whoever reads them is counted."""

    def __init__(self, size: int) -> None:
        self.size, self.at, self.taken = size, 0, 0

    def seek(self, to: int, whence: int = 0) -> int:
        self.at = {0: to, 1: self.at + to, 2: self.size + to}[whence]
        return self.at

    def read(self, count: int = -1) -> bytes:
        count = min(self.size - self.at, count if count >= 0 else self.size)
        self.at, self.taken = self.at + count, self.taken + count
        return b"x" * count


def test_MSG_002_a_hundred_megabytes_are_refused_unread(world):
    sent = Endless(100 * MB)
    with world.inside(), pytest.raises(BadFile, match=re.escape("“long.txt” must be smaller than 20 MB.")):
        Upload.receive(FileStorage(sent, "long.txt"))
    assert sent.taken == 0


def test_MSG_002_a_hundred_megabytes_that_are_allowed_are_not_kept_in_memory(world):
    with world.inside():
        Organizer.present().most_file_mb = 100
        tracemalloc.start()
        try:
            assert Upload.receive(FileStorage(Endless(100 * MB), "long.txt")).size == 100 * MB
            assert tracemalloc.get_traced_memory()[1] < 16 * MB
        finally:
            tracemalloc.stop()


def test_MSG_002_the_size_is_the_organizers_setting(world):
    with world.inside():
        Organizer.present().most_file_mb = 1
        assert received("a.txt", b"x" * MB).size == MB
        assert "1 MB" in refused("a.txt", b"x" * (MB + 1))
