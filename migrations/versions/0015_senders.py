"""Who sent a request by the form, and on whose word; customers by their address, whoever they wrote to.

Revision ID: 0015
Revises: 0014

Requests from before say nothing about it, as those that staff open: they stay with their customers.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go on. Columns are added one by one and never by copying a table, as in 0004."""
    op.add_column("tickets", sa.Column("sender_proof", sa.String(length=10), nullable=True))
    said = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.add_column("tickets", sa.Column("sender_said", said, nullable=True))
    op.create_index("ix_customers_email", "customers", ["email"])


def downgrade() -> None:
    """Go back; who was verified is lost."""
    op.drop_index("ix_customers_email", "customers")
    op.drop_column("tickets", "sender_said")
    op.drop_column("tickets", "sender_proof")
