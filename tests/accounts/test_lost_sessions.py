"""MSG-006: a form that comes behind an ended session is not taken, and its words come back to be copied."""

from __future__ import annotations

import logging

import pytest

from helpdesk.accounts.user_session import UserSession
from helpdesk.core import clock
from tests.support.page import form, read
from tests.support.seat import Seat
from tests.support.world import World

WORDS = "Dear <b>Bea</b> & co,\n\n</textarea><script>alert(1)</script> xin chào 📦"
HERE = {"Referer": "http://localhost/tickets/ACME-1"}


def end_sessions(world: World) -> None:
    with world.inside():
        for session in world.user("Gus").sessions:
            session.end()


def given_back(answer) -> list[str]:
    """What stands in the read-only fields of a page, as a browser shows it."""
    areas = [a for a in read(answer).all("textarea") if "readonly" in a.attributes]
    return ["".join(c for c in a.children if isinstance(c, str)).removeprefix("\n") for a in areas]


@pytest.mark.parametrize("door", ["replies", "notes", "comments", "drafts"])
def test_MSG_006_a_signed_out_writer_gets_his_words_back(world, door):
    world.ticket()
    seat = Seat(world, "Gus")
    end_sessions(world)
    answer = seat.client.post(
        f"/tickets/ACME-1/{door}",
        headers=HERE,
        data={"body": WORDS, "kind": "reply", "csrf_token": seat._token},
    )
    assert answer.status_code == 401
    assert given_back(answer) == [WORDS]
    links = [link["href"] for link in read(answer).all("a")]
    assert "/login?next=/tickets/ACME-1" in links


def test_MSG_006_both_halves_of_a_note_come_back(world):
    world.ticket()
    seat = Seat(world, "Gus")
    end_sessions(world)
    answer = seat.post("/tickets/ACME-1/resolution", note_en="Done.", note_vi="Xong.")
    assert sorted(given_back(answer)) == ["Done.", "Xong."]


def test_MSG_006_the_token_of_another_session_gives_the_words_back(world):
    """He signed in again in another tab; this tab's form carries the token of before."""
    world.ticket()
    client = world.sign_in("Gus")
    client.get("/tickets/ACME-1")
    answer = client.post(
        "/tickets/ACME-1/replies", data={"body": WORDS, "csrf_token": "of before"}, headers=HERE
    )
    assert answer.status_code == 400
    assert given_back(answer) == [WORDS]


def test_MSG_006_a_part_of_the_page_is_told_and_keeps_the_composer(world):
    world.ticket()
    seat = Seat(world, "Gus")
    end_sessions(world)
    data = {"body": WORDS, "csrf_token": seat._token}
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/tickets/ACME-1"}
    answer = seat.client.post("/tickets/ACME-1/replies", data=data, headers=headers)
    assert answer.status_code == 401
    assert 'hx-target="#notices"' in answer.text
    assert "/login?next=/tickets/ACME-1" in answer.text
    assert not list(read(answer).all("textarea"))


@pytest.mark.parametrize("ended", ["the session", "the cookie"])
def test_MSG_006_the_way_back_leads_to_the_page_that_was_open(world, ended):
    world.ticket()
    seat = Seat(world, "Gus")
    end_sessions(world)
    client = seat.client if ended == "the session" else world.app.test_client()
    headers = {
        "HX-Request": "true",
        "HX-Current-URL": "http://localhost/tickets/ACME-1?all=1&tab=details#new",
    }
    answer = client.post("/tickets/ACME-1/notes", data={"csrf_token": seat._token}, headers=headers)
    assert answer.status_code == (401 if ended == "the session" else 400)
    assert "/login?next=/tickets/ACME-1%3Fall%3D1%26tab%3Ddetails" in answer.text


def test_MSG_006_a_page_of_an_earlier_session_goes_on_with_the_present_token(world):
    world.ticket()
    with world.inside():
        gus = world.user("Gus").id
    again = world.sign_in("Gus")
    answer = again.get(f"/me/token?user={gus}", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in answer.headers
    sent = again.post("/tickets/ACME-1/notes", data={"body": WORDS, "csrf_token": answer.text})
    assert sent.status_code == 303


@pytest.mark.parametrize("user", ["Gus", "Gil", None])
def test_MSG_006_somebody_elses_page_gets_no_token_and_hears_who_is_signed_in(world, user):
    asked = {}
    if user:
        with world.inside("globex" if user == "Gil" else "acme"):
            asked = {"user": world.user(user).id}
    answer = world.sign_in("Mai").get("/me/token", query_string=asked, headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert "đăng nhập với tên Mai" in answer.text  # her language
    assert "csrf" not in answer.text


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_Q_2_no_other_site_asks_for_the_token(world, site):
    with world.inside():
        gus = world.user("Gus").id
    answer = world.sign_in("Gus").get(f"/me/token?user={gus}", headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 404


def test_MSG_006_after_signing_in_again_one_is_back_at_the_ticket(world):
    world.ticket()
    client = world.app.test_client()
    own = form(client.get("/login?next=/tickets/ACME-1"), "/login")
    answer = own.send(client, email="gus@acme.example", password="a long enough password")
    assert answer.headers["Location"] == "/tickets/ACME-1"


@pytest.mark.parametrize(
    "referrer", ["https://evil.example/tickets/ACME-1", "http://[", "", "//evil.example", "x" * 3000]
)
def test_MSG_006_the_way_back_stays_in_the_house(world, referrer):
    world.ticket()
    seat = Seat(world, "Gus")
    end_sessions(world)
    data = {"body": WORDS, "csrf_token": seat._token}
    answer = seat.client.post("/tickets/ACME-1/replies", data=data, headers={"Referer": referrer})
    assert answer.status_code == 401
    assert "evil" not in answer.text


def test_Q_2_passwords_never_come_back(client):
    answer = client.post(
        "/login", data={"email": "gus@acme.example", "password": "hunter2hunter2", "body": "Words."}
    )
    assert answer.status_code == 400
    assert "hunter2" not in answer.text


def test_Q_2_another_sites_page_does_not_speak_through_ours(client):
    answer = client.post(
        "/login", data={"body": "Call this number!"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 400
    assert "Call this number!" not in answer.text


def test_Q_6_words_are_not_logged(world, caplog):
    world.ticket()
    seat = Seat(world, "Gus")
    end_sessions(world)
    with caplog.at_level(logging.DEBUG):
        seat.post("/tickets/ACME-1/replies", body="Very private words.")
    assert "Very private words." not in caplog.text


def test_MSG_006_an_idle_session_gives_the_words_back_too(world):
    world.ticket()
    seat = Seat(world, "Gus")
    with world.inside():
        assert world.count(UserSession, user_id=world.user("Gus").id) == 1
    clock.travel(13 * 3600)
    answer = seat.post("/tickets/ACME-1/notes", body="Night shift.")
    clock.reset()
    assert answer.status_code == 401
    assert given_back(answer) == ["Night shift."]
