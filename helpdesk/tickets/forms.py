"""What the forms of the ticket page accept."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import wtforms
from flask import request
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    StopValidation,
    ValidationError,
)

from helpdesk.accounts.customer import Customer
from helpdesk.accounts.roles import viewer
from helpdesk.core.forms import Email, Form, fresh_key, one_line, sent_files, text
from helpdesk.core.i18n import lazy as _
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.category import Category
from helpdesk.tickets.draft import KINDS, Draft, Words
from helpdesk.tickets.lifecycle import CLOSE_REASONS, Priority, Status
from helpdesk.tickets.message import Message
from helpdesk.tickets.upload import Upload
from helpdesk.tickets.uploads import Uploads

MOST_TEXT = 50_000
_too_long = _("This text is too long. At most %(max)d characters fit.")
_unknown = _("Choose one of the list.")
THEN = {"keep": None, "waiting_user": Status.WAITING_USER, "resolved": Status.RESOLVED}
_fits = Length(max=MOST_TEXT, message=_("This text is too long. At most %(max)d characters fit."))
PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")


class FilesField(wtforms.Field):
    """Attached files, checked and stored by what is in them; one that is not taken is an error of this field.

    Those that were taken stay its data whatever else is wrong, so that the form brings them along by their tokens.
    """

    data: list[Upload]

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Files are not among the texts of a form."""
        self.data = []

    def validate(self, form: wtforms.Form, extra_validators: Any = ()) -> bool:
        """Take what can be taken, and say of the rest why not."""
        tokens, dropped = request.form.getlist("uploads"), request.form.getlist("drop")
        found = Uploads.gather(sent_files(self.name), form.owner, tokens, dropped)
        self.data, self.errors = found.taken, found.problems
        return not found.problems


class FilesForm(Form):
    """A form that takes files."""

    files = FilesField()

    @property
    def owner(self) -> str:
        """Whose files they are: nobody else's form can bring them."""
        raise NotImplementedError

    @property
    def attached(self) -> list[tuple[Upload, str]]:
        """The files that the form has so far, each with its token."""
        return Uploads(self.files.data or []).with_tokens(self.owner)


def staff_owner() -> str:
    """The owner of files that the viewer sends at the desk."""
    return f"user:{viewer().id}"


class MessageForm(FilesForm):
    """A reply, note or comment."""

    @property
    def owner(self) -> str:
        """The viewer."""
        return staff_owner()

    body = TextAreaField(
        filters=[text],
        validators=[
            DataRequired(_("Write something first.")),
            _fits,
        ],
    )
    submission = HiddenField(filters=[one_line], validators=[Length(max=64)])
    last_seen = HiddenField(filters=[one_line])  # id of the last message on the writer's screen
    revision = HiddenField(filters=[one_line])  # of the draft on the writer's screen

    newer: Sequence[Message] = ()  # what others wrote and the writer has not seen
    saved_at: datetime | None = None  # when its draft was kept
    is_back = False  # the words were sent, and taken back

    @classmethod
    def of_draft(cls, draft: Draft | None) -> "MessageForm":
        """A fresh form, with what was begun in it. Its key is new: other words are another message."""
        if draft is None:
            return cls(data={"submission": fresh_key(), "revision": 0})
        kept = {"body": draft.body, "revision": draft.revision, "submission": fresh_key()}
        form = cls(data=kept | ({"then": draft.then} if draft.then else {}))
        form.saved_at, form.files.data = draft.updated_at, list(draft.words.files)
        return form

    @property
    def seen(self) -> int | None:
        """The last message on the writer's screen, 0 for none at all; None if the form does not say."""
        return number(self.last_seen.data)

    @property
    def known_revision(self) -> int | None:
        """The revision of the draft that the writer has before him; None if the form does not say."""
        return number(self.revision.data)

    @property
    def key(self) -> str | None:
        """The key under which this message is written once (MSG-007)."""
        return self.submission.data or None

    @property
    def words(self) -> Words:
        """What stands in it."""
        return Words(self.body.data or "", self.files.data or [], self.data.get("then"), self.key)


def number(said: str | None) -> int | None:
    """A number that a page put into its form; None for anything else."""
    return int(said) if said and said.isascii() and said.isdecimal() and len(said) < 19 else None


class PublicForm(MessageForm):
    """What the customer reads has no gaps left."""

    def validate_body(self, field: wtforms.Field) -> None:
        """Name the first placeholder that nobody filled in."""
        if left := PLACEHOLDER.search(field.data or ""):
            raise ValidationError(_("Fill in “%(name)s” before you send this.", name=left[0]))


class ReplyForm(PublicForm):
    """A reply also says what becomes of the ticket."""

    then = SelectField(choices=list(THEN), default="waiting_user")


class DraftForm(MessageForm):
    """Words that may stay as they are, even none."""

    body = TextAreaField(filters=[text], validators=[_fits])
    kind = SelectField(choices=list(KINDS))
    then = SelectField(choices=list(THEN), default="waiting_user")


def chosen_for(status: str | None) -> str:
    """What a form says for the status that goes with a reply."""
    return next(word for word, to in THEN.items() if to == (status or None))


class VersionedForm(Form):
    """An edit of a property says which state of the ticket it was made against; no version: any.

    `keep` takes the edit back: what somebody else chose meanwhile stays.
    """

    version = IntegerField(validators=[Optional()])
    keep = HiddenField()


class ResolveForm(VersionedForm):
    """The solution, at least in the customer's language."""

    note_en = TextAreaField(filters=[text], validators=[Length(max=MOST_TEXT)])
    note_vi = TextAreaField(filters=[text], validators=[Length(max=MOST_TEXT)])


class StatusForm(VersionedForm):
    """A status to go to."""

    status = SelectField(choices=[status.value for status in Status])


class PriorityForm(VersionedForm):
    """A priority."""

    priority = SelectField(choices=[priority.value for priority in Priority])


class AssignmentForm(VersionedForm):
    """`me`, `auto`, the id of a user, or empty for nobody."""

    agent = StringField(filters=[one_line], validators=[Length(max=20)])


class ClosureForm(Form):
    """Why it ends without a solution."""

    reason = SelectField(choices=CLOSE_REASONS)


class ReadingForm(Form):
    """How far somebody has read: the id of a message."""

    message = IntegerField(validators=[InputRequired(), NumberRange(min=0, max=2**62)])


class RaisingForm(FilesForm):
    """A ticket that an agent opens for a customer, who is found by his address or, where only one has it, his name."""

    @property
    def owner(self) -> str:
        """The viewer."""
        return staff_owner()

    merchant = StringField(filters=[one_line])
    customer_email = StringField(
        filters=[one_line], validators=[Optional(), Email(), Length(max=254, message=_too_long)]
    )
    customer_name = StringField(filters=[one_line], validators=[Length(max=200, message=_too_long)])
    subject = StringField(
        filters=[one_line],
        validators=[
            DataRequired(_("Say in a few words what it is about.")),
            Length(max=200, message=_too_long),
        ],
    )
    description = TextAreaField(
        filters=[text],
        validators=[
            DataRequired(_("Write down what the customer told you.")),
            Length(max=MOST_TEXT, message=_too_long),
        ],
    )
    category = StringField(filters=[one_line])
    priority = SelectField(choices=[priority.value for priority in Priority], default=Priority.MEDIUM.value)
    tags = StringField(filters=[one_line], validators=[Length(max=500, message=_too_long)])
    language = SelectField(choices=["en", "vi"], default="en")
    order = StringField(filters=[one_line], validators=[Length(max=100, message=_too_long)])
    note = TextAreaField(filters=[text], validators=[Length(max=MOST_TEXT, message=_too_long)])
    assignee = SelectField(choices=["auto", "me"], default="auto")
    notify = BooleanField()
    submission = HiddenField(filters=[one_line], validators=[Length(max=64)])
    merchants: Sequence[Merchant]
    categories: Sequence[Category]

    def offer(self, merchants: Sequence[Merchant], categories: Sequence[Category]) -> "RaisingForm":
        """Say what can be chosen; of one merchant there is no choice."""
        self.merchants, self.categories = merchants, categories
        if not self.merchant.data and len(merchants) == 1:
            self.merchant.data = merchants[0].prefix
        return self

    @property
    def chosen_merchant(self) -> Merchant | None:
        """By the prefix of its tickets, or its id."""
        said = self.merchant.data or ""
        return next((one for one in self.merchants if said in (one.prefix, str(one.id))), None)

    @property
    def tag_names(self) -> list[str]:
        """Each once, in lower case."""
        return list(
            dict.fromkeys(
                name for part in (self.tags.data or "").split(",") if (name := part.strip().lower())
            )
        )

    def validate_merchant(self, field: StringField) -> None:
        """One that the agent works for."""
        if self.chosen_merchant is None:
            raise StopValidation(_unknown)

    def validate_category(self, field: StringField) -> None:
        """One of the organizer's, or none."""
        if field.data and field.data not in {str(category.id) for category in self.categories}:
            raise StopValidation(_unknown)

    def validate_tags(self, field: StringField) -> None:
        """Words, not sentences."""
        if any(len(name) > 40 for name in self.tag_names) or len(self.tag_names) > 20:
            raise StopValidation(
                _("Enter at most 20 tags of at most 40 characters, with commas between them.")
            )

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
