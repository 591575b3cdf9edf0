"""People: invitations and new passwords by mail, second factors, where sessions are; the settings' history by an index.

Revision ID: 0016
Revises: 0015

Columns are added one by one and never by copying a table, as in 0004.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT = sa.DateTime(timezone=True)
SETTINGS = "ticket_id IS NULL"
DUE = "next_at IS NOT NULL"
ADDED = (
    ("users", "joined_at", AT, None),
    ("users", "version", sa.Integer(), "1"),
    ("user_sessions", "place", sa.String(length=45), ""),
    ("user_sessions", "awaits_factor", sa.Boolean(), sa.false()),
    ("organizers", "factor_from", sa.String(length=10), ""),
    ("organizers", "hides_start", sa.Boolean(), sa.false()),
)


def _points(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")
        for column, other in (columns | {"organizer_id": "organizers"}).items()
    ]


def upgrade() -> None:
    """Go on. Whoever is there has joined; nobody needs a second factor yet."""
    for table, name, kind, default in ADDED:
        op.add_column(table, sa.Column(name, kind, nullable=default is None, server_default=default))
    op.execute("UPDATE users SET joined_at = created_at")
    where = {"sqlite_where": sa.text(SETTINGS), "postgresql_where": sa.text(SETTINGS)}
    op.create_index("ix_events_settings", "events", ["organizer_id", "id"], **where)
    op.create_table(
        "account_links",
        sa.Column("id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("purpose", sa.String(length=12), nullable=False),
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("expires_at", AT, nullable=False),
        sa.Column("used_at", AT, nullable=True),
        sa.Column("revoked_at", AT, nullable=True),
        sa.Column("organizer_id", BIG, nullable=False),
        *_points("account_links", user_id="users"),
        sa.PrimaryKeyConstraint("id", name="pk_account_links"),
    )
    op.create_index("ix_account_links_user_id", "account_links", ["user_id"])
    op.create_table(
        "second_factors",
        sa.Column("id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("confirmed_at", AT, nullable=True),
        sa.Column("last_step", BIG, nullable=False),
        sa.Column("recovery", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("organizer_id", BIG, nullable=False),
        *_points("second_factors", user_id="users"),
        sa.PrimaryKeyConstraint("id", name="pk_second_factors"),
        sa.UniqueConstraint("user_id", name="uq_second_factors_user_id"),
    )
    op.create_table(
        "account_mails",
        sa.Column("id", BIG, nullable=False),
        sa.Column("link_id", BIG, nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("begun", sa.Integer(), nullable=False),
        sa.Column("next_at", AT, nullable=True),
        sa.Column("is_uncertain", sa.Boolean(), nullable=False),
        sa.Column("smtp_answer", sa.String(length=200), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("sent_at", AT, nullable=True),
        sa.Column("via_merchant_id", BIG, nullable=True),
        sa.Column("organizer_id", BIG, nullable=False),
        *_points("account_mails", link_id="account_links", via_merchant_id="merchants"),
        sa.PrimaryKeyConstraint("id", name="pk_account_mails"),
        sa.UniqueConstraint("link_id", name="uq_account_mails_link_id"),
    )
    where = {"sqlite_where": sa.text(DUE), "postgresql_where": sa.text(DUE)}
    op.create_index("ix_account_mails_due", "account_mails", ["organizer_id", "next_at"], **where)


def downgrade() -> None:
    """Go back; invitations and second factors are lost."""
    op.drop_index("ix_account_mails_due", "account_mails")
    op.drop_table("account_mails")
    op.drop_table("second_factors")
    op.drop_index("ix_account_links_user_id", "account_links")
    op.drop_table("account_links")
    op.drop_index("ix_events_settings", "events")
    for table, name, *_ in reversed(ADDED):
        op.drop_column(table, name)
