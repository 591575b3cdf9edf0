"""Which language a reader gets, and texts that are kept in both (Q-5)."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from flask import g

from helpdesk.core.i18n import Localized, _, in_language, language, speaking


def spoken(client, path: str = "/login", cookie: str | None = None, browser: str | None = None) -> str:
    if cookie:
        client.set_cookie("lang", cookie)
    answer = client.get(path, headers={"Accept-Language": browser} if browser else {})
    found = 'lang="vi"' in answer.text.partition("<body")[0]
    assert ("Đăng nhập" in answer.text) == found
    return "vi" if found else "en"


@pytest.mark.parametrize(
    "path, cookie, browser, code",
    [
        ("/login", None, None, "en"),
        ("/login", None, "vi", "vi"),
        ("/login", None, "vi-VN,vi;q=0.9,en;q=0.8", "vi"),
        ("/login", None, "en-GB,en;q=0.9,vi;q=0.8", "en"),
        ("/login", None, "de,fr", "en"),
        ("/login", "vi", "en", "vi"),
        ("/login", "en", "vi", "en"),
        ("/login", "xx", "vi", "vi"),
        ("/login?lang=vi", "en", "en", "vi"),
        ("/login?lang=en", "vi", "vi", "en"),
        ("/login?lang=xx", "vi", "en", "vi"),
        ("/login?lang=", "vi", "en", "vi"),
    ],
)  # fmt: skip
def test_Q_5_the_page_then_the_choice_then_the_browser(path, cookie, browser, code, client):
    assert spoken(client, path, cookie, browser) == code


def test_Q_5_who_is_signed_in_gets_his_own_language(world):
    for name, code in (("Gus", "en"), ("Linh", "vi")):
        page = world.sign_in(name).get("/queue", headers={"Accept-Language": "en" if code == "vi" else "vi"})
        assert f'<html lang="{code}"' in page.text


def test_Q_5_choosing_keeps_the_choice(app, client):
    app.config["WTF_CSRF_ENABLED"] = False
    answer = client.post("/language", data={"lang": "vi", "next": "/login"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert {"HttpOnly", "SameSite=Lax"} <= {part.strip() for part in answer.headers["Set-Cookie"].split(";")}
    assert spoken(client) == "vi"
    client.post("/language", data={"lang": "de"})
    assert spoken(client) == "vi"


def test_Q_5_an_error_speaks_the_language_too(client):
    assert 'lang="vi"' in client.get("/no/such/page?lang=vi").text


def test_Q_5_outside_of_a_request_english_is_spoken(app):
    with app.app_context():
        assert language() == "en"
        with speaking("vi"):
            assert language() == "vi"
        assert language() == "en"


def test_Q_5_who_speaks_another_language_first_goes_back_to_the_readers(app):
    with app.test_request_context("/?lang=vi"):
        with speaking("en"):
            assert (language(), _("Close")) == ("en", "Close")
        assert (language(), _("Close")) == ("vi", "Đóng")


def test_Q_5_a_page_may_say_its_language_itself(app):
    with app.test_request_context("/?lang=en"):
        g.language = "vi"
        assert language() == "vi"


# Texts in both ------------------------------------------------------------------------------------------------


class Thing:
    name = Localized("name")

    def __init__(self, en: str | None, vi: str | None) -> None:
        self.name_en, self.name_vi = en, vi


@pytest.mark.parametrize(
    "en, vi, english, vietnamese",
    [
        ("Delivery", "Giao hàng", "Delivery", "Giao hàng"),
        ("Delivery", "", "Delivery", "Delivery"),
        ("", "Giao hàng", "Giao hàng", "Giao hàng"),
        ("Delivery", None, "Delivery", "Delivery"),
        ("", "", "", ""),
        (None, None, "", ""),
    ],
)
def test_Q_5_a_missing_half_is_the_other_one(en, vi, english, vietnamese, app):
    with app.app_context():
        assert Thing(en, vi).name == english
        with speaking("vi"):
            assert Thing(en, vi).name == vietnamese


def test_a_half_can_be_asked_for(app):
    row = SimpleNamespace(name_en="A", name_vi="B")
    assert (in_language(row, "name", "en"), in_language(row, "name", "vi")) == ("A", "B")


def test_on_the_class_it_is_itself():
    assert isinstance(Thing.name, Localized)
