"""Files that people send: kept by the hash of what is in them, never under a name from outside."""

import hashlib
import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import IO

from flask import Response, abort, send_file

from helpdesk.config import current_config
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.security import loosen

log = logging.getLogger(__name__)

CHUNK = 1 << 20
DAY = 24 * 3600
PART_SECONDS = DAY  # no upload takes longer
BLOB_SECONDS = 2 * DAY  # a file that was received has found its message by then, or never will
ASIDE = ".aside"


class TooLarge(ValueError):
    """A file exceeds the limit that the caller gave."""


def _folder() -> Path:
    return current_config().data_dir / "blobs"


def path_of(key: str) -> Path:
    """Where a blob lies. `key` is one that `keep` returned; anything else raises ValueError."""
    if len(key) != 64 or not key.isalnum():
        raise ValueError("not a storage key")
    return _folder() / key[:2] / key


def keep(stream: IO[bytes], most_bytes: int) -> tuple[str, int]:
    """Store what the stream holds. Returns (key, size in bytes); raises `TooLarge`.

    The file is complete and on the disk before its row can be committed; the same content is kept once.
    """
    _folder().mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=_folder(), prefix="incoming-", delete=False) as part:
        try:
            while chunk := stream.read(CHUNK):
                size += len(chunk)
                if size > most_bytes:
                    raise TooLarge
                digest.update(chunk)
                part.write(chunk)
            part.flush()
            os.fsync(part.fileno())
        except BaseException:
            Path(part.name).unlink()
            raise
    target = path_of(digest.hexdigest())
    target.parent.mkdir(exist_ok=True)
    os.replace(part.name, target)
    return digest.hexdigest(), size


def size_of(stream: IO[bytes]) -> int:
    """How many bytes a received file has, without reading them. It is at its beginning afterwards."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    return size


def exists(key: str) -> bool:
    """Whether a blob is on the disk."""
    return path_of(key).is_file()


def touch(key: str) -> bool:
    """Say that a blob is wanted: the clean-up leaves it for two days more. False when it is gone."""
    now = clock.now().timestamp()
    try:
        os.utime(path_of(key), (now, now))
    except FileNotFoundError:
        return False
    return True


def sent(key: str, name: str, content_type: str, *, inline: bool) -> Response:
    """A blob as an answer, in a box where nothing in it can run; no browser and no proxy keeps it.

    `name` is for people and comes without controls. A blob that is missing is 404, and somebody is told.
    """
    if not exists(key):
        log.error("a file is missing on the disk", extra={"key": key})
        abort(404)
    loosen(default_src="'none'", sandbox="")
    db.session.remove()  # the file may be large: give the connection back first
    answer = send_file(
        path_of(key),
        mimetype=content_type,
        as_attachment=not inline,
        download_name=name,
        max_age=0,
        etag=False,
    )
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


# Clean-up ----------------------------------------------------------------------------------------------------


def clear_away(used_among: Callable[[list[str]], set[str]]) -> int:
    """Remove blobs that no row refers to and nobody can refer to any more, and parts of uploads that broke off.

    `used_among` answers which of some keys are referred to. Returns how many blobs went.
    """
    gone, old = 0, _old_keys()
    while keys := list(islice(old, 500)):
        used = used_among(keys)
        gone += sum(_remove(key, used_among) for key in keys if key not in used)
    for part in _folder().glob("incoming-*"):
        if _age(part) > PART_SECONDS:
            part.unlink(missing_ok=True)
    return gone


def _old_keys() -> Iterator[str]:
    for path in _folder().glob("??/*"):
        if path.suffix == ASIDE:
            _put_back(path)  # a clean-up was interrupted
        elif _age(path) > BLOB_SECONDS:
            yield path.name


def _age(path: Path) -> float:
    """Seconds since it was written; of one that is gone, none."""
    try:
        return clock.now().timestamp() - path.stat().st_mtime
    except FileNotFoundError:
        return 0


def _remove(key: str, used_among: Callable[[list[str]], set[str]]) -> bool:
    """Put it aside, look once more, and only then remove it: the same content may have come in meanwhile."""
    path = path_of(key)
    aside = path.with_suffix(ASIDE)
    try:
        os.rename(path, aside)
    except FileNotFoundError:
        return False
    if _age(aside) > BLOB_SECONDS and not used_among([key]):
        aside.unlink(missing_ok=True)
        return True
    _put_back(aside)
    return False


def _put_back(aside: Path) -> None:
    """Under its key again, unless the same content lies there already, which is younger."""
    with suppress(FileExistsError, FileNotFoundError):
        os.link(aside, aside.with_suffix(""))
    aside.unlink(missing_ok=True)
