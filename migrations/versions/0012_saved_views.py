"""Saved views, and where each of their readers has pinned them.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT = sa.DateTime(timezone=True)


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


def downgrade() -> None:
    """Go back; what was saved is lost."""
    op.drop_table("saved_view_places")
    op.drop_table("saved_views")
