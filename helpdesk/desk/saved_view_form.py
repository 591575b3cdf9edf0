"""What saving a view accepts."""

from typing import Any
from urllib.parse import parse_qsl

from wtforms import SelectField, StringField
from wtforms.validators import Length

from helpdesk.agents.group import Group
from helpdesk.core.forms import TOO_LONG, Form, NamedForm, VersionedForm, text
from helpdesk.desk.filters import Filters
from helpdesk.desk.listing import as_query
from helpdesk.desk.queries import VIEWS

OWN = "own"


def _query() -> StringField:
    return StringField(filters=[text], validators=[Length(max=2000, message=TOO_LONG)], default="")


class SavedListForm(VersionedForm):
    """The list that is to be saved: a view of the queue and what its address says."""

    view = SelectField(choices=[*VIEWS], default="all")
    query = _query()

    @property
    def values(self) -> dict[str, Any]:
        """As a saved view keeps them, in the one way they are written."""
        filters = Filters.of(dict(parse_qsl(self.query.data or "")))
        return {"view": self.view.data, "query": as_query(filters.to_keep)}


class SavedNameForm(NamedForm):
    """What it is called and who has it: `own` or the id of a team."""

    scope = SelectField(default=OWN)

    def offer(self, groups: list[Group], present: str = OWN) -> "SavedNameForm":
        """Say for which teams it can be; whose it is already stays."""
        self.scope.choices = list(dict.fromkeys([OWN, *(str(group.id) for group in groups), present]))
        return self

    @property
    def values(self) -> dict[str, Any]:
        """As a saved view takes them."""
        scope = self.scope.data or OWN
        return {
            "name_en": self.name_en.data or "", "name_vi": self.name_vi.data or "",
            "group_id": None if scope == OWN else int(scope),
        }  # fmt: skip


class SavedViewForm(SavedNameForm):
    """A new one: both."""

    view = SelectField(choices=[*VIEWS], default="all")
    query = _query()

    @property
    def list_values(self) -> dict[str, Any]:
        """What it holds."""
        return SavedListForm(data={"view": self.view.data, "query": self.query.data}).values


class PinForm(Form):
    """Pinned, or not."""

    pinned = SelectField(choices=["1", "0"])


class PlaceForm(Form):
    """Up or down among what is pinned."""

    direction = SelectField(choices=["up", "down"])
