"""Service levels in full: calendars in versions, what a ticket was measured with, ladders per policy, incidents.

Revision ID: 0004
Revises: 0003

Columns are added one by one and never by copying a table: SQLite would lose the triggers of `sla_clocks` with it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
AT = sa.DateTime(timezone=True)
ALIVE = "archived_at IS NULL"
MOVING = "moved_to_id IS NOT NULL"
OPEN = "ended_at IS NULL"
VERSIONS = ("sla_policy_versions", "sla_calendar_versions")


def points(column: str, to: str, *, nullable: bool = True) -> sa.Column:
    """A column that holds the id of another row."""
    return sa.Column(column, BIG, sa.ForeignKey(f"{to}.id"), nullable=nullable)


def instant(column: str, *, nullable: bool = False) -> sa.Column:
    """A column that holds an instant."""
    return sa.Column(column, AT, nullable=nullable)


def names() -> list[sa.Column]:
    """A name in both languages."""
    return [sa.Column(f"name_{code}", sa.String(length=200), nullable=False) for code in ("en", "vi")]


def added() -> dict[str, list[sa.Column]]:
    """Table → its new columns."""
    return {
        "sla_policies": [sa.Column("version", sa.Integer(), nullable=False, server_default="1")],
        "sla_policy_versions": [
            points("calendar_id", "sla_calendars"),
            points("created_by_id", "users"),
            sa.Column("moved_to_id", BIG, nullable=True),
        ],
        "sla_trackers": [points("calendar_version_id", "sla_calendar_versions")],
        "sla_clocks": [
            sa.Column("is_off", sa.Boolean(), nullable=False, server_default=sa.false()),
            instant("started_at", nullable=True),
            instant("made_at", nullable=True),
        ],
        "sla_pauses": [sa.Column("reason", sa.String(length=20), nullable=False, server_default="")],
        "merchants": [points("policy_id", "sla_policies")],
        "categories": [
            sa.Column("incident_tickets", sa.Integer(), nullable=True),
            sa.Column("incident_minutes", sa.Integer(), nullable=True),
        ],
        "tickets": [points("group_id", "groups")],
        "ladder_steps": [
            points("group_id", "groups"),
            sa.Column("priority_to", sa.String(length=10), nullable=True),
            instant("archived_at", nullable=True),
        ],
        "escalations": [
            sa.Column("went_to", JSON, nullable=False, server_default="[]"),
            sa.Column("actions", JSON, nullable=False, server_default="{}"),
            sa.Column("facts", JSON, nullable=False, server_default="{}"),
            sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
            points("category_id", "categories"),
        ],
    }


def upgrade() -> None:
    """Go on."""
    with op.batch_alter_table("ladder_steps") as batch:
        batch.drop_constraint("uq_ladder_steps_organizer_id_policy_id_trigger_level", type_="unique")
    _calendars()
    for name, columns in added().items():
        for column in columns:
            op.add_column(name, column, inline_references=True)
    _measures()
    _backfill()
    op.create_index("ix_sla_trackers_version", "sla_trackers", ["version_id", "id"])
    op.create_index("ix_sla_trackers_calendar", "sla_trackers", ["calendar_version_id", "id"])
    for name in VERSIONS:
        partial(f"ix_{name}_moving", name, ["organizer_id", "id"], MOVING)
    partial("ix_escalations_open", "escalations", ["organizer_id", "ticket_id"], OPEN)
    op.create_index("ix_escalations_category", "escalations", ["category_id", "raised_at"])
    op.create_index("ix_tickets_category", "tickets", ["category_id", "created_at"])
    partial(
        "uq_ladder_steps_rung", "ladder_steps", ["organizer_id", "policy_id", "trigger", "level"], ALIVE, True
    )
    thaw()
    freeze(FROZEN)
    keep_places()


def _calendars() -> None:
    op.create_table(
        "sla_calendars",
        sa.Column("id", BIG, nullable=False),
        *names(),
        sa.Column("version", sa.Integer(), nullable=False),
        instant("created_at"),
        instant("archived_at", nullable=True),
        sa.Column("organizer_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["organizer_id"], ["organizers.id"], name="fk_sla_calendars_organizer_id_organizers"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sla_calendars"),
    )
    op.create_table(
        "sla_calendar_versions",
        sa.Column("id", BIG, nullable=False),
        points("calendar_id", "sla_calendars", nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("schedule", JSON, nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("subdivision", sa.String(length=40), nullable=True),
        sa.Column("closures", JSON, nullable=False),
        sa.Column("holidays", JSON, nullable=False),
        instant("created_at"),
        points("created_by_id", "users"),
        sa.Column("moved_to_id", BIG, nullable=True),
        sa.Column("organizer_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["organizer_id"], ["organizers.id"], name="fk_sla_calendar_versions_organizer_id_organizers"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sla_calendar_versions"),
        sa.UniqueConstraint("calendar_id", "number", name="uq_sla_calendar_versions_calendar_id_number"),
    )


def _measures() -> None:
    op.create_table(
        "sla_measures",
        sa.Column("id", BIG, nullable=False),
        points("tracker_id", "sla_trackers", nullable=False),
        instant("from_at"),
        instant("to_at"),
        sa.Column("priority", sa.String(length=10), nullable=False),
        points("version_id", "sla_policy_versions", nullable=False),
        points("calendar_version_id", "sla_calendar_versions"),
        sa.Column("ended_by", sa.String(length=20), nullable=False),
        sa.Column("organizer_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["organizer_id"], ["organizers.id"], name="fk_sla_measures_organizer_id_organizers"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sla_measures"),
    )
    op.create_index("ix_sla_measures_tracker_id", "sla_measures", ["tracker_id"])


def partial(name: str, table: str, columns: list[str], where: str, unique: bool = False) -> None:
    """An index over the rows that a condition holds for."""
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def _backfill() -> None:
    """Clocks that are there began with their ticket; a next-response clock with what is known of it."""
    op.execute("""
        UPDATE sla_clocks SET started_at = CASE WHEN kind <> 'next'
            THEN (SELECT t.started_at FROM sla_trackers t WHERE t.id = sla_clocks.tracker_id)
            ELSE coalesce(
                (SELECT min(p.from_at) FROM sla_pauses p WHERE p.clock_id = sla_clocks.id), running_since, met_at)
            END
    """)


# What a breached clock keeps --------------------------------------------------------------------------------------

FROZEN_BEFORE = (
    "id", "organizer_id", "tracker_id", "kind", "target_seconds", "due_at", "breached_at", "breach_noticed_at",
)  # fmt: skip
FROZEN = (
    *FROZEN_BEFORE, "ticket_id", "round", "is_off", "started_at", "warn_at", "critical_at", "warned_at",
    "critical_marked_at",
)  # fmt: skip


def same(columns: tuple[str, ...]) -> str:
    """SQL that is true when none of the columns changes, NULL being equal to NULL."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    equal = "OLD.{0} IS NEW.{0}" if is_sqlite else "OLD.{0} IS NOT DISTINCT FROM NEW.{0}"
    return " AND ".join(equal.format(column) for column in columns)


def freeze(columns: tuple[str, ...]) -> None:
    """Refuse changes of these columns of a breached clock; when it was met is written once."""
    met = same(("met_at",))
    when = f"OLD.breached_at IS NOT NULL AND NOT ({same(columns)} AND (OLD.met_at IS NULL OR {met}))"
    if op.get_bind().dialect.name == "sqlite":
        act = "BEGIN SELECT RAISE(ABORT, 'sla_clocks: frozen after a breach'); END"
    else:
        act = f"FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION sla_clocks_keep()"
    condition = f"WHEN {when} " if "BEGIN" in act else ""
    op.execute(f"CREATE TRIGGER sla_clocks_keep_update BEFORE UPDATE ON sla_clocks {condition}{act}")


def thaw() -> None:
    """Take that trigger away."""
    op.execute(
        "DROP TRIGGER sla_clocks_keep_update"
        + ("" if op.get_bind().dialect.name == "sqlite" else " ON sla_clocks")
    )


PLACES = {  # table → (what is said, the row that is in the way of a new one, the columns by which it could be)
    "events": (
        "append-only",
        "(id = NEW.id OR (organizer_id = NEW.organizer_id AND sequence = NEW.sequence))",
        "id, organizer_id, sequence",
    ),
    "messages": (
        "visibility and system lines are for good",
        "(id = NEW.id OR (ticket_id = NEW.ticket_id AND submission_key = NEW.submission_key))",
        "id, ticket_id, submission_key",
    ),
    "sla_clocks": (
        "frozen after a breach",
        "breached_at IS NOT NULL AND (id = NEW.id OR (tracker_id = NEW.tracker_id AND kind = NEW.kind"
        " AND round = NEW.round))",
        "id, tracker_id, kind, round",
    ),
}


def keep_places() -> None:
    """SQLite's REPLACE takes the row that is in the way and asks no trigger of its deletion: refuse it beforehand."""
    if op.get_bind().dialect.name != "sqlite":
        op.execute(
            "CREATE TRIGGER sla_clocks_keep_truncate BEFORE TRUNCATE ON sla_clocks EXECUTE FUNCTION sla_clocks_keep()"
        )
        return
    for table, (reason, taken, columns) in PLACES.items():
        there = f"SELECT 1 FROM {table} WHERE {taken}"
        act = f"BEGIN SELECT RAISE(ABORT, '{table}: {reason}'); END"
        op.execute(f"CREATE TRIGGER {table}_keep_insert BEFORE INSERT ON {table} WHEN EXISTS ({there}) {act}")
        op.execute(
            f"CREATE TRIGGER {table}_keep_place BEFORE UPDATE OF {columns} ON {table} "
            f"WHEN EXISTS ({there} AND id <> OLD.id) {act}"
        )


def downgrade() -> None:
    """Go back."""
    if op.get_bind().dialect.name == "sqlite":
        for table in PLACES:
            op.execute(f"DROP TRIGGER {table}_keep_insert")
            op.execute(f"DROP TRIGGER {table}_keep_place")
    else:
        op.execute("DROP TRIGGER sla_clocks_keep_truncate ON sla_clocks")
    thaw()
    freeze(FROZEN_BEFORE)
    op.drop_index("uq_ladder_steps_rung", "ladder_steps")
    op.drop_index("ix_tickets_category", "tickets")
    op.drop_index("ix_escalations_category", "escalations")
    op.drop_index("ix_escalations_open", "escalations")
    for name in VERSIONS:
        op.drop_index(f"ix_{name}_moving", name)
    op.drop_index("ix_sla_trackers_calendar", "sla_trackers")
    op.drop_index("ix_sla_trackers_version", "sla_trackers")
    op.drop_table("sla_measures")
    for name, columns in reversed(added().items()):
        for column in columns:
            op.drop_column(name, column.name)
    op.drop_table("sla_calendar_versions")
    op.drop_table("sla_calendars")
    with op.batch_alter_table("ladder_steps") as batch:
        batch.create_unique_constraint(
            "uq_ladder_steps_organizer_id_policy_id_trigger_level",
            ["organizer_id", "policy_id", "trigger", "level"],
        )
