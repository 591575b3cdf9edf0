"""What the forms of the ticket page accept."""

from typing import Any

import wtforms
from flask import request
from wtforms import HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from helpdesk.accounts.roles import viewer
from helpdesk.core.forms import Form, one_line, sent_files, text
from helpdesk.core.i18n import lazy as _
from helpdesk.tickets.lifecycle import CLOSE_REASONS, Priority, Status
from helpdesk.tickets.upload import Upload
from helpdesk.tickets.uploads import Uploads

MOST_TEXT = 50_000
THEN = {"keep": None, "waiting_user": Status.WAITING_USER, "resolved": Status.RESOLVED}


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
            Length(max=MOST_TEXT, message=_("This text is too long. At most %(max)d characters fit.")),
        ],
    )
    submission = HiddenField(filters=[one_line], validators=[Length(max=64)])
    last_seen = IntegerField(validators=[Optional(), NumberRange(min=0)])


class ReplyForm(MessageForm):
    """A reply also says what becomes of the ticket."""

    then = SelectField(choices=list(THEN), default="waiting_user")


class ResolveForm(Form):
    """The solution, at least in the customer's language."""

    note_en = TextAreaField(filters=[text], validators=[Length(max=MOST_TEXT)])
    note_vi = TextAreaField(filters=[text], validators=[Length(max=MOST_TEXT)])


class VersionedForm(Form):
    """An edit of a property says which state of the ticket it was made against."""

    version = IntegerField(validators=[Optional()])


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
