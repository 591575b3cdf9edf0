"""Lists: two indexes answer what filters ask without looking at the rows, so that counting does not grow with them.

Revision ID: 0018
Revises: 0017
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

COVERED = ("merchant_id", "deleted_at")
ASKED = ("priority", "category_id", "group_id", "source", "created_at", "customer_id")
MINE, OF_STATUS = "ix_tickets_mine", "ix_tickets_status"
ALIKE = {
    MINE: ("organizer_id", "assignee_id", "is_alive", "sort_at", "id", *COVERED),
    OF_STATUS: ("organizer_id", "status", "sort_at", "id", *COVERED, "is_alive"),
}
BEFORE = {MINE: ("status", "snoozed_until"), OF_STATUS: ()}
AFTER = {MINE: ("snoozed_until", "status", *ASKED), OF_STATUS: ("snoozed_until", "assignee_id", *ASKED)}


def upgrade() -> None:
    """Go on."""
    _end_with(AFTER)


def downgrade() -> None:
    """Go back."""
    _end_with(BEFORE)


def _end_with(columns: dict[str, tuple[str, ...]]) -> None:
    for name, end in columns.items():
        op.drop_index(name, "tickets")
        op.create_index(name, "tickets", [*ALIKE[name], *end])
