"""The second factor: codes of RFC 6238, once each, and codes for the day on which the device is lost (Q-2)."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from helpdesk.accounts.second_factor import SecondFactor
from helpdesk.accounts.totp import Totp, present_step
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.organizers.organizer import Organizer
from tests.support.databases import both_databases
from tests.support.page import form, read
from tests.support.world import PASSWORD

RFC = Totp(base64.b32encode(b"12345678901234567890").decode())
NOW = datetime(2026, 3, 2, 12, 0, 5, tzinfo=UTC)


@pytest.fixture
def at():
    """Set the clock; it stands still."""
    with clock.frozen(NOW):
        yield lambda instant: clock.travel((instant - clock.now()).total_seconds())


def sign_in(client, **values):
    return form(client.get("/login"), "/login").send(
        client, email="gus@acme.example", password=PASSWORD, **values
    )


def enter(client, code: str):
    return form(client.get("/login/code"), "/login/code").send(client, code=code)


def set_up(client) -> tuple[Totp, list[str]]:
    """Through the pages; the secret and the recovery codes."""
    form(client.get("/me/factor"), "/me/factor/proposal").send(client, present=PASSWORD)
    page = client.get("/me/factor")
    [key] = read(page).all(class_="office-key")
    totp = Totp(key.text.replace(" ", ""))
    answer = form(page, "/me/factor").send(client, code=totp.at(present_step()))
    assert answer.status_code == 200
    return totp, [one.text for one in read(answer).all("code")]


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037"),
     (20000000000, "353130")],
)  # fmt: skip
def test_Q_2_codes_are_those_of_the_standard(seconds, code):
    """Appendix B of RFC 6238, the last six digits."""
    assert RFC.at(seconds // 30) == code


def test_Q_2_a_device_may_be_a_period_ahead_or_behind_and_no_code_counts_twice(at):
    step = present_step()
    found = [RFC.step_of(RFC.at(step + n), after=0) for n in (-2, -1, 0, 1, 2)]
    assert found == [None, step - 1, step, step + 1, None]
    assert RFC.step_of(RFC.at(step), after=step) is None
    assert RFC.step_of(RFC.at(step - 1), after=step) is None
    assert [RFC.step_of(code, after=0) for code in ("", "12", "x" * 6, "１２３４５６", "0" * 60)] == [
        None
    ] * 5


@both_databases
def test_Q_2_signing_in_asks_for_the_code_and_takes_each_once(app, client, world, at):
    sign_in(client)
    totp, _codes = set_up(client)
    at(NOW + timedelta(minutes=2))
    other = app.test_client()
    assert sign_in(other, next="/me").headers["Location"].startswith("/login/code")
    assert other.get("/queue").status_code == 302, "half signed in is not signed in"
    assert enter(other, "000000").status_code == 422
    code = totp.at(present_step())
    assert enter(other, code).status_code == 303
    assert other.get("/queue").status_code == 200
    third = app.test_client()
    sign_in(third)
    assert enter(third, code).status_code == 422, "replayed"


def test_Q_2_a_recovery_code_is_good_once_in_any_writing(app, client, world, at):
    sign_in(client)
    _totp, codes = set_up(client)
    assert len(set(codes)) == 10
    with world.inside():
        kept = db.session.scalars(select(SecondFactor)).one()
        assert not set(codes) & set(kept.recovery)
    for typed, status in ((codes[0].upper().replace("-", " "), 303), (codes[0], 422), (codes[1], 303)):
        one = app.test_client()
        sign_in(one)
        assert enter(one, typed).status_code == status


def test_Q_2_the_secret_is_kept_encrypted_and_shown_for_a_while_only(client, world, at):
    sign_in(client)
    form(client.get("/me/factor"), "/me/factor/proposal").send(client, present=PASSWORD)
    [key] = read(client.get("/me/factor")).all(class_="office-key")
    with world.inside():
        assert key.text.replace(" ", "") not in db.session.scalars(select(SecondFactor)).one().secret
    at(NOW + timedelta(minutes=16))
    assert not list(read(client.get("/me/factor")).all(class_="office-key"))


def test_Q_2_guards_of_the_account_change_only_with_the_password(client, world, at):
    sign_in(client)
    assert (
        form(client.get("/me/factor"), "/me/factor/proposal").send(client, present="wrong").status_code == 422
    )
    set_up(client)
    sheet = form(client.get("/me/factor"), "/me/factor/codes")
    assert sheet.send(client, present="wrong").status_code == 422
    sheet.action = "/me/factor/removal"
    assert sheet.send(client, present="wrong").status_code == 422
    assert sheet.send(client, present=PASSWORD).status_code == 303
    with world.inside():
        assert not SecondFactor.is_on(world.user("Gus").id)


def test_Q_2_codes_cannot_be_guessed(make_app, at):
    app = make_app(rate_limits=True)
    client = app.test_client()
    sign_in(client)
    set_up(client)
    other = app.test_client()
    sign_in(other)
    codes = [enter(other, f"{n:06}").status_code for n in range(7)]
    assert codes[:5] == [422] * 5
    assert codes[5:] == [429] * 2


@pytest.mark.parametrize(
    ("first", "is_asked"), [("admin", False), ("manager", False), ("agent", True), ("", False)]
)
def test_Q_2_where_it_is_required_it_is_set_up_at_the_next_sign_in(first, is_asked, app, client, world, at):
    before = world.sign_in("Gus")
    with world.inside():
        Organizer.present().require_factor(first, by=world.user("Ada"))
    assert before.get("/queue").status_code == 200, "open sessions go on"
    assert sign_in(client).headers["Location"] == ("/me/factor" if is_asked else "/queue")
    if not is_asked:
        return
    assert client.get("/queue").headers["Location"] == "/me/factor"
    assert client.get("/queue", headers={"HX-Request": "true"}).status_code == 403
    form(client.get("/me/factor"), "/me/factor/proposal").send(client)
    page = client.get("/me/factor")
    [key] = read(page).all(class_="office-key")
    form(page, "/me/factor").send(client, code=Totp(key.text.replace(" ", "")).at(present_step()))
    assert client.get("/queue").status_code == 200


def test_Q_2_an_admin_resets_a_lost_device_and_it_is_written_down(app, client, world, at):
    sign_in(client)
    set_up(client)
    with world.inside():
        gus = world.user("Gus").id
    ada = world.sign_in("Ada")
    answer = form(ada.get(f"/settings/users/{gus}"), "/factor-reset").send(ada)
    assert answer.status_code == 303
    assert client.get("/queue").status_code == 302
    assert sign_in(app.test_client()).headers["Location"] == "/queue"
    assert "removed the second factor of Gus" in ada.get("/settings/audit").text


def test_Q_2_a_half_session_does_not_last(client, app, world, at):
    sign_in(client)
    set_up(client)
    other = app.test_client()
    sign_in(other)
    at(NOW + timedelta(minutes=11))
    answer = other.get("/login/code")
    assert answer.headers["Location"] == "/login"


def require(world, first: str = "agent") -> None:
    with world.inside():
        Organizer.present().require_factor(first, by=world.user("Ada"))


def remove(client, **values):
    sheet = form(client.get("/me/factor"), "/me/factor/codes")
    sheet.action = "/me/factor/removal"
    return sheet.send(client, **{"present": PASSWORD} | values)


def test_Q_2_who_has_to_have_one_and_switches_it_off_sets_it_up_again_at_once(app, client, world, at):
    sign_in(client)
    totp, _codes = set_up(client)
    at(NOW + timedelta(minutes=2))
    other = app.test_client()
    sign_in(other)
    assert enter(other, totp.at(present_step())).status_code == 303
    require(world)
    assert remove(client, present="wrong").status_code == 422
    assert client.get("/queue").status_code == 200, "nothing has changed yet"
    assert remove(client).headers["Location"] == "/me/factor"
    for path in ("/queue", "/me", "/me/security", "/settings"):
        assert client.get(path).headers["Location"] == "/me/factor", path
    assert client.get("/queue", headers={"HX-Request": "true"}).status_code == 403
    assert other.get("/queue").headers["Location"].startswith("/login"), "all other sessions have ended"
    set_up(client)
    assert client.get("/queue").status_code == 200


def test_Q_2_who_need_not_have_one_goes_on_without(client, world, at):
    sign_in(client)
    set_up(client)
    require(world, "manager")
    assert remove(client).headers["Location"] == "/me/security?saved=factor"
    assert client.get("/queue").status_code == 200


def test_Q_2_a_factor_that_is_set_up_here_lets_nobody_in_elsewhere(app, client, world, at):
    """Whoever has only learnt the password waits before the same page in another browser."""
    require(world)
    other = app.test_client()
    assert sign_in(client).headers["Location"] == sign_in(other).headers["Location"] == "/me/factor"
    set_up(client)
    assert client.get("/queue").status_code == 200
    assert other.get("/queue").headers["Location"].startswith("/login")
    assert sign_in(app.test_client()).headers["Location"].startswith("/login/code")
