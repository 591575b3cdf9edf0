"""SLA-001, SLA-002, SLA-004, SLA-010: the settings pages of policies, which work without scripts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.organizers.merchant import Merchant
from helpdesk.sla.policy import SHIPPED_KEY, Policy, PolicyVersion
from helpdesk.tickets.category import Category
from helpdesk.tickets.ticket import Ticket
from tests.sla.desk_time import HOUR, targets
from tests.support.jobs import run_jobs
from tests.support.page import form, read
from tests.support.seat import Seat, at_work
from tests.tickets.policies import calendar, change, make, move_all
from tests.tickets.test_categories import plant

PATH = "/settings/policies"


@pytest.fixture
def mai(world):
    """A manager who reads English."""
    return english(world)


def english(world, name="Mai"):
    seat = Seat(world, name)
    seat.client.set_cookie("lang", "en")
    return seat


def editor(seat, policy_id):
    return form(seat.get(f"{PATH}/{policy_id}"), f"{PATH}/{policy_id}")


def numbers(world, policy_id):
    with world.inside():
        own = select(PolicyVersion.number).where(PolicyVersion.policy_id == policy_id)
        return list(db.session.scalars(own.order_by(PolicyVersion.number)))


def row(answer, policy_id):
    return next(read(answer).all("tr", id=f"policy-{policy_id}")).text


# Making and changing --------------------------------------------------------------------------------------------


def test_SLA_001_a_policy_is_made_from_an_example(world, mai):
    page = mai.get(PATH).text
    assert page.count("/settings/policies/new?example=") == 3
    sent = form(mai.get(f"{PATH}/new", example="vip"), PATH)
    assert (sent.fields["first_critical"], sent.fields["first_critical_unit"]) == ("15", "minutes")
    answer = sent.send(mai.client, name_vi="", resolution_low="1.5", resolution_low_unit="days", next_low="")
    assert answer.status_code == 303
    with world.inside():
        made = world.one(Policy, name_en="VIP")
        newest = made.newest
        assert newest.target("CRITICAL", "first") == 15 * 60
        assert newest.target("LOW", "resolution") == 36 * HOUR
        assert newest.target("LOW", "next") is None
        assert (newest.number, newest.created_by_id) == (1, world.user("Mai").id)
    listed = mai.get(answer.headers["Location"])
    assert "Vietnamese missing" in row(listed, made.id)
    assert "2 h / – / 36 h" in row(listed, made.id)
    assert "Nothing yet" in row(listed, made.id)


def test_SLA_001_the_shipped_one_is_shown_and_copied_but_not_changed(world, mai):
    with world.inside():
        shipped = world.one(Policy, key=SHIPPED_KEY).id
    assert "Comes with the product" in row(mai.get(PATH), shipped)
    page = mai.get(f"{PATH}/{shipped}")
    assert f"{PATH}/new?copy={shipped}" in page.text
    assert not list(read(page).all("form", action=f"{PATH}/{shipped}"))
    sent = form(mai.get(f"{PATH}/new", copy=shipped), PATH)
    assert (sent.fields["name_en"], sent.fields["name_vi"]) == ("Standard (copy)", "Tiêu chuẩn (bản sao)")
    assert (sent.fields["resolution_medium"], sent.fields["resolution_medium_unit"]) == ("3", "days")
    for path, fields in ((f"{PATH}/{shipped}", sent.fields), (f"{PATH}/{shipped}/archival", {})):
        answer = mai.post(path, **{name: one for name, one in fields.items() if name != "csrf_token"})
        assert answer.status_code == 409
        assert "comes with the product" in answer.text
    assert numbers(world, shipped) == [1]
    assert sent.send(mai.client).status_code == 303


def test_SLA_004_without_running_tickets_it_is_saved_at_once_and_the_history_says_what(world, mai):
    office = calendar(world)
    made = make(world)
    answer = editor(mai, made).send(
        mai.client, first_high="3", warn_percent="60", calendar_id=str(office), pausing_statuses=["WAITING_INTERNAL"]
    )  # fmt: skip
    assert answer.status_code == 303
    assert numbers(world, made) == [1, 2]
    text = read(mai.get(f"{PATH}/{made}")).text
    for words in (
        "High · First response: 1 hour → 3 hours", "Hours that count: Around the clock → Office",
        "Pauses while: Waiting for customer → On hold", "Warning: 75 % → 60 %", "Version 2 ·", "· Mai",
    ):  # fmt: skip
        assert words in text
    assert editor(mai, made).send(mai.client).status_code == 303
    assert numbers(world, made) == [1, 2]
    with world.inside():
        assert world.count(Event, name="policy.changed") == 1


def test_SLA_004_stores_and_the_default_are_set_in_the_editor(world, mai):
    with world.inside():
        acme, beta = world.one(Merchant, prefix="ACME").id, world.one(Merchant, prefix="BETA").id
    first, second = make(world, merchant_ids=[acme]), make(world, "Second")
    page = mai.get(f"{PATH}/{second}")
    assert "(now: Fast)" in page.text
    sent = form(page, f"{PATH}/{second}")
    assert sent.send(mai.client, merchant_ids=[str(acme), str(beta)], is_default="y").status_code == 303
    listed = mai.get(PATH)
    assert "Store: Acme Shop, Beta Shop" in row(listed, second)
    assert "Default:" in row(listed, second)
    assert "Nothing yet" in row(listed, first)
    assert numbers(world, second) == [1]


# Running tickets ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("apply", "version"), [("new", 1), ("running", 2)])
def test_SLA_004_running_tickets_are_asked_about_before_anything_is_saved(app, world, mai, apply, version):
    made = make(world, is_default=True)
    tickets = [world.ticket() for _ in range(3)]
    asked = editor(mai, made).send(mai.client, first_medium="2", name_en="Renamed")
    assert asked.status_code == 200
    box = next(read(asked).all(id="effects"))
    assert (box["data-moved"], box["data-overdue"]) == ("3", "0")
    assert "3 deadlines would change. None would be overdue at once." in box.text
    assert numbers(world, made) == [1]
    with world.inside():
        assert world.count(Policy, name_en="Renamed") == 0
    again = form(asked, f"{PATH}/{made}")
    assert (again.fields["first_medium"], again.fields["name_en"]) == (
        "2",
        "Renamed",
    )  # nothing typed is lost
    assert again.send(mai.client, apply=apply).status_code == 303
    assert numbers(world, made) == [1, 2]
    run_jobs(app)
    move_all(world)
    with world.inside():
        assert {world.one(Ticket, id=one).tracker.version.number for one in tickets} == {version}


def test_SLA_004_an_answer_is_for_what_was_shown_and_for_nothing_else(world, mai):
    made = make(world, is_default=True)
    world.ticket()
    asked = form(editor(mai, made).send(mai.client, first_medium="2"), f"{PATH}/{made}")
    other = asked.send(mai.client, first_medium="3", apply="running")
    assert other.status_code == 200
    assert "would change" in other.text
    blind = editor(mai, made).send(mai.client, first_medium="3", apply="running")
    assert blind.status_code == 200
    assert numbers(world, made) == [1]
    assert asked.send(mai.client, apply="sometimes").status_code == 200
    assert numbers(world, made) == [1]


def test_SLA_004_a_name_asks_nothing(world, mai):
    made = make(world, is_default=True)
    world.ticket()
    assert editor(mai, made).send(mai.client, name_vi="Nhanh").status_code == 303


def test_SLA_004_what_pauses_is_foretold_too(world, mai):
    made = make(world, is_default=True)
    with at_work(world, world.ticket()) as (ticket, me):
        ticket.take(by=me)
        ticket.move_to("WAITING_USER", by=me)
    asked = editor(mai, made).send(mai.client, pausing_statuses=[])
    assert next(read(asked).all(id="effects"))["data-moved"] == "1"


# Two at once ----------------------------------------------------------------------------------------------------


def test_TKT_008_who_saves_an_older_state_sees_both_field_by_field(world, mai):
    made, ada = make(world), english(world, "Ada")
    mine, hers = editor(mai, made), editor(ada, made)
    assert mine.send(mai.client, first_high="3", name_vi="Nhanh").status_code == 303
    answer = hers.send(ada.client, first_high="5", critical_percent="95")
    assert answer.status_code == 409
    clashes = next(read(answer).all("table", class_="data-table")).text
    for words in (
        "High · First response 5 hours 3 hours",
        "Name in Vietnamese – Nhanh",
        "Critical 95 % 90 %",
    ):
        assert words in clashes
    assert numbers(world, made) == [1, 2]
    assert form(answer, f"{PATH}/{made}").send(ada.client).status_code == 303
    with world.inside():
        newest = world.one(Policy, id=made).newest
        assert (newest.number, newest.target("HIGH", "first"), newest.critical_percent) == (3, 5 * HOUR, 95)


def test_TKT_008_two_managers_who_save_at_once_do_not_overwrite_each_other(any_world):
    made, together = make(any_world), Barrier(2)
    seats = [(english(any_world, name), hours) for name, hours in (("Mai", "3"), ("Ada", "5"))]
    sent = [(seat, editor(seat, made), hours) for seat, hours in seats]

    def save(one):
        seat, filled, hours = one
        together.wait()
        return filled.send(seat.client, first_high=hours).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(save, sent)) == [303, 409]
    assert numbers(any_world, made) == [1, 2]


def test_SLA_004_a_store_that_went_elsewhere_is_not_taken_back_unseen(world, mai):
    with world.inside():
        acme = world.one(Merchant, prefix="ACME").id
    first = make(world, merchant_ids=[acme])
    open_page = editor(mai, first)
    second = make(world, "Second", merchant_ids=[acme])
    answer = open_page.send(mai.client, name_vi="Nhanh")
    assert answer.status_code == 409
    assert "Acme Shop" in next(read(answer).all("table", class_="data-table")).text
    with world.inside():
        assert world.one(Merchant, id=acme).policy_id == second


# Archiving, checking --------------------------------------------------------------------------------------------


def test_SLA_010_archiving_asks_who_takes_its_places(world, mai):
    made, other = make(world, is_default=True), make(world, "Other")
    category = plant(world, "top", policy_id=made)
    page = mai.get(f"{PATH}/{made}")
    assert f"/settings/categories/{category}" in page.text
    sent = form(page, f"{PATH}/{made}/archival")
    answer = sent.send(mai.client)
    assert answer.status_code == 409
    assert "Choose the one that takes its place" in answer.text
    for wrong in ("99999", "9" * 30, "abc"):
        assert sent.send(mai.client, replacement=wrong).status_code == 422
    assert sent.send(mai.client, replacement=str(made)).status_code == 409
    assert sent.send(mai.client, replacement=str(other)).status_code == 303
    with world.inside():
        assert world.one(Category, id=category).policy_id == other
        assert Policy.default().id == other
    assert f"policy-{made}" not in mai.get(PATH).text
    assert "Archived" in row(mai.get(PATH, archived=""), made)
    assert "is archived" in mai.get(f"{PATH}/{made}").text
    assert form(mai.get(f"{PATH}/{made}"), "/restoration").send(mai.client).status_code == 303
    assert "Nothing yet" in row(mai.get(PATH), made)


def test_SLA_004_a_ticket_is_checked(world, mai):
    made = make(world, is_default=True)
    ticket = world.ticket()
    change(world, made, targets=targets(first=2 * HOUR))
    with world.inside():
        number = world.one(Ticket, id=ticket).number
    text = read(mai.get(PATH, ticket=f" {number.lower()} ")).text
    assert f"{number} : measured with version 1 of “Fast”." in text
    assert "would have the same policy now" in text
    assert (
        "Category: the ticket has none: names no policy Store “Acme Shop”: names no policy Your default: Fast"
        in text
    )
    other = make(world, "Other")
    with world.inside():
        Policy.locked(other).make_default(by=world.user("Mai"))
    assert "A new ticket like it would have “Other” now" in read(mai.get(PATH, ticket=number)).text
    glob = world.ticket(by="Cyd")
    with world.inside("globex"):
        foreign = world.one(Ticket, id=glob).number
    for unknown in (foreign, "ACME-999", "9" * 30, "<b>", "\x00"):
        assert "There is no ticket with this number" in mai.get(PATH, ticket=unknown).text


def test_SLA_001_the_pages_are_the_managers(world):
    for path in (PATH, f"{PATH}/new"):
        assert Seat(world, "Gus").get(path).status_code == 403
