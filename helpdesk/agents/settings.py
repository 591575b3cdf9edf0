"""The settings: their frame with its list of sections, and what all of their pages share.

A page of a later section, of whatever room, extends `layouts/settings.html`, says which `section` it is, and stands
in `SECTIONS`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request, url_for

from helpdesk.accounts.roles import agent
from helpdesk.agents.agent import Agent
from helpdesk.agents.history import History
from helpdesk.core.access import allow
from helpdesk.core.clash import Clash, clashes, is_stale  # noqa: F401 - every editor has them from here
from helpdesk.core.errors import NotAllowed, Refusal
from helpdesk.core.i18n import _, lazy
from helpdesk.core.pages import page

bp = Blueprint("agents", __name__)


@dataclass(frozen=True)
class Section:
    """A page of the settings: what it is for, and from which role on it opens."""

    key: str
    label: Any
    purpose: Any
    picture: str
    role: str


SECTIONS = (
    Section(
        "merchants", lazy("Stores and forms"), lazy("Your stores, and the forms by which their customers write."),
        "store", "manager",
    ),
    Section(
        "agents", lazy("Agents"), lazy("Who can be given work, who is on now, and how loaded."), "user-check",
        "manager",
    ),
    Section("groups", lazy("Teams"), lazy("Who shares a kind of work, and who leads them."), "users", "manager"),
    Section("skills", lazy("Skills"), lazy("What a request may need, and an agent may have."), "star", "manager"),
    Section(
        "categories", lazy("Categories"), lazy("What requests are about, and what follows from it."), "list", "manager"
    ),
    Section(
        "requests", lazy("Requests"),
        lazy("How large files may be, when requests close, and what is answered at once."), "inbox", "manager",
    ),
    Section("tags", lazy("Tags"), lazy("Free words that agents put on tickets."), "tag", "manager"),
    Section(
        "calendars", lazy("Calendars"), lazy("When you work: opening hours, public holidays, days off."), "calendar",
        "manager",
    ),
    Section(
        "policies", lazy("SLA policies"), lazy("How soon tickets are answered and solved, and what counts."), "timer",
        "manager",
    ),
    Section(
        "ladder", lazy("Escalation ladder"), lazy("Who hears of what takes too long, and when."), "megaphone",
        "manager",
    ),
    Section(
        "rules", lazy("Assignment rules"), lazy("Who gets which tickets, and how one of them is chosen."), "user-check",
        "manager",
    ),
    Section(
        "templates", lazy("Mails"), lazy("What mails say, and under whose name they go out."), "mail", "manager",
    ),
    Section(
        "notifications", lazy("Notifications"), lazy("Who is told of what, how long mails wait, what became of each."),
        "bell", "manager",
    ),
    Section(
        "canned", lazy("Canned replies"), lazy("Texts that are put into a reply with two keys."), "message-square",
        "agent",
    ),
    Section(
        "macros", lazy("Macros"), lazy("Several steps on a ticket under one name, shown before they are done."), "list",
        "agent",
    ),
    Section(
        "users", lazy("Users"), lazy("Who signs in, with which role, and for which stores."), "circle-user", "manager",
    ),
    Section(
        "audit", lazy("History of the settings"), lazy("Who changed which setting, when, and what it was before."),
        "history", "manager",
    ),
    Section(
        "start", lazy("First steps"), lazy("From an empty desk to the first ticket."), "flag", "manager",
    ),
    Section(
        "health", lazy("Health"), lazy("Whether everything works, and what to do where it does not."), "life-buoy",
        "manager",
    ),
)  # fmt: skip


# pages that tell of their changes themselves, or show nothing that can be changed
WITH_HISTORY = {
    f"settings/{name}.html"
    for name in ("calendar", "policy", "ladder", "template", "template_version", "form", "rules_trial")
}


@bp.app_template_global()
def settings_sections(role: str) -> list[Section]:
    """The sections that open to a role."""
    ranks = ("agent", "manager", "admin")
    return [section for section in SECTIONS if ranks.index(role) >= ranks.index(section.role)]


@bp.app_template_global()
def own_profile(user_id: int) -> Agent | None:
    """The profile of who looks, for the switch in the header."""
    return Agent.of(user_id)


@bp.app_template_global()
def availability_label(availability: str, is_on_shift: bool = True) -> str:
    """How available somebody is, in words: who is online and off shift gets no work."""
    words = {"online": _("Online"), "busy": _("Busy"), "away": _("Away"), "offline": _("Offline")}
    if availability == "online" and not is_on_shift:
        return _("Off shift")
    return words.get(availability, availability)


@bp.app_template_global()
def lacking(rows: Iterable[Any], *pairs: str, inner: str = "") -> list[Any]:
    """Those of which a text is there in one language only; `inner` is where a row keeps what has the texts."""

    def halves(row: Any, pair: str) -> tuple[bool, bool]:
        thing = row[0] if inner == "0" else getattr(row, inner) if inner else row
        return bool(getattr(thing, f"{pair}_en")), bool(getattr(thing, f"{pair}_vi"))

    return [row for row in rows if any(len(set(halves(row, pair))) > 1 for pair in pairs)]


@bp.get("/settings")
@allow(agent)
def settings_show() -> Response:
    """Where the settings begin."""
    return settings_page("settings/index.html", section="")


def settings_page(template: str, *, section: str, code: int = 200, **local: Any) -> Response:
    """A page of the settings, with who changed last what it shows."""
    said = next((one for one in SECTIONS if one.key == section), None)
    told = None if template in WITH_HISTORY else History.of_page(section, local)
    answer = page(
        template, section=said, saved=request.args.get("saved", ""), latest_change=told.latest() if told else None,
        audit_url=f"/settings/audit?{urlencode(told.asked)}" if told else "",
        only_untranslated="untranslated" in request.args, is_unsaved=request.method == "POST", **local,
    )  # fmt: skip
    answer.status_code = code
    return answer


def tried(deed: Callable[[], Any], endpoint: str, again: Callable[..., Response]) -> Response:
    """Do it and go back to the list; what the present state does not allow is said on the form's own page."""
    try:
        done = deed()
    except NotAllowed:
        raise
    except Refusal as refusal:
        return again(refusal)
    return redirect(url_for(endpoint, saved=getattr(done, "id", None)), 303)


def refusing(form: Any, show: Callable[[Any, int], Response]) -> Callable[[Refusal], Response]:
    """For `tried`: shows the form's page again, with the sentence that says why not."""

    def again(refusal: Refusal) -> Response:
        form.form_errors = [*form.form_errors, refusal.message]
        return show(form, 409)

    return again
