"""What every test may ask for."""

import gc

from hypothesis import settings

pytest_plugins = ["tests.support.servers", "tests.support.rooms"]

# How long an example takes says nothing on a busy machine.
settings.register_profile("helpdesk", deadline=None)
settings.load_profile("helpdesk")


def pytest_collection_finish() -> None:
    """What is imported stays: the collector need not walk through it again, nor after each seven hundred objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
