"""SLA-008: high impact and incidents raise an escalation by themselves; a finished ticket ends them all."""

from __future__ import annotations

import pytest

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.escalations.escalation import Escalation
from helpdesk.tickets.category import Category
from helpdesk.tickets.lifecycle import Priority, Status
from helpdesk.tickets.ticket import Ticket
from tests.escalations.steps import heard, raised, rows
from tests.sla.desk_time import MINUTE, T0, after, go_to
from tests.support.seat import Seat, at_work, events_of, ticket_in

S = Status


@pytest.fixture(autouse=True)
def _still():
    with clock.frozen(T0):
        yield


# High impact ----------------------------------------------------------------------------------------------------


def test_SLA_008_a_critical_ticket_is_escalated_when_it_comes(world):
    made = world.ticket(priority="CRITICAL")
    world.run_reactions()
    world.run_reactions()
    assert raised(world, made) == [(1, "high_impact", None)]
    row = rows(world, made)[0]
    assert (row.triggered_at, row.climbs_at) == (after(0), after(60 * MINUTE))
    assert "Mai" in heard(row)
    with world.inside():
        assert world.one(Escalation).because == "The priority is Urgent."


def test_SLA_008_a_ticket_that_is_raised_to_critical_is_escalated_once(world):
    made = ticket_in(world, S.ASSIGNED)
    for priority in (Priority.HIGH, Priority.CRITICAL, Priority.LOW, Priority.CRITICAL):
        with at_work(world, made) as (ticket, gus):
            ticket.reprioritise(priority, by=gus)
        world.run_reactions()
        expected = [] if priority == Priority.HIGH else [(1, "high_impact", None)]
        assert raised(world, made) == expected


def test_SLA_008_a_vip_s_ticket_is_escalated_and_so_is_what_he_waits_for_when_he_becomes_one(world):
    waiting, done = ticket_in(world, S.ASSIGNED), ticket_in(world, S.RESOLVED)
    world.run_reactions()
    assert raised(world, waiting) == []
    with world.inside():
        world.customer("Bea").is_now_vip(True)
    world.run_reactions()
    with world.inside():
        world.customer("Bea").is_now_vip(True)  # again: nothing is new
    new = world.ticket()
    world.run_reactions()
    assert raised(world, waiting) == raised(world, new) == [(1, "high_impact", None)]
    assert raised(world, done) == []
    with world.inside():
        assert {e.because for e in db.session.query(Escalation)} == {"The customer is a VIP."}
        world.customer("Bea").is_now_vip(False)
    world.run_reactions()
    assert len(raised(world, waiting)) == 1


# Incidents ------------------------------------------------------------------------------------------------------


def watch(world, tickets=3, minutes=30, name="Delivery") -> int:
    """Let a category count; its id."""
    with world.inside():
        category = world.one(Category, name_en=name)
        category.incident_tickets, category.incident_minutes = tickets, minutes
        return category.id


def incidents(world) -> list[tuple[str, int | None]]:
    """On which ticket and for which category, in their order."""
    with world.inside():
        found = db.session.query(Escalation).filter_by(trigger="incident", level=1).order_by(Escalation.id)
        return [(row.ticket.number, row.category_id) for row in found]


def come(world, category: int | None, *minutes: float) -> None:
    """Tickets of a category at these minutes, each heard at once."""
    for minute in minutes:
        go_to(minute * MINUTE)
        world.ticket(category_id=category)
        world.run_reactions()


def test_SLA_008_so_many_within_so_many_minutes_are_an_incident_once(world):
    category = watch(world)
    come(world, category, 0, 15)
    assert incidents(world) == []
    come(world, category, 30)  # the third, thirty minutes after the first
    assert incidents(world) == [("ACME-3", category)]
    come(world, category, 31, 32, 33)
    assert incidents(world) == [("ACME-3", category)]
    with world.inside():
        row = world.one(Escalation, trigger="incident")
        assert row.triggered_at == after(30 * MINUTE)
        assert row.because == "3 requests about “Delivery” within 30 minutes: ACME-1, ACME-2, ACME-3"
        assert "Mai" in heard(row)


def test_SLA_008_too_far_apart_or_about_other_things_is_no_incident(world):
    category = watch(world)
    with world.inside():
        other = world.one(Category, name_en="Payment").id
    come(world, category, 0, 15, 30.1)
    come(world, other, 30.2, 30.3, 30.4)
    come(world, None, 30.5)
    assert incidents(world) == []


def test_SLA_008_a_category_counts_what_is_below_it_and_a_child_may_count_by_itself(world):
    category = watch(world, 4)
    with world.inside():
        mai, parent = world.user("Mai"), world.one(Category, id=category)
        late, lost = (
            Category.create({"name_en": n, "name_vi": n}, parent=parent, by=mai).id for n in ("Late", "Lost")
        )
    come(world, late, 0, 1)
    come(world, lost, 2)
    assert incidents(world) == []
    come(world, category, 3)
    assert incidents(world) == [("ACME-4", category)]
    watch(world, 2, 5, "Lost")
    come(world, lost, 20, 21)
    assert incidents(world) == [("ACME-4", category), ("ACME-6", lost)]


def test_SLA_008_a_new_incident_comes_after_the_old_one_has_ended_and_its_minutes_are_over(world):
    category = watch(world, 2, 10)
    come(world, category, 0, 1)
    assert len(incidents(world)) == 1
    with world.inside():
        row = world.one(Escalation, trigger="incident")
        ticket_id = row.ticket_id
    with at_work(world, ticket_id, "Mai") as (_, mai):
        world.one(Escalation, trigger="incident").acknowledge(by=mai)
    come(world, category, 5, 6)
    assert len(incidents(world)) == 1  # raised within the last ten minutes
    come(world, category, 12)
    assert incidents(world)[1:] == [("ACME-5", category)]
    come(world, category, 60, 61)
    assert len(incidents(world)) == 2  # that one is open still


def test_SLA_008_an_incident_is_raised_on_a_ticket_that_still_waits(world):
    category = watch(world, 3)
    made = [world.ticket(category_id=category) for _ in range(3)]
    with world.inside():
        ticket = Ticket.for_deed(made[2])
        ticket.close(by=world.user("Mai"), reason="spam")
    world.run_reactions()
    assert incidents(world) == [("ACME-2", category)]


def test_SLA_008_a_deleted_ticket_does_not_count_and_one_that_is_moved_there_does(world):
    category = watch(world, 3)
    made = [world.ticket(category_id=category) for _ in range(2)]
    stray = world.ticket()
    world.run_reactions()
    with world.inside():
        Ticket.for_deed(made[0]).delete(by=world.user("Mai"))
    with at_work(world, stray) as (ticket, gus):
        ticket.recategorise(world.one(Category, id=category), by=gus)
    world.run_reactions()
    assert incidents(world) == []
    world.ticket(category_id=category)
    world.run_reactions()
    assert incidents(world) == [("ACME-4", category)]


def test_SLA_008_an_incident_that_is_noticed_late_is_the_same(world):
    category = watch(world)
    for minute in (0, 10, 20, 200):
        go_to(minute * MINUTE)
        world.ticket(category_id=category)
    world.run_reactions()  # after a downtime of the workers
    assert incidents(world) == [("ACME-3", category)]


# The end --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["resolved", "closed", "merged", "deleted"])
def test_SLA_007_a_finished_ticket_ends_all_of_its_escalations(world, end):
    made, other = ticket_in(world, S.IN_PROGRESS), ticket_in(world, S.IN_PROGRESS)
    with at_work(world, made) as (ticket, gus):
        Escalation.raise_by_hand(ticket, by=gus, level=1, reason="Look.")
        Escalation.raise_by_customer(ticket, "Hurry.", by=ticket.customer)
    with at_work(world, made, "Mai") as (ticket, mai):
        if end == "resolved":
            ticket.resolve(by=mai, note_en="Done.", note_vi="Xong.")
        elif end == "closed":
            ticket.close(by=mai, reason="spam")
        elif end == "merged":
            ticket.merge_into(Ticket.for_deed(other), by=mai)
        else:
            ticket.delete(by=mai)
    world.run_reactions()
    assert raised(world, made) == [(1, "manual", "finished"), (1, "customer", "finished")]
    with world.inside():
        assert [e.name for e in events_of(made)].count("escalation.ended") == 2
        assert all(e.climbs_at is None and e.ended_at for e in db.session.query(Escalation))
        assert (
            Escalation.raise_on(world.one(Ticket, id=made), "manual", cause="x", by=world.user("Gus")) is None
        )


def test_SLA_007_one_that_was_reopened_before_anybody_heard_keeps_them(world):
    made = ticket_in(world, S.IN_PROGRESS)
    with at_work(world, made) as (ticket, gus):
        Escalation.raise_by_hand(ticket, by=gus, level=1, reason="Look.")
        ticket.resolve(by=gus, note_en="Done.", note_vi="Xong.")
        ticket.reopen(by=gus)
    world.run_reactions()
    assert raised(world, made) == [(1, "manual", None)]


# By hand, again -------------------------------------------------------------------------------------------------


def test_SLA_008_by_hand_again_after_somebody_acknowledged_and_higher_at_any_time(world):
    made, gus = ticket_in(world, S.IN_PROGRESS), Seat(world, "Gus")

    def escalate(level: int) -> int:
        return gus.post("/tickets/ACME-1/escalations", level=level, reason="Look.").status_code

    assert [escalate(1), escalate(1), escalate(2), escalate(1)] == [303, 409, 303, 409]
    with at_work(world, made, "Mai") as (_, mai):
        for row in db.session.scalars(Escalation.of(made)).all():
            row.acknowledge(by=mai)
    assert escalate(1) == 303
    assert [level for level, *_ in raised(world, made)] == [1, 2, 1]
