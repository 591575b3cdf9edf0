"""MSG-002: a file that was received is never lost by a form that comes back, and is its sender's alone."""

from __future__ import annotations

from io import BytesIO

import pytest
from sqlalchemy import select

from helpdesk.core import clock, storage
from helpdesk.core.db import db
from helpdesk.organizers.organizer import Organizer
from helpdesk.tickets.attachment import Attachment
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.upload import Upload
from helpdesk.tickets.uploads import Uploads
from tests.support.page import form, read
from tests.support.seat import Seat, bring_to, ticket_in
from tests.tickets.files import HTML, picture, received

DOORS = ["replies", "notes", "comments"]


@pytest.fixture
def gus(world) -> Seat:
    ticket_in(world, Status.ASSIGNED)
    return Seat(world, "Gus")


def file(name: str, content: bytes = b"words") -> tuple[BytesIO, str]:
    return BytesIO(content), name


def names(world) -> list[str]:
    """The files that are on messages."""
    with world.inside():
        return [row.name for row in db.session.scalars(select(Attachment).order_by(Attachment.id))]


def listed(answer) -> list[str]:
    """The files that a form brings along."""
    return [next(token.parent.all(class_="files-name")).text for token in read(answer).all(name="uploads")]


def tokens(answer) -> list[str]:
    """Their tokens."""
    return [field["value"] for field in read(answer).all("input", name="uploads")]


@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize("door", DOORS)
def test_MSG_002_files_survive_a_form_that_comes_back(door, htmx, gus, world):
    sent = gus.post(f"/tickets/ACME-1/{door}", htmx=htmx, body="", files=[file("a.txt"), file("b.txt")])
    assert (sent.status_code, names(world)) == (422, [])
    assert listed(sent) == ["a.txt", "b.txt"]
    sent = gus.post(f"/tickets/ACME-1/{door}", body="Here.", uploads=tokens(sent), files=[file("c.txt")])
    assert sent.status_code == 303
    assert names(world) == ["a.txt", "b.txt", "c.txt"]


@pytest.mark.parametrize("door", DOORS)
def test_MSG_002_one_bad_file_is_named_and_the_good_ones_stay(door, gus, world):
    files = [file("a.txt"), file("bad.html", HTML), file("empty.pdf", b""), file("b.png", picture())]
    sent = gus.post(f"/tickets/ACME-1/{door}", htmx=True, body="My long answer.", files=files)
    assert sent.status_code == 422
    assert listed(sent) == ["a.txt", "b.png"]
    assert "My long answer." in sent.text
    assert "“bad.html” cannot be attached" in sent.text
    assert "“empty.pdf” is empty" in sent.text
    again = gus.post(f"/tickets/ACME-1/{door}", body="My long answer.", uploads=tokens(sent), files=[])
    assert (again.status_code, names(world)) == (303, ["a.txt", "b.png"])


def test_MSG_002_files_survive_a_deed_that_the_state_refuses(gus, world):
    bring_to(world, ticket_in(world, Status.ASSIGNED), Status.RESOLVED)
    sent = gus.post("/tickets/ACME-2/replies", htmx=True, body="Late.", files=[file("a.txt")])
    assert sent.status_code == 409
    assert (listed(sent), names(world)) == (["a.txt"], [])


def test_MSG_002_a_file_is_taken_out_again_without_a_script(gus, world):
    sent = gus.post("/tickets/ACME-1/notes", body="", files=[file("a.txt"), file("b.txt")])
    boxes = {
        next(b.parent.parent.all(class_="files-name")).text: b["value"] for b in read(sent).all(name="drop")
    }
    gus.post("/tickets/ACME-1/notes", body="x", uploads=tokens(sent), drop=[boxes["a.txt"]], files=[])
    assert names(world) == ["b.txt"]


def test_MSG_002_what_came_before_and_what_comes_now_obey_one_limit(gus, world):
    sent = gus.post("/tickets/ACME-1/notes", body="", files=[file(f"{n}.txt") for n in range(8)])
    more = [file(f"{n}.txt") for n in range(8, 12)]
    sent = gus.post("/tickets/ACME-1/notes", htmx=True, body="x", uploads=tokens(sent), files=more)
    assert sent.status_code == 422
    assert listed(sent) == [f"{n}.txt" for n in range(10)], "as many as fit stay"
    assert "At most 10 files can be attached." in sent.text
    assert "“10.txt”, “11.txt”" in sent.text
    assert gus.post("/tickets/ACME-1/notes", body="x", uploads=tokens(sent)).status_code == 303
    assert len(names(world)) == 10


def test_MSG_002_too_many_tokens_are_too_many_files(gus, world):
    with world.inside():
        Organizer.present().most_files = 2
    every = [tokens(gus.post("/uploads", files=[file(f"{n}.txt")]))[0] for n in range(3)]
    sent = gus.post("/tickets/ACME-1/notes", htmx=True, body="x", uploads=every)
    assert sent.status_code == 422
    assert "At most 2 files can be attached." in sent.text
    assert len(listed(sent)) == 3, "the writer chooses which"
    assert gus.post("/tickets/ACME-1/notes", body="x", uploads=every[:2]).status_code == 303


def test_MSG_002_the_page_says_the_limits_of_its_organizer(gus, world):
    with world.inside():
        Organizer.present().most_files, Organizer.present().most_file_mb = 3, 7
    assert "At most 3 files of 7 MB each" in gus.get("/tickets/ACME-1").text


def test_MSG_002_the_same_file_twice_is_one_and_the_same_name_twice_is_numbered(gus, world):
    files = [file("a.txt"), file("a.txt"), file("a.txt", b"other"), file("a.txt", b"third"), file("b.txt")]
    assert gus.post("/tickets/ACME-1/notes", body="x", files=files).status_code == 303
    assert names(world) == ["a.txt", "a (2).txt", "a (3).txt", "b.txt"]


# Sent at once ------------------------------------------------------------------------------------------------


def test_MSG_002_a_file_that_is_sent_at_once_comes_back_as_a_line(gus, world):
    sent = gus.post("/uploads", htmx=True, files=[file("ảnh.png", picture())])
    assert sent.status_code == 200
    assert listed(sent) == ["ảnh.png"]
    assert next(read(sent).all("img"))["src"].startswith("data:image/webp;base64,")
    assert gus.post("/tickets/ACME-1/replies", body="x", uploads=tokens(sent)).status_code == 303
    assert names(world) == ["ảnh.png"]
    with world.inside():
        assert world.one(Attachment).thumbnail_key


def test_MSG_002_a_bad_file_that_is_sent_at_once_comes_back_as_its_sentence(gus):
    sent = gus.post("/uploads", htmx=True, files=[file("bad.html", HTML)])
    assert (sent.status_code, tokens(sent)) == (422, [])
    assert "“bad.html” cannot be attached" in sent.text
    assert gus.post("/uploads").status_code == 200, "nothing sent, nothing to say"


def test_MSG_002_sentences_are_in_the_readers_language(gus, world):
    sent = Seat(world, "Linh").post("/uploads", files=[file("bad.html", HTML), file("no.txt", b"")])
    assert "Không đính kèm được “bad.html”" in sent.text
    assert "“no.txt” là tệp rỗng" in sent.text


# Tokens ------------------------------------------------------------------------------------------------------


def test_MSG_002_a_token_is_its_owners_alone(gus, world):
    token = tokens(gus.post("/uploads", files=[file("secret.txt")]))[0]
    sent = Seat(world, "Linh").post("/tickets/ACME-1/notes", htmx=True, body="x", uploads=[token])
    assert (sent.status_code, names(world)) == (422, [])
    assert "secret" not in sent.text
    with world.inside():
        upload = received("a.txt", b"words")
        assert Upload.read(upload.token("user:1"), "user:1") == upload
        for owner in ("user:2", "user:11", "link:1", "form:1", ""):
            assert Upload.read(upload.token("user:1"), owner) is None


@pytest.mark.parametrize("token", ["", "x", "a.b", "\x00", "x" * 100_000, "WzFd.AAAA", "😀"])
def test_MSG_002_a_made_up_token_is_no_file_and_no_fault(token, gus, world):
    sent = gus.post("/tickets/ACME-1/notes", htmx=True, body="My words.", uploads=[token])
    assert (sent.status_code, names(world)) == (422, [])
    assert "My words." in sent.text


def test_MSG_002_a_token_lives_for_a_day(gus, world):
    token = tokens(gus.post("/uploads", files=[file("a.txt")]))[0]
    clock.travel(24 * 3600 - 5)
    assert gus.client.get("/queue").status_code in (200, 302)
    with world.inside():
        owner = f"user:{world.user('Gus').id}"
        assert Upload.read(token, owner).stays()
        clock.travel(10)
        assert not Upload.read(token, owner).stays()


def test_R11_a_token_whose_file_is_gone_makes_no_row(gus, world):
    sent = gus.post("/uploads", files=[file("a.txt")])
    with world.inside():
        upload = received("a.txt", b"words")
        storage.path_of(upload.key).unlink()
    sent = gus.post("/tickets/ACME-1/notes", htmx=True, body="x", uploads=tokens(sent))
    assert (sent.status_code, names(world)) == (422, [])
    assert "“a.txt” is no longer here. Attach it again." in sent.text


def test_MSG_002_a_hundred_tokens_are_looked_at_and_no_more(world):
    with world.inside():
        token = received("a.txt", b"words").token("user:1")
        assert len(Uploads.gather([], "user:1", [token] * 5000).taken) == 1


def test_MSG_002_a_form_keeps_its_files_as_a_browser_sends_it(gus, world):
    sent = gus.post("/tickets/ACME-1/notes", body="", files=[file("a.txt"), file("b.txt")])
    filled = form(sent, "/notes")
    assert filled.send(gus.client, body="x").status_code == 303
    assert names(world) == ["a.txt", "b.txt"]
