"""The bell: what each user is told on the screen; whether his browser says so; the log of mails by what it is asked.

Revision ID: 0010
Revises: 0009

Columns are added one by one and never by copying a table, as in 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT = sa.DateTime(timezone=True)
UNREAD = "read_at IS NULL"
LOUD = ("is_shown_by_browser", "is_heard")
POINTS = {"event_id": "events", "ticket_id": "tickets", "user_id": "users", "organizer_id": "organizers"}


def upgrade() -> None:
    """Go on. What happened before is not told again."""
    op.create_table(
        "notifications",
        sa.Column("id", BIG, nullable=False),
        sa.Column("event_id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("read_at", AT, nullable=True),
        sa.Column("organizer_id", BIG, nullable=False),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=f"fk_notifications_{column}_{table}")
            for column, table in POINTS.items()
        ),
        sa.PrimaryKeyConstraint("id", name="pk_notifications"),
        sa.UniqueConstraint("event_id", "user_id", name="uq_notifications_event_id_user_id"),
    )
    op.create_index("ix_notifications_user", "notifications", ["user_id", "id"])
    op.create_index("ix_notifications_user_ticket", "notifications", ["user_id", "ticket_id", "id"])
    op.create_index(
        "ix_notifications_unread", "notifications", ["user_id", "id"],
        sqlite_where=sa.text(UNREAD), postgresql_where=sa.text(UNREAD),
    )  # fmt: skip
    for name in LOUD:
        op.add_column("preferences", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_deliveries_log", "deliveries", ["organizer_id", "created_at", "id"])
    op.create_index("ix_deliveries_state", "deliveries", ["organizer_id", "state", "created_at", "id"])
    op.create_index("ix_deliveries_template", "deliveries", ["organizer_id", "template", "created_at", "id"])


def downgrade() -> None:
    """Go back; what was told and whether it was read is lost."""
    for name in ("ix_deliveries_template", "ix_deliveries_state", "ix_deliveries_log"):
        op.drop_index(name, "deliveries")
    for name in reversed(LOUD):
        op.drop_column("preferences", name)
    op.drop_table("notifications")
