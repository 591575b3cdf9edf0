"""What narrows and orders a list of the queue, and stands in its address."""

from __future__ import annotations

from itertools import chain

import pytest

from helpdesk.agents.group import Group
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.desk import queries
from helpdesk.desk.filters import Filters
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.category import Category
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.ticket import Ticket
from tests.desk.queue_pages import in_view, link, many, numbers
from tests.support.page import Element, read
from tests.support.seat import Seat, ticket_in

OVERDUE, SOON, LATER, ENDED = (f"ACME-{n}" for n in range(1, 5))
BETA = "BETA-1"


@pytest.fixture
def ids(world):
    """Tickets that differ in everything a filter asks; the ids of what they differ in."""
    with clock.frozen(clock.now()):
        world.ticket()
        clock.travel(7.5 * 3600)
        world.ticket()
        clock.travel(3600)
        world.ticket()
        ticket_in(world, Status.RESOLVED)
    many(world, 1, "BETA")
    with world.inside():
        parent, group = Category(name_en="Delivery"), Group(name_en="Parcels")
        db.session.add_all([parent, group])
        db.session.flush()
        child = Category(name_en="Late", parent_id=parent.id)
        db.session.add(child)
        db.session.flush()
        gus = world.user("Gus")
        world.one(Ticket, number=OVERDUE).category_id = parent.id
        world.one(Ticket, number=SOON).category_id = child.id
        world.one(Ticket, number=LATER).group_id = group.id
        world.one(Ticket, number=SOON).retag(["đổi hàng"], by=gus)
        return {
            "parent": str(parent.id), "child": str(child.id), "group": str(group.id),
            "beta": str(world.one(Merchant, prefix="BETA").id),
        }  # fmt: skip


def test_each_filter_narrows_a_list_to_what_it_says(world, ids):
    gus = Seat(world, "Gus")
    clock.travel(8.2 * 3600)

    def found(**query: str) -> set[str]:
        return in_view(gus, "all", **query)

    assert found(category=ids["parent"]) == {OVERDUE, SOON}, "with what is below it"
    assert found(category=ids["child"]) == {SOON}
    assert found(category="none") == {LATER, ENDED, BETA}
    assert found(group=ids["group"]) == {LATER}
    assert found(group="mine") == set()
    assert found(group="none") == {OVERDUE, SOON, ENDED, BETA}
    assert found(tag="Đổi Hàng") == found(tag="đổi-hàng") == {SOON}
    assert found(merchant=ids["beta"]) == {BETA}
    assert found(assignee="none") == {OVERDUE, SOON, LATER, BETA}
    assert found(deadline="none") == {ENDED}
    assert found(category=ids["parent"], tag="đổi hàng", assignee="none") == {SOON}


@pytest.mark.parametrize(
    "hours,overdue,soon", [(0, set(), set()), (7.5, set(), {OVERDUE}), (8.1, {OVERDUE}, set())]
)
def test_the_deadline_is_that_of_the_nearest_clock(world, hours, overdue, soon):
    world.ticket()
    gus, everything = Seat(world, "Gus"), {OVERDUE}
    clock.travel(hours * 3600)
    assert in_view(gus, "all", deadline="overdue") == overdue
    assert in_view(gus, "all", deadline="soon") == soon
    assert in_view(gus, "all", deadline="later") == everything - overdue - soon


@pytest.mark.parametrize("name", ["group", "category", "tag", "merchant", "deadline"])
@pytest.mark.parametrize("value", ["nothing", "0", "999999", "-1", "' OR ''='", "٣", "9" * 60, "\x00"])
def test_an_unknown_value_finds_nothing_rather_than_everything(world, name, value):
    world.ticket()
    assert in_view(Seat(world, "Gus"), "all", **{name: value}) == set()


def test_the_neighbours_things_find_nothing(world, ids):
    world.ticket(by="Cyd")
    gil = Seat(world, "Gil")
    for name, value in (("category", "parent"), ("group", "group"), ("merchant", "beta")):
        assert in_view(gil, "all", **{name: ids[value]}) == set()


def test_an_order_is_that_of_every_page(world, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 3)
    many(world, 4)
    many(world, 4, priority="HIGH")
    gus, in_order = Seat(world, "Gus"), [f"ACME-{n}" for n in range(1, 9)]
    for sort, expected in (
        ("oldest", in_order),
        ("newest", in_order[::-1]),
        ("due", in_order[4:] + in_order[:4]),
    ):
        pages, url = [], f"/queue/unassigned?sort={sort}"
        while url:
            page = read(gus.get(url))
            pages.append(numbers(page))
            last, url = page, link(page, "next")
        assert list(chain.from_iterable(pages)) == expected, sort
        assert numbers(read(gus.get(link(last, "prev")))) == pages[-2]


def test_an_order_that_is_none_is_the_usual_one(world):
    many(world, 2)
    many(world, 1, priority="HIGH")
    gus = Seat(world, "Gus")
    usual = numbers(read(gus.get("/queue/unassigned")))
    assert numbers(read(gus.get("/queue/unassigned?sort=secret"))) == usual == ["ACME-3", "ACME-1", "ACME-2"]


def test_equal_filters_have_one_address(world, ids):
    """A form sends every field; what was not chosen leaves the address."""
    sent = dict.fromkeys(vars(Filters()), "") | {
        "status": "OPEN",
        "sort": "newest",
        "category": ids["parent"],
    }
    answer = Seat(world, "Gus").get("/queue/all", **sent)
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/queue/all?status=OPEN&category={ids['parent']}&sort=newest"


def chips(page: Element) -> dict[str, str]:
    return {
        chip.text.removesuffix(" Remove this filter"): chip["href"] for chip in page.all("a", class_="chip")
    }


def test_each_chosen_filter_can_be_taken_away(world, ids):
    gus = Seat(world, "Gus")
    page = read(gus.get(f"/queue/all?status=OPEN&category={ids['child']}&tag=x%26y&sort=newest"))
    assert chips(page) == {
        "Status: Open": f"/queue/all?category={ids['child']}&tag=x%26y&sort=newest",
        "Category: Delivery › Late": "/queue/all?status=OPEN&tag=x%26y&sort=newest",
        "Tag: x&y": f"/queue/all?status=OPEN&category={ids['child']}&sort=newest",
    }
    assert "No ticket matches these filters" in page.text
    assert chips(read(gus.get("/queue/all?sort=newest"))) == {}
    assert list(chips(read(gus.get("/queue/all?merchant=<b>")))) == ["Store: <b>"]


def told(seat: Seat, path: str) -> str:
    (total,) = read(seat.get(path)).all("p", class_="queue-total muted caption")
    return total.text


def test_a_list_says_how_many_it_has(world, monkeypatch):
    many(world, 8)
    many(world, 1, priority="HIGH")
    gus = Seat(world, "Gus")
    assert told(gus, "/queue/unassigned") == told(gus, "/queue/all") == "9 tickets"
    assert told(gus, "/queue/unassigned?priority=HIGH") == "1 ticket"
    monkeypatch.setattr(queries, "MOST_FOUND", 4)
    assert told(gus, "/queue/all") == "9 tickets", "all of them are on the page: nothing needs to be counted"
    monkeypatch.setattr(queries, "PAGE", 3)
    assert told(gus, "/queue/all") == "5 tickets", "one more than the bound stands for more"
    assert told(gus, "/queue/all?before=end") == "5 tickets"


def test_counts_are_exact_up_to_ten_thousand(world, monkeypatch):
    many(world, 2)
    monkeypatch.setattr(queries, "PAGE", 1)  # what is all on one page is not counted
    for count, words in ((10_000, "10,000 tickets"), (10_001, "More than 10,000 tickets")):
        monkeypatch.setattr("helpdesk.desk.frame_views.counts", lambda *_, count=count: {"total": count})
        assert told(Seat(world, "Gus"), "/queue/all") == words


# Several statuses, further filters, the footer ---------------------------------------------------------------------


def test_UX_A1_several_statuses_are_one_filter(world, ids):
    """As checkboxes send them, or as the address says them; in the order of a ticket's life."""
    gus = Seat(world, "Gus")
    sent = gus.client.get("/queue/all?status=RESOLVED&status=OPEN&priority=")
    assert sent.headers["Location"] == "/queue/all?status=OPEN,RESOLVED"
    page = read(gus.get("/queue/all?status=OPEN,RESOLVED"))
    assert set(numbers(page)) == {OVERDUE, SOON, LATER, ENDED, BETA}
    assert chips(page) == {
        "Status: Open": "/queue/all?status=RESOLVED", "Status: Resolved": "/queue/all?status=OPEN",
    }  # fmt: skip
    assert set(numbers(read(gus.get("/queue/all?status=RESOLVED,NOTHING,OPEN")))) == {*EVERY}
    checked = [box["value"] for box in page.all("input", type="checkbox") if "checked" in box.attributes]
    assert checked == ["OPEN", "RESOLVED"]


EVERY = (OVERDUE, SOON, LATER, ENDED, BETA)


def test_UX_A1_several_statuses_keep_one_order_over_all_pages(any_world, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 3)
    many(any_world, 4)
    for _ in range(4):
        ticket_in(any_world, Status.ASSIGNED, "Gus")
    gus, seen, url = Seat(any_world, "Gus"), [], "/queue/all?status=OPEN,ASSIGNED&sort=oldest"
    while url:
        page = read(gus.get(url))
        seen += numbers(page)
        url = link(page, "next")
    assert seen == [f"ACME-{n}" for n in range(1, 9)]
    assert numbers(read(gus.get("/queue/all?status=OPEN,ASSIGNED&sort=oldest&before=end"))) == seen[-3:]


def test_UX_A1_by_customer_channel_and_day(any_world):
    day = clock.now().date().isoformat()
    any_world.ticket()
    many(any_world, 1)
    gus = Seat(any_world, "Gus")
    with any_world.inside():
        bea, eve = (any_world.one(Ticket, number=n).customer for n in (OVERDUE, SOON))
    assert in_view(gus, "all", customer=bea.email.upper()) == {OVERDUE}
    assert in_view(gus, "all", customer=str(eve.id)) == {SOON}
    assert in_view(gus, "all", source="form") == {OVERDUE, SOON}
    assert in_view(gus, "all", source="agent") == set()
    assert in_view(gus, "all", since="2000-01-01", until="2999-12-31") == {OVERDUE, SOON}
    assert in_view(gus, "all", until="2000-01-01") == in_view(gus, "all", since="2999-12-31") == set()
    assert in_view(gus, "all", since=day[:4] + "-01-01") >= {SOON}


@pytest.mark.parametrize("name", ["customer", "source", "since", "until", "size"])
@pytest.mark.parametrize(
    "value", ["9999-12-31", "0001-01-01", "2026-02-30", "9" * 30, "\x00", "a\ud800", "<b>", "%"]
)
def test_UX_A1_hostile_values_of_further_filters_break_nothing(any_world, name, value):
    any_world.ticket()
    answer = Seat(any_world, "Gus").client.get(
        "/queue/all", query_string={name: value.encode("utf-8", "replace")}
    )
    assert answer.status_code == 200


def footer(page: Element) -> str:
    (box,) = page.all("div", class_="queue-footer no-print")
    return next(iter(box.all("p"))).text


def test_UX_A1_the_footer_says_where_in_the_list_this_is(world, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 3)
    many(world, 8)
    gus = Seat(world, "Gus")
    first = read(gus.get("/queue/unassigned"))
    second = read(gus.get(link(first, "next")))
    last = read(gus.get("/queue/unassigned?before=end"))
    back = read(gus.get(link(last, "prev")))
    assert [footer(page) for page in (first, second, last, back)] == [
        "1–3 of 8",
        "4–6 of 8",
        "6–8 of 8",
        "3–5 of 8",
    ]
    assert link(last, "next") is None
    assert numbers(last) == ["ACME-6", "ACME-7", "ACME-8"]
    monkeypatch.setattr("helpdesk.desk.listing_views.MOST_FOUND", 4)
    assert footer(read(gus.get("/queue/unassigned?before=end"))) == "The last 3 of 8"


def test_UX_A1_pages_have_the_size_that_the_address_says(world):
    many(world, 30)
    gus = Seat(world, "Gus")
    page = read(gus.get("/queue/unassigned?size=25"))
    assert len(numbers(page)) == 25
    assert "size=25" in link(page, "next")
    assert len(numbers(read(gus.get("/queue/unassigned?size=7")))) == 30, "what is none is the usual one"
    sizes = {a.text: a["href"] for a in page.all("a") if a.text in ("25", "50", "100")}
    assert sizes == {
        "25": "/queue/unassigned?size=25",
        "50": "/queue/unassigned",
        "100": "/queue/unassigned?size=100",
    }
