"""How an organizer's desk is: work that is late or was given up, and what its mails and settings say."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ScalarSelect, func, select

from helpdesk.agents.agent import Agent
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Event, Reaction
from helpdesk.core.i18n import _, ngettext
from helpdesk.office.finding import Finding
from helpdesk.office.machine_health import in_words
from helpdesk.office.mail_health import DAY, MailHealth, count
from helpdesk.office.settings_health import SettingsHealth
from helpdesk.organizers.organizer import Organizer
from helpdesk.sla.clock import Clock
from helpdesk.tickets.ticket import Ticket

SLACK = timedelta(minutes=2)
LATE, MUCH_LATE = 60, 600  # seconds


@dataclass(frozen=True)
class DeskHealth:
    """All that is counted, in one question; the settings ask for the few names that they need."""

    numbers: dict[str, Any]

    @classmethod
    def now(cls) -> "DeskHealth":
        """As it stands."""
        now = clock.now()
        asked = _work(now) | MailHealth.asked(now) | SettingsHealth.asked()
        here = select(Organizer.id, *(one.label(name) for name, one in asked.items()))
        row = db.session.execute(here.where(Organizer.id == Organizer.present().id)).one()
        return cls(dict(row._mapping))

    def findings(self) -> Iterator[Finding]:
        """In no order; of mails and settings only what is amiss."""
        numbers = self.numbers
        yield _late("relay", _("Record of events"), numbers["unsealed_since"])
        yield _late("reactions", _("Consequences of events"), numbers["reaction_since"])
        yield self._given_up()
        yield self._overdue()
        yield from MailHealth(numbers).findings()
        yield from SettingsHealth(numbers).findings()

    def _given_up(self) -> Finding:
        label, n = _("Work that was given up"), self.numbers["given_up"]
        if not n:
            return Finding("given-up", "ok", label, _("none"))
        said = ngettext("%(num)s reaction failed for good", "%(num)s reactions failed for good", n)
        advice = _("The log of the workers says why. Tell whoever runs the helpdesk.")
        return Finding("given-up", "warn", label, said, advice)

    def _overdue(self) -> Finding:
        label, n = _("Sweeps"), sum(self.numbers[name] for name in ("clocks", "closings", "shifts"))
        if not n:
            return Finding("sweeps", "ok", label, _("nothing is late"))
        said = ngettext(
            "%(num)s deadline was not looked at in time", "%(num)s deadlines were not looked at in time", n
        )
        advice = _("See above whether the scheduler and the workers are there.")
        return Finding("sweeps", "bad", label, said, advice)


def _late(key: str, label: str, since: datetime | None) -> Finding:
    age = (clock.now() - since).total_seconds() if since else 0.0
    if age < LATE:
        return Finding(key, "ok", label, _("nothing is late"))
    said = _("something has waited for %(age)s", age=in_words(age))
    advice = _("See above whether workers and Redis are there.")
    return Finding(key, "bad" if age > MUCH_LATE else "warn", label, said, advice)


def _work(now: datetime) -> dict[str, ScalarSelect[Any]]:
    late = now - SLACK
    oldest = select(func.min(Event.created_at))
    waiting = oldest.join(Reaction, Reaction.event_id == Event.id).where(Reaction.next_at <= now)
    return {
        "unsealed_since": oldest.where(Event.sequence.is_(None)).scalar_subquery(),
        "reaction_since": waiting.scalar_subquery(),
        "given_up": count(Reaction, Reaction.failed_at > now - DAY),
        "clocks": count(Clock, Clock.next_look_at < late),
        "closings": count(Ticket, Ticket.auto_close_at < late, Ticket.deleted_at.is_(None)),
        "shifts": count(Agent, Agent.look_at < late),
    }
