"""Who the shop says that a form's visitor is: its token in the address, or the identity in the opened form."""

from flask import g, request

from helpdesk.config import current_config
from helpdesk.core.i18n import _
from helpdesk.portal.form_token import FormToken
from helpdesk.portal.used_token import UsedToken
from helpdesk.portal.vouched_identity import NotVouched, VouchedIdentity


def vouched() -> tuple[VouchedIdentity | None, list[str]]:
    """Who the merchant's token in the address says it is; a sentence when it cannot be believed."""
    token = request.args.get("token")
    if not token:
        return None, []
    try:
        identity = g.form_key.by_secret(lambda secret: VouchedIdentity.of_token(token, secret, _own_names()))
    except NotVouched:
        return None, [unvouched()]
    g.key_use[1].extend(g.form_key.uses_of_secret())
    return (None, [unvouched()]) if UsedToken.is_used(g.form_key, identity.jti) else (identity, [])


def _own_names() -> tuple[str, ...]:
    """What a token may call us that says whom it is for."""
    base = current_config().base_url.rstrip("/")
    return *g.form_key.live_keys, base, f"{base}/"


def with_identity(token: FormToken) -> tuple[FormToken, list[str]]:
    """The identity that came with the opened form, which outlives the token; else that of the address."""
    if token.identity or not request.args.get("token"):
        return token, []
    identity, problem = vouched()
    return FormToken(token.form_key, token.shown_at, token.nonce, identity), problem


def unvouched() -> str:
    """Said where the shop's word is not good, or used up."""
    return _("We could not verify who you are. Please fill in your name and email yourself.")
