"""Everybody who signs in, or is invited to, on one page: a line each, asked for in as few questions as possible."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from sqlalchemy import func, select

from helpdesk.accounts.account_link import AccountLink
from helpdesk.accounts.employment import everybody
from helpdesk.accounts.second_factor import SecondFactor
from helpdesk.accounts.user import Membership, User
from helpdesk.accounts.user_session import UserSession
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.organizers.merchant import Merchant

STATES = ("active", "invited", "expired", "inactive")


@dataclass
class Line:
    """One user."""

    user: User
    state: str  # one of STATES
    seen_at: datetime | None
    has_factor: bool
    merchants: list[str] = field(default_factory=list)


class StaffList:
    """Of the present organizer."""

    @cached_property
    def lines(self) -> list[Line]:
        """Those who work here first, by name."""
        seen, factors, invited, merchants = self._seen(), self._factors(), self._invited(), self._merchants()
        return [
            Line(user, _state(user, invited), seen.get(user.id), user.id in factors, merchants[user.id])
            for user in everybody()
        ]

    @cached_property
    def counts(self) -> dict[str, int]:
        """State → how many."""
        states = [line.state for line in self.lines]
        return {state: states.count(state) for state in STATES if state in states}

    @staticmethod
    def stores() -> dict[int, str]:
        """Names by id."""
        rows = select(Merchant.id, Merchant.name).where(Merchant.deleted_at.is_(None))
        return dict(db.session.execute(rows.order_by(Merchant.name, Merchant.id)).all())

    def _seen(self) -> dict[int, datetime]:
        seen = select(UserSession.user_id, func.max(UserSession.seen_at)).group_by(UserSession.user_id)
        return dict(db.session.execute(seen).all())

    def _factors(self) -> set[int]:
        return set(
            db.session.scalars(select(SecondFactor.user_id).where(SecondFactor.confirmed_at.is_not(None)))
        )

    def _invited(self) -> set[int]:
        good = select(AccountLink.user_id).where(
            AccountLink.purpose == "invitation", AccountLink.used_at.is_(None), AccountLink.revoked_at.is_(None),
            AccountLink.expires_at > clock.now(),
        )  # fmt: skip
        return set(db.session.scalars(good))

    def _merchants(self) -> dict[int, list[str]]:
        links = select(Membership.user_id, Merchant.name).join(
            Merchant, Merchant.id == Membership.merchant_id
        )
        links = links.where(Membership.deleted_at.is_(None), Merchant.deleted_at.is_(None))
        found: dict[int, list[str]] = defaultdict(list)
        for user_id, name in db.session.execute(links.order_by(Merchant.name)):
            found[user_id].append(name)
        return found


def _state(user: User, invited: set[int]) -> str:
    if user.is_active:
        return "active"
    if not user.is_invited:
        return "inactive"
    return "invited" if user.id in invited else "expired"
