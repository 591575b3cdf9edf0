"""Tickets in full: groups, skills, the category tree, tags, canned replies, drafts, merging, reading marks.

Revision ID: 0002
Revises: 0001

Columns are added one by one and never by copying a table: SQLite would lose the triggers of `messages` with it.
"""

import unicodedata

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
AT = sa.DateTime(timezone=True)
HELD = "held_until IS NOT NULL"
DELETED = "deleted_at IS NOT NULL"
BATCH, LONGEST_FOLDED = 500, 500


def added() -> dict[str, list[sa.Column]]:
    """Table → its new columns."""
    return {
        "organizers": [
            sa.Column("most_files", sa.Integer(), nullable=False, server_default="10"),
            sa.Column("most_file_mb", sa.Integer(), nullable=False, server_default="20"),
        ],
        "merchants": [
            sa.Column("auto_reply_en", sa.Text(), nullable=True),
            sa.Column("auto_reply_vi", sa.Text(), nullable=True),
        ],
        "users": [sa.Column("undo_seconds", sa.Integer(), nullable=False, server_default="10")],
        "categories": [
            sa.Column("group_id", BIG, sa.ForeignKey("groups.id"), nullable=True),
            sa.Column("policy_id", BIG, sa.ForeignKey("sla_policies.id"), nullable=True),
            sa.Column("required_skills", JSON, nullable=False, server_default="[]"),
            sa.Column("merchant_ids", JSON, nullable=False, server_default="[]"),
            sa.Column("is_on_form", sa.Boolean(), nullable=False, server_default=sa.true()),
            sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        ],
        "tickets": [
            sa.Column("merged_into_id", BIG, sa.ForeignKey("tickets.id"), nullable=True),
            sa.Column("follows_id", BIG, sa.ForeignKey("tickets.id"), nullable=True),
        ],
        "messages": [
            instant("held_until", nullable=True),
            sa.Column("then", sa.String(length=20), nullable=True),
            sa.Column("origin_id", BIG, sa.ForeignKey("tickets.id"), nullable=True),
        ],
        "customers": [sa.Column("search_text", sa.String(length=500), nullable=False, server_default="")],
        "attachments": [sa.Column("thumbnail_key", sa.String(length=64), nullable=True)],
    }


def table(name: str, *columns: sa.Column, unique: tuple[str, ...] = ()) -> None:
    """A table of one organizer's rows."""
    constraints = [sa.UniqueConstraint(*unique, name=f"uq_{name}_{'_'.join(unique)}")] if unique else []
    op.create_table(
        name,
        sa.Column("id", BIG, nullable=False),
        *columns,
        sa.Column("organizer_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["organizer_id"], ["organizers.id"], name=f"fk_{name}_organizer_id_organizers"
        ),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        *constraints,
    )


def points(column: str, to: str, *, nullable: bool = False) -> sa.Column:
    """A column that holds the id of another row."""
    return sa.Column(column, BIG, sa.ForeignKey(f"{to}.id"), nullable=nullable)


def upgrade() -> None:
    """Go on."""
    _tables_of_people()
    _tables_of_tickets()
    for name, columns in added().items():
        for column in columns:
            op.add_column(name, column, inline_references=True)
    _fold_customers()
    op.create_index("ix_tickets_merged_into_id", "tickets", ["merged_into_id"])
    op.create_index("ix_tickets_follows_id", "tickets", ["follows_id"])
    op.create_index("ix_attachments_storage_key", "attachments", ["storage_key"])
    op.create_index("ix_attachments_thumbnail_key", "attachments", ["thumbnail_key"])
    op.create_index(
        "ix_tickets_deleted", "tickets", ["organizer_id", "deleted_at"],
        sqlite_where=sa.text(DELETED), postgresql_where=sa.text(DELETED),
    )  # fmt: skip
    op.create_index(
        "ix_messages_held", "messages", ["organizer_id", "held_until"],
        sqlite_where=sa.text(HELD), postgresql_where=sa.text(HELD),
    )  # fmt: skip


def names() -> list[sa.Column]:
    """A name in both languages."""
    return [sa.Column(f"name_{code}", sa.String(length=200), nullable=False) for code in ("en", "vi")]


def instant(column: str, *, nullable: bool = False) -> sa.Column:
    """A column that holds an instant."""
    return sa.Column(column, AT, nullable=nullable)


def _tables_of_people() -> None:
    table(
        "groups", *names(), points("lead_id", "users", nullable=True), instant("created_at"),
        instant("archived_at", nullable=True),
    )  # fmt: skip
    table(
        "group_members", points("group_id", "groups"), points("user_id", "users"), instant("created_at"),
        instant("removed_at", nullable=True), unique=("group_id", "user_id"),
    )  # fmt: skip
    op.create_index("ix_group_members_user_id", "group_members", ["user_id"])
    table("skills", *names(), instant("created_at"), instant("archived_at", nullable=True))


def _tables_of_tickets() -> None:
    table(
        "tags", sa.Column("name", sa.String(length=40), nullable=False),
        points("merged_into_id", "tags", nullable=True), sa.Column("version", sa.Integer(), nullable=False),
        instant("created_at"), instant("archived_at", nullable=True), unique=("organizer_id", "name"),
    )  # fmt: skip
    table(
        "ticket_tags", points("ticket_id", "tickets"), points("tag_id", "tags"),
        instant("added_at"), instant("removed_at", nullable=True),
        unique=("ticket_id", "tag_id"),
    )  # fmt: skip
    op.create_index("ix_ticket_tags_tag", "ticket_tags", ["tag_id", "ticket_id"])
    table(
        "canned_replies", points("owner_id", "users", nullable=True), points("group_id", "groups", nullable=True),
        sa.Column("shortcut", sa.String(length=40), nullable=False),
        *names(),
        sa.Column("body_en", sa.Text(), nullable=False), sa.Column("body_vi", sa.Text(), nullable=False),
        sa.Column("used_count", sa.Integer(), nullable=False), sa.Column("version", sa.Integer(), nullable=False),
        instant("created_at"), instant("updated_at"),
        instant("archived_at", nullable=True),
    )  # fmt: skip
    table(
        "drafts", points("user_id", "users"), points("ticket_id", "tickets"),
        sa.Column("kind", sa.String(length=10), nullable=False), sa.Column("body", sa.Text(), nullable=False),
        sa.Column("files", JSON, nullable=False), sa.Column("then", sa.String(length=20), nullable=True),
        sa.Column("submission_key", sa.String(length=64), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False), instant("updated_at"),
        instant("cleared_at", nullable=True), unique=("user_id", "ticket_id", "kind"),
    )  # fmt: skip
    op.create_index("ix_drafts_ticket_id", "drafts", ["ticket_id"])
    table(
        "ticket_relations", points("ticket_id", "tickets"), points("other_id", "tickets"),
        instant("created_at"), instant("removed_at", nullable=True),
        unique=("ticket_id", "other_id"),
    )  # fmt: skip
    op.create_index("ix_ticket_relations_other_id", "ticket_relations", ["other_id"])
    table(
        "reading_marks", points("user_id", "users"), points("ticket_id", "tickets"),
        sa.Column("message_id", BIG, nullable=False), instant("updated_at"),
        unique=("user_id", "ticket_id"),
    )  # fmt: skip


def _fold_customers() -> None:
    """Those who are there already are found by their names, too."""
    bind = op.get_bind()
    customers = sa.table(
        "customers", sa.column("id"), sa.column("name"), sa.column("email"), sa.column("search_text")
    )
    read = (
        sa.select(customers.c.id, customers.c.name, customers.c.email).order_by(customers.c.id).limit(BATCH)
    )
    write = (
        customers.update()
        .where(customers.c.id == sa.bindparam("row"))
        .values(search_text=sa.bindparam("text"))
    )
    after = 0
    while rows := bind.execute(read.where(customers.c.id > after)).all():
        after = rows[-1].id
        bind.execute(write, [{"row": row.id, "text": folded(f"{row.name} {row.email}")} for row in rows])


def folded(text: str) -> str:
    """What `Customer.search_text` was for a name and an address when this was written."""
    bare = (c for c in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(c) != "Mn")
    return unicodedata.normalize("NFC", "".join(bare)).replace("đ", "d")[:LONGEST_FOLDED]


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_attachments_thumbnail_key", "attachments")
    op.drop_index("ix_attachments_storage_key", "attachments")
    op.drop_index("ix_messages_held", "messages")
    op.drop_index("ix_tickets_deleted", "tickets")
    op.drop_index("ix_tickets_follows_id", "tickets")
    op.drop_index("ix_tickets_merged_into_id", "tickets")
    for name, columns in reversed(added().items()):
        for column in columns:
            op.drop_column(name, column.name)
    for name in (
        "reading_marks", "ticket_relations", "drafts", "canned_replies", "ticket_tags", "tags", "skills",
        "group_members", "groups",
    ):  # fmt: skip
        op.drop_table(name)
