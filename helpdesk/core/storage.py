"""Files that people send: kept by the hash of what is in them, never under a name from outside."""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import BinaryIO

from helpdesk.config import current_config

CHUNK = 1 << 20


class TooLarge(ValueError):
    """A file exceeds the limit that the caller gave."""


def _folder() -> Path:
    return current_config().data_dir / "blobs"


def path_of(key: str) -> Path:
    """Where a blob lies. `key` is one that `keep` returned; anything else raises ValueError."""
    if len(key) != 64 or not key.isalnum():
        raise ValueError("not a storage key")
    return _folder() / key[:2] / key


def keep(stream: BinaryIO, most_bytes: int) -> tuple[str, int]:
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
