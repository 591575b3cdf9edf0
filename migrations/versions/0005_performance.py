"""Agents' performance: counts and sums per agent and day, and what was counted for which ticket.

Revision ID: 0005
Revises: 0004

Tickets that are there already are counted by a job afterwards, newest first: here it is only said up to where.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AMOUNTS = (
    "handled", "responses", "response_seconds", "response_wall_seconds", "resolutions", "resolution_seconds",
    "resolution_wall_seconds", "kept", "broken", "ratings", "rating_sum",
)  # fmt: skip


def number(column: str, *, nullable: bool = False) -> sa.Column:
    """A column that holds a number, or an id that no row needs to have."""
    return sa.Column(column, BIG, nullable=nullable)


def points(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    """That a column holds the id of another row."""
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}_{to}")


def upgrade() -> None:
    """Go on."""
    op.create_table(
        "agent_days",
        *(number(column) for column in ("id", "user_id", "merchant_id")),
        sa.Column("day", sa.Date(), nullable=False),
        *(number(column) for column in AMOUNTS),
        number("organizer_id"),
        *_owners("agent_days"),
        sa.PrimaryKeyConstraint("id", name="pk_agent_days"),
        sa.UniqueConstraint("user_id", "day", "merchant_id", name="uq_agent_days_user_id_day_merchant_id"),
    )
    op.create_index("ix_agent_days_day", "agent_days", ["organizer_id", "day"])
    op.create_table(
        "agent_credits",
        number("id"),
        number("ticket_id"),
        sa.Column("what", sa.String(length=40), nullable=False),
        *(number(column) for column in ("user_id", "merchant_id")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *(number(column) for column in AMOUNTS),
        number("organizer_id"),
        *_owners("agent_credits"),
        points("agent_credits", "ticket_id", "tickets"),
        sa.PrimaryKeyConstraint("id", name="pk_agent_credits"),
        sa.UniqueConstraint("ticket_id", "what", name="uq_agent_credits_ticket_id_what"),
    )
    op.create_index("ix_agent_credits_user_id", "agent_credits", ["user_id"])
    op.create_table(
        "agent_recounts",
        number("id"),
        number("before_id", nullable=True),
        number("organizer_id"),
        points("agent_recounts", "organizer_id", "organizers"),
        sa.PrimaryKeyConstraint("id", name="pk_agent_recounts"),
        sa.UniqueConstraint("organizer_id", name="uq_agent_recounts_organizer_id"),
    )
    op.execute("""
        INSERT INTO agent_recounts (organizer_id, before_id)
        SELECT organizer_id, max(id) + 1 FROM tickets GROUP BY organizer_id
    """)


def _owners(table: str) -> list[sa.ForeignKeyConstraint]:
    pairs = (("user_id", "users"), ("merchant_id", "merchants"), ("organizer_id", "organizers"))
    return [points(table, column, to) for column, to in pairs]


def downgrade() -> None:
    """Go back."""
    op.drop_table("agent_recounts")
    op.drop_table("agent_credits")
    op.drop_table("agent_days")
