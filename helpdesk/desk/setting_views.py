"""The search over the settings."""

from flask import Response, request

from helpdesk.accounts.roles import agent, viewer
from helpdesk.agents.settings import settings_page, settings_sections
from helpdesk.core.access import allow
from helpdesk.core.forms import one_line
from helpdesk.desk.frame_views import bp
from helpdesk.desk.setting_hit import SettingHit, said_by

LONGEST = 100


@bp.get("/settings/search")
@allow(agent)
def settings_index() -> Response:
    """Sections and things whose names hold the words, whatever their marks, in either language."""
    words, sections = one_line(request.args.get("q", ""))[:LONGEST], settings_sections(viewer().role)
    return settings_page(
        "settings/search.html", section="", words=words,
        sections=[one for one in sections if said_by(words, (one.label, one.purpose))],
        hits=SettingHit.named(words, viewer(), (one.key for one in sections)),
        labels={one.key: one for one in sections},
    )  # fmt: skip
