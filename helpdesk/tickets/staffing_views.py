"""What the pages of agents, teams and skills say about tickets and categories, which are above them."""

from sqlalchemy import func, select

from helpdesk.core.db import db
from helpdesk.tickets.category import Category
from helpdesk.tickets.deed_views import bp
from helpdesk.tickets.lifecycle import LOADS, Status
from helpdesk.tickets.ticket import Ticket


@bp.app_template_global()
def tickets_held(user_id: int) -> dict[int, int]:
    """Merchant → how many unfinished tickets somebody has."""
    held = select(Ticket.merchant_id, func.count()).where(
        Ticket.assignee_id == user_id, Ticket.deleted_at.is_(None),
        Ticket.status.in_({*LOADS, Status.WAITING_USER}),
    )  # fmt: skip
    return dict(db.session.execute(held.group_by(Ticket.merchant_id)).all())


@bp.app_template_global()
def categories_of(*, group_id: int = 0, skill_id: int = 0) -> list[Category]:
    """The categories in use that give their tickets to a team, or that ask for a skill."""
    found = db.session.scalars(select(Category).where(Category.archived_at.is_(None)).order_by(Category.id))
    return [
        one for one in found
        if (group_id and one.group_id == group_id)
        or (skill_id and any(need["skill"] == skill_id for need in one.required_skills))
    ]  # fmt: skip
