"""The settings of notifications: how long mails wait, who is told of what, and the log of all mails."""

from typing import Any

from flask import Response, abort, redirect, request, url_for

from helpdesk.accounts.roles import agent, manager, viewer
from helpdesk.agents.settings import Clash, settings_page
from helpdesk.core.access import allow
from helpdesk.core.i18n import _
from helpdesk.core.mail_faults import in_words
from helpdesk.core.pages import respond
from helpdesk.core.security import limiter
from helpdesk.notifications.delivery import Delivery
from helpdesk.notifications.delivery_log import LOOKS, STATES, state_label, why_not_sent
from helpdesk.notifications.jobs import send_mails
from helpdesk.notifications.log_form import KINDS, LogForm, WindowForm
from helpdesk.notifications.preference_topic import AUDIENCES, CATALOGUE, CHANNELS
from helpdesk.notifications.preference_views import bp
from helpdesk.notifications.ticket_mails import TicketMails
from helpdesk.organizers.organizer import Organizer

INDEX, TRIES = "notifications.deliveries_index", "120 per hour"
bp.add_app_template_global(why_not_sent)
bp.add_app_template_global(in_words, "mail_answer")
bp.add_app_template_global(state_label, "mail_state_label")
bp.add_app_template_global(LOOKS.get, "mail_state_look")


@bp.get("/settings/notifications")
@allow(manager)
def deliveries_index() -> Response:
    """The log, below what is chosen for everybody."""
    seconds = Organizer.present().mail_window_seconds
    return log_page(WindowForm(data={"mail_window_seconds": seconds, "before": seconds}))


@bp.post("/settings/notifications")
@allow(manager)
def window_update() -> Response:
    """Say how long mails wait for others to go along with."""
    Organizer.lock()
    organizer, form = Organizer.present(), WindowForm.of_request()
    if not form.validate():
        return log_page(form, 422)
    if form.is_stale(organizer.mail_window_seconds):
        return log_page(form, 409, clashes=[clash(form, organizer.mail_window_seconds)])
    organizer.gather_mails_for(form.mail_window_seconds.data, by=viewer())
    return redirect(url_for(INDEX, saved="window"), 303)


@bp.post("/deliveries/<id:delivery_id>/attempts")
@allow(agent)
@limiter.limit(TRIES, key_func=lambda: f"sending-again:{viewer().id}")
def attempts_create(delivery_id: int) -> Response:
    """Try once more to send what failed."""
    delivery = Delivery.seen_by(viewer(), delivery_id) or abort(404)
    delivery.retry(by=viewer())
    send_mails.later()
    if request.form.get("from") == "log":
        return redirect(url_for(INDEX, saved="retried", _anchor="log"), 303)
    ticket, to = delivery.ticket, url_for("desk.ticket_show", number=delivery.ticket.number)
    mails = TicketMails.of(ticket.id)
    return respond(to, "notifications/mails_changed.stream.html", ticket=ticket, mails=mails)


def log_page(window: WindowForm, code: int = 200, **local: Any) -> Response:
    """The page; what is asked of the log and cannot be answered finds nothing and is said at its field."""
    form, after = LogForm.of_address(request.args), request.args.get("after", "")
    is_right = form.validate()
    deliveries, last = form.log(viewer()).page(after) if is_right else ([], None)
    return settings_page(
        "settings/notifications.html", section="notifications", code=code if is_right else 400, window=window,
        form=form, deliveries=deliveries, channels=CHANNELS, audiences=AUDIENCES, topics=CATALOGUE, states=STATES,
        kinds=KINDS,
        first_url=url_for(INDEX, **form.chosen, _anchor="log") if after else None,
        next_url=last and url_for(INDEX, **form.chosen, after=last, _anchor="log"), **({"clashes": []} | local),
    )  # fmt: skip


def clash(form: WindowForm, present: int) -> Clash:
    """What was typed, and what somebody else saved meanwhile."""
    form.form_errors.append(
        _("Somebody changed this meanwhile. Compare, and save again if yours should stand.")
    )
    return Clash(_("Seconds that mails wait"), str(form.mail_window_seconds.data), str(present))
