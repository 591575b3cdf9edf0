"""Reactions to events, each in a transaction of its own or with its like, under a lease with a fencing number."""

import logging
import random
from datetime import timedelta
from time import monotonic

from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from helpdesk.core import clock, events
from helpdesk.core.db import db, transaction
from helpdesk.core.events import Event, Reaction
from helpdesk.core.tenancy import across_organizers, inside

log = logging.getLogger(__name__)

LEASE_SECONDS = 20  # how long a worker that died keeps a reaction from the others
AT_ONCE = 4  # claimed together; small, so that an urgent one never waits long behind them
BRIEF_AT_ONCE = 10  # in one transaction
TURN_SECONDS = 60
Fences = dict[int, int]  # the id of a claimed reaction → the number under which it was claimed
MOST_ATTEMPTS = 8  # then it is set aside, visible on the health page


def relay_and_react(app: Flask, organizer_id: int) -> None:
    """Seal what is new and perform what is due, until there is nothing left of this organizer.

    A turn ends after a while all the same; the sweep begins the next one.
    """
    began = monotonic()
    while monotonic() - began < TURN_SECONDS:
        with app.app_context(), inside(organizer_id), transaction():
            sealed = events.relay(wait=False)
            claimed = _claim()
            if sealed is None and not claimed:  # what is being sealed just now may be all there is
                sealed = events.relay()
                claimed = _claim()
        for fences in claimed:
            _perform(app, organizer_id, fences)
        if not claimed and not sealed:
            return


def _claim() -> list[Fences]:
    """Take a few reactions that are due, urgent ones first. A crash from here on costs them their lease and a try.

    Each of the answer is performed in a transaction of its own.
    """
    now = clock.now()
    due = select(Reaction).where(Reaction.next_at <= now).order_by(Reaction.rank, Reaction.id)
    first = db.session.scalar(due.limit(1))
    if first is None:
        return []
    company, most = _company(first)
    due = due.where(Reaction.subscriber.in_(company), Reaction.attempts == 0) if company else due
    reactions = db.session.scalars(due.limit(most).with_for_update(skip_locked=True, key_share=True)).all()
    for reaction in reactions:
        reaction.attempts += 1
        reaction.fence += 1
        reaction.next_at = now + timedelta(seconds=LEASE_SECONDS)
    fences = {reaction.id: reaction.fence for reaction in reactions}
    if company:
        return [fences] if fences else []
    return [{each: fence} for each, fence in fences.items()]


def _company(first: Reaction) -> tuple[list[str], int]:
    """Whose reactions go along with one in its transaction, and how many at most; nobody's: each goes by itself."""
    ear = events.subscriber(first.subscriber)
    if ear is None or first.attempts:
        return [], AT_ONCE
    if ear.together > 1:
        return [first.subscriber], ear.together
    return (events.brief_names(), BRIEF_AT_ONCE) if ear.is_brief else ([], AT_ONCE)


def _perform(app: Flask, organizer_id: int, fences: Fences) -> None:
    try:
        with app.app_context(), inside(organizer_id), transaction():
            db.session.info["relay"] = True  # our caller's loop relays what this one records
            mine = _still_mine(fences)
            if mine:  # else we were too slow and somebody else has it
                _react(mine)
                done = update(Reaction).where(Reaction.id.in_([each.id for each in mine]))
                done = done.values(done_at=clock.now(), next_at=None)
                db.session.execute(done.execution_options(synchronize_session=False))
    except Exception as error:
        log.exception("reaction failed", extra={"reaction": min(fences), "together": len(fences)})
        _put_back(app, organizer_id, fences, error)


def _react(mine: list[Reaction]) -> None:
    """Call the subscribers. They go through tickets in one order for all workers, who so never wait in a circle.

    Each begins with nothing in its hands: what another has read may be old by now.
    """
    ear = events.subscriber(mine[0].subscriber)
    if ear and ear.together > 1:
        ear.function([reaction.event for reaction in mine])
        return
    todo = [(events.subscriber(reaction.subscriber), reaction.event) for reaction in mine]
    for ear, event in sorted(todo, key=lambda each: (each[1].ticket_id or 0, each[1].id)):
        db.session.flush()
        db.session.expunge_all()
        db.session.add(event)
        if ear:
            ear.function(event)


def _still_mine(fences: Fences) -> list[Reaction]:
    """The claimed ones that nobody has taken over meanwhile, locked."""
    claimed = (
        select(Reaction)
        .where(Reaction.id.in_(fences))
        .order_by(Reaction.id)
        .options(joinedload(Reaction.event, innerjoin=True))
    )
    locked = db.session.scalars(claimed.with_for_update(of=Reaction, key_share=True))
    return [each for each in locked if each.fence == fences[each.id] and not each.done_at]


def _put_back(app: Flask, organizer_id: int, fences: Fences, error: Exception) -> None:
    """Try again later; those that failed together at once, each by itself."""
    with app.app_context(), inside(organizer_id), transaction():
        for reaction in _still_mine(fences):
            reaction.error = type(error).__name__  # its text may hold what people wrote
            if reaction.attempts >= MOST_ATTEMPTS:
                reaction.failed_at, reaction.next_at = clock.now(), None
            elif len(fences) > 1:
                reaction.next_at = clock.now()
            else:
                reaction.next_at = clock.now() + wait_after(reaction.attempts)


def wait_after(attempts: int) -> timedelta:
    """Growing waits with jitter: about 1, 2, 4 … seconds, at most five minutes."""
    return timedelta(seconds=min(300, 2 ** (attempts - 1)) * random.uniform(0.8, 1.2))  # noqa: S311 - no secret


def organizers_with_work() -> list[int]:
    """Organizers with events that were never relayed, or reactions that are due: a wake-up was lost."""
    with across_organizers():
        unsealed = select(Event.organizer_id).where(Event.sequence.is_(None)).distinct()
        due = select(Reaction.organizer_id).where(Reaction.next_at <= clock.now()).distinct()
        return sorted({*db.session.scalars(unsealed), *db.session.scalars(due)})
