"""Rows: nothing is ever removed, and every instant has a zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import delete
from sqlalchemy.exc import StatementError

from helpdesk.core.db import db
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.category import Category
from tests.core.deeds import deed
from tests.support.databases import both_databases


def test_nothing_is_ever_removed(world):
    with world.inside():
        db.session.delete(world.one(Category, name_en="Delivery"))
        with pytest.raises(RuntimeError, match="ever removed"):
            db.session.flush()
        db.session.rollback()
    with world.inside():
        assert world.count(Category, name_en="Delivery") == 1


def test_nothing_is_ever_removed_by_a_statement(world):
    with world.inside():
        with pytest.raises(RuntimeError, match="ever removed"):
            db.session.execute(delete(Category))
        assert world.count(Category) == 2


# Instants -----------------------------------------------------------------------------------------------------


@both_databases
def test_an_instant_comes_back_aware_in_utc(world):
    hanoi = datetime(2026, 1, 1, 6, 30, tzinfo=timezone(timedelta(hours=7)))
    with world.inside():
        world.one(Merchant, prefix="ACME").created_at = hanoi
    with world.inside():
        read = world.one(Merchant, prefix="ACME").created_at
    assert read == hanoi
    assert read.tzinfo == UTC
    assert read.hour == 23


@both_databases
def test_an_instant_without_a_zone_is_refused(world):
    def write_naive():
        world.one(Merchant, prefix="ACME").created_at = datetime(2026, 1, 1)

    with pytest.raises(StatementError, match="without a time zone"):
        deed(world, write_naive)
