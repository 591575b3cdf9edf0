"""Search: the words of each ticket, and an index on them; tickets that are there are read once.

Revision ID: 0003
Revises: 0002

The index of SQLite (FTS5) reads the words where they are kept, and triggers tell it what changed.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql")
BATCH, MOST_BYTES, LONGEST = 500, 700_000, 40
WORD = re.compile("[^\\W_](?:[^\\W_]|[\u0300-\u036f])*")

INDEX = """
    CREATE VIRTUAL TABLE search_index USING fts5(
        words, content='search_documents', content_rowid='id', detail='none', columnsize=0,
        tokenize="ascii tokenchars '_'", prefix='2 3'
    )
"""
ADD = "INSERT INTO search_index(rowid, words) VALUES (NEW.id, NEW.words)"
TAKE = "INSERT INTO search_index(search_index, rowid, words) VALUES ('delete', OLD.id, OLD.words)"
TRIGGERS = {
    "search_documents_added": f"AFTER INSERT ON search_documents BEGIN {ADD}; END",
    "search_documents_changed": f"AFTER UPDATE ON search_documents BEGIN {TAKE}; {ADD}; END",
    "search_documents_gone": f"AFTER DELETE ON search_documents BEGIN {TAKE}; END",
}


def upgrade() -> None:
    """Go on."""
    op.create_table(
        "search_documents",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("words", WORDS, nullable=False),
        sa.Column("organizer_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["id"], ["tickets.id"], name="fk_search_documents_id_tickets"),
        sa.ForeignKeyConstraint(
            ["organizer_id"], ["organizers.id"], name="fk_search_documents_organizer_id_organizers"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_search_documents"),
    )
    op.create_index(
        "ix_search_documents_words", "search_documents", ["words"],
        postgresql_using="gin", sqlite_where=sa.false(),
    )  # fmt: skip
    if op.get_bind().dialect.name == "sqlite":
        op.execute(INDEX)
        for name, act in TRIGGERS.items():
            op.execute(f"CREATE TRIGGER {name} {act}")
    for rows in documents():
        op.bulk_insert(
            sa.table(
                "search_documents", *(sa.column(c) for c in ("id", "organizer_id")), sa.column("words", WORDS)
            ),
            rows,
        )


def downgrade() -> None:
    """Go back."""
    if op.get_bind().dialect.name == "sqlite":
        for name in TRIGGERS:
            op.execute(f"DROP TRIGGER {name}")
        op.execute("DROP TABLE search_index")
    op.drop_index("ix_search_documents_words", "search_documents")
    op.drop_table("search_documents")


# The tickets that are there ------------------------------------------------------------------------------------

TICKETS = sa.text("""
    SELECT t.id, t.organizer_id, t.merchant_id, t.number, t.subject, t."order", c.name, c.email, c.external_id, c.phone
    FROM tickets t JOIN customers c ON c.id = t.customer_id WHERE t.id > :after ORDER BY t.id LIMIT :batch
""")
SAID = sa.text("""
    SELECT ticket_id, body FROM messages
    WHERE kind <> 'system' AND deleted_at IS NULL AND ticket_id BETWEEN :first AND :last
    UNION ALL
    SELECT m.ticket_id, a.name FROM attachments a JOIN messages m ON m.id = a.message_id
    WHERE m.deleted_at IS NULL AND m.ticket_id BETWEEN :first AND :last
""")


def documents() -> Iterator[list[dict]]:
    """Rows for the tickets that are there, in batches."""
    bind, after = op.get_bind(), 0
    is_sqlite = bind.dialect.name == "sqlite"
    while tickets := bind.execute(TICKETS, {"after": after, "batch": BATCH}).all():
        after = tickets[-1].id
        said: dict[int, list[str]] = {}
        for ticket_id, text in bind.execute(SAID, {"first": tickets[0].id, "last": after}):
            said.setdefault(ticket_id, []).append(text)
        yield [document(ticket, said.get(ticket.id, []), is_sqlite) for ticket in tickets]


def document(ticket: sa.Row, said: list[str], is_sqlite: bool) -> dict:
    """The row of one ticket."""
    phone = re.sub(r"\D", "", ticket.phone or "")
    local = f"0{phone[2:]}" if phone.startswith("84") and len(phone) > 9 else phone
    order = json.loads(ticket.order) if isinstance(ticket.order, str) else ticket.order
    order = order.get("id") if isinstance(order, dict) else None
    facts = [
        ticket.number,
        ticket.subject,
        ticket.name,
        ticket.email,
        ticket.external_id,
        ticket.phone,
        phone,
        local,
    ]
    facts += [f"{local[:4]} {local[4:7]} {local[7:]}", str(order or "")]
    scopes = {f"__o{ticket.organizer_id}", f"__m{ticket.merchant_id}"}
    found = sorted(tokens([text for text in (*facts, *said) if text], scopes))
    return {
        "id": ticket.id, "organizer_id": ticket.organizer_id,
        "words": " ".join(found if is_sqlite else [f"'{token}'" for token in found]),
    }  # fmt: skip


def tokens(texts: Iterable[str], found: set[str]) -> set[str]:
    """The words as `core/fulltext.py` made them when this was written."""
    left = MOST_BYTES
    for text in texts:
        for match in WORD.finditer(unicodedata.normalize("NFC", text)):
            word = unicodedata.normalize("NFC", match[0].lower())[:LONGEST]
            bare = "".join(c for c in unicodedata.normalize("NFD", word) if unicodedata.category(c) != "Mn")
            folded = unicodedata.normalize("NFC", bare).replace("đ", "d") or word
            new = {word} if folded == word else {word, f"_{folded}"}
            left -= 0 if word in found else sum(len(token.encode()) + 6 for token in new)
            if left < 0:
                return found
            found |= new
    return found
