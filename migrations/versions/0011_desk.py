"""The desk as each likes it: density, keys, what comes after sending; who follows a ticket; tickets out of sight.

Revision ID: 0011
Revises: 0010

Columns are added one by one and never by copying a table, as in 0004. Two indexes of the queue are made anew: with
the new column in them they go on answering counts by themselves.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT = sa.DateTime(timezone=True)
OPEN = "ended_at IS NULL"
AWAY = "snoozed_until IS NOT NULL"
OF_BOTH = ("ticket_id", "tickets"), ("user_id", "users"), ("organizer_id", "organizers")
CHOICES = (
    ("density", sa.String(length=12), "comfortable"),
    ("uses_shortcuts", sa.Boolean(), sa.true()),
    ("after_send", sa.String(length=10), "stay"),
)
COVERED = ("merchant_id", "deleted_at")
INDEXES = {
    "ix_tickets_alive": ("organizer_id", "is_alive", "sort_at", "id", *COVERED, "assignee_id", "status"),
    "ix_tickets_mine": ("organizer_id", "assignee_id", "is_alive", "sort_at", "id", *COVERED, "status"),
}


def _points(table: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")
        for column, other in OF_BOTH
    ]


def upgrade() -> None:
    """Go on. Everybody keeps what he had: comfortable rows, keys, staying where he is."""
    for name, kind, default in CHOICES:
        op.add_column("users", sa.Column(name, kind, nullable=False, server_default=default))
    op.create_table(
        "followers",
        sa.Column("id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("removed_at", AT, nullable=True),
        sa.Column("organizer_id", BIG, nullable=False),
        *_points("followers"),
        sa.PrimaryKeyConstraint("id", name="pk_followers"),
        sa.UniqueConstraint("ticket_id", "user_id", name="uq_followers_ticket_id_user_id"),
    )
    op.create_table(
        "snoozes",
        sa.Column("id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("until", AT, nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("ended_at", AT, nullable=True),
        sa.Column("organizer_id", BIG, nullable=False),
        *_points("snoozes"),
        sa.PrimaryKeyConstraint("id", name="pk_snoozes"),
    )
    for name, columns, unique in (
        ("ix_snoozes_ticket", ["ticket_id"], True),
        ("ix_snoozes_due", ["organizer_id", "until"], False),
    ):
        where = {"sqlite_where": sa.text(OPEN), "postgresql_where": sa.text(OPEN)}
        op.create_index(name, "snoozes", columns, unique=unique, **where)
    op.add_column("tickets", sa.Column("snoozed_until", AT, nullable=True))
    for name, columns in INDEXES.items():
        op.drop_index(name, "tickets")
        op.create_index(name, "tickets", [*columns, "snoozed_until"])
    op.create_index(
        "ix_tickets_snoozed", "tickets", ["organizer_id", "sort_at", "id"],
        sqlite_where=sa.text(AWAY), postgresql_where=sa.text(AWAY),
    )  # fmt: skip


def downgrade() -> None:
    """Go back; who follows what, and what was out of sight, is lost."""
    op.drop_index("ix_tickets_snoozed", "tickets")
    for name, columns in INDEXES.items():
        op.drop_index(name, "tickets")
        op.create_index(name, "tickets", list(columns))
    op.drop_column("tickets", "snoozed_until")
    op.drop_table("snoozes")
    op.drop_table("followers")
    for name, *_ in reversed(CHOICES):
        op.drop_column("users", name)
