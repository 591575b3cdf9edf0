"""ux A2: the title is changed in place; what two want at once is shown to both, and it is found by the new words."""

from __future__ import annotations

import pytest

from helpdesk.core.errors import Refusal
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.ticket import Ticket
from tests.support.databases import any_world  # noqa: F401
from tests.support.page import form, read
from tests.support.seat import Seat, at_work, events_of, ticket_in
from tests.support.world import World

PATH = "/tickets/ACME-1/subject"


def subject(world: World, ticket_id: int) -> str:
    with world.inside():
        return Ticket.for_deed(ticket_id).subject


def test_ux_A2_the_title_is_changed_without_scripts_too(world: World) -> None:
    made, gus = world.ticket("Broken jug"), Seat(world, "Gus")
    page = gus.get("/tickets/ACME-1")
    assert form(page, PATH).fields["subject"] == "Broken jug"
    assert form(page, PATH).send(gus.client, subject=" Broken\tmug ").status_code == 303
    assert subject(world, made) == "Broken mug"
    page = gus.get("/tickets/ACME-1")
    assert "Broken mug" in next(read(page).all("h1")).text
    assert "changed the title from “Broken jug” to “Broken mug”" in page.text


def test_it_is_found_by_its_new_words_only(any_world: World) -> None:  # noqa: F811
    made = any_world.ticket("Broken jug")
    with at_work(any_world, made) as (ticket, gus):
        ticket.rename("Cốc sứ bị vỡ", by=gus)
    any_world.run_reactions()
    gus = Seat(any_world, "Gus")
    assert "ACME-1" in gus.get("/search", q="coc su").text
    rows = read(gus.get("/search", q="jug")).with_attribute("data-ticket")
    assert rows == []


def test_the_same_title_again_is_quiet_and_a_closed_one_keeps_its_own(world: World) -> None:
    made = ticket_in(world, Status.ASSIGNED)
    with at_work(world, made) as (ticket, gus):
        ticket.rename("Another", by=gus)
        ticket.rename("Another", by=gus)
        assert [e.name for e in events_of(made)].count("ticket.renamed") == 1
    closed = ticket_in(world, Status.CLOSED)
    with pytest.raises(Refusal, match="closed"), at_work(world, closed) as (ticket, gus):
        ticket.rename("Another", by=gus)


def test_TKT_008_two_titles_at_once_are_both_shown(world: World) -> None:
    made = ticket_in(world, Status.ASSIGNED)
    gus, linh = Seat(world, "Gus"), Seat(world, "Linh")
    page = gus.get("/tickets/ACME-1")
    assert form(linh.get("/tickets/ACME-1"), PATH).send(linh.client, subject="Linh's").status_code == 303
    late = form(page, PATH).send(gus.client, htmx=True, subject="Gus's")
    assert late.status_code == 409
    assert "Linh&#39;s" in late.text
    assert subject(world, made) == "Linh's"
    plain = form(page, PATH).send(gus.client, subject="Gus's")
    assert plain.status_code == 409
    assert form(plain, PATH).send(gus.client).status_code == 303
    assert subject(world, made) == "Gus's"
    assert form(plain, PATH).send(gus.client, keep="1").status_code == 303
    assert subject(world, made) == "Gus's"


@pytest.mark.parametrize("said", ["", "   ", "\x00", "\u202e", "x" * 201, "x" * 10**6])
@pytest.mark.parametrize("htmx", [False, True])
def test_what_is_no_title_comes_back_with_its_sentence(world: World, said: str, htmx: bool) -> None:
    made = world.ticket("Broken jug")
    answer = Seat(world, "Linh").post(PATH, htmx=htmx, subject=said)
    assert answer.status_code == 422
    assert "field-error" in answer.text
    assert subject(world, made) == "Broken jug"


@pytest.mark.parametrize("said", ["<b>bold</b>", "{{ 7*7 }}", "🙂", "x" * 200, "Ca\u0302\u0300n gấp"])
def test_any_other_words_are_a_title(world: World, said: str) -> None:
    made, gus = world.ticket(), Seat(world, "Gus")
    assert gus.post(PATH, subject=said).status_code == 303
    assert "<b>bold" not in gus.get("/tickets/ACME-1").text
    assert subject(world, made) == said.replace("a\u0302\u0300", "ầ")


def test_strangers_change_nothing(world: World) -> None:
    made = world.ticket("Broken jug")
    assert Seat(world, "Gil").post(PATH, subject="Mine").status_code == 404
    assert subject(world, made) == "Broken jug"
