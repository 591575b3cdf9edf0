"""These tests also ask for the cast on both databases."""

from tests.support.databases import any_world, postgres_cast_url  # noqa: F401
