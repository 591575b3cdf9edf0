"""The form on a merchant's own site: open to everybody, framed anywhere, without a cookie."""

import io

import pytest
from PIL import Image

from helpdesk.accounts.customer import Customer
from helpdesk.core import clock
from helpdesk.core.events import Event
from helpdesk.organizers.form_key import FormKey
from helpdesk.tickets.attachment import Attachment
from helpdesk.tickets.message import Message
from helpdesk.tickets.ticket import Ticket
from tests.support.page import form, read

GIVEN = {
    "name": "Nguyễn Thị Phượng Uyên",
    "email": "Uyen@Mail.example",
    "phone": "0912 345 678",
    "subject": "Hàng chưa tới",
    "description": "Tôi đặt **tuần trước**.",
    "order": "DH-10042",
}


def picture():
    """A small real picture, as a browser sends it."""
    file = io.BytesIO()
    Image.new("RGB", (4, 3), "teal").save(file, "PNG")
    file.seek(0)
    return file


def opened(client, key="form-acme", query="lang=vi"):
    return form(client.get(f"/embed/{key}?{query}"), f"/embed/{key}")


def test_TKT_002_a_visitor_without_account_or_cookie_makes_a_ticket(world, client):
    sent = opened(client).send(client, **GIVEN, priority="HIGH", files=(picture(), "ảnh.png"))
    assert sent.status_code == 303
    thanks = client.get(sent.headers["Location"])
    assert next(iter(read(thanks).with_attribute("data-ticket")))["data-ticket"] == "ACME-1"
    assert "u•••@mail.example" in thanks.text
    assert "/t/" not in thanks.text, "an unverified visitor gets his link by mail only"
    assert client.get_cookie("session") is None
    with world.inside():
        ticket = world.one(Ticket, number="ACME-1")
        assert (ticket.status, ticket.priority, ticket.language, ticket.source) == (
            "OPEN",
            "HIGH",
            "vi",
            "form",
        )
        assert ticket.order == {"id": "DH-10042"}
        assert (ticket.customer.email, ticket.customer.language) == ("uyen@mail.example", "vi")
        assert ticket.customer.phone == "0912 345 678"
        assert [clock.kind for clock in ticket.tracker.clocks] == ["first", "resolution"]
        message = world.one(Message, ticket_id=ticket.id)
        assert "<strong>tuần trước</strong>" in message.body_html
        assert [(file.name, file.content_type) for file in message.attachments] == [("ảnh.png", "image/png")]
        assert world.one(Event, ticket_id=ticket.id).name == "ticket.created"


def test_TKT_002_the_form_sets_no_cookie_and_may_be_framed(client):
    answer = client.get("/embed/form-acme")
    assert "Set-Cookie" not in answer.headers
    assert "X-Frame-Options" not in answer.headers
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]


def test_Q_2_only_listed_sites_may_frame_the_form(world, client):
    with world.inside():
        world.one(FormKey, key="form-acme").allowed_origins = [
            "https://shop.example",
            "https://www.shop.example",
        ]
    answer = client.get("/embed/form-acme")
    assert (
        "frame-ancestors https://shop.example https://www.shop.example"
        in answer.headers["Content-Security-Policy"]
    )


def test_TKT_002_the_promise_is_on_the_thank_you_page(world, client):
    sent = opened(client, query="lang=en").send(client, **GIVEN)
    thanks = client.get(sent.headers["Location"])
    with world.inside():
        due = world.one(Ticket, number="ACME-1").tracker.clocks[0].due_at
    assert due.strftime("%Y-%m-%dT%H:%M:%SZ") in thanks.text


def test_MSG_007_the_same_form_twice_makes_one_ticket(world, client):
    filled = opened(client)
    first, second = filled.send(client, **GIVEN), filled.send(client, **GIVEN)
    assert first.headers["Location"] == second.headers["Location"]
    with world.inside():
        assert (world.count(Ticket), world.count(Message)) == (1, 1)


@pytest.mark.parametrize(
    "other",
    [
        {"description": "And the second parcel is late, too."},
        {"subject": "Another parcel"},
        {"email": "uyen.nguyen@mail.example"},
        {"files": (io.BytesIO(b"words"), "a.txt")},
    ],
)
def test_MSG_006_who_goes_back_and_writes_something_else_sends_another_request(world, client, other):
    """The page that the browser keeps has the number of the form that was sent."""
    filled = opened(client)
    first = filled.send(client, **GIVEN)
    second = filled.send(client, **GIVEN | other)
    assert second.status_code == 303
    assert second.headers["Location"] != first.headers["Location"]
    if "files" not in other:  # a test's file can be read once
        assert filled.send(client, **GIVEN | other).headers["Location"] == second.headers["Location"]
    assert filled.send(client, **GIVEN).headers["Location"] == first.headers["Location"]
    with world.inside():
        assert (world.count(Ticket), world.count(Message)) == (2, 2)


def test_MSG_006_what_is_wrong_is_said_and_nothing_typed_is_lost(world, client):
    filled = opened(client, query="lang=en")
    sent = filled.send(client, **GIVEN | {"email": "uyen@", "subject": "x" * 201, "phone": "call me"})
    assert sent.status_code == 422
    assert "Enter an email address like name@example.com." in sent.text
    assert "At most 200 characters fit." in sent.text
    again = form(sent, "/embed/")
    assert again.fields["description"] == GIVEN["description"]
    assert again.fields["email"] == "uyen@"
    assert again.fields["form_token"] == filled.fields["form_token"]
    with world.inside():
        assert (world.count(Ticket), world.count(Event)) == (0, 0)
    assert again.send(client, **GIVEN).status_code == 303


def test_CAT_004_a_customer_chooses_up_to_what_the_form_allows(world, client):
    assert opened(client).send(client, **GIVEN, priority="CRITICAL").status_code == 422
    with world.inside():
        world.one(FormKey, key="form-acme").highest_priority = "LOW"
    assert opened(client).send(client, **GIVEN).status_code == 303
    with world.inside():
        assert world.one(Ticket).priority == "LOW"


def test_Q_1_a_category_of_another_organizer_is_refused(world, client):
    theirs = opened(client, "form-glob")
    machines = next(
        one for one in read(client.get("/embed/form-glob?lang=en")).all("label") if one.text == "Machines"
    )
    category = next(iter(machines.all("input")))["value"]
    assert opened(client).send(client, **GIVEN, category=category).status_code == 422
    assert theirs.send(client, **GIVEN, category=category).status_code == 303


def test_Q_1_one_form_does_not_take_what_another_showed(world, client):
    token = opened(client).fields["form_token"]
    assert opened(client, "form-glob").send(client, **GIVEN, form_token=token).status_code == 400
    assert opened(client).send(client, **GIVEN, form_token="made up").status_code == 400
    assert client.post("/embed/form-acme", data=GIVEN).status_code == 400


def test_Q_1_an_unknown_key_is_not_found(client):
    assert client.get("/embed/form-nobody").status_code == 404
    assert client.post("/embed/form-nobody", data=GIVEN).status_code == 404


def test_Q_2_a_form_that_is_off_says_so(world, client):
    filled = opened(client)
    with world.inside():
        world.one(FormKey, key="form-acme").is_on = False
    assert client.get("/embed/form-acme").status_code == 403
    assert filled.send(client, **GIVEN).status_code == 403
    with world.inside():
        assert world.count(Ticket) == 0


def test_Q_2_the_honeypot_saves_nothing_and_loses_nothing(world, client):
    sent = opened(client).send(client, **GIVEN, website="http://spam.example")
    assert sent.status_code == 422
    with world.inside():
        assert world.count(Ticket) == 0
    assert form(sent, "/embed/").send(client).status_code == 303, (
        "a person whose browser filled it in sends again"
    )


def test_Q_2_a_form_that_comes_back_at_once_is_no_persons(make_app, world):
    client = make_app(fill_seconds=2).test_client()
    filled = opened(client)
    sent = filled.send(client, **GIVEN)
    assert sent.status_code == 422
    clock.travel(3)
    assert form(sent, "/embed/").send(client).status_code == 303


def test_Q_2_a_form_that_was_open_for_a_day_comes_back_fresh(world, client):
    filled = opened(client)
    clock.travel(24 * 3600 + 1)
    sent = filled.send(client, **GIVEN)
    assert sent.status_code == 422
    again = form(sent, "/embed/")
    assert again.fields["form_token"] != filled.fields["form_token"]
    assert again.send(client).status_code == 303


def test_MSG_002_a_dangerous_file_is_refused_and_the_text_is_kept(world, client):
    page = b"<html><script>alert(1)</script></html>"
    sent = opened(client).send(client, **GIVEN, files=(io.BytesIO(page), "photo.png"))
    assert sent.status_code == 422
    assert "photo.png" in sent.text
    assert form(sent, "/embed/").fields["description"] == GIVEN["description"]
    with world.inside():
        assert (world.count(Ticket), world.count(Attachment)) == (0, 0)


def test_MSG_002_eleven_files_are_too_many(world, client):
    files = [(io.BytesIO(b"one line"), f"{n}.txt") for n in range(11)]
    assert opened(client).send(client, **GIVEN, files=files).status_code == 422


def test_Q_2_controls_and_line_breaks_do_not_get_into_a_subject(world, client):
    opened(client).send(client, **GIVEN | {"subject": "Hi\r\nBcc: x@y.z\x00\u202e", "name": " A \n B "})
    with world.inside():
        ticket = world.one(Ticket)
        assert (ticket.subject, ticket.customer.name) == ("Hi Bcc: x@y.z", "A B")


def test_Q_2_a_stranger_who_knows_an_address_does_not_change_its_owner(world, client):
    given = GIVEN | {"email": "bea@mail.example", "name": "Somebody Else"}
    opened(client).send(client, **given)
    with world.inside():
        assert world.one(Customer, email="bea@mail.example").name == "Bea"


def test_Q_2_prefilled_fields_are_cleaned_and_can_be_changed(client):
    filled = opened(client, query="lang=en&email=bea@mail.example&name=%3Cb%3EBea&order=DH-7&subject=Hello")
    assert filled.fields["email"] == "bea@mail.example"
    assert filled.fields["name"] == "<b>Bea"
    assert filled.fields["order"] == "DH-7"
    assert "readonly" not in client.get("/embed/form-acme?email=bea@mail.example").text


def test_Q_5_the_form_speaks_the_language_that_is_asked_for(world, client):
    vietnamese = client.get("/embed/form-acme?lang=vi&order=DH-7&host=https://shop.example/")
    assert 'lang="vi"' in vietnamese.text
    assert "Giao hàng" in vietnamese.text
    other = next(iter(read(vietnamese).with_attribute("formaction")))
    assert "lang=en" in other["formaction"]
    assert "order=DH-7" in other["formaction"]
    with world.inside():
        world.one(FormKey, key="form-beta").merchant.default_language = "vi"
    assert '<html lang="vi"' in client.get("/embed/form-beta").text, "no wish: the merchant's own language"


def test_TKT_002_the_thank_you_page_is_of_its_form_and_cannot_be_made_up(world, client):
    where = opened(client).send(client, **GIVEN).headers["Location"]
    assert client.get(where.replace("form-acme", "form-beta")).status_code == 404
    assert client.get(where.replace("form-acme", "form-glob")).status_code == 404
    assert client.get("/embed/form-acme/thanks/WzEsMF0.made-up").status_code == 404


def test_TKT_002_any_site_may_load_the_script(client):
    answer = client.get("/embed.js")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "max-age=300" in answer.headers["Cache-Control"]
    assert answer.mimetype == "text/javascript"
    answer.close()


def test_ux_C1_the_thanks_have_an_address_of_their_own_with_scripts_too(world, client):
    answer = opened(client, query="lang=en").send(client, **GIVEN)
    assert answer.status_code == 303
    with_scripts = client.get(answer.location, headers={"HX-Request": "true"})
    assert with_scripts.headers["HX-Replace-Url"] == answer.location
    assert "HX-Replace-Url" not in client.get(answer.location).headers


def test_TKT_002_a_telephone_number_has_digits(world, client):
    for number in ("(((((((", "--------", "+ ( ) . -", "12 34"):
        answer = opened(client, query="lang=en").send(client, **GIVEN | {"phone": number})
        assert answer.status_code == 422, number
        assert "Enter a phone number like 0912 345 678." in answer.text
    with world.inside():
        assert world.count(Ticket) == 0
