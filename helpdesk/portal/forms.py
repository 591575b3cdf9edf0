"""What the customer's forms accept. Everything is checked here, whatever the browser did."""

import hashlib

from flask import g
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional, Regexp, StopValidation

from helpdesk.core.forms import TOO_LONG, UNKNOWN, Email, Form, one_line, text
from helpdesk.core.i18n import lazy as _
from helpdesk.portal.form_token import FormToken
from helpdesk.tickets.forms import FilesForm

MOST_TEXT = 20_000


def link_owner() -> str:
    """The owner of files that the customer sends on his request's page."""
    return f"link:{g.link.id}"


class TicketForm(FilesForm):
    """A new request, from the form on a merchant's site."""

    category = StringField(filters=[one_line])
    order = StringField(filters=[one_line], validators=[Length(max=100, message=TOO_LONG)])
    subject = StringField(
        filters=[one_line],
        validators=[
            DataRequired(_("Say in a few words what it is about.")),
            Length(max=200, message=TOO_LONG),
        ],
    )
    description = TextAreaField(
        filters=[text],
        validators=[DataRequired(_("Tell us what happened.")), Length(max=MOST_TEXT, message=TOO_LONG)],
    )
    name = StringField(
        filters=[one_line],
        validators=[DataRequired(_("Enter your name.")), Length(max=200, message=TOO_LONG)],
    )
    email = StringField(filters=[one_line], validators=[Email(), Length(max=254, message=TOO_LONG)])
    phone = StringField(
        filters=[one_line],
        validators=[
            Optional(),
            Regexp(
                r"^(?=(?:\D*\d){6})[+0-9 ().-]{6,40}$", message=_("Enter a phone number like 0912 345 678.")
            ),
        ],
    )
    priority = StringField(filters=[one_line])
    offered: dict[str, list[str]]
    owner = ""  # the present token of the form; see `belongs_to`

    def belongs_to(self, token: FormToken) -> "TicketForm":
        """Say with which token it is sent: its files are of this form alone."""
        self.owner = token.owner
        return self

    def offer(self, categories: list[int], priorities: list[str]) -> "TicketForm":
        """Say what can be chosen on this form."""
        self.offered = {"category": ["", *map(str, categories)], "priority": ["", *priorities]}
        self.category.data = self.category.data or ""
        self.priority.data = self.priority.data or ""
        return self

    def validate_category(self, field: StringField) -> None:
        """One of this organizer's, or none."""
        self._check_offered(field)

    def validate_priority(self, field: StringField) -> None:
        """Not above what this form allows (CAT-004); where none is chosen, the category decides."""
        self._check_offered(field)

    def _check_offered(self, field: StringField) -> None:
        if field.data not in self.offered[field.name]:
            raise StopValidation(UNKNOWN)


class ReplyForm(FilesForm):
    """What the customer adds to his request."""

    body = TextAreaField(
        filters=[text],
        validators=[DataRequired(_("Write something first.")), Length(max=MOST_TEXT, message=TOO_LONG)],
    )
    submission = HiddenField(filters=[one_line], validators=[Length(max=64)])

    @property
    def owner(self) -> str:
        """The link by which the customer came."""
        return link_owner()

    def key_for(self, ticket_id: int) -> str | None:
        """The key under which this message is written once (MSG-007).

        Made of what was sent, so that no form can name a message of another ticket, and a text that was
        changed before it was sent again is another message.
        """
        if not self.submission.data:
            return None
        said = f"{ticket_id}\n{self.submission.data}\n{self.body.data}"
        return f"portal-{hashlib.sha256(said.encode()).hexdigest()[:48]}"


class ReopeningForm(ReplyForm):
    """What is missing. Stands beside the confirmation, whose fields it keeps empty."""

    rating = StringField()
    comment = TextAreaField(filters=[text])


class ConfirmationForm(Form):
    """The customer says that it is solved, and how it was."""

    body = TextAreaField(filters=[text])  # of the reopening that stands beside it

    rating = StringField(filters=[one_line], validators=[Optional()])
    comment = TextAreaField(filters=[text], validators=[Length(max=2000, message=TOO_LONG)])

    def validate_rating(self, field: StringField) -> None:
        """One to five, or none."""
        if field.data not in ("1", "2", "3", "4", "5"):
            raise StopValidation(UNKNOWN)

    @property
    def stars(self) -> int | None:
        """The rating as a number."""
        return int(self.rating.data) if self.rating.data else None


class EscalationForm(Form):
    """Why somebody else should look at it."""

    reason = TextAreaField(
        filters=[text],
        validators=[
            DataRequired(_("Write what should be looked at again.")),
            Length(max=2000, message=TOO_LONG),
        ],
    )
