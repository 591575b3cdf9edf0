"""TKT-003: tickets that agents open on behalf of customers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from sqlalchemy import select

from helpdesk.accounts.customer import Customer
from helpdesk.accounts.user import Membership
from helpdesk.core.db import db
from helpdesk.notifications.delivery import Delivery
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.category import Category
from helpdesk.tickets.tag import Tag
from helpdesk.tickets.ticket import Ticket
from tests.support.databases import both_databases
from tests.support.page import form, read
from tests.support.seat import Seat, events_of, thread_of

WORDS = {
    "merchant": "ACME", "customer_email": "bea@mail.example", "customer_name": "", "subject": "She called",
    "description": "The parcel is wet.", "language": "vi",
}  # fmt: skip


@pytest.fixture
def gus(world) -> Seat:
    seat = Seat(world, "Gus")
    seat.client.set_cookie("lang", "en")
    return seat


def raised(seat: Seat, **values):
    return seat.post("/tickets", **{**WORDS, **values})


def customers(world, *named: tuple[str, str]) -> None:
    with world.inside():
        acme = world.one(Merchant, prefix="ACME")
        for name, email in named:
            Customer.find_or_create(acme, email=email, name=name, language="vi")


@both_databases
def test_TKT_003_a_ticket_for_somebody_who_is_known(world):
    gus = Seat(world, "Gus")
    answer = raised(gus, priority="HIGH")
    assert (answer.status_code, answer.location) == (303, "/tickets/ACME-1")
    with world.inside():
        ticket = world.one(Ticket)
        me = world.user("Gus")
        assert (ticket.customer_id, ticket.raised_by_id) == (world.customer("Bea").id, me.id)
        assert (ticket.source, ticket.priority, ticket.language, ticket.status) == (
            "agent",
            "HIGH",
            "vi",
            "OPEN",
        )
        assert {clock.kind for clock in ticket.tracker.clocks} == {"first", "resolution"}
        [opening] = thread_of(ticket.id)
        assert (opening.kind, opening.visibility, opening.author_id) == ("comment", "public", me.id)
        [event] = events_of(ticket.id)
        assert (event.name, event.actor["id"], event.data["notify"]) == ("ticket.created", me.id, False)


def test_TKT_003_both_sides_see_on_whose_behalf_it_was_written(world, gus):
    raised(gus)
    with world.inside():
        made = world.one(Ticket).id
    page = gus.get("/tickets/ACME-1").text
    assert "on behalf of Bea" in page
    assert "Opened by" in page
    client = world.app.test_client()
    client.get(world.link(made), follow_redirects=True)
    assert "written on your behalf" in client.get(f"/requests/{made}?lang=en").text
    gus.post("/tickets/ACME-1/comments", body="A later remark.")
    assert gus.get("/tickets/ACME-1").text.count("on behalf of Bea") == 1


@both_databases
def test_TKT_003_who_is_not_known_is_added_once(world):
    gus = Seat(world, "Gus")
    for subject in ("One", "Two"):
        fresh = {"customer_email": "New.One@Mail.example", "customer_name": "Nguyễn Mới"}
        assert raised(gus, subject=subject, **fresh).status_code == 303
    with world.inside():
        customer = world.one(Customer, email="new.one@mail.example")
        assert (customer.name, world.count(Ticket, customer_id=customer.id)) == ("Nguyễn Mới", 2)


def test_TKT_003_a_name_is_enough_where_one_alone_has_it(world, gus):
    customers(
        world,
        ("Đặng Quốc Ấn", "an@mail.example"),
        ("Lê Văn Hai", "hai@x.example"),
        ("Lê Văn Hai", "h2@x.example"),
    )
    assert raised(gus, customer_email="", customer_name="dang quoc an").status_code == 303
    with world.inside():
        assert world.one(Ticket).customer.email == "an@mail.example"
    answer = raised(gus, customer_email="", customer_name="Lê Văn Hai")
    assert answer.status_code == 422
    assert "hai@x.example" in answer.text
    assert "h2@x.example" in answer.text
    assert raised(gus, customer_email="", customer_name="Nobody Known").status_code == 422
    assert raised(gus, customer_email="", customer_name="").status_code == 422


def test_TKT_003_a_name_of_another_merchants_customer_is_not_known(world, gus):
    assert raised(gus, merchant="BETA", customer_email="", customer_name="Bea").status_code == 422


@pytest.mark.parametrize("merchant", ["GLOB", "NOPE", "", "999999", "9" * 30, "\0", "acme"])
def test_TKT_003_a_merchant_that_is_not_the_agents_is_refused(world, gus, merchant):
    answer = raised(gus, merchant=merchant)
    assert answer.status_code == 422
    assert "Choose one of the list." in answer.text
    with world.inside():
        assert world.count(Ticket) == 0


def test_TKT_003_an_agent_opens_tickets_of_his_merchants_only(world, gus):
    with world.inside():
        acme, me = world.one(Merchant, prefix="ACME"), world.user("Gus")
        world.one(Membership, user_id=me.id, merchant_id=acme.id).deleted_at = acme.created_at
    assert raised(gus).status_code == 422
    assert gus.get("/customers", merchant="ACME", q="bea").status_code == 404
    assert Seat(world, "Mai").post("/tickets", **WORDS).status_code == 303


def test_TKT_003_a_merchant_is_also_known_by_its_id(world, gus):
    with world.inside():
        acme = str(world.one(Merchant, prefix="ACME").id)
    assert raised(gus, merchant=acme).status_code == 303


@both_databases
def test_MSG_007_the_same_form_sent_twice_makes_one_ticket(world):
    seats = [Seat(world, "Gus") for _ in range(2)]
    values = {"submission": "one-key", "note": "Call back.", "assignee": "me"}
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda seat: raised(seat, **values), seats))
    assert {(a.status_code, a.location) for a in answers} == {(303, "/tickets/ACME-1")}
    with world.inside():
        kinds = [message.kind for message in thread_of(world.one(Ticket).id)]
        assert sorted(kinds) == ["comment", "internal_note", "system"]


def test_MSG_007_two_agents_keys_are_two(world, gus):
    for seat in (gus, Seat(world, "Linh")):
        assert raised(seat, submission="same").status_code == 303
    with world.inside():
        assert world.count(Ticket) == 2


def test_TKT_003_everything_that_can_be_said_is_kept(world, gus):
    with world.inside():
        category = str(db.session.scalars(select(Category.id).order_by(Category.id)).first())
    more = {
        "category": category, "tags": "Wet parcel,  refund , refund", "order": "A-77", "note": "Only for us.",
        "assignee": "me", "files": [(BytesIO(b"hello"), "a.txt")],
    }  # fmt: skip
    assert raised(gus, **more).status_code == 303
    with world.inside():
        ticket, me = world.one(Ticket), world.user("Gus")
        assert (str(ticket.category_id), ticket.order["id"]) == (category, "A-77")
        assert (ticket.assignee_id, ticket.status) == (me.id, "ASSIGNED")
        opening, note = (m for m in thread_of(ticket.id) if m.kind != "system")
        assert [file.name for file in opening.attachments] == ["a.txt"]
        assert (note.kind, note.body) == ("internal_note", "Only for us.")
        assert [tag.name for tag in ticket.tags] == ["refund", "wet-parcel"]


def test_TKT_003_the_worker_leaves_alone_what_the_agent_kept(world, gus):
    raised(gus, assignee="me")
    raised(gus, subject="Another")
    world.run_reactions()
    with world.inside():
        kept, given = db.session.scalars(select(Ticket).order_by(Ticket.id))
        assert kept.assignee.name == "Gus"
        assert given.assignee is not None
        assert [event.name for event in events_of(kept.id)] == ["ticket.created", "ticket.assigned"]


@pytest.mark.parametrize("notify", [False, True])
def test_NTF_001_the_customer_is_mailed_if_the_agent_wants_it(world, gus, notify):
    raised(gus, assignee="me", **({"notify": "1"} if notify else {}))
    world.run_reactions()
    with world.inside():
        kinds = [(row.recipient_kind, row.template) for row in db.session.scalars(select(Delivery))]
    assert kinds == (
        [("customer", "ticket.created.customer")] if notify else []
    )  # nobody hears of his own deed


BAD = [
    ("subject", ""), ("subject", "   "), ("subject", "\u200b"), ("subject", "x" * 201), ("description", ""),
    ("description", " \n "), ("description", "x" * 50_001), ("customer_email", "not an address"),
    ("customer_email", "=?utf-8?q?a?="), ("category", "999999"), ("category", "x"), ("category", "9" * 30),
    ("priority", "EXTREME"), ("language", "fr"), ("assignee", "somebody"), ("tags", "x" * 41), ("note", "x" * 50_001),
    ("order", "x" * 101), ("customer_name", "x" * 201),
]  # fmt: skip


@pytest.mark.parametrize("field,said", BAD)
def test_TKT_003_a_form_with_a_mistake_comes_back_whole(world, gus, field, said):
    typed = {**WORDS, "note": "Keep this note.", "tags": "one, two", "submission": "k"} | {field: said}
    answer = gus.post("/tickets", **typed)
    assert answer.status_code == 422
    assert next(read(answer).all("title")).text.startswith("Error:")
    sent = form(answer, "/tickets")
    for name in ("merchant", "customer_email", "subject", "description", "note", "tags", "submission"):
        if name != field:
            assert sent.fields[name] == typed[name], name
    with world.inside():
        assert world.count(Ticket) == 0
        assert world.count(Tag) == 0


def test_MSG_002_a_file_that_is_not_taken_loses_nothing(world, gus):
    answer = raised(gus, files=[(BytesIO(b"MZ\x90\x00" + b"\0" * 50), "setup.exe")])
    assert answer.status_code == 422
    assert "setup.exe" in answer.text
    assert form(answer, "/tickets").fields["description"] == "The parcel is wet."
    with world.inside():
        assert world.count(Ticket) == 0


def test_Q_2_odd_letters_are_cleaned_not_kept(world, gus):
    raised(gus, subject="A\0B\u202eC<b>", description="e\u0301 😀", customer_name="\u202eName")
    with world.inside():
        ticket = world.one(Ticket)
        assert ticket.subject == "ABC<b>"
        assert thread_of(ticket.id)[0].body == "é 😀"


@both_databases
def test_TKT_003_customers_are_found_with_or_without_marks(world):
    customers(
        world,
        ("Đặng Quốc Ấn", "an@mail.example"),
        ("Dang Quoc An", "plain@mail.example"),
        ("50% Off", "off@x.example"),
    )
    gus = Seat(world, "Gus")

    def found(words: str) -> list[str]:
        page = read(gus.get("/customers", merchant="ACME", q=words))
        return [button["data-email"] for button in page.with_attribute("data-email")]

    assert set(found("dang an")) == {"an@mail.example", "plain@mail.example"}
    assert found("Đặng")[0] == "an@mail.example"
    assert found("Dang")[0] == "plain@mail.example"
    assert found("AN@MAIL") == ["an@mail.example"]
    assert found("%") == found("") == found("  ") == found("x") == []
    assert found("0%") == ["off@x.example"]
    assert found("bea") == ["bea@mail.example"]
    assert found("\0" * 5 + "cyd") == []


@pytest.mark.parametrize("merchant", ["", "GLOB", "x", "9" * 30])
def test_Q_1_customers_of_another_merchant_are_not_to_be_found(world, gus, merchant):
    assert gus.get("/customers", merchant=merchant, q="cyd").status_code == 404


def test_TKT_003_a_customer_is_found_by_the_name_he_has_now(world, gus):
    with world.inside():
        world.customer("Bea").name = "Trần Thị Béa"
    page = read(gus.get("/customers", merchant="ACME", q="tran thi bea"))
    assert len(page.with_attribute("data-email")) == 1


def test_the_form_offers_what_can_be_chosen(world, gus):
    page = gus.get("/tickets/new")
    sent = form(page, "/tickets")
    assert sent.fields["submission"]
    merchants = [o["value"] for s in read(page).all("select", id="merchant") for o in s.all("option")]
    assert merchants == ["", "ACME", "BETA"]
    answer = sent.send(gus.client, **{k: v for k, v in WORDS.items() if v})
    assert answer.status_code == 303
    assert "/tickets/new" in gus.get("/queue").text
