"""A page's own HTML form, which posts to us from another site without ever having asked for ours."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from helpdesk.core import clock
from helpdesk.organizers.form_key import FormKey
from helpdesk.organizers.site import Site
from helpdesk.portal.form_token import FormToken, key_of
from helpdesk.tickets.ticket import Ticket

TWICE = timedelta(minutes=15)  # so late the same form may still come a second time
NOT_SAID = ("form_token", "next", "from_zone", "from_language")  # of the same request sent twice, may differ


@dataclass(frozen=True)
class PlainForm:
    """What came without a token: for which form, from which site, and what it says."""

    form: FormKey
    key: str
    origin: str | None  # as the browser says; a program says what it likes
    fields: Iterable[tuple[str, str]]

    @property
    def is_welcome(self) -> bool:
        """Whether the form takes such, from this site."""
        allowed = self.form.allowed_origins
        return self.form.takes_plain and (not allowed or Site.of_header(self.origin) in allowed)

    def token(self, fill_seconds: int, files: Iterable[str] = ()) -> FormToken:
        """A token whose number is made of what is said today, so that the same form sent twice makes one ticket.

        The same words on another day, or with other files, are another request. Nobody knows how long the form was
        filled in, or open, so it counts as long enough. `files` are digests.
        """
        now, sent = clock.now(), sorted(files)
        before, nonce = (self._number(at.date(), sent) for at in (now - TWICE, now))
        if before != nonce and Ticket.made_with(key_of(before)):  # sent before midnight, and again after it
            nonce = before
        return FormToken.filled(self.key, nonce, fill_seconds)

    def _number(self, day: date, files: list[str]) -> str:
        said = sorted((name, text) for name, text in self.fields if name not in NOT_SAID)
        return hashlib.sha256(repr((self.form.id, day.isoformat(), said, files)).encode()).hexdigest()[:32]

    def thanks(self, wanted: str | None) -> str | None:
        """The site's own page of thanks, if the form takes such, and that is on a site it allows by name."""
        page = wanted or ""
        is_fine = len(page) <= 500 and page.isprintable() and "\\" not in page
        return (
            page if is_fine and self.form.takes_plain and site_of(page) in self.form.allowed_origins else None
        )


def site_of(page: str) -> str:
    """The site that an address lies on; empty for what is no address of one."""
    return Site.of_header("/".join(page.split("/")[:3]))
