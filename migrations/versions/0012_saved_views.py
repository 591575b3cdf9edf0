"""Saved views, where each of their readers has pinned them, and what finds tickets by every filter of the queue.

Revision ID: 0012
Revises: 0011

Two indexes that lists walk in their order are made anew: with what filters ask in them, they answer by themselves.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT = sa.DateTime(timezone=True)

COVERED = ("merchant_id", "deleted_at")
ASKED = ("status", "priority", "category_id", "group_id", "source", "created_at", "customer_id")
WALKED = {  # name → (as it was, as it is)
    "ix_tickets_sorted": (("sort_at", "id"), ("sort_at", "id", *COVERED, "assignee_id", *ASKED)),
    "ix_tickets_alive": (
        ("is_alive", "sort_at", "id", *COVERED, "assignee_id", "status", "snoozed_until"),
        ("is_alive", "sort_at", "id", *COVERED, "assignee_id", "snoozed_until", *ASKED),
    ),
}
FILTERED = {
    "assignee": "assignee_id", "priority": "priority", "group": "group_id", "source": "source", "created": "created_at",
}  # fmt: skip


def _id(name: str, *, may_be_missing: bool = False) -> sa.Column[int]:
    return sa.Column(name, BIG, nullable=may_be_missing)


def _points(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")
        for column, other in (columns | {"organizer_id": "organizers"}).items()
    ]


def upgrade() -> None:
    """Go on."""
    op.create_table(
        "saved_views",
        _id("id"),
        _id("owner_id"),
        _id("group_id", may_be_missing=True),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("name_vi", sa.String(length=200), nullable=False),
        sa.Column("view", sa.String(length=20), nullable=False),
        sa.Column("query", sa.String(length=2000), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
        sa.Column("archived_at", AT, nullable=True),
        _id("organizer_id"),
        *_points("saved_views", owner_id="users", group_id="groups"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_views"),
    )
    op.create_table(
        "saved_view_places",
        _id("id"),
        _id("user_id"),
        _id("saved_view_id"),
        sa.Column("position", sa.Integer(), nullable=True),
        _id("organizer_id"),
        *_points("saved_view_places", user_id="users", saved_view_id="saved_views"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_view_places"),
        sa.UniqueConstraint("user_id", "saved_view_id", name="uq_saved_view_places_user_id_saved_view_id"),
    )
    op.create_index("ix_saved_views_owner_id", "saved_views", ["owner_id"])
    op.create_index("ix_saved_views_group_id", "saved_views", ["group_id"])
    op.create_index("ix_saved_view_places_saved_view_id", "saved_view_places", ["saved_view_id"])
    for name, (_before, columns) in WALKED.items():
        op.drop_index(name, "tickets")
        op.create_index(name, "tickets", ["organizer_id", *columns])
    for name, column in FILTERED.items():
        rest = ["sort_at", "id", *COVERED, "status"]
        op.create_index(f"ix_tickets_{name}", "tickets", ["organizer_id", column, *rest])


def downgrade() -> None:
    """Go back; what was saved is lost."""
    for name in FILTERED:
        op.drop_index(f"ix_tickets_{name}", "tickets")
    for name, (columns, _after) in WALKED.items():
        op.drop_index(name, "tickets")
        op.create_index(name, "tickets", ["organizer_id", *columns])
    op.drop_table("saved_view_places")
    op.drop_table("saved_views")
