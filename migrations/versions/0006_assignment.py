"""Assignment in full: shifts, leave and skills of agents, rules with conditions and candidates, turns.

Revision ID: 0006
Revises: 0005

Columns are added one by one and never by copying a table, as in 0004.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
AT = sa.DateTime(timezone=True)
LOOKING = "look_at IS NOT NULL"


def points(column: str, to: str) -> sa.Column:
    """A column that may hold the id of another row."""
    return sa.Column(column, BIG, sa.ForeignKey(f"{to}.id"), nullable=True)


def added() -> dict[str, list[sa.Column]]:
    """Table → its new columns."""
    return {
        "organizers": [sa.Column("hand_back_minutes", sa.Integer(), nullable=True)],
        "skills": [sa.Column("version", sa.Integer(), nullable=False, server_default="1")],
        "groups": [sa.Column("version", sa.Integer(), nullable=False, server_default="1")],
        "agents": [
            sa.Column("chosen", sa.String(length=10), nullable=True),
            sa.Column("chosen_until", AT, nullable=True),
            sa.Column("schedule", JSON, nullable=True),
            sa.Column("is_on_shift", sa.Boolean(), nullable=False, server_default=sa.true()),
            sa.Column("shift_changes_at", AT, nullable=True),
            sa.Column("hand_back_at", AT, nullable=True),
            sa.Column("look_at", AT, nullable=True),
            sa.Column("idle_since", AT, nullable=True),
            points("substitute_id", "users"),
            sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        ],
        "assignment_rules": [
            points("merchant_id", "merchants"),
            sa.Column("candidates", JSON, nullable=False, server_default="{}"),
            sa.Column("turns", BIG, nullable=False, server_default="0"),
            sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        ],
        "assignment_decisions": [sa.Column("passes", JSON, nullable=False, server_default="[]")],
    }


def upgrade() -> None:
    """Go on."""
    for name, columns in added().items():
        for column in columns:
            op.add_column(name, column, inline_references=True)
    # Whoever set himself away before chose that by hand; who was online follows his schedule, once he has one.
    op.execute("UPDATE agents SET chosen = availability WHERE availability <> 'online'")
    op.execute("UPDATE agents SET idle_since = last_assigned_at")
    _skills()
    _leaves()
    _turns()
    op.create_index(
        "ix_agents_look", "agents", ["organizer_id", "look_at"],
        sqlite_where=sa.text(LOOKING), postgresql_where=sa.text(LOOKING),
    )  # fmt: skip
    op.create_index("ix_assignment_decisions_rule", "assignment_decisions", ["rule_id", "created_at"])


def _table(name: str, *columns: sa.Column, unique: tuple[str, ...] = (), **to: str) -> None:
    """A table of one organizer, with an id; `to`: column → the table that it points into."""
    constraints: list[sa.Constraint] = [
        sa.ForeignKeyConstraint([column], [f"{table}.id"], name=f"fk_{name}_{column}_{table}")
        for column, table in {**to, "organizer_id": "organizers"}.items()
    ]
    if unique:
        constraints.append(sa.UniqueConstraint(*unique, name=f"uq_{name}_{'_'.join(unique)}"))
    op.create_table(
        name,
        sa.Column("id", BIG, nullable=False),
        *(sa.Column(column, BIG, nullable=False) for column in to),
        *columns,
        sa.Column("organizer_id", BIG, nullable=False),
        *constraints,
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )


def _skills() -> None:
    _table(
        "agent_skills",
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("removed_at", AT, nullable=True),
        unique=("user_id", "skill_id"), user_id="users", skill_id="skills",
    )  # fmt: skip
    op.create_index("ix_agent_skills_skill_id", "agent_skills", ["skill_id"])


def _leaves() -> None:
    _table(
        "agent_leaves",
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("cancelled_at", AT, nullable=True),
        user_id="users",
    )
    op.create_index("ix_agent_leaves_user_id", "agent_leaves", ["user_id", "last_day"])


def _turns() -> None:
    _table(
        "assignment_turns",
        sa.Column("turn", BIG, nullable=False),
        unique=("rule_id", "user_id"), rule_id="assignment_rules", user_id="users",
    )  # fmt: skip


def downgrade() -> None:
    """Go back; shifts, leave, skills of agents, turns and what rules ask for are lost."""
    op.drop_index("ix_assignment_decisions_rule", "assignment_decisions")
    op.drop_index("ix_agents_look", "agents")
    for table in ("assignment_turns", "agent_leaves", "agent_skills"):
        op.drop_table(table)
    for name, columns in reversed(added().items()):
        for column in reversed(columns):
            op.drop_column(name, column.name)
