"""The history of the settings: who changed what, when, and what it was before."""

from flask import Blueprint, Response, request, url_for

from helpdesk.accounts.roles import manager, viewer
from helpdesk.agents.history import KINDS, History
from helpdesk.agents.settings import settings_page
from helpdesk.core import clock
from helpdesk.core.access import allow
from helpdesk.core.i18n import _
from helpdesk.core.pages import actor_name, sentence
from helpdesk.core.spreadsheet import as_csv
from helpdesk.office.alteration import Alteration, Names
from helpdesk.office.forms import asked_history
from helpdesk.office.whereabouts import Whereabouts

bp = Blueprint("office", __name__)
MOST_LINES = 10_000  # of a file


@bp.get("/settings/audit")
@allow(manager)
def audit_index() -> Response:
    """Everything that was changed, newest first."""
    history = asked()
    before = request.args.get("before", "")
    events, last = history.page(
        int(before) if before.isascii() and before.isdecimal() and len(before) < 18 else None
    )
    names, places = Names.about(events), Whereabouts.of(events)
    return settings_page(
        "settings/audit.html", section="audit", history=history, people=History.people(),
        kinds={key: kind.label for key, kind in KINDS.items()},
        lines=[(event, Alteration.all_of(event, names), places.url(event)) for event in events],
        first_url=url_for("office.audit_index", **history.asked) if before else None,
        next_url=last and url_for("office.audit_index", **history.asked, before=last),
        file_url=url_for("office.audit_file", **history.asked),
    )  # fmt: skip


@bp.get("/settings/audit.csv")
@allow(manager)
def audit_file() -> Response:
    """The same as a file for a spreadsheet, a line for each field that changed."""
    answer = Response(as_csv(headings(), lines(asked())).encode(), content_type="text/csv; charset=utf-8")
    name = f"settings-{clock.now():%Y-%m-%d}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def asked() -> History:
    """What the address asks for; days are those of who looks."""
    return asked_history(request.args.to_dict(), viewer().time_zone)


def headings() -> list[str]:
    """Of the file."""
    return [_("When (UTC)"), _("Who"), _("What"), _("Field"), _("Before"), _("After")]


def lines(history: History) -> list[list[str]]:
    """Of the file."""
    events = history.all(MOST_LINES)
    names, rows = Names.about(events), []
    for event in events:
        said = [f"{event.created_at:%Y-%m-%d %H:%M:%S}", actor_name(event.actor), sentence(event)]
        changes = [[one.label, one.old, one.new] for one in Alteration.all_of(event, names)]
        rows += [said + change for change in changes or [["", "", ""]]]
    return rows
