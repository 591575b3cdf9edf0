"""What can be asked of a dry run: a ticket that there is, or one that is made up."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import DataRequired, StopValidation

from helpdesk.assignment.facts import Facts, sorted_under, tags_called
from helpdesk.assignment.rule_choices import RuleChoices
from helpdesk.assignment.rule_form import read_amount
from helpdesk.assignment.rule_words import SOURCES
from helpdesk.core import clock
from helpdesk.core.forms import UNKNOWN, Form, a_wall_time, line
from helpdesk.core.i18n import LANGUAGES
from helpdesk.core.i18n import lazy as _
from helpdesk.tickets.lifecycle import Priority
from helpdesk.tickets.opening import Opening
from helpdesk.tickets.tag import tag_names

NO_TICKET = _("There is no ticket with this number that you can see.")


class DryRunForm(Form):
    """When it is; nothing is now."""

    at = line(19)
    zone = "UTC"  # of the wall time that is typed

    def validate_at(self, field: StringField) -> None:
        """A wall time of these years."""
        if not field.data:
            return
        a_wall_time(field.data)

    @property
    def instant(self) -> datetime | None:
        """The instant that was asked for, in UTC; None is now."""
        if not self.at.data:
            return None
        return datetime.fromisoformat(self.at.data).replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)


class TicketRunForm(DryRunForm):
    """Of a ticket that there is."""

    number = line(24)

    def validate_number(self, field: StringField) -> None:
        """Some number; whether there is such a ticket is asked of its viewer."""
        field.data = (field.data or "").strip().removeprefix("#").upper()
        if not field.data:
            raise StopValidation(_("Enter the number of a ticket."))


class SampleRunForm(DryRunForm):
    """Of a ticket that is made up."""

    merchant = SelectField(validators=[DataRequired(_("Choose a store"))])
    category = SelectField(default="")
    priority = SelectField(choices=["", *(each.value for each in Priority)], default="")
    language = SelectField(choices=list(LANGUAGES), default="en")
    tags = line(1000)
    source = SelectField(choices=list(SOURCES), default="form")
    vip = BooleanField(default=False)
    amount = line(40)

    choices: RuleChoices

    def offer(self, choices: RuleChoices) -> "SampleRunForm":
        """Say what there is to choose from."""
        self.choices = choices
        self.merchant.choices = [str(id_) for id_ in choices.merchants]
        self.category.choices = ["", *(str(option.id) for option in choices.categories)]
        return self

    def validate_category(self, field: SelectField) -> None:
        """One that tickets of this store can have."""
        store, tree = self.merchant.data, self.choices.tree
        are_known = field.data in (field.choices or ()) and store in (self.merchant.choices or ())
        if field.data and are_known and not tree.is_open_to(tree.by_id[int(field.data)], int(store)):
            raise StopValidation(UNKNOWN)

    def validate_tags(self, field: StringField) -> None:
        """Tags that there are."""
        unknown = self.choices.read_tags(field.data or "")[1]
        if unknown:
            raise StopValidation(_("There is no tag “%(name)s” in use.") % {"name": unknown[0]})

    def validate_amount(self, field: StringField) -> None:
        """A number."""
        read_amount(field.data)

    @property
    def facts(self) -> Facts:
        """What the rules look at: as a new ticket of a customer who is new too would have it."""
        merchant_id, amount = int(self.merchant.data), read_amount(self.amount.data)
        category = self.choices.tree.by_id[int(self.category.data)] if self.category.data else None
        decided = Opening(
            subject="", body="", priority=self.priority.data or "", category_id=category and category.id
        ).decided(merchant_id, self.choices.tree)
        return Facts(
            merchant_id=merchant_id, priority=str(decided.priority), language=self.language.data or "en",
            source=self.source.data or "form", at=clock.now(), **sorted_under(category, self.choices.tree),
            tags=tags_called(tag_names(self.tags.data or "")), is_vip=bool(self.vip.data),
            amount=Decimal(amount) if amount is not None else None, group_id=decided.group_id,
        )  # fmt: skip
