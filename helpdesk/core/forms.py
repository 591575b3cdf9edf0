"""Forms: strings in, values or errors out. What comes in is cleaned once, here, before anything looks at it."""

import re
import secrets
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, TypeVar

import wtforms
from email_validator import EmailNotValidError, validate_email
from flask import request
from werkzeug.datastructures import FileStorage
from wtforms import HiddenField, IntegerField, StringField
from wtforms.validators import Length, Optional, StopValidation

from helpdesk.core.i18n import lazy as _
from helpdesk.core.zone import FIRST_YEAR, LAST_YEAR

_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff]")
TOO_LONG = _("This text is too long. At most %(max)d characters fit.")
UNKNOWN = _("Choose one of the list.")
WHEN = _("Enter a date like 2026-12-24.")
_Day = TypeVar("_Day", bound=date)  # a date, or one with a time
_UNSEEN = ("Cc", "Cf", "Zs", "Zl", "Zp")  # spaces and joiners: a text of nothing else says nothing
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"  # the same, of letters and signs that are drawn as nothing


def text(value: Any) -> Any:
    """Composed (NFC), without controls, lone surrogates or characters that turn the reading direction round.

    Empty where nothing in it can be seen.
    """
    if not isinstance(value, str):
        return value
    lines = value.replace("\r\n", "\n").replace("\r", "\n")
    cleaned = unicodedata.normalize("NFC", _UNWANTED.sub("", lines)).strip()
    is_seen = any(unicodedata.category(c) not in _UNSEEN and c not in _BLANK for c in cleaned)
    return cleaned if is_seen else ""


def row_id(value: str) -> int:
    """The id that is meant; 0, which nothing has, for what is none."""
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 19 else 0


def one_line(value: Any) -> Any:
    """The same on a single line."""
    cleaned = text(value)
    return re.sub(r"[\s\u2028\u2029]+", " ", cleaned) if isinstance(cleaned, str) else cleaned


class Email:
    """A strict single address. Raises StopValidation with a sentence that shows the shape."""

    def __call__(self, form: wtforms.Form, field: wtforms.Field) -> None:
        """Check, and keep the address in its normal form, lower case."""
        try:
            found = validate_email(field.data or "", check_deliverability=False, allow_quoted_local=False)
        except EmailNotValidError:
            raise StopValidation(_("Enter an email address like name@example.com.")) from None
        field.data = found.normalized.lower()


class _Sentences:
    """WTForms' own messages, in words that the catalogues have: our pages cannot cause most of them."""

    def gettext(self, message: str) -> str:
        """Of a choice, or of anything else."""
        unreadable = _("The server could not read this request. Go back and try again.")
        return str(UNKNOWN if message == "Not a valid choice." else unreadable)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """Of a length, or of several choices; no other message counts."""
        return str(
            UNKNOWN if "%(value)s" in singular
            else TOO_LONG
        )  # fmt: skip


class Form(wtforms.Form):
    """A form of the present request. Nothing outside its declared fields is ever read."""

    class Meta:
        """WTForms' own messages in the reader's language where it has them."""

        def get_translations(self, form: wtforms.Form) -> _Sentences:
            """Most of our validators bring their own sentences."""
            return _Sentences()

    @classmethod
    def of_request(cls, **defaults: Any) -> "Form":
        """Filled from what was posted."""
        return cls(request.form, data=defaults)


class WholeField(StringField):
    """A whole number between two, or nothing. What is neither stays as it was typed, beside what is wrong with it."""

    def __init__(self, least: int, most: int, label: str = "", **options: Any) -> None:
        super().__init__(label, **options)
        self.least, self.most = least, most

    def process_formdata(self, valuelist: list[str]) -> None:
        """Digits and nothing else; raises ValueError with a sentence that names the limits."""
        typed = one_line(valuelist[0]) if valuelist else ""
        is_number = typed.isascii() and typed.isdecimal() and len(typed) < 10
        self.data: Any = int(typed) if is_number else typed or None
        if typed and not (is_number and self.least <= self.data <= self.most):
            sentence = _("Enter a whole number from %(least)s to %(most)s.")
            raise ValueError(sentence % {"least": self.least, "most": self.most})


def line(most: int = 200, *validators: Any) -> StringField:
    """A field of one line."""
    return StringField(filters=[one_line], validators=[*validators, Length(max=most, message=TOO_LONG)])


def a_day(words: str | None) -> date:
    """A day as browsers send it; StopValidation with a sentence that shows the shape, or names the years."""
    try:
        return _planned(date.fromisoformat(words or ""))
    except ValueError:
        raise StopValidation(WHEN) from None


def a_wall_time(words: str | None) -> datetime:
    """A local date and time as browsers send it, without a zone; StopValidation as above."""
    shape = StopValidation(_("Enter a date and a time like 2026-12-24T09:30."))
    try:
        at = datetime.fromisoformat(words or "")
    except ValueError:
        raise shape from None
    if at.tzinfo:
        raise shape
    return _planned(at)


def _planned(day: _Day) -> _Day:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        sentence = _("Enter a date in the years %(first)s to %(last)s.")
        raise StopValidation(sentence % {"first": FIRST_YEAR, "last": LAST_YEAR})
    return day


def fresh_key() -> str:
    """A key for a form that is about to be shown: sending it twice is then known to be one submission."""
    return secrets.token_urlsafe(16)


def sent_files(field: str) -> Sequence[FileStorage]:
    """The files of one field; empty slots of the browser left out."""
    return [file for file in request.files.getlist(field) if file.filename]


class VersionedForm(Form):
    """An edit of a property says which state of the ticket it was made against; no version: any.

    `keep` takes the edit back: what somebody else chose meanwhile stays.
    """

    version = IntegerField(validators=[Optional()])
    keep = HiddenField()


class NamedForm(VersionedForm):
    """A name in both languages, at least one of them."""

    name_en = line()
    name_vi = line()

    def validate_name_en(self, field: StringField) -> None:
        """Readers of the other language get the one that is there."""
        if not field.data and not self.name_vi.data:
            raise StopValidation(_("Enter a name in at least one language."))
