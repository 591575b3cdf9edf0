"""The form read in the other language: nothing that was typed, attached or meant is lost by it."""

import io

import pytest

from helpdesk.organizers.form_key import FormKey
from helpdesk.tickets.attachment import Attachment
from helpdesk.tickets.ticket import Ticket
from tests.portal.test_form import GIVEN
from tests.portal.test_plain_form import SENT_ON, SHOP, THANKS, plain, plain_sent
from tests.support.page import form, read

__all__ = ["plain"]


def switched(client, answer, **typed):
    """Press the button that names the other language, with what the form holds and what is typed."""
    switch = next(iter(read(answer).with_attribute("formaction")))
    filled = form(answer, "/embed/form-acme")
    filled.action = switch["formaction"]
    return filled.send(client, **{switch["name"]: switch["value"]}, **typed)


def tongue(answer):
    return next(iter(read(answer).all("html")))["lang"]


def test_C1_the_other_language_after_an_error_keeps_words_files_and_where_it_goes_on_to(world, plain, client):
    wrong = plain_sent(client, email="uyen@", next=THANKS, files=(io.BytesIO(b"words"), "ảnh chụp.txt"))
    other = switched(client, wrong, subject="Changed after the error")
    assert (other.status_code, tongue(wrong), tongue(other)) == (422, "en", "vi")
    assert "Nhập email theo dạng" in next(iter(read(other).all(id="errors"))).text, (
        "and what is wrong is said in it"
    )
    assert "form-action 'self' https://shop.example;" in other.headers["Content-Security-Policy"]
    back = switched(client, other)
    again = form(back, "/embed/form-acme")
    assert tongue(back) == "en"
    assert again.fields["subject"] == "Changed after the error"
    assert {name: again.fields[name] for name in ("description", "name", "phone", "order")} == {
        name: GIVEN[name] for name in ("description", "name", "phone", "order")
    }
    fine = form(switched(client, back), "/embed/form-acme").send(client, email="uyen@mail.example")
    assert (fine.status_code, fine.headers["Location"]) == (303, SENT_ON)
    with world.inside():
        assert world.one(Ticket).language == "vi"
        assert world.one(Attachment).name == "ảnh chụp.txt"


def test_C1_the_other_language_of_a_form_half_filled_in_blames_nothing_and_sends_nothing(world, client):
    fresh = client.get("/embed/form-acme?lang=en&theme=dark&host=https://shop.example/&order=DH-7")
    other = switched(client, fresh, subject="Hàng chưa tới", files=(io.BytesIO(b"words"), "a.txt"))
    assert (other.status_code, tongue(other)) == (200, "vi")
    assert not list(read(other).all(id="errors"))
    assert next(iter(read(other).all("html")))["data-theme"] == "dark", "the look is the page's around it"
    filled = form(other, "/embed/form-acme")
    assert (filled.fields["subject"], filled.fields["order"]) == ("Hàng chưa tới", "DH-7")
    assert "host=https" in filled.action
    with world.inside():
        assert world.count(Ticket) == 0
    sent = filled.send(client, **{name: GIVEN[name] for name in ("name", "email", "description")})
    assert sent.status_code == 303
    with world.inside():
        assert world.one(Attachment).name == "a.txt"


def test_C1_a_file_that_is_not_taken_is_said_in_the_other_language_too(client):
    fresh = client.get("/embed/form-acme?lang=en")
    other = switched(client, fresh, files=(io.BytesIO(b"MZ\x90"), "a.exe"))
    assert other.status_code == 422
    assert "a.exe" in next(iter(read(other).all(id="errors"))).text


@pytest.mark.parametrize("given", [{"form_token": ""}, {"form_token": "made up"}])
def test_Q_2_the_switch_opens_no_form_that_a_stranger_sends(client, given):
    asked = GIVEN | given | {"only": "language"}
    assert client.post("/embed/form-acme?lang=vi", data=asked, headers=SHOP).status_code == 400


def test_Q_2_a_form_that_is_switched_off_meanwhile_says_so(world, client):
    fresh = client.get("/embed/form-acme?lang=en")
    with world.inside():
        world.one(FormKey, key="form-acme").is_on = False
    assert switched(client, fresh).status_code == 403
