"""Blobs that no row refers to go after two days; none goes that somebody may still want (R11)."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from helpdesk.core import clock, storage
from helpdesk.core.jobs import _periodic
from helpdesk.tickets.attachment import Attachment
from helpdesk.tickets.jobs import clear_blobs
from helpdesk.tickets.upload import Upload
from tests.support.databases import any_world  # noqa: F401 - a fixture
from tests.support.seat import at_work
from tests.tickets.files import picture, received

DAY = 24 * 3600


@pytest.fixture
def blobs(app, tmp_path):
    with app.app_context():
        yield tmp_path / "blobs"


def keep(content: bytes) -> str:
    return storage.keep(io.BytesIO(content), 1000)[0]


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def nobody(keys: list[str]) -> set[str]:
    """No row refers to anything."""
    return set()


def only(key: str) -> Callable[[list[str]], set[str]]:
    return lambda keys: {key} & set(keys)


def test_R11_only_what_is_old_and_unused_goes(blobs):
    used, unused = keep(b"used"), keep(b"unused")
    assert storage.clear_away(nobody) == 0, "a form may still bring them"
    clock.travel(2 * DAY + 60)
    young = keep(b"young")
    storage.touch(young)
    assert storage.clear_away(only(used)) == 1
    assert files(blobs) == {used, young}
    assert unused not in files(blobs)


def test_R11_what_was_wanted_again_stays(blobs):
    key = keep(b"words")
    clock.travel(DAY)
    assert storage.touch(key)
    clock.travel(DAY + 60)
    assert storage.clear_away(nobody) == 0
    clock.travel(DAY)
    assert storage.clear_away(nobody) == 1
    assert not storage.touch(key)


def test_R11_parts_of_uploads_that_broke_off_go_after_a_day(blobs):
    keep(b"words")
    part = blobs / "incoming-broken"
    part.write_bytes(b"half")
    storage.clear_away(nobody)
    assert part.exists(), "it may be coming in just now"
    clock.travel(DAY + 60)
    storage.clear_away(nobody)
    assert not part.exists()


def test_R11_the_same_content_that_comes_in_meanwhile_stays(blobs):
    """Between the first look and the removal: both at the moment of the first and of the second question."""
    for moment in (1, 2):
        key, asked = keep(b"words"), []
        clock.travel(2 * DAY + 60)

        def comes_in(keys: list[str], key=key, asked=asked, moment=moment) -> set[str]:
            asked.append(keys)
            if len(asked) == moment:
                keep(b"words")
                storage.touch(key)
            return set()

        storage.clear_away(comes_in)
        assert storage.path_of(key).read_bytes() == b"words"
        assert files(blobs) == {key}, "nothing is left aside"


def test_R11_a_row_that_comes_meanwhile_keeps_its_file(blobs):
    key, asked = keep(b"words"), []
    clock.travel(2 * DAY + 60)

    def has_a_row_by_now(keys: list[str]) -> set[str]:
        asked.append(keys)
        return {key} if len(asked) > 1 else set()

    assert storage.clear_away(has_a_row_by_now) == 0
    assert storage.path_of(key).read_bytes() == b"words"


def test_R11_who_wants_it_while_it_is_aside_is_told_that_it_is_gone(blobs):
    """So that no row is made for it: the touch fails, or the clean-up sees it."""
    key, said = keep(b"words"), []
    clock.travel(2 * DAY + 60)

    def wants(keys: list[str]) -> set[str]:
        said.append(storage.touch(key))
        return set()

    storage.clear_away(wants)
    assert said[0] is True, "before it is put aside: the second look finds it young"
    assert storage.exists(key)
    clock.travel(2 * DAY + 60)
    said.clear()

    def wants_late(keys: list[str]) -> set[str]:
        said.append(storage.exists(key) and len(said) == 1 and storage.touch(key))
        return set()

    storage.clear_away(wants_late)
    assert said == [False, False]
    assert not storage.exists(key)


def test_R11_what_an_interrupted_clean_up_put_aside_comes_back(blobs):
    key = keep(b"words")
    path = storage.path_of(key)
    os.rename(path, path.with_suffix(".aside"))
    storage.clear_away(nobody)
    assert path.read_bytes() == b"words"
    path.with_suffix(".aside").write_bytes(b"words")
    storage.clear_away(nobody)
    assert files(blobs) == {key}


def test_R11_a_house_without_files_is_clean(blobs):
    assert storage.clear_away(nobody) == 0


# With rows, of every organizer -------------------------------------------------------------------------------


def test_R11_files_and_thumbnails_on_messages_of_all_organizers_stay(any_world, tmp_path):  # noqa: F811
    world = any_world
    kept: list[Upload] = []
    for slug, name, number in (("acme", "Gus", 1), ("globex", "Gil", 2)):
        ticket = world.ticket(by={"acme": "Bea", "globex": "Cyd"}[slug])
        with at_work(world, ticket, name, slug) as (row, user):
            kept.append(received("a.png", picture(size=(number, number))))
            row.note("Look.", by=user, files=kept[-1:])
            lost = received("b.png", picture(size=(9, number)))
    clock.travel(2 * DAY + 60)
    with world.inside("globex"):
        clear_blobs()
        assert storage.exists(lost.key), "it is the first organizer's turn that does it"
    with world.inside("acme"):
        clear_blobs()
        assert not storage.exists(lost.key)
        assert world.count(Attachment) == 1
    with world.inside("acme"):
        wanted = {key for upload in kept for key in (upload.key, upload.thumbnail_key)}
    assert files(tmp_path / "blobs") == wanted


def test_R11_the_clean_up_is_on_the_list_of_periodic_work():
    assert _periodic["helpdesk.tickets.jobs.clear_blobs"].seconds == 3600
