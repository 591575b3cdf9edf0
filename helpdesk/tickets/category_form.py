"""What the settings pages of categories, tags and canned replies accept."""

from collections.abc import Iterable
from typing import Any

from wtforms import BooleanField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, StopValidation

from helpdesk.core.forms import TOO_LONG, Form, NamedForm, VersionedForm, WholeField, one_line, text
from helpdesk.core.i18n import lazy as _
from helpdesk.tickets.canned_reply import strange_marks
from helpdesk.tickets.lifecycle import Priority


class CategoryForm(NamedForm):
    """A category's values; what is empty is inherited. What can be chosen is set by `offer`."""

    parent = SelectField(default="")  # of a new one; others are moved
    default_priority = SelectField(choices=["", *(priority.value for priority in Priority)], default="")
    group_id = SelectField(default="")
    policy_id = SelectField(default="")
    required_skills = SelectMultipleField(default=list)  # "skill:level"
    merchant_ids = SelectMultipleField(default=list)
    is_on_form = BooleanField(default=False)
    incident_tickets = WholeField(2, 1000)  # so many within so many minutes; both or none
    incident_minutes = WholeField(1, 1440)

    def validate_incident_tickets(self, field: WholeField) -> None:
        """One without the other says nothing."""
        if (field.data is None) != (self.incident_minutes.data is None):
            raise StopValidation(_("Fill in both, the number of tickets and the minutes, or neither."))

    def offer(self, **ids: Iterable[int]) -> "CategoryForm":
        """Say which groups, policies, skills, merchants and parents there are."""
        for name in ("parent", "group_id", "policy_id"):
            self[name].choices = ["", *map(str, ids[name])]
        self.merchant_ids.choices = [str(id_) for id_ in ids["merchant_ids"]]
        self.required_skills.choices = [f"{id_}:{n}" for id_ in ids["required_skills"] for n in range(1, 6)]
        self.required_skills.data = [word for word in self.required_skills.data or [] if word]
        return self

    @property
    def values(self) -> dict[str, Any]:
        """As a category takes them."""
        skills = [word.split(":") for word in self.required_skills.data or []]
        return {
            "name_en": self.name_en.data or "", "name_vi": self.name_vi.data or "",
            "default_priority": self.default_priority.data or None,
            "group_id": _number(self.group_id.data), "policy_id": _number(self.policy_id.data),
            "required_skills": [{"skill": int(skill), "level": int(level)} for skill, level in skills],
            "merchant_ids": sorted(int(id_) for id_ in self.merchant_ids.data or []),
            "is_on_form": bool(self.is_on_form.data),
            "incident_tickets": self.incident_tickets.data, "incident_minutes": self.incident_minutes.data,
        }  # fmt: skip


def _number(word: str | None) -> int | None:
    return int(word) if word else None


class ParentForm(VersionedForm):
    """Where a branch is moved to; empty is the top."""

    parent = StringField(filters=[one_line], validators=[Length(max=20)])


class StepForm(Form):
    """Up or down among the siblings."""

    direction = SelectField(choices=["up", "down"])


class TagForm(VersionedForm):
    """A tag's name."""

    name = StringField(filters=[one_line], validators=[DataRequired(_("Enter a name.")), Length(max=200)])


class MergeTagForm(VersionedForm):
    """The name of the tag that stays."""

    into = StringField(filters=[one_line], validators=[DataRequired(_("Enter a name.")), Length(max=200)])


def _body() -> TextAreaField:
    return TextAreaField(filters=[text], validators=[Length(max=20_000, message=TOO_LONG)])


class CannedForm(NamedForm):
    """A canned reply. Whose it is: `own`, `all`, or the id of a group."""

    shortcut = StringField(filters=[one_line], validators=[Length(max=40, message=TOO_LONG)])
    scope = SelectField(default="own")
    body_en = _body()
    body_vi = _body()

    def validate_body_en(self, field: TextAreaField) -> None:
        """There is something to say, with placeholders that exist."""
        if not field.data and not self.body_vi.data:
            raise StopValidation(_("Write the reply in at least one language."))
        _refuse_strange(field.data)

    def validate_body_vi(self, field: TextAreaField) -> None:
        """Placeholders that exist."""
        _refuse_strange(field.data)

    @property
    def values(self) -> dict[str, str]:
        """As a canned reply takes them."""
        names = ("name_en", "name_vi", "body_en", "body_vi", "shortcut")
        return {name: self[name].data or "" for name in names}


def _refuse_strange(words: str | None) -> None:
    if strange := strange_marks(words or ""):
        sentence = _("“%(mark)s” is not a placeholder that exists. The list below has all of them.")
        raise StopValidation(sentence % {"mark": strange[0]})
