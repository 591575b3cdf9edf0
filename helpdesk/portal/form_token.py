"""The proof that a sent form is one that we showed: works without cookies, inside any site's frame."""

import secrets
from dataclasses import dataclass

from helpdesk.core.signing import age_seconds, sign, stamp, unsign
from helpdesk.portal.vouched_identity import VouchedIdentity

PURPOSE = "form"
LIFE_SECONDS = 24 * 3600


@dataclass(frozen=True)
class FormToken:
    """Signed by us into the form: for which form, when it was shown, and a number that makes one ticket of it."""

    form_key: str
    shown_at: float  # seconds since 1970
    nonce: str
    identity: VouchedIdentity | None = None  # vouched for when the form was opened

    @classmethod
    def fresh(cls, form_key: str, identity: VouchedIdentity | None = None) -> "FormToken":
        """For a form that is shown now."""
        return cls(form_key, stamp(), secrets.token_hex(16), identity)

    @classmethod
    def filled(cls, form_key: str, nonce: str, seconds: int) -> "FormToken":
        """For a form that somebody has filled in elsewhere for so long, with a number of its own."""
        return cls(form_key, stamp() - seconds, nonce)

    @classmethod
    def read(cls, text: str, form_key: str) -> "FormToken | None":
        """What came back with a form; None if we did not make it for this one."""
        said = unsign(PURPOSE, text)
        if not isinstance(said, list) or len(said) != 4 or said[0] != form_key:
            return None
        return cls(said[0], said[1], said[2], VouchedIdentity(**said[3]) if said[3] else None)

    @property
    def text(self) -> str:
        """What stands in the form."""
        return sign(
            PURPOSE, [self.form_key, self.shown_at, self.nonce, self.identity and self.identity.as_json()]
        )

    @property
    def owner(self) -> str:
        """Whose files are sent with it."""
        return f"form:{self.nonce}"

    @property
    def key(self) -> str:
        """The key under which its ticket is made once."""
        return key_of(self.nonce)

    @property
    def is_old(self) -> bool:
        """Whether the form was open for more than a day."""
        return age_seconds(self.shown_at) > LIFE_SECONDS

    def is_quicker_than(self, seconds: int) -> bool:
        """Whether it came back faster than a person can fill it in."""
        return age_seconds(self.shown_at) < seconds


def key_of(nonce: str) -> str:
    """The key of the ticket that is made of the form with this number."""
    return f"form-{nonce}"
