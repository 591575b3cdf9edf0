"""The helpdesk. `create_app` is its table of contents."""

from flask import Flask

from helpdesk.config import ROOT, Config
from helpdesk.core import access, broker, db, errors, health, i18n, live, logs, pages, security
from helpdesk.core.db import TransactionalFlask


def create_app(config: Config | None = None) -> Flask:
    """The application with everything declared; raises `access.Undeclared` if a route says nothing about access."""
    config = config or Config.from_env()
    app = TransactionalFlask(
        __name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static")
    )
    app.config["HELPDESK"] = config

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


def rooms(app: Flask, config: Config) -> None:
    """Register each room's views, subscribers and jobs."""
    from helpdesk import cli
    from helpdesk.accounts import roles
    from helpdesk.accounts import views as accounts
    from helpdesk.agents import views as agents
    from helpdesk.assignment import jobs as _assigning  # noqa: F401 - imported to be registered
    from helpdesk.assignment import subscribers as _assignment  # noqa: F401
    from helpdesk.demo import views as demo
    from helpdesk.desk import subscribers as _desk  # noqa: F401
    from helpdesk.desk import views as desk
    from helpdesk.escalations import jobs as _climbing  # noqa: F401
    from helpdesk.escalations import subscribers as _escalating  # noqa: F401
    from helpdesk.escalations import views as escalations
    from helpdesk.notifications import jobs as _sending  # noqa: F401
    from helpdesk.notifications import subscribers as _telling  # noqa: F401
    from helpdesk.notifications import views as notifications
    from helpdesk.organizers import jobs as _tenants  # noqa: F401
    from helpdesk.portal import subscribers as _portal  # noqa: F401
    from helpdesk.portal import views as portal
    from helpdesk.reports import views as reports
    from helpdesk.sla import jobs as _monitor  # noqa: F401
    from helpdesk.tickets import jobs as _closing  # noqa: F401
    from helpdesk.tickets import views as tickets

    roles.init_app(app)
    cli.init_app(app)
    for room in (accounts, agents, tickets, escalations, notifications, desk, portal, reports):
        app.register_blueprint(room.bp)
    if config.demo:
        app.register_blueprint(demo.bp)
