"""What the settings of requests accept: what holds for all of them, and what a store answers by itself."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from wtforms import HiddenField, TextAreaField
from wtforms.validators import Length, StopValidation

from helpdesk.core.forms import TOO_LONG, Form, WholeField, text
from helpdesk.core.i18n import lazy as _

LIMITS = {"most_files": (1, 20), "most_file_mb": (1, 100), "auto_close_hours": (1, 8760)}
LABELS = {
    "most_files": _("Files on one message"), "most_file_mb": _("Megabytes of one file"),
    "auto_close_hours": _("Hours until a resolved request is closed"),
    "auto_reply_en": _("Text, English"), "auto_reply_vi": _("Text, Vietnamese"),
}  # fmt: skip


class RequestForm(Form):
    """What holds for all requests. `before` is what its page showed."""

    most_files = WholeField(*LIMITS["most_files"])
    most_file_mb = WholeField(*LIMITS["most_file_mb"])
    auto_close_hours = WholeField(*LIMITS["auto_close_hours"])
    before = HiddenField()

    def _needed(self, field: WholeField) -> None:
        if field.data is None:
            least, most = LIMITS[field.name]
            raise StopValidation(
                _("Enter a whole number from %(least)s to %(most)s.") % {"least": least, "most": most}
            )

    validate_most_files = validate_most_file_mb = validate_auto_close_hours = _needed

    @property
    def values(self) -> dict[str, int]:
        """As an organizer takes them."""
        return {name: self[name].data for name in LIMITS}


class AutoReplyForm(Form):
    """What a new request of a store is answered by itself."""

    auto_reply_en = TextAreaField(filters=[text], validators=[Length(max=5_000, message=TOO_LONG)])
    auto_reply_vi = TextAreaField(filters=[text], validators=[Length(max=5_000, message=TOO_LONG)])
    before = HiddenField()

    @property
    def values(self) -> dict[str, str]:
        """Of both halves."""
        return {name: self[name].data or "" for name in ("auto_reply_en", "auto_reply_vi")}


def state_of(values: Mapping[str, Any]) -> str:
    """A short mark of a state, by which a form knows whether it shows what is there."""
    said = json.dumps({name: str(value or "") for name, value in values.items()}, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]
