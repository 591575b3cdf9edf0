"""What the desk's own forms accept."""

import re
from typing import Any

from flask import request
from wtforms import SelectField, StringField
from wtforms.validators import Regexp

from helpdesk.core.forms import Form, one_line
from helpdesk.core.i18n import lazy as _
from helpdesk.desk.presence import STATES
from helpdesk.desk.sla_page import Imagined
from helpdesk.sla.policy import Policy
from helpdesk.sla.tracker import Tracker
from helpdesk.tickets.lifecycle import Priority

_LOST_PLUS = re.compile(r"(T\S+) (\d\d:\d\d)$")  # of an address that somebody wrote by hand
_MOST = 60


class PresenceForm(Form):
    """What a page says of its reader."""

    tab = StringField(validators=[Regexp(r"[0-9a-f]{16}\Z")])
    state = SelectField(choices=STATES)


class WhatIfForm(Form):
    """A ticket that does not exist: its priority, its policy, and when it is created."""

    start = StringField(filters=[one_line])
    priority = SelectField(choices=[each.value for each in Priority])
    policy = SelectField()

    @classmethod
    def of_address(cls, tracker: Tracker, policies: list[Policy]) -> "WhatIfForm":
        """Filled from the query; what is not said there is as on the ticket."""
        asked = {name: request.args[name] for name in ("priority", "policy") if request.args.get(name)}
        form = cls(
            data={"priority": tracker.priority, "policy": "", "start": request.args.get("start", "")} | asked
        )
        as_it_is = ("", _("as this ticket is measured now"))
        form.policy.choices = [as_it_is, *((str(policy.id), policy.name) for policy in policies)]
        return form

    @property
    def is_asked(self) -> bool:
        """Whether somebody wants an answer."""
        return any(name in request.args for name in ("start", "priority", "policy"))

    def imagine(self, tracker: Tracker, zone: str | None) -> Imagined | None:
        """The answer; None, with the error at its field, where there is none."""
        if not self.validate():
            return None
        policy = int(self.policy.data) if self.policy.data else None
        said: Any = _LOST_PLUS.sub(r"\1+\2", (self.start.data or "")[:_MOST])
        try:
            return Imagined.of(tracker, policy, self.priority.data, said, zone)
        except ValueError:
            self.start.errors = [
                _("Enter a day and a time between the years 2000 and 2099, like 2026-11-06 16:00.")
            ]
            return None
