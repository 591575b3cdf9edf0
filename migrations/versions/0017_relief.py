"""Relief: since when somebody is given no work any more, though his profile is kept.

Revision ID: 0017
Revises: 0016

A column is added and no table copied, as in 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go on. Whoever has a profile can be given work."""
    op.add_column("agents", sa.Column("relieved_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Go back; who was relieved can be given work again."""
    op.drop_column("agents", "relieved_at")
