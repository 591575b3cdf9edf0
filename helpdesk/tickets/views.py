"""The deeds of the ticket page, gathered. The page itself is the desk's, which may know more rooms."""

# ruff: noqa: F401 - imported to be registered: views with the blueprint, nouns with the mapper
from datetime import datetime

from helpdesk.agents import group, skill
from helpdesk.core.i18n import _, instant, language
from helpdesk.tickets import (
    attachment_views,
    attention_views,
    canned_views,
    category_views,
    classifying_views,
    closing_views,
    deletion_views,
    draft,
    draft_views,
    holding_views,
    link_views,
    macro_setting_views,
    macro_views,
    merging_views,
    message_views,
    policy_views,
    property_views,
    raising_views,
    reading_mark,
    request_setting_views,
    staffing_views,
    tag_views,
    ticket_relation,
    upload_views,
)
from helpdesk.tickets.deed_views import bp
from helpdesk.tickets.lifecycle import (
    CLOCK_LABELS,
    CUSTOMER_LABELS,
    PRIORITY_LABELS,
    STATUS_LABELS,
    Priority,
    Status,
)

__all__ = ["bp"]


@bp.app_template_global()
def status_label(status: str) -> str:
    """A status in the agents' words."""
    return str(STATUS_LABELS[Status(status)])


@bp.app_template_global()
def customer_status_label(status: str) -> str:
    """A status in words that say to the customer who must act."""
    return str(CUSTOMER_LABELS[Status(status)])


@bp.app_template_global()
def priority_label(priority: str) -> str:
    """A priority in words."""
    return str(PRIORITY_LABELS[Priority(priority)])


@bp.app_template_global()
def clock_label(kind: str) -> str:
    """A kind of clock in words."""
    return str(CLOCK_LABELS[kind])


@bp.app_template_global()
def instant_words(said: str | None) -> str:
    """An instant of an event's data in words, with its zone; for none, that there is none."""
    return instant(datetime.fromisoformat(said), language()) if said else _("none")
