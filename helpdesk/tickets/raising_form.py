"""What the form of an agent accepts who opens a ticket for a customer."""

from collections.abc import Sequence

from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional, StopValidation

from helpdesk.accounts.customer import Customer
from helpdesk.core.errors import Refusal
from helpdesk.core.forms import TOO_LONG, UNKNOWN, Email, one_line, text
from helpdesk.core.i18n import lazy as _
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.category_tree import CategoryOption, CategoryTree
from helpdesk.tickets.forms import MOST_TEXT, FilesForm, staff_owner
from helpdesk.tickets.lifecycle import Priority
from helpdesk.tickets.tag import refuse_names, tag_names


class RaisingForm(FilesForm):
    """A ticket that an agent opens for a customer, who is found by his address or, where only one has it, his name."""

    @property
    def owner(self) -> str:
        """The viewer."""
        return staff_owner()

    merchant = StringField(filters=[one_line])
    customer_email = StringField(
        filters=[one_line], validators=[Optional(), Email(), Length(max=254, message=TOO_LONG)]
    )
    customer_name = StringField(filters=[one_line], validators=[Length(max=200, message=TOO_LONG)])
    subject = StringField(
        filters=[one_line],
        validators=[
            DataRequired(_("Say in a few words what it is about.")),
            Length(max=200, message=TOO_LONG),
        ],
    )
    description = TextAreaField(
        filters=[text],
        validators=[
            DataRequired(_("Write down what the customer told you.")),
            Length(max=MOST_TEXT, message=TOO_LONG),
        ],
    )
    category = StringField(filters=[one_line])
    priority = SelectField(choices=["", *(priority.value for priority in Priority)], default="")
    tags = StringField(filters=[one_line], validators=[Length(max=500, message=TOO_LONG)])
    language = SelectField(choices=["en", "vi"], default="en")
    order = StringField(filters=[one_line], validators=[Length(max=100, message=TOO_LONG)])
    note = TextAreaField(filters=[text], validators=[Length(max=MOST_TEXT, message=TOO_LONG)])
    assignee = SelectField(choices=["auto", "me"], default="auto")
    notify = BooleanField()
    submission = HiddenField(filters=[one_line], validators=[Length(max=64)])
    merchants: Sequence[Merchant]
    categories: Sequence[CategoryOption]  # of the chosen merchant; of all of them while none is chosen

    def offer(self, merchants: Sequence[Merchant], tree: CategoryTree) -> "RaisingForm":
        """Say what can be chosen; of one merchant there is no choice."""
        self.merchants = merchants
        if not self.merchant.data and len(merchants) == 1:
            self.merchant.data = merchants[0].prefix
        chosen = [self.chosen_merchant] if self.chosen_merchant else merchants
        options = {option.id: option for merchant in chosen for option in tree.options(merchant.id)}
        self.categories = list(options.values())
        return self

    @property
    def chosen_merchant(self) -> Merchant | None:
        """By the prefix of its tickets, or its id."""
        said = self.merchant.data or ""
        return next((one for one in self.merchants if said in (one.prefix, str(one.id))), None)

    @property
    def tag_names(self) -> list[str]:
        """Each once, as all tags are written."""
        return tag_names(self.tags.data or "")

    def validate_merchant(self, field: StringField) -> None:
        """One that the agent works for."""
        if self.chosen_merchant is None:
            raise StopValidation(UNKNOWN)

    def validate_category(self, field: StringField) -> None:
        """One that is open to the merchant, or none."""
        if field.data and field.data not in {str(category.id) for category in self.categories}:
            raise StopValidation(UNKNOWN)

    def validate_tags(self, field: StringField) -> None:
        """Words, not sentences."""
        try:
            refuse_names(self.tag_names)
        except Refusal as refusal:
            raise StopValidation(refusal.message) from None

    def validate_customer_name(self, field: StringField) -> None:
        """Without an address the name says who it is, if one customer alone has it. His address is filled in."""
        if self.customer_email.data or self.customer_email.errors:
            return
        merchant = self.chosen_merchant
        named = Customer.named(merchant, field.data) if merchant and field.data else []
        if not named:
            raise StopValidation(_("Enter the customer's email address; nobody is known by this name alone."))
        if len(named) > 1:
            addresses = ", ".join(customer.email for customer in named)
            raise StopValidation(
                _("Several customers have this name: %(addresses)s. Enter the address.", addresses=addresses)
            )
        self.customer_email.data = named[0].email
