"""The health page: what is amiss, the worst first, and what to do about it."""

from flask import Response

from helpdesk.accounts.roles import manager
from helpdesk.agents.settings import settings_page
from helpdesk.core.access import allow
from helpdesk.office.audit_views import bp
from helpdesk.office.desk_health import DeskHealth
from helpdesk.office.finding import GRADES
from helpdesk.office.machine_health import MachineHealth


@bp.get("/settings/health")
@allow(manager)
def health_show() -> Response:
    """Whether everything works."""
    found = [*MachineHealth.now().findings(), *DeskHealth.now().findings()]
    findings = sorted(found, key=lambda one: GRADES.index(one.grade))
    counts = {grade: sum(one.grade == grade for one in findings) for grade in GRADES}
    return settings_page("settings/health.html", section="health", findings=findings, counts=counts)
