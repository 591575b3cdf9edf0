"""NTF-005: the log of mails, on a page of its own and on each ticket; what failed is sent once more by hand."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from helpdesk.config import ROOT
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.notifications.delivery import Delivery
from helpdesk.notifications.delivery_log import PAGE, REASONS, STATES
from helpdesk.notifications.suppression import Suppression
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.ticket import Ticket
from tests.notifications.post import BEA, GUS, LINH, Post, quiet_ticket
from tests.support.page import form, read
from tests.support.seat import Seat, at_work
from tests.support.world import World

LOG = "/settings/notifications"


def rows(seat: Seat, path: str = LOG, **query: str) -> list[tuple[str, str]]:
    """(state, address) of each row, in the order of the page."""
    found = read(seat.get(path, **query)).with_attribute("data-delivery")
    return [
        (one["data-state"], next(a for a in (BEA, GUS, LINH, "cyd@mail.example") if a in one.text))
        for one in found
    ]


def failed(post: Post, answer: str = "550 no such user") -> int:
    """A ticket of which an answer to the customer could not be delivered."""
    made = post.assigned()
    post.sink.at_rcpt.append(answer)
    post.reply(made, "Here is your answer.")
    post.send()
    post.run_reactions()
    return made


def test_NTF_005_the_log_says_what_became_of_each_mail(post: Post) -> None:
    failed(post)
    text = read(Seat(post, "Mai").get(LOG, lang="en")).text
    for words in (
        "Failed", "The mail server refused it for good.", "The server said: 550 no such user", "1 attempt", BEA,
        "Our reply", "ACME-1", "Sent off", "The server said: 250 OK",
    ):  # fmt: skip
        assert words in text
    assert post.only(GUS).message_id in text


def test_NTF_005_the_log_says_it_in_vietnamese(post: Post) -> None:
    failed(post)
    text = read(Seat(post, "Mai").get(LOG)).text
    for words in ("Thất bại", "Máy chủ email đã từ chối hẳn.", "Đã gửi đi"):
        assert words in text


def test_NTF_005_what_waits_says_when_it_leaves_and_with_which_others(slow_post: Post) -> None:
    made = quiet_ticket(slow_post)
    slow_post.hear(made, "One")
    slow_post.hear(made, "Two")
    slow_post.run_reactions()
    mai = Seat(slow_post, "Mai")
    page = mai.get(LOG, state="queued", lang="en")
    assert rows(mai, state="queued") == [("queued", GUS), ("queued", GUS)]
    link = next(a["href"] for a in read(page).all("a") if "batch=" in a.attributes.get("href", ""))
    assert "leaves" in read(page).text
    assert rows(mai, link.partition("#")[0]) == [("queued", GUS), ("queued", GUS)]


@pytest.mark.parametrize("query,found", [
    ({"recipient": BEA}, {BEA}), ({"recipient": "BEA@mail.example"}, {BEA}), ({"recipient": "gu"}, {GUS}),
    ({"recipient": "nobody@mail.example"}, set()), ({"recipient": "%"}, set()), ({"state": "failed"}, {BEA}),
    ({"state": "skipped"}, set()), ({"ticket": "ACME-1"}, {BEA, GUS}), ({"ticket": "acme-1"}, {BEA, GUS}),
    ({"ticket": "ACME-99"}, set()), ({"ticket": "GLOB-1"}, set()), ({"kind": "ticket.assigned.user"}, {GUS}),
    ({"kind": "link.renewed.customer"}, set()), ({"batch": "7"}, set()), ({"batch": "9" * 30}, set()),
    ({"state": "failed", "recipient": GUS}, set()),
])  # fmt: skip
def test_NTF_005_the_log_is_narrowed(post: Post, query: dict[str, str], found: set[str]) -> None:
    failed(post)
    assert {address for _, address in rows(Seat(post, "Mai"), **query)} == found


def test_NTF_005_the_log_is_narrowed_to_days(post: Post) -> None:
    failed(post)
    mai, today = Seat(post, "Mai"), clock.now().date()
    for since, until, is_found in ((0, 0, True), (1, 2, False), (-3, -1, False), (-3, 3, True)):
        days = {"since": today + timedelta(since), "until": today + timedelta(until)}
        assert bool(rows(mai, **{name: str(day) for name, day in days.items()})) is is_found


@pytest.mark.parametrize("query", [
    {"since": "x"}, {"until": "2026-13-01"}, {"since": "9" * 30}, {"state": "lost"}, {"kind": "<b>"},
    {"since": "0001-01-01"}, {"until": "9999-12-31"},
])  # fmt: skip
def test_what_cannot_be_asked_finds_nothing_and_says_so(post: Post, query: dict[str, str]) -> None:
    failed(post)
    answer = Seat(post, "Mai").get(LOG, **query)
    assert answer.status_code == 400
    assert not read(answer).with_attribute("data-delivery")
    assert list(read(answer).all(aria_invalid="true"))


def test_NTF_005_the_log_goes_on_page_by_page(any_world: World) -> None:
    world, made = any_world, any_world.ticket()
    with world.inside():
        created = world.one(Event, name="ticket.created")
        for n in range(2 * PAGE + 5):
            at = clock.now() + timedelta(seconds=n // 3)
            db.session.add(Delivery(
                event_id=created.id, ticket_id=made, recipient_kind="customer", recipient_id=n, address=BEA,
                language="en", template="ticket.created.customer", reason="customer", message_id=f"<{n}>",
                state="sent", created_at=at,
            ))  # fmt: skip
    mai, path, seen = Seat(world, "Mai"), LOG, []
    while path:
        page = read(mai.get(path.partition("#")[0]))
        seen += [one["data-delivery"] for one in page.with_attribute("data-delivery")]
        path = next((a["href"] for a in page.all("a", rel="next")), "")
    assert len(seen) == len(set(seen)) == 2 * PAGE + 5
    assert seen == sorted(seen, key=int, reverse=True)


@pytest.mark.parametrize("after", ["x", "1", "-", "1-2-3", "9" * 40, "１-２"])
def test_a_place_that_is_none_begins_at_the_top(post: Post, after: str) -> None:
    failed(post)
    assert len(rows(Seat(post, "Mai"), after=after)) == 3


def test_every_reason_of_the_code_has_its_words() -> None:
    room = ROOT / "helpdesk/notifications"
    code = "".join((room / f"{name}.py").read_text("utf-8") for name in ("delivery", "sending", "batch"))
    said = set(re.findall(r'return "([a-z ]{8,})"', code))
    said |= set(re.findall(r'"([a-z ]{7,})" if \w+\.permanent else "([a-z ]+)"', code)[0])
    said |= {
        "switched off",
        "seen on the screen",
        "nothing is left to tell",
        "too many mails to this address",
    }
    assert said <= REASONS.keys()
    assert len(said) > 10


def test_a_state_is_never_said_by_its_colour_alone(post: Post) -> None:
    failed(post)
    with post.inside():
        for row, state in zip(
            db.session.scalars(select(Delivery)), ("uncertain", "leased", "skipped"), strict=False
        ):
            row.state = state
    page = read(Seat(post, "Mai").get(LOG, lang="en"))
    for row in page.with_attribute("data-delivery"):
        assert str(STATES[row["data-state"]]) in row.text


# On the ticket -------------------------------------------------------------------------------------------------


def test_NTF_005_a_failed_mail_shows_on_its_ticket_and_is_sent_again(post: Post) -> None:
    failed(post)
    gus = Seat(post, "Gus")
    page = gus.get("/tickets/ACME-1")
    assert f"A mail to {BEA} could not be delivered." in page.text
    assert "1 could not be delivered" in read(page).text
    answer = form(page, "/attempts").send(gus.client)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/tickets/ACME-1")
    assert len(post.sent_to(BEA)) == 1
    assert {row.state for row in post.deliveries()} == {"sent"}
    assert "could not be delivered." not in gus.get("/tickets/ACME-1").text
    with post.inside():
        retried = post.one(Event, name="mail.retried")
        assert retried.actor["name"] == "Gus"


def test_NTF_005_a_mail_that_was_left_out_for_a_dead_address_shows_on_its_ticket(post: Post) -> None:
    """The customer has not got it: an agent must not take it for said. What goes to colleagues is theirs to see."""
    made = post.assigned()
    with post.inside():
        for address in (BEA, GUS):
            db.session.add(Suppression(address=address, failures=3, until=clock.now() + timedelta(days=1)))
    post.reply(made, "Here is your answer.")
    post.hear(made, "Are you there?")
    post.send()
    assert {(row.state, row.address) for row in post.deliveries()[-2:]} == {
        ("skipped", BEA),
        ("skipped", GUS),
    }
    gus = Seat(post, "Gus")
    page = gus.get("/tickets/ACME-1", lang="en")
    assert f"A mail to {BEA} could not be delivered." in page.text
    assert f"A mail to {GUS} could not be delivered." not in page.text
    [count] = [one.text for one in read(page).with_attribute("data-mails") if one["data-mails"] == "failed"]
    assert count.strip() == "1 could not be delivered"
    assert form(page, "/attempts").send(gus.client).status_code == 303
    assert len(post.sent_to(BEA)) == 1
    assert "could not be delivered." not in gus.get("/tickets/ACME-1", lang="en").text


def test_a_mail_is_sent_again_as_a_part_of_the_page(post: Post) -> None:
    failed(post)
    gus = Seat(post, "Gus")
    answer = form(gus.get("/tickets/ACME-1"), "/attempts").send(gus.client, htmx=True)
    assert answer.status_code == 200
    assert "1 waiting" in answer.text
    assert "could not be delivered." not in answer.text


def test_sending_again_twice_is_once(post: Post) -> None:
    failed(post)
    gus = Seat(post, "Gus")
    page = gus.get("/tickets/ACME-1")
    for _ in range(2):
        assert form(page, "/attempts").send(gus.client).status_code == 303
    assert len(post.sent_to(BEA)) == 1
    with post.inside():
        assert post.count(Event, name="mail.retried") == 1


def test_a_manager_sends_again_from_the_log(post: Post) -> None:
    failed(post)
    mai = Seat(post, "Mai")
    answer = form(mai.get(LOG, state="failed"), "/attempts").send(mai.client)
    assert answer.headers["Location"] == f"{LOG}?saved=retried#log"
    assert len(post.sent_to(BEA)) == 1


def test_NTF_005_what_failed_together_is_sent_again_together(slow_post: Post) -> None:
    made = quiet_ticket(slow_post)
    slow_post.reply(made, "One")
    slow_post.reply(made, "Two")
    slow_post.run_reactions()
    clock.travel(121)
    slow_post.sink.at_rcpt.append("550 no such user")
    slow_post.send()
    slow_post.run_reactions()
    gus = Seat(slow_post, "Gus")
    page = gus.get("/tickets/ACME-1").text
    assert page.count(f"A mail to {BEA} could not be delivered.") == 2
    form(gus.get("/tickets/ACME-1"), "/attempts").send(gus.client)
    [mail] = slow_post.sent_to(BEA)
    text = mail.get_body(("plain",)).get_content()
    assert ("One" in text, "Two" in text) == (True, True)
    assert {row.state for row in slow_post.deliveries(BEA)[-2:]} == {"sent"}
    assert "could not be delivered." not in gus.get("/tickets/ACME-1").text


def test_NTF_005_each_ticket_has_a_page_of_its_mails(post: Post) -> None:
    failed(post)
    assert rows(Seat(post, "Linh"), "/tickets/ACME-1/mails") == [
        ("failed", BEA),
        ("sent", GUS),
        ("sent", BEA),
    ]


# Rights --------------------------------------------------------------------------------------------------------


def test_Q_1_the_log_ends_at_the_organizer(post: Post) -> None:
    failed(post)
    post.ticket(by="Cyd")
    post.send()
    assert {address for _, address in rows(Seat(post, "Mai"))} == {BEA, GUS}
    assert Seat(post, "Gus").get(LOG).status_code == 403
    assert Seat(post, "Gil").get("/tickets/ACME-1/mails").status_code == 404


def test_Q_1_the_log_knows_no_mails_of_a_store_that_is_gone(post: Post) -> None:
    failed(post)
    with post.inside():
        post.one(Merchant, prefix="ACME").deleted_at = clock.now()
    assert rows(Seat(post, "Mai")) == []


def test_Q_1_a_deleted_tickets_mails_stay_in_the_log_and_are_not_sent_again(post: Post) -> None:
    made = failed(post)
    with at_work(post, made, "Mai") as (ticket, mai):
        ticket.delete(by=mai)
    page = Seat(post, "Mai").get(LOG)
    assert len(read(page).with_attribute("data-delivery")) == 3
    assert 'href="/tickets/ACME-1"' not in page.text
    assert "/attempts" not in page.text
    (row,) = [row for row in post.deliveries() if row.state == "failed"]
    assert Seat(post, "Mai").post(f"/deliveries/{row.id}/attempts").status_code == 404
    with post.inside():
        assert post.one(Ticket, id=made).deleted_at
