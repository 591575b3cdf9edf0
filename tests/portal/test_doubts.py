"""A doubtful form brings a little work or a little patience; never a puzzle, never a dead end (Q-2)."""

from __future__ import annotations

import hashlib
import re
from itertools import count

import pytest

from helpdesk.core import clock
from helpdesk.core.signing import sign, stamp
from helpdesk.portal.challenge import LIFE_SECONDS, MOST_BITS, PURPOSE, WAIT_SECONDS, Challenge
from helpdesk.portal.form_token import FormToken
from helpdesk.tickets.ticket import Ticket
from tests.portal.test_form import GIVEN, opened
from tests.portal.test_vouched import TYPED, token
from tests.portal.test_vouched import opened as opened_with
from tests.support.page import form


def solve(again):
    """The work, as the script of the page does it; hard enough for any challenge."""
    return work(again.fields["challenge"], 16)


def work(text, bits):
    for n in count():
        hashed = hashlib.sha256(f"{text}:{n}".encode()).digest()
        if int.from_bytes(hashed, "big") >> (256 - bits) == 0:
            return str(n)
    raise AssertionError


@pytest.fixture
def quick(make_app):
    """An installation where nobody fills the form in within an hour."""
    return make_app(fill_seconds=3000).test_client()


def doubted(client, **given):
    answer = opened(client, query="lang=en").send(client, **(GIVEN | given))
    assert answer.status_code == 422
    return answer


def test_Q_2_a_form_that_came_too_fast_is_taken_with_the_work_done(world, quick):
    answer = doubted(quick)
    assert "That was very fast. Please check the form, wait 30 seconds and send it again." in answer.text
    again = form(answer, "/embed/")
    assert again.fields["description"] == GIVEN["description"], "nothing typed is lost"
    assert again.send(quick, proof=work(again.fields["challenge"], 14)).status_code == 303
    with world.inside():
        assert world.count(Ticket) == 1


def test_Q_2_without_scripts_one_waits_and_sends_again(world, quick):
    again = form(doubted(quick), "/embed/")
    assert again.send(quick).status_code == 422, "at once is too early"
    clock.travel(WAIT_SECONDS + 1)
    assert again.send(quick).status_code == 303
    with world.inside():
        assert world.count(Ticket) == 1


def test_Q_2_asking_again_does_not_begin_the_wait_anew(quick):
    first = form(doubted(quick), "/embed/")
    clock.travel(10)
    second = form(first.send(quick), "/embed/")
    assert second.fields["challenge"] == first.fields["challenge"]


@pytest.mark.parametrize("proof", ["", "x", "-1", "1.5", "9" * 40, "\u0663", "\x00", "0"])
def test_Q_2_a_wrong_answer_is_asked_again(world, quick, proof):
    again = form(doubted(quick), "/embed/")
    assert again.send(quick, proof=proof).status_code == 422
    with world.inside():
        assert world.count(Ticket) == 0


def test_Q_2_the_same_answer_makes_one_request_and_no_other_forms(world, quick):
    first, second = form(doubted(quick), "/embed/"), form(doubted(quick, subject="Another"), "/embed/")
    done = {"challenge": first.fields["challenge"], "proof": work(first.fields["challenge"], 14)}
    assert first.send(quick, **done).status_code == 303
    assert first.send(quick, **done).status_code == 303, "the same form again is the same request"
    assert second.send(quick, **done).status_code == 422
    with world.inside():
        assert world.count(Ticket) == 1


def test_Q_2_a_challenge_is_ours_and_for_an_hour(app):
    with app.app_context():
        ours = Challenge.fresh("nonce")
        assert Challenge.read(ours.text, "nonce") == ours
        for text, nonce in (
            (ours.text, "another"), (ours.text[:-1], "nonce"), ("", "nonce"), (sign("form", ["nonce", 1, 0]), "nonce"),
            (sign(PURPOSE, "nonce"), "nonce"), (sign(PURPOSE, ["nonce", 14, stamp() + 60]), "nonce"),
        ):  # fmt: skip
            assert Challenge.read(text, nonce) is None
        clock.travel(LIFE_SECONDS + 1)
        assert Challenge.read(ours.text, "nonce") is None


def test_Q_2_no_challenge_is_too_hard_for_an_old_telephone(app):
    with app.app_context():
        assert Challenge.fresh("nonce", 99).bits == MOST_BITS <= 18


def test_Q_2_whoever_takes_his_time_is_not_asked(client):
    answer = opened(client, query="lang=en")
    assert "challenge" not in answer.fields
    assert answer.send(client, **GIVEN).status_code == 303


def test_Q_2_mistakes_are_said_before_any_work_is_asked_for(quick):
    answer = opened(quick, query="lang=en").send(quick, **(GIVEN | {"email": "nobody"}))
    assert answer.status_code == 422
    assert "challenge" not in form(answer, "/embed/").fields


def test_Q_2_for_whom_the_shop_vouches_is_not_doubted(quick):
    assert form(opened_with(quick, token()), "/embed/").send(quick, **TYPED).status_code == 303


def test_Q_2_many_forms_are_doubted_before_they_are_refused(make_app):
    app = make_app(rate_limits=True)

    def send(n):
        client = app.test_client()
        filled = opened(client, query="lang=en")
        return client.post(
            f"{filled.action}&n={n}", data=filled.fields | GIVEN | {"email": f"u{n}@mail.example"},
            environ_base={"REMOTE_ADDR": "192.0.2.9"},
        )  # fmt: skip

    answers = [send(n) for n in range(16)]
    assert [answer.status_code for answer in answers] == [303] * 15 + [422]
    assert "Please wait 30 seconds" in answers[-1].text


def test_Q_2_a_known_address_is_answered_like_an_unknown_one(world, client):
    world.ticket()
    answers = [opened(client, query="lang=en").send(client, **(GIVEN | {"email": e})) for e in
               ("bea@mail.example", "nobody.knows@mail.example")]  # fmt: skip
    assert {answer.status_code for answer in answers} == {303}
    pages = [client.get(answer.headers["Location"]).text for answer in answers]
    known, unknown = (re.sub(r"\d", "#", page.partition("<main")[2]) for page in pages)
    assert len(known) > 200
    assert known.replace("b•••", "n•••").replace("=#", "") == unknown.replace("=#", "")


def test_FormToken_says_who_is_quick(app):
    with app.app_context():
        fresh = FormToken.fresh("form-acme")
        assert fresh.is_quicker_than(2)
        clock.travel(3)
        assert not fresh.is_quicker_than(2)
