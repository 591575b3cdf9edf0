"""How a bulk run is worked off: the trait of being in the hands of workers."""

import logging
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from helpdesk.core import clock
from helpdesk.core.db import db, transaction
from helpdesk.core.i18n import speaking
from helpdesk.tickets.bulk_item import WAITING, BulkItem

if TYPE_CHECKING:
    from helpdesk.tickets.bulk_run import BulkRun

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
BUDGET_SECONDS, TOLD_EVERY = 4, 0.5


class BulkWork:
    """One worker at a time has a run, under a lease; whoever comes after one that died finds what still waits."""

    @classmethod
    def due(cls: "type[BulkRun]") -> list[int]:
        """Those that wait for a worker, or whose worker has died."""
        return list(db.session.scalars(select(cls.id).where(cls.next_at <= clock.now()).order_by(cls.id)))

    @classmethod
    def work(cls: "type[BulkRun]", run_id: int) -> bool:
        """Go on with one for a while; opens its own transactions. Answers whether there may be more to do now."""
        with transaction():
            if not cls._lease(run_id):
                return False
        until = told = monotonic()
        until += BUDGET_SECONDS
        while monotonic() < until:
            if not cls._do_one(run_id):
                break
            if monotonic() - told > TOLD_EVERY:
                told = monotonic()
                with transaction():
                    db.session.get_one(cls, run_id)._tell()
        with transaction():
            return cls._put_down(run_id)

    @classmethod
    def _lease(cls: "type[BulkRun]", run_id: int) -> bool:
        """Take it, unless another worker has it."""
        mine = update(cls).where(cls.id == run_id, cls.next_at <= clock.now())
        mine = mine.values(next_at=clock.now() + LEASE).execution_options(synchronize_session=False)
        return db.session.execute(mine).rowcount == 1

    @classmethod
    def _do_one(cls: "type[BulkRun]", run_id: int) -> bool:
        """The next ticket, in a transaction of its own. Answers whether there was one."""
        item_id = None
        try:
            with transaction():
                item = BulkItem.next_of(run_id)
                if item is None:
                    return False
                item_id, run = item.id, item.run
                with speaking(run.user.language):
                    item.perform(run, run.user)
        except Exception:
            log.exception("bulk item failed", extra={"item": item_id})
            with transaction():
                if item_id and (item := db.session.get(BulkItem, item_id)) and item.state == WAITING:
                    with speaking(item.run.user.language):
                        item.stumbled()
        return True

    @classmethod
    def _put_down(cls: "type[BulkRun]", run_id: int) -> bool:
        """Let others have it; where nothing waits any more, it is finished."""
        run = db.session.scalars(
            select(cls).where(cls.id == run_id).with_for_update(of=cls, key_share=True)
        ).one()
        if run.finished_at:
            run._count()  # it was stopped while its last ticket was told
            return False
        waits = run._count()[WAITING] > 0
        if waits:
            run.next_at = clock.now()
        else:
            run._finish()
        run._tell()
        return waits
