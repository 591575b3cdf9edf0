"""The scope of a page of figures: how many days, of which merchant, of which group, in which order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, or_, select

from helpdesk.accounts.user import User, workers_of
from helpdesk.agents.agent import Agent
from helpdesk.agents.agent_day import AgentDay, day_of
from helpdesk.agents.group import Group
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.organizers.merchant import Merchant
from helpdesk.reports.figure import FIGURES

DAYS = (7, 30, 90)
ORDERS = ("name", *(figure.key for figure in FIGURES))


@dataclass(frozen=True)
class Scope:
    """What was asked for, by whom."""

    viewer: User
    merchants: Sequence[Merchant]
    groups: Sequence[Group]
    days: int = 30
    merchant: Merchant | None = None
    group: Group | None = None
    order: str = "name"  # with a "-" before it: largest first

    @classmethod
    def asked(cls, viewer: User, said: Mapping[str, str]) -> "Scope":
        """Read it from an address; LookupError for a period, merchant or group that is not there for who asks."""
        sees_all = viewer.is_at_least("manager")
        own = (
            select(Merchant)
            .where(Merchant.id.in_(viewer.merchant_ids()))
            .order_by(Merchant.name, Merchant.id)
        )
        merchants = db.session.scalars(own).all()
        groups = db.session.scalars(Group.on_offer()).all() if sees_all else []
        order = said.get("sort", "name")
        return cls(
            viewer, merchants, groups,
            days={str(days): days for days in DAYS}[said.get("days", "30")],
            merchant=_chosen(merchants, said.get("merchant", "")),
            group=_chosen(groups, said.get("group", "")),
            order=order if order.removeprefix("-") in ORDERS else "name",
        )  # fmt: skip

    def args(self, **other: Any) -> dict[str, Any]:
        """The query of an address with this scope; what is said here is otherwise there."""
        mine = replace(self, **other)
        said = {
            "days": mine.days, "merchant": mine.merchant and mine.merchant.id, "group": mine.group and mine.group.id,
            "sort": mine.order if mine.order != "name" else None,
        }  # fmt: skip
        return {name: value for name, value in said.items() if value}

    def today(self, whose: User) -> date:
        """The date where somebody is."""
        return day_of(whose.time_zone, clock.now())

    def since(self, whose: User) -> date:
        """The first of the days that end today, where he is."""
        return self.today(whose) - timedelta(days=self.days - 1)

    def agents(self) -> Sequence[User]:
        """Who can be given work, and who did some in these days although he cannot any more, by name."""
        merchant_id = self.merchant.id if self.merchant else None
        can = and_(User.is_active, User.id.in_(Agent.able()))
        if merchant_id:
            can = and_(can, User.id.in_(workers_of(merchant_id).with_only_columns(User.id).order_by(None)))
        long_ago = day_of("", clock.now()) - timedelta(days=self.days)
        found = select(User).where(or_(can, User.id.in_(AgentDay.active_since(long_ago, merchant_id))))
        if self.group:
            found = found.where(User.id.in_(Group.member_ids(self.group.id)))
        return db.session.scalars(found.order_by(User.id)).all()

    def agent(self, user_id: int) -> User:
        """One of them, for his own page: himself, or anybody for a manager. LookupError for who is not there."""
        sees = self.viewer.is_at_least("manager") or self.viewer.id == user_id
        user = db.session.scalar(select(User).where(User.id == user_id)) if sees else None
        if user is None:
            raise LookupError(user_id)
        return user


def _chosen(rows: Sequence[Any], said: str) -> Any:
    """The row with an id as it is written in an address; None where nothing is."""
    return {str(row.id): row for row in rows}[said] if said else None
