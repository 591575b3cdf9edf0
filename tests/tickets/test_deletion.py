"""TKT-012: what a manager deletes is gone from every door at once, and comes back as it was."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest

from helpdesk.agents.agent import Agent
from helpdesk.assignment.decision import Decision
from helpdesk.core import clock, storage
from helpdesk.core.errors import NotAllowed, Refusal
from helpdesk.core.events import Event
from helpdesk.escalations.escalation import Escalation
from helpdesk.notifications.delivery import Delivery
from helpdesk.sla.clock import Clock
from helpdesk.tickets.attachment import Upload
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.message import Message
from helpdesk.tickets.ticket import Ticket
from tests.support.page import form, read
from tests.support.seat import Seat, at_work, events_of, thread_of, ticket_in

S = Status
HOUR = 3600


def delete(world, number: str = "ACME-1", who: str = "Mai") -> int:
    return Seat(world, who).post(f"/tickets/{number}/deletion").status_code


def restore(world, number: str = "ACME-1", who: str = "Mai") -> int:
    return Seat(world, who).post(f"/tickets/{number}/restoration").status_code


def load(world, name: str = "Gus") -> int:
    with world.inside():
        return Agent.of(world.user(name).id).load


def clocks(world, ticket_id: int) -> dict:
    with world.inside():
        return {
            c.kind: (c.state, c.due_at, c.next_look_at)
            for c in world.one(Ticket, id=ticket_id).tracker.clocks
        }


def test_TKT_012_only_a_manager_deletes_and_restores(world):
    ticket_in(world, S.IN_PROGRESS)
    assert delete(world, who="Gus") == 403
    assert delete(world) == 303
    assert restore(world, who="Gus") == 403
    with world.inside():
        assert world.one(Ticket).deleted_at


def test_TKT_012_twice_changes_nothing(any_world):
    made = ticket_in(any_world, S.IN_PROGRESS)
    assert [delete(any_world), delete(any_world), restore(any_world), restore(any_world)] == [303] * 4
    with any_world.inside():
        names = [e.name for e in events_of(made)][-2:]
        assert names == ["ticket.deleted", "ticket.restored"]
        assert [e.actor["name"] for e in events_of(made)][-2:] == ["Mai", "Mai"]
        assert [m.event_name for m in thread_of(made)][-2:] == names
    assert load(any_world) == 1


def test_TKT_012_a_deleted_ticket_is_behind_no_door(world):
    made = ticket_in(world, S.IN_PROGRESS)
    with at_work(world, made) as (ticket, me):
        file = Upload("a.txt", "text/plain", *storage.keep(BytesIO(b"x"), most_bytes=1))
        attached = ticket.reply("Look.", by=me, files=[file]).attachments[0].id
        escalation = Escalation.raise_by_hand(ticket, by=me, level=1, reason="Late").id
    assert delete(world) == 303
    for who in ("Gus", "Mai", "Ada"):
        seat = Seat(world, who)
        for address in ("", "/changes", "/audit"):
            assert seat.get(f"/tickets/ACME-1{address}").status_code == 404
        assert seat.get(f"/attachments/{attached}/a.txt").status_code == 404
        assert seat.post(f"/escalations/{escalation}/acknowledgement").status_code == 404
        for deed in ("replies", "notes", "comments"):
            assert seat.post(f"/tickets/ACME-1/{deed}", body="x").status_code == 404
        assert seat.post("/tickets/ACME-1/status", status="OPEN").status_code == 404
        for view in ("todo", "mine", "escalated", "all", "breaching"):
            assert "ACME-1" not in seat.get(f"/queue/{view}").text
    assert read(Seat(world, "Gus").get("/queue/mine")).with_attribute("data-ticket") == []
    other = world.ticket()
    assert "ACME-1<" not in Seat(world, "Gus").get(f"/tickets/ACME-{other}").text


def test_TKT_012_its_number_is_not_used_again(world):
    ticket_in(world, S.OPEN)
    delete(world)
    second = world.ticket()
    with world.inside():
        assert world.one(Ticket, id=second).number == "ACME-2"


@pytest.mark.parametrize("status", [S.ASSIGNED, S.WAITING_USER, S.ESCALATED, S.RESOLVED])
def test_TKT_012_load_and_clocks_stop_and_go_on(any_world, status):
    world = any_world
    made = ticket_in(world, status)
    before, carried = clocks(world, made), load(world)
    clock.travel(60)
    assert delete(world) == 303
    assert load(world) == 0
    assert not [look for _, _, look in clocks(world, made).values() if look]
    clock.travel(100 * HOUR)
    with world.inside():
        assert not Clock.mark_due()
        Ticket.close_silent()
        Escalation.climb_due()
        assert world.count(Event, name="sla.breached") == world.count(Event, name="ticket.closed") == 0
    assert restore(world) == 303
    assert load(world) == carried
    after = clocks(world, made)
    assert {kind: state for kind, (state, _, _) in after.items()} == {
        kind: state for kind, (state, _, _) in before.items()
    }
    for kind, (state, due, _) in after.items():
        if state == "running":
            assert abs(due - before[kind][1] - timedelta(hours=100)) < timedelta(seconds=30), kind
    with world.inside():
        ticket = world.one(Ticket, id=made)
        assert (ticket.status, ticket.is_alive) == (status, status != S.RESOLVED)
        if status == S.RESOLVED:
            assert ticket.auto_close_at - clock.now() > timedelta(hours=47)


def test_AGT_007_a_deleted_ticket_is_not_assigned_and_a_restored_one_is(world):
    made = world.ticket()
    assert delete(world) == 303
    clock.travel(60)
    world.run_reactions()
    with world.inside():
        assert Decision.make(made) is None
    world.work_off()
    with world.inside():
        assert world.one(Ticket).assignee_id is None
    assert restore(world) == 303
    world.run_reactions()
    with world.inside():
        assert world.one(Ticket).assignee_id


def test_SLA_009_escalations_end_with_a_deleted_ticket(world):
    made = ticket_in(world, S.IN_PROGRESS)
    with at_work(world, made) as (ticket, me):
        Escalation.raise_by_hand(ticket, by=me, level=1, reason="Late")
    delete(world)
    world.run_reactions()
    with world.inside():
        assert (world.one(Escalation).outcome, world.one(Escalation).climbs_at) == ("finished", None)
        assert Escalation.raise_on(world.one(Ticket), "manual", cause="x", by=world.user("Gus")) is None


def test_NTF_002_nobody_is_mailed_about_a_deleted_ticket(world):
    made = ticket_in(world, S.IN_PROGRESS)
    with at_work(world, made) as (ticket, me):
        ticket.reply("Words.", by=me)
    delete(world)
    world.run_reactions()
    with world.inside():
        assert world.count(Delivery, state="queued") == 0


def test_TKT_012_the_page_of_the_deleted_is_for_managers(world):
    ticket_in(world, S.IN_PROGRESS, subject="Lost <b>parcel</b>")
    ticket_in(world, S.OPEN)
    delete(world)
    assert Seat(world, "Gus").get("/queue/deleted").status_code == 403
    mai = Seat(world, "Mai")
    page = mai.get("/queue/deleted")
    assert [row["data-deleted"] for row in read(page).with_attribute("data-deleted")] == ["ACME-1"]
    assert "Lost &lt;b&gt;parcel&lt;/b&gt;" in page.text
    assert form(page, "/restoration").send(mai.client).headers["Location"] == "/tickets/ACME-1"
    assert mai.get("/tickets/ACME-1").status_code == 200
    assert not read(mai.get("/queue/deleted")).with_attribute("data-deleted")


@pytest.mark.parametrize("before", ["x", "-1", "9" * 60, "1-", "１-1", "0-0"])
def test_Q_2_nonsense_for_a_place_in_the_list_is_no_error(world, before):
    ticket_in(world, S.OPEN)
    delete(world)
    assert Seat(world, "Mai").get("/queue/deleted", before=before).status_code == 200


def test_TKT_012_the_list_of_the_deleted_goes_on(world, monkeypatch):
    from helpdesk.desk import queries

    monkeypatch.setattr(queries, "PAGE", 2)
    mai = Seat(world, "Mai")
    for number in range(1, 6):
        world.ticket()
        mai.post(f"/tickets/ACME-{number}/deletion")
    seen, address = [], "/queue/deleted"
    while address:
        page = read(mai.get(address))
        seen += [row["data-deleted"] for row in page.with_attribute("data-deleted")]
        address = next((a["href"] for a in page.all("a") if a.attributes.get("rel") == "next"), None)
    assert seen == [f"ACME-{number}" for number in (5, 4, 3, 2, 1)]


def message(world, made: int, kind: str = "agent_reply") -> int:
    with world.inside():
        return world.one(Message, ticket_id=made, kind=kind).id


@pytest.fixture
def talk(world) -> int:
    """A ticket with one of everything that is said."""
    made = ticket_in(world, S.IN_PROGRESS)
    with at_work(world, made) as (ticket, me):
        file = Upload("a.txt", "text/plain", *storage.keep(BytesIO(b"x"), most_bytes=1))
        ticket.reply("A wrong answer.", by=me, files=[file])
        ticket.note("A note.", by=me)
    return made


@pytest.mark.parametrize("kind", ["agent_reply", "internal_note", "comment"])
def test_TKT_012_a_manager_removes_a_message_and_brings_it_back(world, talk, kind):
    which, mai = message(world, talk, kind), Seat(world, "Mai")
    for _ in range(2):
        assert mai.post(f"/messages/{which}/deletion").status_code == 303
    page = mai.get("/tickets/ACME-1", lang="en")
    assert str(which) not in [m["data-message"] for m in read(page).with_attribute("data-message")]
    assert "Mai removed a message" in page.text
    assert form(page, f"/messages/{which}/restoration").send(mai.client).status_code == 303
    shown = [int(m["data-message"]) for m in read(mai.get("/tickets/ACME-1")).with_attribute("data-message")]
    assert which in shown
    assert shown == sorted(shown)
    with world.inside():
        names = [e.name for e in events_of(talk) if e.name.startswith("message.")]
        assert names == ["message.removed", "message.restored"]


def test_TKT_012_a_removed_message_is_gone_for_the_customer_with_its_files(world, client, talk):
    which = message(world, talk)
    with world.inside():
        file = world.one(Message, id=which).attachments[0].id
    client.get(world.link(talk))
    assert client.get(f"/requests/{talk}/attachments/{file}/a.txt", buffered=True).status_code == 200
    Seat(world, "Mai").post(f"/messages/{which}/deletion")
    answer = client.get(f"/requests/{talk}?lang=en")
    assert "A wrong answer." not in answer.text
    assert "removed" not in answer.text
    assert client.get(f"/requests/{talk}/attachments/{file}/a.txt").status_code == 404
    assert Seat(world, "Gus").get(f"/attachments/{file}/a.txt").status_code == 404
    assert "A wrong answer." not in client.get(f"/requests/{talk}/changes?since=0").text


def test_TKT_012_agents_remove_nothing_and_system_lines_stay(world, talk):
    which = message(world, talk)
    assert Seat(world, "Gus").post(f"/messages/{which}/deletion").status_code == 403
    with world.inside():
        line = next(m for m in thread_of(talk) if m.kind == "system")
        with pytest.raises(NotAllowed):
            world.one(Message, id=which).remove(world.one(Ticket), by=world.user("Gus"))
        with pytest.raises(Refusal):
            line.remove(world.one(Ticket), by=world.user("Mai"))
        number = line.id
    assert Seat(world, "Mai").post(f"/messages/{number}/deletion").status_code == 409


@pytest.mark.parametrize("id", ["0", "01", "-1", "999999", "9" * 30, "x"])
def test_Q_2_a_message_that_is_not_there_is_not_found(world, talk, id):
    assert Seat(world, "Mai").post(f"/messages/{id}/deletion").status_code == 404


def test_NTF_002_a_mail_that_quotes_a_removed_message_is_not_sent(world, talk):
    Seat(world, "Mai").post(f"/messages/{message(world, talk)}/deletion")
    world.run_reactions()
    with world.inside():
        mail = world.one(Delivery, template="ticket.replied.customer")
        assert (mail.state, mail.error) == ("skipped", "the message was removed")


def test_TKT_012_a_page_that_was_away_learns_what_was_removed_and_restored(world, talk):
    which, mai = message(world, talk), Seat(world, "Mai")
    world.run_reactions()
    seen = next(read(mai.get("/tickets/ACME-1")).all("live-socket"))["data-sequence"]
    clock.travel(HOUR)
    mai.post(f"/messages/{which}/deletion")
    world.run_reactions()
    target = f"[data-message='{which}']"
    assert target in [
        e.attributes.get("hx-target") for e in read(mai.get("/tickets/ACME-1/changes", since=seen)).all()
    ]
    mai.post(f"/messages/{which}/restoration")
    missed = read(mai.get("/tickets/ACME-1/changes", since=seen)).with_attribute("data-message")
    assert str(which) in [m["data-message"] for m in missed]
