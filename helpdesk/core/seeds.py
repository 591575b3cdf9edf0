"""Shipped defaults: what every organizer can use without any set-up. Each room registers its own."""

from collections.abc import Callable

from sqlalchemy import text

from helpdesk.core.db import db, transaction
from helpdesk.core.tenancy import across_organizers

LOCK = 7_203_118  # any number that nobody else uses

_seeders: list[Callable[[], None]] = []


def shipped(function: Callable[[], None]) -> Callable[[], None]:
    """Register a function that makes sure that a room's shipped rows are there. Twice changes nothing."""
    _seeders.append(function)
    return function


def seed_shipped() -> None:
    """Run all of them in one transaction. Two processes at once: the second waits, and finds everything done."""
    with across_organizers(), transaction():
        if db.session.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time anyway
            db.session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        for seeder in _seeders:
            seeder()
