"""When a form is doubted, and what is asked of its sender then. Nobody is turned away: he works or waits a little."""

from typing import Any, NamedTuple

from flask import request

from helpdesk.config import current_config
from helpdesk.core.i18n import ngettext
from helpdesk.core.security import limiter
from helpdesk.portal.challenge import BITS, WAIT_SECONDS, Challenge
from helpdesk.portal.form_token import FormToken

PER_ADDRESS = "20 per minute; 100 per hour"
PER_EMAIL = "10 per hour"
PER_FORM = "600 per hour"
PER_INSTALLATION = "6000 per hour"
NEAR = 0.75  # of a limit: from there on forms are doubted
HARDER = 2  # bits more where more than one thing is odd


class Doubt(NamedTuple):
    """What is asked, and why."""

    words: str
    challenge: Challenge


def doubt_about(token: FormToken) -> Doubt | None:
    """None where nothing is odd, where the shop vouches for the sender, or where the answer came along."""
    if token.identity:
        return None
    is_quick = token.is_quicker_than(current_config().fill_seconds)
    is_much = any(limit.remaining < limit.limit.amount * (1 - NEAR) for limit in limiter.current_limits)
    if not is_quick and not is_much:
        return None
    challenge = Challenge.read(request.form.get("challenge", ""), token.nonce)
    if challenge and challenge.is_met_by(request.form.get("proof", "")):
        return None
    challenge = challenge or Challenge.fresh(token.nonce, BITS + HARDER * (is_quick and is_much))
    return Doubt(_words(challenge.seconds_left or WAIT_SECONDS, is_much), challenge)


def _words(seconds: int, is_much: bool) -> str:
    """What he can do, in his words; of the work that his browser does meanwhile, the page itself tells him."""
    if not is_much:
        return ngettext(
            "That was very fast. Please check the form, wait %(num)s second and send it again. Your text is kept.",
            "That was very fast. Please check the form, wait %(num)s seconds and send it again. Your text is kept.",
            seconds,
        )
    return ngettext(
        "Many requests are coming in. Please wait %(num)s second, then send the form again. Your text is kept.",
        "Many requests are coming in. Please wait %(num)s seconds, then send the form again. Your text is kept.",
        seconds,
    )


def asked(doubt: Doubt | None) -> dict[str, Any]:
    """What the form's page reads of it."""
    return {"challenge": doubt.challenge if doubt else None}
