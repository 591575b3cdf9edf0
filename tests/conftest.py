"""What every test may ask for."""

import gc

import pytest
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


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What must stay on one worker begins first, so that the others have the rest meanwhile.

    Two browsers at once on two cores wait for each other; a run in which they were not kept apart proves nothing.
    """
    if not getattr(config.option, "loadgroup", False):
        return
    grouped = [item for item in items if item.get_closest_marker("xdist_group")]
    if any("@" not in item.nodeid for item in grouped):
        raise pytest.UsageError("xdist does not keep the tests of a group on one worker")
    items.sort(key=lambda item: not item.get_closest_marker("xdist_group"))
