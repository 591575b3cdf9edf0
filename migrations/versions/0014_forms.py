"""Stores and forms as managers set them up; two keys and two secrets of a form at once; where a request came from.

Revision ID: 0014
Revises: 0013

Columns are added one by one and never by copying a table, as in 0004. A secret that is there stays where it is: the
next start conceals it, with the key of the installation, which a migration does not know.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
NUMBER = sa.Integer()
OF_MERCHANTS = (
    ("contact_en", sa.Text(), None),
    ("contact_vi", sa.Text(), None),
    ("archived_at", AT, None),
    ("version", NUMBER, "1"),
)
OF_FORMS = (
    ("hidden_secret", sa.Text(), None),
    ("name", sa.String(length=100), ""),
    ("takes_plain", sa.Boolean(), sa.false()),
    ("category_ids", JSON, "[]"),
    ("order_asked", sa.String(length=10), "always"),
    ("order_category_ids", JSON, "[]"),
    ("phone_asked", sa.String(length=10), "always"),
    ("phone_category_ids", JSON, "[]"),
    ("person_first", sa.Boolean(), sa.false()),
    ("colour", sa.String(length=7), None),
    ("title_en", sa.String(length=200), None),
    ("title_vi", sa.String(length=200), None),
    ("intro_en", sa.Text(), None),
    ("intro_vi", sa.Text(), None),
    ("thanks_en", sa.Text(), None),
    ("thanks_vi", sa.Text(), None),
    ("old_key", sa.String(length=60), None),
    ("old_key_until", AT, None),
    ("old_hidden_secret", sa.Text(), None),
    ("old_secret_until", AT, None),
    ("key_used_at", AT, None),
    ("old_key_used_at", AT, None),
    ("secret_used_at", AT, None),
    ("old_secret_used_at", AT, None),
    ("version", NUMBER, "1"),
    ("archived_at", AT, None),
)
OF_TICKETS = (("sent_from", JSON, None),)
ALL = (("merchants", OF_MERCHANTS), ("form_keys", OF_FORMS), ("tickets", OF_TICKETS))


def upgrade() -> None:
    """Go on. Every form goes on asking what it asked."""
    for table, columns in ALL:
        for name, kind, default in columns:
            op.add_column(table, sa.Column(name, kind, nullable=default is None, server_default=default))
    op.create_index("ix_form_keys_old_key", "form_keys", ["old_key"], unique=True)


def downgrade() -> None:
    """Go back. Old keys stop working, and secrets that were concealed are lost."""
    op.drop_index("ix_form_keys_old_key", "form_keys")
    for table, columns in reversed(ALL):
        for name, _kind, _default in reversed(columns):
            op.drop_column(table, name)
