"""The same done to many tickets, and macros: runs with their tickets, and who uses which canned reply how often.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
DUE, UNSEEN = "next_at IS NOT NULL", "is_news AND seen_at IS NULL"


def _point(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)


def upgrade() -> None:
    """Go on."""
    op.create_table(
        "macros",
        sa.Column("id", BIG, nullable=False),
        sa.Column("owner_id", BIG, nullable=True),
        sa.Column("group_id", BIG, nullable=True),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("name_vi", sa.String(length=200), nullable=False),
        sa.Column("deeds", JSON, nullable=False),
        sa.Column("used_count", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
        sa.Column("archived_at", AT, nullable=True),
        sa.Column("organizer_id", BIG, nullable=False),
        _point("macros", "owner_id", "users"),
        _point("macros", "group_id", "groups"),
        _point("macros", "organizer_id", "organizers"),
        sa.PrimaryKeyConstraint("id", name="pk_macros"),
    )
    op.create_table(
        "bulk_runs",
        sa.Column("id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("deeds", JSON, nullable=False),
        sa.Column("macro_id", BIG, nullable=True),
        sa.Column("undo_of_id", BIG, nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("unknown", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("done", "same", "skipped")),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("started_at", AT, nullable=True),
        sa.Column("finished_at", AT, nullable=True),
        sa.Column("undone_at", AT, nullable=True),
        sa.Column("next_at", AT, nullable=True),
        sa.Column("is_news", sa.Boolean(), nullable=False),
        sa.Column("seen_at", AT, nullable=True),
        sa.Column("organizer_id", BIG, nullable=False),
        _point("bulk_runs", "user_id", "users"),
        _point("bulk_runs", "macro_id", "macros"),
        _point("bulk_runs", "undo_of_id", "bulk_runs"),
        _point("bulk_runs", "organizer_id", "organizers"),
        sa.PrimaryKeyConstraint("id", name="pk_bulk_runs"),
        sa.UniqueConstraint("undo_of_id", name="uq_bulk_runs_undo_of_id"),
    )
    op.create_index("ix_bulk_runs_user_id", "bulk_runs", ["user_id"])
    _partial("ix_bulk_runs_due", "bulk_runs", ["organizer_id", "next_at"], DUE)
    _partial("ix_bulk_runs_unseen", "bulk_runs", ["user_id", "id"], UNSEEN)
    op.create_table(
        "bulk_items",
        sa.Column("id", BIG, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("before", JSON, nullable=True),
        sa.Column("event_id", BIG, nullable=True),
        sa.Column("organizer_id", BIG, nullable=False),
        _point("bulk_items", "run_id", "bulk_runs"),
        _point("bulk_items", "ticket_id", "tickets"),
        _point("bulk_items", "organizer_id", "organizers"),
        sa.PrimaryKeyConstraint("id", name="pk_bulk_items"),
        sa.UniqueConstraint("run_id", "ticket_id", name="uq_bulk_items_run_id_ticket_id"),
    )
    op.create_index("ix_bulk_items_state", "bulk_items", ["run_id", "state", "tries", "id"])
    op.create_table(
        "canned_uses",
        sa.Column("id", BIG, nullable=False),
        sa.Column("canned_id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", AT, nullable=False),
        sa.Column("organizer_id", BIG, nullable=False),
        _point("canned_uses", "canned_id", "canned_replies"),
        _point("canned_uses", "user_id", "users"),
        _point("canned_uses", "organizer_id", "organizers"),
        sa.PrimaryKeyConstraint("id", name="pk_canned_uses"),
        sa.UniqueConstraint("canned_id", "user_id", name="uq_canned_uses_canned_id_user_id"),
    )


def downgrade() -> None:
    """Go back; what was done to many at once stays done, and can no more be undone together."""
    for table in ("canned_uses", "bulk_items", "bulk_runs", "macros"):
        op.drop_table(table)
