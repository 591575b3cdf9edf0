"""One's own password and sessions (Q-2, ASVS 7.4.3 and 7.5.2)."""

from __future__ import annotations

import pytest

from helpdesk.accounts.device import Device, network_of
from tests.support.page import form, read
from tests.support.world import PASSWORD

NEW = "another long enough one"


def test_Q_2_another_password_ends_all_other_sessions(world):
    here, there = world.sign_in("Gus"), world.sign_in("Gus")
    answer = form(here.get("/me/security"), "/me/password").send(here, present=PASSWORD, password=NEW)
    assert answer.status_code == 303
    assert here.get("/queue").status_code == 200
    assert there.get("/queue").status_code == 302


@pytest.mark.parametrize(
    ("present", "password"), [("wrong", NEW), ("", NEW), (PASSWORD, "short"), (PASSWORD, "")]
)
def test_Q_2_it_needs_the_present_one_and_a_good_one(present, password, world):
    here, there = world.sign_in("Gus"), world.sign_in("Gus")
    answer = form(here.get("/me/security"), "/me/password").send(here, present=present, password=password)
    assert answer.status_code == 422
    assert there.get("/queue").status_code == 200


def test_Q_2_sessions_are_seen_and_ended_one_by_one(world):
    here, there = world.sign_in("Gus"), world.sign_in("Gus")
    page = here.get("/me/security")
    rows = list(read(page).all(class_="office-session"))
    assert len(rows) == 2
    assert ["This one" in row.text for row in rows].count(True) == 1
    [other] = [row["data-session"] for row in rows if "This one" not in row.text]
    assert form(page, f"/me/sessions/{other}/ending").send(here).status_code == 303
    assert there.get("/queue").status_code == 302
    assert here.get("/queue").status_code == 200


def test_Q_2_nobody_ends_a_session_of_somebody_else(app, world):
    app.config["WTF_CSRF_ENABLED"] = False
    gus = world.sign_in("Gus")
    [row] = read(gus.get("/me/security")).all(class_="office-session")
    assert world.sign_in("Linh").post(f"/me/sessions/{row['data-session']}/ending").status_code == 404
    assert gus.get("/queue").status_code == 200


def test_Q_2_sign_out_everywhere_means_here_too(world):
    here, there, linh = world.sign_in("Gus"), world.sign_in("Gus"), world.sign_in("Linh")
    answer = form(here.get("/me/security"), "/me/sessions/ending").send(here)
    assert answer.headers["Location"] == "/login?said=everywhere"
    assert [one.get("/queue").status_code for one in (here, there, linh)] == [302, 302, 200]


@pytest.mark.parametrize(
    ("agent", "browser", "system"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox", "Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari/537.36 Edg/140", "Edge", "Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18 Safari/604", "Safari", "iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140 Mobile Safari/537.36", "Chrome", "Android"),
        ("", "", ""), ("<script>alert(1)</script>", "<script>alert(1)</script>", ""),
    ],
)  # fmt: skip
def test_A12_a_device_is_told_in_words(agent, browser, system):
    assert (Device(agent).browser, Device(agent).system) == (browser, system)


@pytest.mark.parametrize(
    ("address", "kept"),
    [("203.0.113.77", "203.0.113.…"), ("2001:db8:1:2::5", "2001:0db8:0001:…"), ("", ""), ("unknown", ""), (None, "")],
)  # fmt: skip
def test_A12_of_an_address_only_the_network_is_kept(address, kept):
    assert network_of(address) == kept
