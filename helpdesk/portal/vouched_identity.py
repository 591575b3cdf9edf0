"""Who the merchant's own server says the visitor is: a short-lived JWT, signed with the form's secret."""

import json
from dataclasses import asdict, dataclass
from typing import Any

import jwt
from email_validator import EmailNotValidError, validate_email

from helpdesk.core.forms import one_line
from helpdesk.core.signing import age_seconds

LIFE_SECONDS = 600
SKEW_SECONDS = 60  # how far the merchant's clock may be ahead of ours
MOST_ORDER = 4000  # characters of an order as JSON


class NotVouched(ValueError):
    """The token says nothing that we can believe."""


@dataclass(frozen=True)
class VouchedIdentity:
    """What the token claims, checked and cleaned."""

    email: str
    jti: str
    name: str = ""
    external_id: str | None = None
    vip: bool | None = None  # None: the merchant says nothing about it
    order: dict[str, Any] | None = None

    @classmethod
    def of_token(cls, token: str, secret: str, audience: tuple[str, ...] = ()) -> "VouchedIdentity":
        """Read a token. Raises `NotVouched` for a wrong signature, algorithm, shape or time.

        A token that names whom it is for must name one of `audience`: the form, or the installation.
        """
        try:
            claims = jwt.decode(
                token,
                secret,
                algorithms=["HS256"],
                # Times are checked by our own clock, in `_check_times`.
                options={"require": ["exp", "iat", "jti", "email"], "verify_exp": False, "verify_iat": False,
                         "verify_nbf": False, "verify_aud": False},
            )  # fmt: skip
            _check_times(claims["iat"], claims["exp"])
            _check_audience(claims.get("aud"), audience)
            return cls._of_claims(claims)
        except (jwt.PyJWTError, EmailNotValidError, TypeError, ValueError, RecursionError) as error:
            raise NotVouched(type(error).__name__) from None

    @classmethod
    def _of_claims(cls, claims: dict[str, Any]) -> "VouchedIdentity":
        email = validate_email(claims["email"], check_deliverability=False).normalized.lower()
        jti, vip = claims["jti"], claims.get("vip")
        if not isinstance(jti, str) or not 1 <= len(jti) <= 200 or jti != one_line(jti):
            raise NotVouched("jti")
        return cls(
            email=email,
            jti=jti,
            name=_line(claims.get("name"), 200),
            external_id=_line(claims.get("external_id"), 100) or None,
            vip=vip if isinstance(vip, bool) else None,
            order=order_of(claims.get("order")),
        )

    def as_json(self) -> dict[str, Any]:
        """For the signed form."""
        return asdict(self)

    @property
    def claimed(self) -> dict[str, str]:
        """The fields of the form that it fills in, for good."""
        order = str(self.order.get("id", "")) if self.order else ""
        return {
            name: value
            for name, value in (("email", self.email), ("name", self.name), ("order", order))
            if value
        }


def order_of(claim: object) -> dict[str, Any] | None:
    """The order a request is about: an id alone, or the shop's own account of it; None when it makes no sense."""
    if isinstance(claim, dict):
        order = _cleaned(claim)
        is_one = _line(order.get("id"), 100) and len(json.dumps(order, allow_nan=False)) <= MOST_ORDER
        return order if is_one else None
    number = _line(claim, 100)
    return {"id": number} if number else None


def _cleaned(claim: Any) -> Any:
    """The same, its texts on single lines and without what no database keeps."""
    if isinstance(claim, dict):
        return {str(one_line(name)): _cleaned(value) for name, value in claim.items()}
    return [_cleaned(value) for value in claim] if isinstance(claim, list) else one_line(claim)


def _line(claim: object, most: int) -> str:
    said = str(claim) if isinstance(claim, str | int) and not isinstance(claim, bool) else ""
    return str(one_line(said))[:most].strip()


def _check_audience(meant: object, audience: tuple[str, ...]) -> None:
    if meant is not None and not set(meant if isinstance(meant, list) else [meant]) & set(audience):
        raise NotVouched("for somebody else")


def _check_times(issued: object, expires: object) -> None:
    for at in (issued, expires):
        if isinstance(at, bool) or not isinstance(at, int | float):
            raise NotVouched("time")
    if not 0 < expires - issued <= LIFE_SECONDS:  # type: ignore[operator]
        raise NotVouched("lives too long")
    if age_seconds(expires) >= 0 or age_seconds(issued) < -SKEW_SECONDS:  # type: ignore[arg-type]
        raise NotVouched("not now")
