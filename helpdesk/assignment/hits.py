"""How often rules chose somebody lately, and whether they ever did."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from helpdesk.assignment.decision import Decision
from helpdesk.assignment.rule import Rule
from helpdesk.core import clock
from helpdesk.core.db import db

LATELY = timedelta(days=7)


@dataclass(frozen=True)
class Hits:
    """Of every rule, in one question that looks at no older decisions than it must."""

    lately: dict[int, int]
    ever: frozenset[int]

    @classmethod
    def now(cls) -> "Hits":
        """As they stand."""
        own = select(Decision.id).where(Decision.rule_id == Rule.id, Decision.chosen_id.is_not(None))
        recent = own.with_only_columns(func.count()).where(Decision.created_at >= clock.now() - LATELY)
        rows = db.session.execute(
            select(Rule.id, recent.scalar_subquery(), own.exists()).where(Rule.deleted_at.is_(None))
        ).all()
        return cls({id_: n for id_, n, _ever in rows}, frozenset(id_ for id_, _n, ever in rows if ever))
