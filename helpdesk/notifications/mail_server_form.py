"""What the form of a store's own mail server accepts."""

import re
from typing import Any

from wtforms import BooleanField, PasswordField, SelectField, StringField
from wtforms.validators import Length, Optional, StopValidation

from helpdesk.core.forms import TOO_LONG, VersionedForm, WholeField, line, one_line
from helpdesk.core.i18n import lazy as _
from helpdesk.notifications.template_form import ReplyAddress

SECURITY = (
    ("starttls", _("STARTTLS (usual, port 587)")),
    ("tls", _("TLS from the start (port 465)")),
    ("plain", _("None")),
)
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*|\[?[0-9a-f:.]{3,45}\]?")


def _password(value: Any) -> Any:
    """As it was typed, but for what no keyboard gives."""
    return re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", "", value) if isinstance(value, str) else value


class MailServerForm(VersionedForm):
    """Where it is, as whom we come, and whether it is used. The password is never shown again."""

    is_on = BooleanField(default=False)
    host = StringField(filters=[one_line], validators=[Length(max=253, message=TOO_LONG)])
    port = WholeField(1, 65535)
    security = SelectField(choices=[key for key, _label in SECURITY], default="starttls")
    address = StringField(
        filters=[one_line], validators=[Optional(), Length(max=254, message=TOO_LONG), ReplyAddress()]
    )
    user_name = line(254)
    password = PasswordField(filters=[_password], validators=[Length(max=500, message=TOO_LONG)])

    def validate_host(self, field: StringField) -> None:
        """A name or an address. One that is in use needs it."""
        field.data = (field.data or "").lower().rstrip(".")
        if field.data and not _HOST.fullmatch(field.data):
            raise StopValidation(_("Enter a name like smtp.example.com."))
        if not field.data and (self.is_on.data or self.is_tried):
            raise StopValidation(_("Enter the server's name."))

    def validate_port(self, field: WholeField) -> None:
        """Empty: the usual one."""
        if field.data is None:
            field.data = {"tls": 465, "plain": 25}.get(self.security.data, 587)

    def validate_is_on(self, field: BooleanField) -> None:
        """One that is in use sends from an address."""
        if field.data and not (self.address.raw_data or [""])[0].strip():
            raise StopValidation(_("Enter the address from which it sends."))

    is_tried = False

    @property
    def values(self) -> dict[str, Any]:
        """As a mail server takes them."""
        return {
            "is_on": bool(self.is_on.data), "host": self.host.data.strip("[]"), "port": self.port.data,
            "security": self.security.data, "address": self.address.data or "",
            "user_name": self.user_name.data or "", "password": self.password.data or "",
        }  # fmt: skip
