"""What the forms of the ticket page accept."""

from wtforms import HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from helpdesk.core.forms import Form, one_line, text
from helpdesk.core.i18n import lazy as _
from helpdesk.tickets.lifecycle import CLOSE_REASONS, Priority, Status

MOST_TEXT = 50_000
MOST_NUMBER = 24
THEN = {"keep": None, "waiting_user": Status.WAITING_USER, "resolved": Status.RESOLVED}


def number(value: str | None) -> str | None:
    """A ticket number as people type it: `acme-42 ` is ACME-42. What is too long for one names none."""
    return (value or "").upper()[: MOST_NUMBER + 1]


class MessageForm(Form):
    """A reply, note or comment; files are looked at by `Upload`."""

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


class VersionedForm(Form):
    """An edit says which state of the ticket it was made against."""

    version = IntegerField(validators=[Optional()])


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
    """Why it ends without a solution."""

    reason = SelectField(choices=CLOSE_REASONS)


class MergeForm(VersionedForm):
    """The ticket that goes on."""

    into = StringField(filters=[one_line, number], validators=[DataRequired(_("Enter a ticket number."))])


class RelationForm(Form):
    """The ticket to link with."""

    other = StringField(filters=[one_line, number], validators=[DataRequired(_("Enter a ticket number."))])
