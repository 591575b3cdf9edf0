"""Files that people send: no row without its file, no name from outside (R11, Q-2)."""

from __future__ import annotations

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor

import pytest

from helpdesk.core import storage
from helpdesk.core.storage import TooLarge
from helpdesk.tickets.attachment import Attachment
from tests.support.seat import Seat


@pytest.fixture
def blobs(app, tmp_path):
    with app.app_context():
        yield tmp_path / "blobs"


def files(blobs) -> list[str]:
    return sorted(path.name for path in blobs.rglob("*") if path.is_file())


def test_a_file_is_kept_by_what_is_in_it(blobs):
    key, size = storage.keep(io.BytesIO(b"hello"), 10)
    assert (key, size) == (hashlib.sha256(b"hello").hexdigest(), 5)
    assert storage.path_of(key).read_bytes() == b"hello"


def test_the_same_content_is_kept_once(blobs):
    for _ in range(3):
        storage.keep(io.BytesIO(b"hello"), 10)
    assert files(blobs) == [hashlib.sha256(b"hello").hexdigest()]


def test_many_at_once_keep_one_whole_file(app, blobs):
    content = b"x" * 3_000_000

    def keep(_):
        with app.app_context():
            return storage.keep(io.BytesIO(content), len(content))

    with ThreadPoolExecutor(6) as threads:
        assert len(set(threads.map(keep, range(12)))) == 1
    [name] = files(blobs)
    assert storage.path_of(name).read_bytes() == content


@pytest.mark.parametrize("most, fits", [(5, True), (4, False)])
def test_a_file_that_is_too_large_leaves_nothing(most, fits, blobs):
    if fits:
        storage.keep(io.BytesIO(b"hello"), most)
    else:
        with pytest.raises(TooLarge):
            storage.keep(io.BytesIO(b"hello"), most)
    assert len(files(blobs)) == fits


class Torn(io.RawIOBase):
    """An upload that breaks off."""

    def __init__(self) -> None:
        self.parts = [b"a" * 100]

    def read(self, size: int = -1) -> bytes:
        if self.parts:
            return self.parts.pop()
        raise ConnectionError


def test_F4_an_upload_that_breaks_off_leaves_nothing(blobs):
    with pytest.raises(ConnectionError):
        storage.keep(Torn(), 10**6)
    assert files(blobs) == []


def test_Q_2_a_key_from_outside_is_no_path(blobs):
    odd = ["", "x", "../../etc/passwd", "a" * 63, "a" * 65, "../" + "a" * 61, "/" + "a" * 63, "." * 64]
    for key in [*odd, "a" * 63 + "\x00", "ờ" * 63 + "/"]:
        with pytest.raises(ValueError):
            storage.path_of(key)


def test_R11_a_file_of_a_refused_form_has_no_row(world, tmp_path):
    world.ticket()
    gus = Seat(world, "Gus")
    assert (
        gus.post("/tickets/ACME-1/notes", body="", files=(io.BytesIO(b"hello"), "a.txt")).status_code == 422
    )
    with world.inside():
        assert world.count(Attachment) == 0


def test_R11_a_row_has_its_file_and_its_name_is_only_shown(world, tmp_path):
    world.ticket()
    sent = (io.BytesIO(b"hello"), "../../etc/pass\u202ewd.txt")
    assert Seat(world, "Gus").post("/tickets/ACME-1/notes", body="x", files=sent).status_code == 303
    with world.inside():
        row = world.one(Attachment)
        assert storage.path_of(row.storage_key).read_bytes() == b"hello"
        assert (row.size, row.name) == (5, "passwd.txt")
    assert files(tmp_path / "blobs") == [hashlib.sha256(b"hello").hexdigest()]
    assert not list(tmp_path.rglob("passwd*"))
