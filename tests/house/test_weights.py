"""Law: what a page makes a browser fetch weighs little (ux 2, 44).

The desk's first load, the queue: scripts ≤ 60 KB and styles ≤ 20 KB, gzipped; its other pages a little more style,
once. Each file is weighed alone, as it is sent: they are not joined.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.inspect import ROOT
from tests.support.world import World

KB = 1024
FIRST = {"js": 60 * KB, "css": 20 * KB}
LATER = {"js": 60 * KB, "css": 25 * KB}
ASSET = re.compile(r'(?:src|href)="[^"]*/static/([^"?]+\.(js|css))[^"]*"')


def weights(client: FlaskClient, path: str) -> dict[str, int]:
    """Bytes on the wire by kind; each file once."""
    files = dict(ASSET.findall(client.get(path, follow_redirects=True).text))
    assert files, f"{path} names no file"
    heavy = {"js": 0, "css": 0}
    for name, kind in files.items():
        heavy[kind] += len(gzip.compress((ROOT / "static" / name).read_bytes(), 9))
    return heavy


def too_heavy(found: dict[str, int], most: dict[str, int]) -> Iterator[str]:
    yield from (f"{kind}: {found[kind]} of {most[kind]} bytes" for kind in most if found[kind] > most[kind])


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """With the cast, unlike the other inspections' one."""
    return make_app()


@pytest.mark.parametrize(
    "path", ["/queue", "/tickets/ACME-1", "/settings", "/performance", "/search?q=order"]
)
def test_ux_44_a_page_of_the_desk_is_light(path: str, world: World) -> None:
    world.ticket()
    found = weights(world.sign_in("Mai"), path)
    assert found["js"] > 20 * KB, "htmx alone weighs more: nothing was found"
    assert list(too_heavy(found, FIRST if path == "/queue" else LATER)) == []


def test_the_law_sees_what_is_too_heavy() -> None:
    assert list(too_heavy({"js": 3, "css": 1}, {"js": 2, "css": 1})) == ["js: 3 of 2 bytes"]
