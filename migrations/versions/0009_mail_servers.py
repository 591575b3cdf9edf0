"""Own mail servers of stores, suppressed addresses, and how far a sender had come.

Revision ID: 0009
Revises: 0008

Columns are added one by one and never by copying a table, as in 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT = sa.DateTime(timezone=True)
WAITING = "next_at IS NOT NULL"
SENT = ("deliveries", "batches")
OF_CUSTOMERS = {
    "deliveries": "SELECT merchant_id FROM tickets WHERE tickets.id = deliveries.ticket_id",
    "batches": "SELECT merchant_id FROM customers WHERE customers.id = batches.recipient_id",
}


def upgrade() -> None:
    """Go on."""
    for table in SENT:
        via = sa.Column("via_merchant_id", BIG, sa.ForeignKey("merchants.id"), nullable=True)
        op.add_column(table, via, inline_references=True)
        op.add_column(table, sa.Column("begun", sa.Integer(), nullable=False, server_default="0"))
        op.execute(
            f"UPDATE {table} SET via_merchant_id = ({OF_CUSTOMERS[table]}) WHERE recipient_kind = 'customer'"
        )
        op.execute(
            f"UPDATE {table} SET begun = fence WHERE state = 'leased'"
        )  # nobody knows how far they came
        _due(table, "organizer_id", "next_at", "via_merchant_id")
    op.create_table(
        "mail_suppressions",
        sa.Column("id", BIG, nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("until", AT, nullable=True),
        sa.Column("answer", sa.String(length=200), nullable=True),
        sa.Column("changed_at", AT, nullable=False),
        *_of_an_organizer("mail_suppressions", "organizer_id", "address"),
    )
    op.create_table(
        "mail_servers",
        sa.Column("id", BIG, nullable=False),
        sa.Column("merchant_id", BIG, nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("security", sa.String(length=10), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("user_name", sa.String(length=254), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("trouble", sa.String(length=200), nullable=True),
        sa.Column("trouble_at", AT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", AT, nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchants.id"], name="fk_mail_servers_merchant_id_merchants"
        ),
        *_of_an_organizer("mail_servers", "merchant_id"),
    )


def _of_an_organizer(table: str, *unique: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("organizer_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["organizer_id"], ["organizers.id"], name=f"fk_{table}_organizer_id_organizers"
        ),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint(*unique, name=f"uq_{table}_{'_'.join(unique)}"),
    ]


def _due(table: str, *columns: str) -> None:
    """The index over what is still to be sent."""
    op.drop_index(f"ix_{table}_due", table)
    op.create_index(
        f"ix_{table}_due", table, list(columns),
        sqlite_where=sa.text(WAITING), postgresql_where=sa.text(WAITING),
    )  # fmt: skip


def downgrade() -> None:
    """Go back; own mail servers and what was refused are lost."""
    op.drop_table("mail_servers")
    op.drop_table("mail_suppressions")
    for table in SENT:
        _due(table, "organizer_id", "next_at")
        op.drop_column(table, "begun")
        op.drop_column(table, "via_merchant_id")
