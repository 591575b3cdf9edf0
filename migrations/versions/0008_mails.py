"""Mails: own texts with their history, how stores sign, and test mails.

Revision ID: 0008
Revises: 0007

Columns are added one by one and never by copying a table, as in 0004. The history is append-only by trigger.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT = sa.DateTime(timezone=True)
HISTORY = "mail_template_versions"
QUEUED = "state = 'queued'"


def upgrade() -> None:
    """Go on."""
    op.add_column("mail_templates", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    _table(
        HISTORY,
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=10), nullable=False),
        sa.Column("subject_en", sa.String(length=200), nullable=False),
        sa.Column("subject_vi", sa.String(length=200), nullable=False),
        sa.Column("body_en", sa.Text(), nullable=False),
        sa.Column("body_vi", sa.Text(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("created_by_id", BIG, nullable=True),
        unique=("template_id", "number"), template_id="mail_templates", created_by_id="users",
    )  # fmt: skip
    _table(
        "mail_senders",
        sa.Column("merchant_id", BIG, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("reply_to", sa.String(length=254), nullable=False),
        sa.Column("logo_type", sa.String(length=20), nullable=True),
        sa.Column("logo_width", sa.Integer(), nullable=True),
        sa.Column("logo_height", sa.Integer(), nullable=True),
        sa.Column("logo_data", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", AT, nullable=False),
        unique=("merchant_id",), merchant_id="merchants",
    )  # fmt: skip
    _table(
        "mail_tests",
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("answer", sa.String(length=200), nullable=True),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("sent_at", AT, nullable=True),
        user_id="users", merchant_id="merchants",
    )  # fmt: skip
    op.create_index("ix_mail_tests_user_id", "mail_tests", ["user_id"])
    op.create_index(
        "ix_mail_tests_queued", "mail_tests", ["organizer_id", "id"],
        sqlite_where=sa.text(QUEUED), postgresql_where=sa.text(QUEUED),
    )  # fmt: skip
    _guard()


def _table(name: str, *columns: sa.Column, unique: tuple[str, ...] = (), **to: str) -> None:
    """A table of one organizer, with an id; `to`: column → the table that it points into."""
    named = {column.name for column in columns}
    constraints: list[sa.Constraint] = [
        sa.ForeignKeyConstraint([column], [f"{table}.id"], name=f"fk_{name}_{column}_{table}")
        for column, table in {**to, "organizer_id": "organizers"}.items()
    ]
    if unique:
        constraints.append(sa.UniqueConstraint(*unique, name=f"uq_{name}_{'_'.join(unique)}"))
    op.create_table(
        name,
        sa.Column("id", BIG, nullable=False),
        *(sa.Column(column, BIG, nullable=False) for column in to if column not in named),
        *columns,
        sa.Column("organizer_id", BIG, nullable=False),
        *constraints,
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )


def _guard() -> None:
    """What is in the history stays as it is, whoever writes SQL."""
    if op.get_bind().dialect.name == "sqlite":
        act = f"BEGIN SELECT RAISE(ABORT, '{HISTORY}: append-only'); END"
        there = f"SELECT 1 FROM {HISTORY} WHERE id = NEW.id OR (template_id = NEW.template_id AND number = NEW.number)"
        op.execute(f"CREATE TRIGGER {HISTORY}_keep_update BEFORE UPDATE ON {HISTORY} {act}")
        op.execute(f"CREATE TRIGGER {HISTORY}_keep_delete BEFORE DELETE ON {HISTORY} {act}")
        op.execute(  # REPLACE takes the row that is in the way and asks no trigger of its deletion
            f"CREATE TRIGGER {HISTORY}_keep_insert BEFORE INSERT ON {HISTORY} WHEN EXISTS ({there}) {act}"
        )
        return
    body = f"BEGIN RAISE EXCEPTION '{HISTORY}: append-only'; END"
    op.execute(f"CREATE FUNCTION {HISTORY}_keep() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
    for kind, each in (("update", "ROW"), ("delete", "ROW"), ("truncate", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER {HISTORY}_keep_{kind} BEFORE {kind.upper()} ON {HISTORY} "
            f"FOR EACH {each} EXECUTE FUNCTION {HISTORY}_keep()"
        )


def downgrade() -> None:
    """Go back; the history of texts, how stores sign and test mails are lost."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for kind in ("update", "delete", "insert" if is_sqlite else "truncate"):
        op.execute(f"DROP TRIGGER {HISTORY}_keep_{kind}" + ("" if is_sqlite else f" ON {HISTORY}"))
    if not is_sqlite:
        op.execute(f"DROP FUNCTION {HISTORY}_keep()")
    for table in ("mail_tests", "mail_senders", HISTORY):
        op.drop_table(table)
    op.drop_column("mail_templates", "version")
