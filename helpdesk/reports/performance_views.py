"""How agents do: one's own figures for everybody, all agents' for managers, as pages and as files."""

from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for

from helpdesk.accounts.roles import agent, viewer
from helpdesk.accounts.user import User
from helpdesk.core.access import allow
from helpdesk.core.pages import page
from helpdesk.reports.chart import Chart
from helpdesk.reports.figure import FIGURES, WALL
from helpdesk.reports.performance import Performance
from helpdesk.reports.scope import DAYS, Scope
from helpdesk.reports.sheet import Sheet

bp = Blueprint("reports", __name__)


@bp.get("/performance")
@allow(agent)
def performance_index() -> Response:
    """All agents, for managers; everybody else is shown to his own."""
    if not viewer().is_at_least("manager"):
        return redirect(url_for("reports.performance_show", user_id=viewer().id, **asked().args()), 302)
    return shown("reports/team.html", team(asked()))


@bp.get("/performance.csv")
@allow(agent)
def performance_export() -> Response:
    """The same as a file."""
    if not viewer().is_at_least("manager"):
        return redirect(url_for("reports.agent_export", user_id=viewer().id, **asked().args()), 302)
    scope = asked()
    return file(Sheet.of_agents(team(scope)), scope)


@bp.get("/performance/<id:user_id>")
@allow(agent)
def performance_show(user_id: int) -> Response:
    """One agent."""
    scope = asked()
    person = one(scope, user_id)
    return shown("reports/agent.html", alone(person, scope), person=person)


@bp.get("/performance/<id:user_id>.csv")
@allow(agent)
def agent_export(user_id: int) -> Response:
    """One agent as a file, day by day."""
    scope = asked()
    return file(Sheet.of_days(alone(one(scope, user_id), scope)), scope)


def asked() -> Scope:
    """The scope of the address; there is no page of what is not there."""
    try:
        return Scope.asked(viewer(), request.args)
    except LookupError:
        abort(404)


def one(scope: Scope, user_id: int) -> User:
    """An agent whom the viewer may know of."""
    try:
        return scope.agent(user_id)
    except LookupError:
        abort(404)


def team(scope: Scope) -> Performance:
    """All agents in the scope."""
    return Performance.of(scope.agents(), scope, scope.today(viewer()))


def alone(person: User, scope: Scope) -> Performance:
    """One agent, by his own calendar."""
    return Performance.of([person], scope, scope.today(person))


def shown(template: str, performance: Performance, **more: Any) -> Response:
    """A page of figures."""
    return page(
        template, performance=performance, scope=performance.scope, figures=FIGURES, walls=WALL, periods=DAYS,
        charts=[Chart.of(figure, performance.stretches) for figure in FIGURES],
        here=request.path, **more,
    )  # fmt: skip


def file(sheet: Sheet, scope: Scope) -> Response:
    """A file to keep."""
    name = f"performance-{scope.today(viewer()).isoformat()}-{scope.days}-days.csv"
    answer = Response(sheet.text.encode(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
