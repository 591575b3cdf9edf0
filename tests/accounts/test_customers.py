"""TKT-003: a customer is found by his name, however long and in whatever script, and since whenever he is there."""

from __future__ import annotations

from flask_migrate import downgrade, upgrade
from sqlalchemy import select

from helpdesk.accounts.customer import Customer
from helpdesk.core.db import db
from tests.support.databases import both_databases
from tests.support.inspect import ROOT

EXPANDING = "\U0001d164"  # one letter that is three when it is taken apart
NAMES = ["Đặng Quốc Ấn", "김민준", EXPANDING * 200, "x" * 200, ""]


def add(world) -> None:
    with world.inside():
        merchant = world.customer("Bea").merchant
        for number, name in enumerate(NAMES):
            address = f"{number}{'a' * 60}@mail.example"
            Customer.find_or_create(merchant, email=address, name=name, language="vi")


def kept(world) -> dict[str, str]:
    with world.inside():
        return {row.name: row.search_text for row in db.session.scalars(select(Customer))}


def found(world, words: str) -> list[str]:
    with world.inside():
        return [row.name for row in Customer.matching(world.customer("Bea").merchant, words)]


@both_databases
def test_TKT_003_a_customer_is_found_by_a_long_or_a_foreign_name(world):
    add(world)
    assert kept(world)[EXPANDING * 200].startswith("\U0001d158")
    assert max(map(len, kept(world).values())) == 500
    assert [found(world, words) for words in ("김", "an dang", EXPANDING)] == [
        ["김민준"], ["Đặng Quốc Ấn"], [EXPANDING * 200],
    ]  # fmt: skip


@both_databases
def test_TKT_003_customers_that_were_there_before_are_found_as_if_they_were_new(world):
    add(world)
    before = kept(world)
    with world.app.app_context():
        db.engine.dispose()
        downgrade(str(ROOT / "migrations"), "0001")
        upgrade(str(ROOT / "migrations"))
    assert kept(world) == before
    assert len(before) == len(NAMES) + 1
