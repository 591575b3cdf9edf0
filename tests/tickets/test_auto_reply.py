"""MSG-001: what a merchant says by itself to a new request."""

from __future__ import annotations

import pytest

from helpdesk.core.events import Event
from helpdesk.notifications.delivery import Delivery
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.message import Message
from helpdesk.tickets.subscribers import answer
from helpdesk.tickets.ticket import Opening, Ticket
from tests.support.seat import at_work, events_of


def says(world, en=None, vi=None) -> None:
    with world.inside():
        shop = world.one(Merchant, prefix="ACME")
        shop.auto_reply_en, shop.auto_reply_vi = en, vi


@pytest.mark.parametrize("language,en,vi,said", [
    ("en", "Thanks.", "Cảm ơn.", "Thanks."), ("vi", "Thanks.", "Cảm ơn.", "Cảm ơn."),
    ("vi", "Thanks.", None, "Thanks."),
    ("en", "", "Cảm ơn.", "Cảm ơn."),
])  # fmt: skip
def test_MSG_001_a_new_request_is_answered_in_its_language(any_world, language, en, vi, said):
    world = any_world
    says(world, en, vi)
    made = world.ticket(language=language)
    world.run_reactions()
    with world.inside():
        message = world.one(Message, kind="auto_reply")
        assert (message.body, message.visibility, message.author_kind) == (said, "public", "system")
        assert message.author_name == "Acme Shop"
        ticket = world.one(Ticket, id=made)
        assert next(c for c in ticket.tracker.clocks if c.kind == "first").state == "running"
        assert ticket.tracker.first_response_at is None
        moves = [e for e in events_of(made) if e.actor["name"] == "auto-reply"]
        assert [(e.name, e.data["message"]) for e in moves] == [("ticket.commented", message.id)]


def test_MSG_001_it_is_said_once_however_often_the_reaction_runs(world):
    says(world, "Thanks.")
    made = world.ticket()
    world.run_reactions()
    with world.inside():
        answer(world.one(Event, name="ticket.created"))
    with world.inside():
        assert world.count(Message, ticket_id=made, kind="auto_reply") == 1
        assert world.count(Delivery, template="ticket.created.customer") == 1
        assert world.count(Delivery, template="ticket.commented.customer") == 0


def test_MSG_001_without_a_text_nothing_is_said(world):
    world.ticket()
    world.run_reactions()
    with world.inside():
        assert world.count(Message, kind="auto_reply") == 0


def test_MSG_001_what_an_agent_raised_is_not_answered(world):
    says(world, "Thanks.")
    with world.inside():
        bea, gus = world.customer("Bea"), world.user("Gus")
        Ticket.create(bea.merchant, bea, Opening("By phone", "She called."), by=gus, raised_by=gus)
    world.run_reactions()
    with world.inside():
        assert world.count(Message, kind="auto_reply") == 0


@pytest.mark.parametrize("what", ["resolved", "deleted"])
def test_MSG_001_what_is_over_before_the_worker_comes_is_not_answered(world, what):
    says(world, "Thanks.")
    made = world.ticket()
    with at_work(world, made, "Mai") as (ticket, mai):
        ticket.resolve(by=mai, note_en="Done.", note_vi="Xong.") if what == "resolved" else ticket.delete(
            by=mai
        )
    world.run_reactions()
    with world.inside():
        assert world.count(Message, kind="auto_reply") == 0


@pytest.mark.parametrize("where", [Status.WAITING_USER, Status.IN_PROGRESS])
def test_TKT_009_an_auto_reply_moves_nothing(world, where):
    says(world, "Thanks.")
    made = world.ticket()
    with at_work(world, made) as (ticket, me):
        ticket.take(by=me)
        ticket.move_to(where, by=me)
    world.run_reactions()
    with world.inside():
        assert world.one(Ticket).status == where
        assert world.count(Message, kind="auto_reply") == 1
