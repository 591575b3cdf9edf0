"""Undo: a held reply goes back to its writer with everything, or leaves, and never both."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

from helpdesk.core import clock
from helpdesk.core.db import transaction
from helpdesk.core.errors import NotAllowed, Refusal
from helpdesk.core.tenancy import inside
from helpdesk.tickets.draft import Draft
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.message import Message
from helpdesk.tickets.ticket import Ticket
from tests.support.page import form, read
from tests.support.seat import Seat, at_work, events_of, thread_of, ticket_in
from tests.support.world import World
from tests.tickets.held import at, holds, names_on, press, reply_of, sweep

S = Status


def test_MSG_006_send_now_does_not_wait(any_world):
    made = ticket_in(any_world, S.ASSIGNED)
    holds(any_world, 30)
    seat = press(any_world, then="waiting_user")
    door = f"/tickets/ACME-1/replies/{reply_of(any_world, made).id}/release"
    assert [seat.post(door).status_code for _ in range(2)] == [303, 303]
    assert names_on(any_world, made).count("ticket.replied") == 1
    with any_world.inside():
        assert any_world.one(Ticket, id=made).status == S.WAITING_USER


def test_MSG_006_undo_gives_words_status_and_files_back(any_world):
    made = ticket_in(any_world, S.ASSIGNED)
    holds(any_world, 30)
    seat = press(any_world, "Dear Bea,\n\nno.", then="keep", files=[(BytesIO(b"one line\n"), "log.txt")])
    message = reply_of(any_world, made)
    assert seat.post(f"/tickets/ACME-1/replies/{message.id}/undo").status_code == 303
    page = seat.get("/tickets/ACME-1")
    composer = form(page, "/replies")
    assert composer.fields["body"] == "Dear Bea,\n\nno."
    assert composer.fields["then"] == "keep"
    assert "log.txt" in page.text
    assert f'data-message="{message.id}"' not in page.text
    assert composer.send(seat.client).status_code == 303  # sent again, it is another message
    with any_world.inside():
        again = next(m for m in reversed(thread_of(made)) if m.kind == "agent_reply")
        assert again.id != message.id
        assert [file.name for file in again.attachments] == ["log.txt"]
        assert Draft.kept(made, any_world.user("Gus")) == {}


def test_MSG_006_what_was_undone_is_never_sent(any_world):
    made = ticket_in(any_world, S.ASSIGNED)
    holds(any_world, 10)
    with at(clock.now()):
        seat = press(any_world)
        seat.post(f"/tickets/ACME-1/replies/{reply_of(any_world, made).id}/undo")
        clock.travel(60)
        sweep(any_world)
    assert "ticket.replied" not in names_on(any_world, made)
    assert "reply.withdrawn" in names_on(any_world, made)
    with any_world.inside():
        assert [m for m in thread_of(made) if m.kind == "agent_reply"] == []


def test_MSG_006_undo_comes_too_late_after_the_release(world):
    made = ticket_in(world, S.ASSIGNED)
    holds(world, 10)
    with at(clock.now()):
        seat = press(world)
        clock.travel(11)
        sweep(world)
        for htmx in (True, False):
            door = f"/tickets/ACME-1/replies/{reply_of(world, made).id}/undo"
            answer = seat.post(door, htmx=htmx)
            assert answer.status_code == 409
            assert "It is too late" in answer.text
    assert reply_of(world, made).deleted_at is None


def test_MSG_006_undo_with_htmx_brings_the_composer_with_what_was_typed_since(world):
    made = ticket_in(world, S.ASSIGNED)
    holds(world, 30)
    seat = press(world, "First <b>words</b>.")
    door = f"/tickets/ACME-1/replies/{reply_of(world, made).id}/undo"
    answer = seat.post(door, htmx=True, body="More words.", then="keep", submission="other")
    assert form(answer, "/replies").fields["body"] == "First <b>words</b>.\n\nMore words."
    assert "data-withdrawn" in answer.text
    with world.inside():
        draft = Draft.kept(made, world.user("Gus"))["reply"]
        assert draft.body == "First <b>words</b>.\n\nMore words."
    again = seat.post(door, htmx=True)  # twice: the same words, no more of them
    assert form(again, "/replies").fields["body"] == "First <b>words</b>.\n\nMore words."


def test_MSG_006_undo_joins_a_draft_that_was_begun_since(world):
    made = ticket_in(world, S.ASSIGNED)
    holds(world, 30)
    seat = press(world, "First.")
    seat.post("/tickets/ACME-1/drafts", kind="reply", body="Second.", submission="b", revision="0")
    seat.post(f"/tickets/ACME-1/replies/{reply_of(world, made).id}/undo")
    assert form(seat.get("/tickets/ACME-1"), "/replies").fields["body"] == "First.\n\nSecond."


def test_MSG_006_only_the_writer_can_undo_or_hurry_it(world):
    made = ticket_in(world, S.ASSIGNED)
    holds(world, 30)
    press(world)
    message = reply_of(world, made)
    for name in ("Linh", "Mai", "Ada"):
        for deed in ("undo", "release"):
            assert Seat(world, name).post(f"/tickets/ACME-1/replies/{message.id}/{deed}").status_code == 403
    assert reply_of(world, made).held_until is not None


def test_MSG_006_there_is_nothing_to_undo_on_other_messages(world):
    made = ticket_in(world, S.ASSIGNED)
    with at_work(world, made) as (ticket, me):
        note = ticket.note("For us.", by=me).id
    other = world.ticket()
    with at_work(world, other) as (ticket, me):
        foreign = ticket.reply("There.", by=me).id
    seat = Seat(world, "Gus")
    with world.inside():
        system = world.count(Message, ticket_id=made, kind="system")
        assert system > 0
    for id_ in (note, foreign, 999_999, "0", "x", "1" * 30, "-1"):
        for deed in ("undo", "release"):
            assert seat.post(f"/tickets/ACME-1/replies/{id_}/{deed}").status_code == 404


def in_threads(world: World, deeds: list[Callable[[], object]]) -> list[object]:
    """What deeds answer that are done at once, each in a transaction of its own; refusals are answers too."""

    def run(deed: Callable[[], object]) -> object:
        try:
            with world.app.app_context(), inside(world.organizers["acme"]), transaction():
                return deed()
        except (Refusal, NotAllowed) as refusal:
            return type(refusal).__name__

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def test_MSG_006_of_undo_send_now_and_several_sweeps_at_once_one_wins(any_world):
    for round_ in range(3):
        made = ticket_in(any_world, S.ASSIGNED)
        holds(any_world, 1)
        with at_work(any_world, made) as (ticket, me):
            message_id = ticket.reply(f"Round {round_}.", by=me).id
        clock.travel(5)

        def deed(name: str, made: int = made, message_id: int = message_id) -> object:
            if name == "sweep":
                return Ticket.release_due()
            ticket, gus = Ticket.for_deed(made), any_world.user("Gus")
            message = Message.reply_on(ticket, message_id)
            return ticket.take_back(message, by=gus) if name == "undo" else ticket.send_now(message, by=gus)

        names = ["sweep", "undo", "now", "sweep", "undo", "now"]
        in_threads(any_world, [lambda name=name: deed(name) for name in names])
        with any_world.inside():
            message = any_world.one(Message, id=message_id)
            happened = [event.name for event in events_of(made)]
            sent, gone = happened.count("ticket.replied"), happened.count("reply.withdrawn")
            assert (sent, gone) in ((1, 0), (0, 1))
            assert (message.deleted_at is not None) == (gone == 1)
            assert (message.held_until is None) == (sent == 1), "what was taken back stays unsent for good"
    clock.reset()


def test_MSG_006_held_replies_are_sent_one_ticket_at_a_time(any_world):
    holds(any_world, 1)
    made = [ticket_in(any_world, S.ASSIGNED) for _ in range(2)]
    for each in made:
        with at_work(any_world, each) as (ticket, me):
            ticket.reply("Words.", by=me)
    clock.travel(5)
    for more, sent in ((True, [1, 0]), (True, [1, 1]), (False, [1, 1])):
        with any_world.inside():
            assert Ticket.release_due() is more
            assert [[e.name for e in events_of(each)].count("ticket.replied") for each in made] == sent
    clock.reset()


def test_MSG_006_a_colleagues_open_page_learns_of_it_and_of_the_undo(world):
    made = ticket_in(world, S.ASSIGNED)
    holds(world, 30)
    press(world, "Held words.")
    message = reply_of(world, made)
    colleague = Seat(world, "Linh")
    shown = next(
        read(colleague.get("/tickets/ACME-1/changes", since=0)).all("li", id=f"message-{message.id}")
    )
    assert "data-held" in shown.attributes
    Seat(world, "Gus").post(f"/tickets/ACME-1/replies/{message.id}/undo")
    world.run_reactions()
    gone = next(read(colleague.get("/tickets/ACME-1/changes", since=0)).all("li", id=f"message-{message.id}"))
    assert "data-withdrawn" in gone.attributes
    assert "Held words." not in colleague.get("/tickets/ACME-1/changes", since=0).text
