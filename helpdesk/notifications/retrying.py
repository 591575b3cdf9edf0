"""The trait of being sent again because somebody wants it, after it had failed."""

from typing import TYPE_CHECKING

from sqlalchemy import select

from helpdesk.accounts.user import User
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.errors import NotAllowed, Refusal
from helpdesk.core.events import record
from helpdesk.core.i18n import _
from helpdesk.notifications.sending import alarm
from helpdesk.notifications.suppression import REASON, Suppression

if TYPE_CHECKING:
    from helpdesk.notifications.batch import Batch
    from helpdesk.notifications.delivery import Delivery


class Retrying:
    """What failed, or was left out because its address is suppressed, is tried again under its Message-ID."""

    @property
    def can_be_retried(self: "Delivery") -> bool:
        """Whether it has failed, or waits for an address that takes nothing."""
        return self.state == "failed" or (self.state == "skipped" and self.error == REASON)

    def retry(self: "Delivery", *, by: User) -> None:
        """Have it sent now. Twice is quiet, and so is one that is on its way or has arrived. Raises `Refusal`.

        What failed in a batch goes again as that batch.
        """
        if not by.sees_merchant(self.ticket.merchant_id):
            raise NotAllowed(_("You may not see this ticket."))
        batch = self._hold()
        if not self.can_be_retried:
            if self.state == "skipped":
                raise Refusal(
                    _("This mail was left out because nobody needs it. Only one that failed can go again.")
                )
            return
        Suppression.lift(self.address)
        again = [self]
        if batch and batch.state in ("failed", "skipped"):
            again = [row for row in batch.deliveries if row.can_be_retried]
            _queue(batch)
        else:
            self.batch_id = None
        for row in again:
            _queue(row)
            row.next_at = None if row.batch_id else clock.now()
        for row in {row.ticket_id: row for row in again}.values():
            record("mail.retried", on=row, by=by, delivery=row.id, to=row.recipient_kind, kind=row.template)
        alarm.set(clock.now())

    def _hold(self: "Delivery") -> "Batch | None":
        """Lock it, its batch first as everywhere; as both are now."""
        from helpdesk.notifications.batch import Batch  # it knows this noun

        batch = None
        if self.batch_id:
            mine = select(Batch).where(Batch.id == self.batch_id).with_for_update(key_share=True)
            batch = db.session.scalar(mine.execution_options(populate_existing=True))
        db.session.refresh(self, with_for_update={"key_share": True})
        return batch


def _queue(row: "Delivery | Batch") -> None:
    """It begins anew; `is_uncertain` stays: there may be a copy already."""
    row.state, row.attempts, row.error, row.next_at = "queued", 0, None, clock.now()
