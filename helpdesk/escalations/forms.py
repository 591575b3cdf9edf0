"""What the escalation form and the ladder's editor accept."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from flask import request
from wtforms import HiddenField, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length

from helpdesk.core.forms import TOO_LONG, UNKNOWN, Form, WholeField, one_line, text
from helpdesk.core.i18n import lazy as _
from helpdesk.escalations.ladder_step import LEVELS, TOLD, TRIGGERS
from helpdesk.tickets.lifecycle import Priority

MOST_ROWS = len(TRIGGERS) * len(LEVELS)
MOST_MINUTES = 60 * 24 * 30


class EscalationForm(Form):
    """A level and the reason."""

    level = SelectField(choices=["1", "2", "3"], default="1")
    reason = TextAreaField(
        filters=[text],
        validators=[DataRequired(_("Write the reason.")), Length(max=2000, message=TOO_LONG)],
    )


class StepForm(Form):
    """One step of a ladder; the fields of a row carry its mark as their prefix."""

    trigger = HiddenField(default="breach", validators=[AnyOf(list(TRIGGERS), message=UNKNOWN)])
    level = SelectField(choices=[str(level) for level in LEVELS], default="1")
    delay_minutes = WholeField(
        0, MOST_MINUTES, validators=[InputRequired(_("Enter the minutes; 0 is at once."))]
    )
    told = SelectMultipleField(
        choices=list(TOLD), default=list, validators=[DataRequired(_("Choose at least one who is told."))]
    )
    group_id = SelectField(default="")
    priority_to = SelectField(choices=["", *list(Priority)[1:]], default="")

    @property
    def values(self) -> dict[str, Any]:
        """As a ladder takes them."""
        return {
            "trigger": self.trigger.data, "level": int(self.level.data), "delay_minutes": self.delay_minutes.data,
            "told": [key for key in TOLD if key in self.told.data], "priority_to": self.priority_to.data or None,
            "group_id": int(self.group_id.data) if self.group_id.data else None,
        }  # fmt: skip


class LadderForm:
    """A ladder's rows, in the order of the page, and what the page was made from."""

    def __init__(self, rows: list[StepForm], state: str) -> None:
        self.rows, self.state = rows, state
        self.form_errors: list[str] = []

    @classmethod
    def of_request(cls, groups: Iterable[int]) -> "LadderForm":
        """Filled from what was posted."""
        marks = list(dict.fromkeys(one_line(mark)[:20] for mark in request.form.getlist("row")))
        rows = [StepForm(request.form, prefix=f"{mark}-") for mark in marks[: MOST_ROWS + 1]]
        return cls(rows, one_line(request.form.get("state", ""))[:400]).offer(groups)

    @classmethod
    def of(cls, steps: Iterable[dict[str, Any]], state: str, groups: Iterable[int]) -> "LadderForm":
        """Filled with what is there."""
        form = cls([], state)
        for values in steps:
            form._add(values)
        return form.offer(groups)

    def offer(self, groups: Iterable[int]) -> "LadderForm":
        """Say which teams there are."""
        choices = ["", *map(str, groups)]
        for row in self.rows:
            row.group_id.choices = choices
        return self

    def _add(self, values: dict[str, Any]) -> None:
        used = {row._prefix for row in self.rows}
        mark = next(f"s{n}" for n in range(MOST_ROWS * 2) if f"s{n}-" not in used)
        words = values | {"level": str(values["level"]), "group_id": str(values["group_id"] or "")}
        self.rows.append(
            StepForm(data=words | {"priority_to": values["priority_to"] or ""}, prefix=f"{mark}-")
        )

    def edit(self, deed: str) -> bool:
        """Add a step (`add-breach`) or take one away (`remove-s1`), unsaved. Answers whether that was asked."""
        what, _dash, which = deed.partition("-")
        if what == "remove":
            self.rows = [row for row in self.rows if row._prefix != f"{which}-"]
        if what == "add" and which in TRIGGERS and len(self.of_trigger(which)) < len(LEVELS):
            own = self.of_trigger(which)
            levels = {row.level.data for row in own}
            delays = [row.delay_minutes.data for row in own if isinstance(row.delay_minutes.data, int)]
            self._add({
                "trigger": which, "level": next(n for n in LEVELS if str(n) not in levels), "told": ["managers"],
                "delay_minutes": max(delays) + 60 if delays else 0, "group_id": None, "priority_to": None,
            })  # fmt: skip
        return what in ("add", "remove")

    def of_trigger(self, trigger: str) -> list[StepForm]:
        """The rows of one trigger."""
        return [row for row in self.rows if row.trigger.data == trigger]

    def validate(self) -> bool:
        """Each row by itself; then levels and delays rise together."""
        checked = [row.validate() for row in self.rows]
        if len(self.rows) > MOST_ROWS:
            self.form_errors.append(_("A ladder has at most three steps for each trigger."))
        if all(checked):
            by_trigger = defaultdict(list)
            for row in self.rows:
                by_trigger[row.trigger.data].append(row)
            for rows in by_trigger.values():
                self._check(sorted(rows, key=lambda row: int(row.level.data)))
        return not self.problems

    def _check(self, rows: list[StepForm]) -> None:
        twice, early = (
            _("Each level can be there once."),
            _("A higher level has to come later than a lower one."),
        )
        for lower, row in pairwise(rows):
            if row.level.data == lower.level.data:
                row.level.errors = [twice]
            elif row.delay_minutes.data <= lower.delay_minutes.data:
                row.delay_minutes.errors = [early]

    @property
    def problems(self) -> list[tuple[str, str]]:
        """What is wrong: the id of its field and a sentence."""
        own = [("", str(sentence)) for sentence in self.form_errors]
        fields = [field for row in self.rows for field in row]
        shown = [(field.name if field.type != "HiddenField" else "", field) for field in fields]
        return own + [(id_, str(sentence)) for id_, field in shown for sentence in field.errors]

    @property
    def values(self) -> list[dict[str, Any]]:
        """As a ladder takes them."""
        return [row.values for row in self.rows]
