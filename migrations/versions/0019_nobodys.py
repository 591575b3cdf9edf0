"""Nobody's tickets: lists of what has no agent are walked in their order, from either end.

Revision ID: 0019
Revises: 0018
"""

from alembic import op
from sqlalchemy import text

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

SHOWN = ("sort_at", "id", "merchant_id", "deleted_at")
ASKED = ("status", "priority", "category_id", "group_id", "source", "created_at", "customer_id")
INDEXES = {
    "ix_tickets_nobodys": ("organizer_id", *SHOWN, *ASKED),
    "ix_tickets_unassigned": ("organizer_id", "is_alive", *SHOWN, *ASKED, "snoozed_until"),
}
NOBODYS = text("assignee_id IS NULL")


def upgrade() -> None:
    """Go on."""
    for name, columns in INDEXES.items():
        op.create_index(name, "tickets", [*columns], sqlite_where=NOBODYS, postgresql_where=NOBODYS)


def downgrade() -> None:
    """Go back."""
    for name in INDEXES:
        op.drop_index(name, "tickets")
