"""ux A10: a ticket out of sight until a time, or until the customer writes; its deadlines go on meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.core import clock
from helpdesk.core.errors import Refusal
from helpdesk.desk.queries import VIEWS
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.snooze import Snooze
from helpdesk.tickets.snooze_form import WHENS
from helpdesk.tickets.ticket import Ticket
from tests.desk.queue_pages import in_view
from tests.support.databases import any_world  # noqa: F401
from tests.support.page import form, read
from tests.support.seat import Seat, at_work, events_of, ticket_in
from tests.support.world import World

PATH = "/tickets/ACME-1/snooze"
HOUR = timedelta(hours=1)
OWN = {"undo_seconds": "0", "language": "en", "theme": "system"}


def put_away(world: World, ticket_id: int, length: timedelta = 3 * HOUR) -> None:
    with at_work(world, ticket_id) as (ticket, gus):
        Snooze.begin(ticket, clock.now() + length, by=gus)


def until(world: World, ticket_id: int) -> datetime | None:
    with world.inside():
        return Ticket.for_deed(ticket_id).snoozed_until


def wake(world: World) -> None:
    for _ in range(5):
        with world.inside():
            if not Snooze.wake_due():
                return


def names(world: World, ticket_id: int) -> list[str]:
    with world.inside():
        return [e.name for e in events_of(ticket_id) if e.name in ("ticket.snoozed", "ticket.woken")]


def where(world: World) -> set[str]:
    """The views in which Gus sees ACME-1."""
    gus = Seat(world, "Gus")
    return {key for key in VIEWS if "ACME-1" in in_view(gus, key)}


def test_it_leaves_what_is_to_do_and_comes_back_when_its_time_has_come(any_world: World) -> None:  # noqa: F811
    made = ticket_in(any_world, Status.ASSIGNED)
    assert where(any_world) == {"todo", "mine", "all"}
    put_away(any_world, made)
    assert where(any_world) == {"snoozed", "all"}
    clock.travel(3 * 3600 - 60)
    wake(any_world)
    assert where(any_world) == {"snoozed", "all"}
    clock.travel(120)
    wake(any_world)
    wake(any_world)
    assert where(any_world) == {"todo", "mine", "all"}
    assert names(any_world, made) == ["ticket.snoozed", "ticket.woken"]


def test_what_is_nobodys_or_near_its_deadline(world: World) -> None:
    made = world.ticket()
    assert where(world) == {"todo", "unassigned", "all"}
    put_away(world, made, timedelta(days=2))
    assert where(world) == {"snoozed", "all"}
    with world.inside():
        Ticket.for_deed(made).sort_at = clock.now() + timedelta(minutes=5)
    assert where(world) == {"snoozed", "breaching", "all"}, "a deadline is not put out of sight"


def test_the_customer_brings_it_back(any_world: World) -> None:  # noqa: F811
    made = ticket_in(any_world, Status.WAITING_USER)
    put_away(any_world, made)
    with at_work(any_world, made) as (ticket, _):
        ticket.hear("I have it here.", by=ticket.customer)
    assert until(any_world, made) is None
    assert names(any_world, made) == ["ticket.snoozed", "ticket.woken"]
    assert {"todo", "mine"} <= where(any_world)


def test_our_own_words_do_not(world: World) -> None:
    made = ticket_in(world, Status.ASSIGNED)
    put_away(world, made)
    with at_work(world, made) as (ticket, gus):
        ticket.note("Not yet.", by=gus)
        ticket.reply("Please wait.", by=gus)
    assert until(world, made) is not None


def test_what_is_finished_comes_back_no_more(any_world: World) -> None:  # noqa: F811
    made = ticket_in(any_world, Status.ASSIGNED)
    put_away(any_world, made)
    with at_work(any_world, made) as (ticket, gus):
        ticket.resolve(by=gus, note_en="Done.", note_vi="Xong.")
    assert until(any_world, made) is None
    clock.travel(4 * 3600)
    wake(any_world)
    assert names(any_world, made) == ["ticket.snoozed"]
    with pytest.raises(Refusal, match="out of sight already"):
        put_away(any_world, made)


def test_another_time_takes_the_place_of_the_first(any_world: World) -> None:  # noqa: F811
    made = ticket_in(any_world, Status.ASSIGNED)
    put_away(any_world, made, HOUR)
    put_away(any_world, made, 5 * HOUR)
    clock.travel(2 * 3600)
    wake(any_world)
    assert until(any_world, made) is not None
    with any_world.inside():
        assert any_world.count(Snooze, ended_at=None) == 1
    clock.travel(4 * 3600)
    wake(any_world)
    assert until(any_world, made) is None


def test_the_same_time_twice_and_back_twice_are_quiet(world: World) -> None:
    made, at = ticket_in(world, Status.ASSIGNED), clock.now() + HOUR
    for _ in range(2):
        with at_work(world, made) as (ticket, gus):
            Snooze.begin(ticket, at, by=gus)
    for _ in range(2):
        with at_work(world, made) as (ticket, gus):
            Snooze.end(ticket, by=gus)
    assert names(world, made) == ["ticket.snoozed", "ticket.woken"]


@pytest.mark.parametrize("length", [timedelta(0), -HOUR, timedelta(days=400)])
def test_a_time_that_nobody_can_mean_is_refused(world: World, length: timedelta) -> None:
    made = world.ticket()
    with pytest.raises(Refusal, match="still to come"):
        put_away(world, made, length)
    assert until(world, made) is None


def test_it_is_no_newer_ticket_for_who_edits_it(world: World) -> None:
    made = ticket_in(world, Status.ASSIGNED)
    with at_work(world, made) as (ticket, _):
        before = ticket.version
    put_away(world, made)
    with at_work(world, made) as (ticket, _):
        assert ticket.version == before


def test_a_deleted_one_stays_away_until_it_is_restored(world: World) -> None:
    made = ticket_in(world, Status.ASSIGNED)
    put_away(world, made)
    with at_work(world, made, "Mai") as (ticket, mai):
        ticket.delete(by=mai)
    clock.travel(4 * 3600)
    wake(world)
    assert names(world, made) == ["ticket.snoozed"]
    with world.inside():
        ticket = Ticket.for_deed(made)
        ticket.restore(by=world.user("Mai"))
    wake(world)
    assert names(world, made) == ["ticket.snoozed", "ticket.woken"]


# The page --------------------------------------------------------------------------------------------------------


def test_ux_A10_putting_away_and_back_without_scripts(world: World) -> None:
    made, gus = ticket_in(world, Status.ASSIGNED), Seat(world, "Gus")
    page = gus.get("/tickets/ACME-1")
    assert form(page, PATH).send(gus.client, until="hours").status_code == 303
    assert until(world, made) is not None
    page = gus.get("/tickets/ACME-1")
    assert read(page).with_attribute("data-snoozed")
    assert form(page, "/tickets/ACME-1/waking").send(gus.client).status_code == 303
    assert until(world, made) is None


def test_times_are_those_of_who_asks(world: World) -> None:
    """Ten at night of Thursday in Hanoi is three in the afternoon in London."""
    made, gus = ticket_in(world, Status.ASSIGNED), Seat(world, "Gus")
    now = datetime(2026, 11, 26, 15, tzinfo=UTC)
    clock.travel((now - clock.now()).total_seconds())
    gus = Seat(world, "Gus")
    gus.post("/me", **OWN, time_zone="Asia/Ho_Chi_Minh")
    wanted = {"tomorrow": (27, 1), "monday": (30, 1), "week": (3, 1), "hours": (26, 18)}
    for choice, (day, hour) in wanted.items():
        assert gus.post(PATH, until=choice, zone="Europe/London").status_code == 303
        back = until(world, made)
        assert back is not None
        assert (back.day, back.hour) == (day, hour), choice
    gus.post(PATH, until="at", at="2026-12-24T09:30")
    assert until(world, made) == datetime(2026, 12, 24, 2, 30, tzinfo=UTC)
    gus.post("/me", **OWN, time_zone="")
    gus.post(PATH, until="at", at="2026-12-24T09:30", zone="America/New_York")
    assert until(world, made) == datetime(2026, 12, 24, 14, 30, tzinfo=UTC)
    gus.post(PATH, until="at", at="2026-12-24T09:30", zone="Mars/Base")
    assert until(world, made) == datetime(2026, 12, 24, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("field", [
    {"until": "at", "at": ""}, {"until": "at", "at": "soon"}, {"until": "at", "at": "2001-01-01T00:00"},
    {"until": "at", "at": "2098-01-01T00:00"}, {"until": "at", "at": "9" * 10**6}, {"until": "never"},
    {"until": "\x00"},
    {"until": "at", "at": "2027-01-01T00:00+01:00"}, {"until": "at", "at": "<b>"},
])  # fmt: skip
@pytest.mark.parametrize("htmx", [False, True])
def test_a_time_that_is_none_comes_back_with_its_sentence(
    world: World, field: dict[str, str], htmx: bool
) -> None:
    made = ticket_in(world, Status.ASSIGNED)
    answer = Seat(world, "Gus").post(PATH, htmx=htmx, **field)
    assert answer.status_code == 422
    assert until(world, made) is None
    assert "field-error" in answer.text


def test_what_was_typed_is_not_lost(world: World) -> None:
    ticket_in(world, Status.ASSIGNED)
    answer = Seat(world, "Linh").post(PATH, until="at", at="2001-01-01T00:00")
    sent = form(answer, PATH).fields
    assert (sent["until"], sent["at"]) == ("at", "2001-01-01T00:00")
    assert "Hãy chọn một thời điểm" in answer.text


def test_the_form_offers_what_it_takes(world: World) -> None:
    ticket_in(world, Status.ASSIGNED)
    radios = read(Seat(world, "Gus").get("/tickets/ACME-1")).all("input", name="until")
    assert [radio["value"] for radio in radios] == list(WHENS)


def test_a_stranger_puts_nothing_away(world: World) -> None:
    made = world.ticket()
    gil = Seat(world, "Gil")
    assert gil.post(PATH, until="hours").status_code == 404
    assert gil.post("/tickets/ACME-1/waking").status_code == 404
    assert until(world, made) is None
