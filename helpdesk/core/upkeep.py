"""Care for the database itself: sequences after rows with ids of their own, and the planner's knowledge."""

from sqlalchemy import text

from helpdesk.core.db import Model, db


def catch_up_sequences() -> None:
    """Make PostgreSQL's next ids follow the largest that are there; SQLite does so by itself."""
    if db.session.get_bind().dialect.name != "postgresql":
        return
    for table in Model.metadata.sorted_tables:
        if "id" in table.c:
            last = f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) FROM {table.name}"
            db.session.execute(text(last))


def analyse() -> None:
    """Let the planner count what is there."""
    db.session.execute(text("ANALYZE"))
