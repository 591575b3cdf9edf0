"""Browsers for the journeys, and the product on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from helpdesk.tickets.lifecycle import Status
from tests.journeys.test_live_desk import seated
from tests.support.live_server import LiveServer, serving
from tests.support.postgres import Postgres
from tests.support.process import HelpdeskProcess
from tests.support.seat import ticket_in
from tests.support.servers import Mailbox, chromium
from tests.support.world import World

# What is expected of a page is waited for: how long it takes on a busy machine says nothing. Milliseconds.
expect.set_options(timeout=30_000)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip


@pytest.fixture
def browser() -> Iterator[Browser]:
    """Headless Chromium; each person in a journey has a context of his own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def app(make_app: Callable[..., Flask], redis_url: str) -> Flask:
    """The application of a journey that needs no workers, with Redis."""
    return make_app(redis_url=redis_url)


@pytest.fixture
def server(app: Flask, world: World) -> Iterator[LiveServer]:
    """Its web server."""
    with serving(app, world) as server:
        yield server


@pytest.fixture
def ticket(world: World, app: Flask) -> int:
    """ACME-1, which Gus works on."""
    made = ticket_in(world, Status.IN_PROGRESS)
    world.run_reactions()
    return made


@pytest.fixture
def gus(browser: Browser, server: LiveServer) -> BrowserContext:
    """His browser."""
    return seated(browser, server, "Gus")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.pg)])
def product(
    request: pytest.FixtureRequest, helpdesk_process: Callable[..., HelpdeskProcess]
) -> Iterator[HelpdeskProcess]:
    """The whole product, running, on one database and then on the other."""
    if request.param == "sqlite":
        yield helpdesk_process(HELPDESK_SLA_TICK_SECONDS="1")
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    url = postgres.create_database()
    product = helpdesk_process(HELPDESK_SLA_TICK_SECONDS="1", HELPDESK_DATABASE_URL=url)
    product.database_url = url
    yield product
    product.stop()
    postgres.drop_database(url)


@pytest.fixture
def mail(product: HelpdeskProcess) -> Mailbox:
    """What the product sent."""
    return Mailbox(product.mail_dir)
