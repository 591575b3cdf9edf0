"""Tests that prove their rule on SQLite and on PostgreSQL in one run.

`@both_databases` repeats a test with its `app`, `client` and `world` on each; `any_world` is the cast on each.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.support.world import World

KINDS = ["sqlite", pytest.param("postgresql", marks=[pytest.mark.pg, pytest.mark.xdist_group("pg")])]

both_databases = pytest.mark.parametrize("database_kind", KINDS)
on_sqlite = pytest.mark.parametrize("database_kind", KINDS[:1])  # where one lock is for all
on_postgresql = pytest.mark.parametrize("database_kind", KINDS[1:])  # where rows are locked one by one


@pytest.fixture(params=KINDS)
def any_world(
    request: pytest.FixtureRequest, copied_cast: Callable[[str], str], make_app_on: Callable[[str], Flask]
) -> World:
    """The cast of this test, on SQLite and on PostgreSQL."""
    return World(make_app_on(copied_cast(request.param)))


@pytest.fixture(scope="session")
def postgres_cast_url(cast_urls: Callable[[str], str]) -> str:
    """The cast on PostgreSQL, to copy."""
    return cast_urls("postgresql")
