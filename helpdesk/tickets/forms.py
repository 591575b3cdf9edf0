"""What the forms of the ticket page accept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import wtforms
from flask import request
from wtforms import (
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    StopValidation,
    ValidationError,
)

from helpdesk.accounts.roles import viewer
from helpdesk.core.errors import Refusal
from helpdesk.core.forms import TOO_LONG, Form, VersionedForm, fresh_key, one_line, sent_files, text
from helpdesk.core.i18n import lazy as _
from helpdesk.tickets.canned_reply import unfilled
from helpdesk.tickets.draft import KINDS, Draft, Words
from helpdesk.tickets.lifecycle import CLOSE_REASONS, Priority, Status
from helpdesk.tickets.message import Message
from helpdesk.tickets.tag import refuse_names, tag_names
from helpdesk.tickets.upload import Upload
from helpdesk.tickets.uploads import Uploads

MOST_TEXT = 50_000
MOST_NUMBER = 24
THEN = {"keep": None, "waiting_user": Status.WAITING_USER, "resolved": Status.RESOLVED}
_fits = Length(max=MOST_TEXT, message=TOO_LONG)


def ticket_number(value: str | None) -> str | None:
    """A ticket number as people type it: `acme-42 ` is ACME-42. What is too long for one names none."""
    return (value or "").upper()[: MOST_NUMBER + 1]


class FilesField(wtforms.Field):
    """Attached files, checked and stored by what is in them; one that is not taken is an error of this field.

    Those that were taken stay its data whatever else is wrong, so that the form brings them along by their tokens.
    """

    data: list[Upload]
    minds_lost = True  # whether a file that is gone meanwhile keeps the form back

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Files are not among the texts of a form."""
        self.data = []

    def validate(self, form: wtforms.Form, extra_validators: Any = ()) -> bool:
        """Take what can be taken, and say of the rest why not."""
        tokens, dropped = request.form.getlist("uploads"), request.form.getlist("drop")
        found = Uploads.gather(sent_files(self.name), form.owner, tokens, dropped)
        self.data = found.taken
        self.errors = [*(found.lost if self.minds_lost else []), *found.problems]
        return not self.errors


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
    def is_ours(self) -> bool:
        """Whether it names the last message as our page does: a guard that cannot read it would let everything by."""
        return not self.last_seen.data or self.seen is not None

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
        if left := unfilled(field.data or ""):
            raise ValidationError(_("Fill in “%(name)s” before you send this.", name=left[0]))


class ReplyForm(PublicForm):
    """A reply also says what becomes of the ticket."""

    then = SelectField(choices=list(THEN), default="waiting_user")


class DraftFilesField(FilesField):
    """What is gone stays away from the draft, whose words are kept all the same."""

    minds_lost = False


class DraftForm(MessageForm):
    """Words that may stay as they are, even none."""

    files = DraftFilesField()

    body = TextAreaField(filters=[text], validators=[_fits])
    kind = SelectField(choices=list(KINDS))
    then = SelectField(choices=list(THEN), default="waiting_user")


def chosen_for(status: str | None) -> str:
    """What a form says for the status that goes with a reply."""
    return next(word for word, to in THEN.items() if to == (status or None))


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


class ClosureForm(VersionedForm):
    """Why it ends without a solution; empty for a ticket that is resolved."""

    reason = SelectField(choices=["", *CLOSE_REASONS], default="")


class FollowingForm(Form):
    """`1` to follow, empty to follow no more."""

    follow = HiddenField()


class ReadingForm(Form):
    """How far somebody has read: the id of a message."""

    message = IntegerField(validators=[InputRequired(), NumberRange(min=0, max=2**62)])


class MergeForm(VersionedForm):
    """The ticket that goes on."""

    into = StringField(
        filters=[one_line, ticket_number], validators=[DataRequired(_("Enter a ticket number."))]
    )


class RelationForm(Form):
    """The ticket to link with."""

    other = StringField(
        filters=[one_line, ticket_number], validators=[DataRequired(_("Enter a ticket number."))]
    )


class CategoryChoiceForm(VersionedForm):
    """The id of a category, or empty for none."""

    category = StringField(filters=[one_line], validators=[Length(max=20)])


class SubjectForm(VersionedForm):
    """Another title."""

    subject = StringField(
        filters=[one_line],
        validators=[DataRequired(_("Enter a title.")), Length(max=200, message=TOO_LONG)],
    )


class TagsForm(VersionedForm):
    """All tags of a ticket: one field with commas, or the field several times."""

    tags = SelectMultipleField(validate_choice=False)

    @property
    def names(self) -> list[str]:
        """The names as they are written."""
        return tag_names(self.tags.data or [])

    @property
    def typed(self) -> str:
        """What was typed, to be shown again."""
        return ", ".join(one_line(part) for part in self.tags.data or [])[:2000]

    def validate_tags(self, field: SelectMultipleField) -> None:
        """Not too long, not too many."""
        if sum(map(len, field.data or [])) > 4000:
            raise StopValidation(TOO_LONG % {"max": 4000})
        try:
            refuse_names(self.names)
        except Refusal as refusal:
            raise StopValidation(refusal.message) from None
