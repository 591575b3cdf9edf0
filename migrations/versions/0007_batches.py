"""Batches of mails, and what each user wants to be told of, how and when.

Revision ID: 0007
Revises: 0006

Columns are added one by one and never by copying a table, as in 0004.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
AT = sa.DateTime(timezone=True)
WAITING = "next_at IS NOT NULL"
BATCHED = "batch_id IS NOT NULL"


def upgrade() -> None:
    """Go on."""
    op.add_column(
        "organizers", sa.Column("mail_window_seconds", sa.Integer(), nullable=False, server_default="120")
    )
    _batches()
    _preferences()
    batch = sa.Column("batch_id", BIG, sa.ForeignKey("batches.id"), nullable=True)
    op.add_column("deliveries", batch, inline_references=True)
    op.create_index(
        "ix_deliveries_batch", "deliveries", ["batch_id"],
        sqlite_where=sa.text(BATCHED), postgresql_where=sa.text(BATCHED),
    )  # fmt: skip


def _batches() -> None:
    op.create_table(
        "batches",
        sa.Column("id", BIG, nullable=False),
        sa.Column("recipient_kind", sa.String(length=10), nullable=False),
        sa.Column("recipient_id", BIG, nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("slot", sa.String(length=40), nullable=True),
        sa.Column("opened_at", AT, nullable=False),
        sa.Column("message_id", sa.String(length=300), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("next_at", AT, nullable=True),
        sa.Column("is_uncertain", sa.Boolean(), nullable=False),
        sa.Column("smtp_answer", sa.String(length=200), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.Column("sent_at", AT, nullable=True),
        sa.Column("organizer_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["organizer_id"], ["organizers.id"], name="fk_batches_organizer_id_organizers"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_batches"),
        sa.UniqueConstraint("organizer_id", "slot", name="uq_batches_organizer_id_slot"),
    )
    op.create_index(
        "ix_batches_due", "batches", ["organizer_id", "next_at"],
        sqlite_where=sa.text(WAITING), postgresql_where=sa.text(WAITING),
    )  # fmt: skip


def _preferences() -> None:
    op.create_table(
        "preferences",
        sa.Column("id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("choices", JSON, nullable=False),
        sa.Column("digest", sa.String(length=10), nullable=False),
        sa.Column("digest_hour", sa.Integer(), nullable=False),
        sa.Column("quiet_from", sa.String(length=5), nullable=False),
        sa.Column("quiet_to", sa.String(length=5), nullable=False),
        sa.Column("quiet_days", JSON, nullable=False),
        sa.Column("changed_at", AT, nullable=False),
        sa.Column("organizer_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_preferences_user_id_users"),
        sa.ForeignKeyConstraint(
            ["organizer_id"], ["organizers.id"], name="fk_preferences_organizer_id_organizers"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_preferences"),
        sa.UniqueConstraint("user_id", name="uq_preferences_user_id"),
    )


def downgrade() -> None:
    """Go back; what waited in a batch leaves by itself, preferences are lost."""
    waiting = "('queued', 'leased', 'uncertain')"
    op.execute(
        "UPDATE deliveries SET next_at = (SELECT next_at FROM batches WHERE batches.id = deliveries.batch_id)"
        f" WHERE batch_id IS NOT NULL AND state IN {waiting}"
    )
    op.drop_index("ix_deliveries_batch", "deliveries")
    op.drop_column("deliveries", "batch_id")
    op.drop_table("preferences")
    op.drop_index("ix_batches_due", "batches")
    op.drop_table("batches")
    op.drop_column("organizers", "mail_window_seconds")
