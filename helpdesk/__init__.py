"""The helpdesk. `create_app` is its table of contents."""

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from helpdesk.config import Config

ROOMS = ("organizers", "accounts", "agents", "sla", "tickets", "escalations", "assignment", "notifications")
ROOMS += ("desk", "portal", "reports", "office", "demo")  # lower floors first


def create_app(config: "Config | None" = None) -> "Flask":
    """The application with everything declared; raises `access.Undeclared` if a route says nothing about access.

    Its parts are imported here: the launcher, which makes no application, starts without them.
    """
    from helpdesk.config import ROOT, Config
    from helpdesk.core import access, broker, db, errors, health, i18n, live, logs, pages, security

    config = config or Config.from_env()
    app = db.TransactionalFlask(
        __name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static")
    )
    app.config["HELPDESK"] = config
    app.jinja_environment = pages.Environment

    logs.init_app(app)
    security.init_app(app, config)
    db.init_app(app, config.database_url)
    broker.init_app(app, config.redis_url)
    i18n.init_app(app)
    pages.init_app(app)
    errors.init_app(app)
    live.init_app(app)
    rooms(app, config)
    access.init_app(app)
    health.init_app(app)
    access.refuse_undeclared(app)
    return app


def rooms(app: "Flask", config: "Config") -> None:
    """Register each room's views, and what it does by itself."""
    from helpdesk import cli
    from helpdesk.accounts import roles

    roles.init_app(app)
    cli.init_app(app)
    for room in ROOMS:
        if room != "demo" or config.demo:
            for kind in ("subscribers", "jobs", "views"):
                if find_spec(f"helpdesk.{room}.{kind}"):
                    part = import_module(f"helpdesk.{room}.{kind}")
                    if kind == "views":
                        app.register_blueprint(part.bp)
