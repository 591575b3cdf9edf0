"""Law: what a page makes a browser fetch weighs little (ux 2, 44).

A page of the desk: scripts ≤ 60 KB and styles ≤ 20 KB, gzipped, each file as it is sent.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.world import World

KB = 1024
MOST = {"js": 60 * KB, "css": 20 * KB}
ASSET = re.compile(r'(?:src|href)="(/[^"?]+\.(js|css)[^"]*)"')


def weights(client: FlaskClient, path: str) -> dict[str, int]:
    """Bytes on the wire by kind; each file once."""
    files = dict(ASSET.findall(client.get(path, follow_redirects=True).text))
    assert files, f"{path} names no file"
    heavy = {"js": 0, "css": 0}
    for name, kind in files.items():
        with client.get(name) as answer:
            heavy[kind] += len(gzip.compress(answer.data, 9))
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
    assert list(too_heavy(found, MOST)) == []


def test_the_law_sees_what_is_too_heavy() -> None:
    assert list(too_heavy({"js": 3, "css": 1}, {"js": 2, "css": 1})) == ["js: 3 of 2 bytes"]
