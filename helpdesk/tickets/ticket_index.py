"""What tickets are found by: each list of the queue walks one of these in its order, and counts without the rows."""

from sqlalchemy import Index

from helpdesk.core.db import partial_index

_COVERED = ("merchant_id", "deleted_at")  # asked of every row: with them an index answers counts by itself
# what filters ask: while a list is walked, the index says which rows are meant
_ASKED = ("status", "priority", "category_id", "group_id", "source", "created_at", "customer_id")
_MINE = ("is_alive", "sort_at", "id", *_COVERED, "snoozed_until", *_ASKED)
_OF_STATUS = ("sort_at", "id", *_COVERED, "is_alive", "snoozed_until", "assignee_id", *_ASKED[1:])
_ALIVE = ("is_alive", "sort_at", "id", *_COVERED, "assignee_id", "snoozed_until", *_ASKED)
_OF_NOBODY = ("sort_at", "id", *_COVERED, *_ASKED)
_FILTERED = (
    "sort_at",
    "id",
    *_COVERED,
    "status",
)  # where few have a value they are found by it, in their order


class TicketIndex:
    """The indexes of the table, besides those that make something unique."""

    @staticmethod
    def every() -> tuple[Index, ...]:
        """For the table."""
        return (
            Index("ix_tickets_sorted", "organizer_id", "sort_at", "id", *_COVERED, "assignee_id", *_ASKED),
            Index("ix_tickets_alive", "organizer_id", *_ALIVE),
            Index("ix_tickets_mine", "organizer_id", "assignee_id", *_MINE),
            Index("ix_tickets_status", "organizer_id", "status", *_OF_STATUS),
            Index("ix_tickets_assignee", "organizer_id", "assignee_id", *_FILTERED),
            Index("ix_tickets_priority", "organizer_id", "priority", *_FILTERED),
            Index("ix_tickets_group", "organizer_id", "group_id", *_FILTERED),
            Index("ix_tickets_source", "organizer_id", "source", *_FILTERED),
            Index("ix_tickets_created", "organizer_id", "created_at", *_FILTERED),
            Index("ix_tickets_customer", "customer_id", "id"),
            Index("ix_tickets_category", "category_id", "created_at"),
            # PostgreSQL does not see that rows without a value are in the order of the columns behind it.
            partial_index("ix_tickets_nobodys", "organizer_id", *_OF_NOBODY, where="assignee_id IS NULL"),
            partial_index(
                "ix_tickets_unassigned",
                "organizer_id",
                "is_alive",
                *_OF_NOBODY,
                "snoozed_until",
                where="assignee_id IS NULL",
            ),
            partial_index(
                "ix_tickets_auto_close", "organizer_id", "auto_close_at", where="auto_close_at IS NOT NULL"
            ),
            partial_index(
                "ix_tickets_snoozed", "organizer_id", "sort_at", "id", where="snoozed_until IS NOT NULL"
            ),
            partial_index("ix_tickets_deleted", "organizer_id", "deleted_at", where="deleted_at IS NOT NULL"),
        )
