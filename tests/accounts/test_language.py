"""The choice of language: what a page was asked in, its later fragments speak too."""

from __future__ import annotations

from flask.testing import FlaskClient

from tests.support.page import form
from tests.support.seat import Seat
from tests.support.world import World


def test_Q_5_a_page_asked_for_in_a_language_keeps_it_for_its_fragments(world: World) -> None:
    seat = Seat(world, "Gus")
    assert 'lang="en"' in seat.get("/queue").text
    assert 'lang="vi"' in seat.get("/queue?lang=vi").text
    assert 'lang="vi"' in seat.get("/queue/all").text


def test_Q_5_a_language_that_nobody_speaks_changes_nothing(world: World) -> None:
    seat = Seat(world, "Gus")
    assert 'lang="en"' in seat.get("/queue?lang=xx").text
    assert 'lang="en"' in seat.get("/queue").text


def test_Q_5_the_embedded_form_sets_no_cookie(client: FlaskClient, world: World) -> None:
    answer = client.get("/embed/form-acme?lang=vi")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers


def test_Q_5_a_choice_outweighs_the_language_in_the_address_it_was_made_on(world: World) -> None:
    gus = Seat(world, "Gus")
    asked = form(gus.get("/queue", status="OPEN", lang="vi"), "/language")
    answer = asked.send(gus.client, lang="en")
    assert answer.location == "/queue?status=OPEN"
    assert '<html lang="en"' in gus.get(answer.location).text


def test_Q_5_choosing_a_language_while_signing_in_keeps_the_way_back(client: FlaskClient) -> None:
    asked = form(client.get("/login?next=/queue/mine&lang=vi"), "/language")
    assert asked.send(client, lang="en").location == "/login?next=/queue/mine"
