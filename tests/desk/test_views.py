"""The queue's views: each holds what it says, for who looks; filters narrow it and never break it."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from helpdesk.agents.group import Group, GroupMember
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.desk import queries
from helpdesk.escalations.escalation import Escalation
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.ticket import Ticket
from tests.desk.queue_pages import counts, in_view, many, numbers
from tests.support.page import read
from tests.support.seat import Seat, at_work, ticket_in

S = Status
NEW, GUS, GUS_WAITS, LINH_WAITS, ESCALATED, RESOLVED, CLOSED, URGENT, DELETED = (
    f"ACME-{n}" for n in range(1, 10)
)
BETA = "BETA-1"
ALIVE = {NEW, GUS, GUS_WAITS, LINH_WAITS, ESCALATED, URGENT, BETA}


@pytest.fixture
def desk(world, pat):
    """One ticket of each sort, at two merchants and a neighbour's."""
    world.ticket()
    ticket_in(world, S.ASSIGNED, "Gus")
    ticket_in(world, S.WAITING_USER, "Gus")
    ticket_in(world, S.WAITING_USER, "Linh")
    escalated = ticket_in(world, S.IN_PROGRESS, "Linh")
    with at_work(world, escalated, "Linh") as (ticket, linh):
        Escalation.raise_by_hand(ticket, by=linh, level=1, reason="Look.")
    ticket_in(world, S.RESOLVED, "Gus")
    ticket_in(world, S.CLOSED, "Gus")
    world.ticket(priority="CRITICAL")
    deleted = world.ticket()
    with world.inside():
        world.one(Ticket, id=deleted).deleted_at = clock.now()
    many(world, 1, "BETA")
    world.ticket(by="Cyd")
    with world.inside():
        group = Group(name_en="Late parcels")
        db.session.add(group)
        db.session.flush()
        db.session.add(GroupMember(group_id=group.id, user_id=world.user("Linh").id))
        for number in (ESCALATED, URGENT, RESOLVED):
            world.one(Ticket, number=number).group_id = group.id
    return world


EXPECTED = {
    "Gus": {
        "todo": {NEW, GUS, URGENT, BETA}, "mine": {GUS, GUS_WAITS}, "unassigned": {NEW, URGENT, BETA},
        "groups": set(), "breaching": {URGENT}, "escalated": {ESCALATED},
        "waiting": {GUS_WAITS, LINH_WAITS}, "snoozed": set(),
        "resolved": {RESOLVED}, "all": ALIVE | {RESOLVED, CLOSED},
    },
    "Linh": {
        "todo": {NEW, ESCALATED, URGENT, BETA}, "mine": {LINH_WAITS, ESCALATED}, "unassigned": {NEW, URGENT, BETA},
        "groups": {ESCALATED, URGENT}, "breaching": {URGENT}, "escalated": {ESCALATED},
        "waiting": {GUS_WAITS, LINH_WAITS}, "snoozed": set(),
        "resolved": {RESOLVED}, "all": ALIVE | {RESOLVED, CLOSED},
    },
    "Mai": {
        "todo": {NEW, URGENT, BETA}, "mine": set(), "unassigned": {NEW, URGENT, BETA}, "groups": set(),
        "breaching": {URGENT}, "escalated": {ESCALATED},
        "waiting": {GUS_WAITS, LINH_WAITS}, "snoozed": set(),
        "resolved": {RESOLVED},
        "all": ALIVE | {RESOLVED, CLOSED},
    },
    "Pat": {
        "todo": {BETA}, "mine": set(), "unassigned": {BETA}, "groups": set(), "breaching": set(),
        "escalated": set(), "waiting": set(), "snoozed": set(), "resolved": set(), "all": {BETA},
    },
    "Gil": {
        "todo": {"GLOB-1"}, "mine": set(), "unassigned": {"GLOB-1"}, "groups": set(), "breaching": set(),
        "escalated": set(), "waiting": set(), "snoozed": set(), "resolved": set(), "all": {"GLOB-1"},
    },
}  # fmt: skip


@pytest.mark.parametrize("name", EXPECTED)
def test_each_view_holds_what_it_says_for_who_looks(desk, name):
    seat = Seat(desk, name)
    assert {view: in_view(seat, view) for view in queries.VIEWS} == EXPECTED[name]
    told = counts(seat)
    assert {view: int(told[view]) for view in told} == {
        view: len(found) for view, found in EXPECTED[name].items() if view not in ("all", "resolved")}  # fmt: skip


STATUSES = {
    NEW: S.OPEN, GUS: S.ASSIGNED, GUS_WAITS: S.WAITING_USER, LINH_WAITS: S.WAITING_USER, ESCALATED: S.ESCALATED,
    RESOLVED: S.RESOLVED, CLOSED: S.CLOSED, URGENT: S.OPEN, BETA: S.OPEN,
}  # fmt: skip


@pytest.mark.parametrize("view", queries.VIEWS)
def test_each_view_can_be_narrowed_to_any_statuses(desk, view):
    gus, whole = Seat(desk, "Gus"), EXPECTED["Gus"][view]
    for asked in [*([status] for status in S), *pairwise(S), [*S], ["nothing", S.OPEN], ["nothing"]]:
        wanted = {number for number in whole if STATUSES[number] in asked}
        assert in_view(gus, view, status=",".join(asked)) == wanted, asked


def test_the_queue_without_a_view_is_what_is_to_do(desk):
    assert set(numbers(read(Seat(desk, "Gus").get("/queue")))) == EXPECTED["Gus"]["todo"]


def test_a_view_that_is_not_there_is_404(desk):
    gus = Seat(desk, "Gus")
    for path in ("/queue/nothing", "/queue/nothing/rows", "/queue/ALL", "/queue/todo/"):
        assert gus.get(path).status_code == 404, path


def test_the_most_urgent_stands_first(desk):
    found = numbers(read(Seat(desk, "Gus").get("/queue")))
    assert found[0] == URGENT
    with desk.inside():
        order = {t.number: (t.sort_at, t.id) for t in desk.app.extensions["sqlalchemy"].session.query(Ticket)}
    assert found == sorted(found, key=order.__getitem__)


def test_rows_and_their_marks(desk):
    page = read(Seat(desk, "Gus").get("/queue/all"))
    rows = {row["data-ticket"]: row for row in page.all("tr") if "data-ticket" in row.attributes}
    assert (rows[GUS]["data-status"], rows[RESOLVED]["data-status"]) == ("ASSIGNED", "RESOLVED")
    (badge,) = rows[URGENT].all("time", class_="sla")
    assert (badge["data-kind"], badge["data-state"]) == ("first", "running")
    assert badge["data-due"].isdecimal()
    assert badge["datetime"].endswith("Z")
    assert not list(rows[CLOSED].all("time", class_="sla"))


# Filters --------------------------------------------------------------------------------------------------------


def test_ux_4_4_a_list_says_how_long_is_left_as_of_now(world):
    world.ticket(priority="CRITICAL")

    def left() -> int:
        spans = read(Seat(world, "Gus").get("/queue")).all("span", class_="sla-text")
        (said,) = (span["data-now"] for span in spans)
        hours, minutes = re.fullmatch(r"(?:(\d+)h )?(\d+)m left", said).groups(default=0)
        return int(hours) * 60 + int(minutes)

    with clock.frozen(clock.now()):
        before = left()
        clock.travel(300)
        assert left() == before - 5


def test_filters_narrow_a_view(desk):
    gus = Seat(desk, "Gus")
    with desk.inside():
        linh = str(desk.user("Linh").id)
    assert in_view(gus, "all", status="WAITING_USER") == {GUS_WAITS, LINH_WAITS}
    assert in_view(gus, "all", priority="CRITICAL") == {URGENT}
    assert in_view(gus, "all", assignee="me") == {GUS, GUS_WAITS, RESOLVED, CLOSED}
    assert in_view(gus, "all", assignee=linh) == {LINH_WAITS, ESCALATED}
    assert in_view(gus, "all", assignee=linh, status="WAITING_USER") == {LINH_WAITS}
    assert in_view(gus, "unassigned", status="ASSIGNED") == set()


@pytest.mark.parametrize("query", [
    {"status": "NOTHING"}, {"status": "open"}, {"priority": "9"}, {"assignee": "nobody"}, {"assignee": "0"},
    {"assignee": "999999"}, {"assignee": "-1"}, {"assignee": "1 OR 1=1"}, {"status": "' OR ''='"}, {"assignee": "³"},
    {"assignee": "٣"},
])  # fmt: skip
def test_an_unknown_filter_finds_nothing_rather_than_everything(desk, query):
    assert in_view(Seat(desk, "Gus"), "all", **query) == set()


HOSTILE = [
    "\x00", "a\x00b", "9" * 400, "%", "\ud800".encode("utf-8", "surrogatepass"), "<script>", "{{7*7}}", "٣", "²",
    "-1-1", "1-1-1", "1-", "-1", "0-0", "9" * 30 + "-1", "1-" + "9" * 30, "99999999999999999-1", "1e9-1", " 1-1",
]  # fmt: skip


def test_hostile_queries_break_no_page(any_world):
    any_world.ticket()
    gus = Seat(any_world, "Gus")
    for name in ("status", "assignee", "after", "before", "since"):
        for value in HOSTILE:
            for path in ["/tickets/ACME-1/changes"] if name == "since" else ["/queue/all/rows"]:
                answer = gus.client.get(path, query_string={name: value})
                assert answer.status_code == 200, (path, name, value)


@pytest.mark.parametrize("path", ["/tickets/acme-1", "/tickets/ACME-0", "/tickets/ACME-01", "/tickets/ACME-1x",
                                  "/tickets/ACME-99999999999", "/tickets/ACME-1%00", "/tickets/-1", "/tickets/GLOB-1",
                                  "/tickets/ACME-9", "/tickets/ACME-2/sla/x"])  # fmt: skip
def test_a_ticket_that_is_not_there_or_not_his_is_404(desk, path):
    assert Seat(desk, "Gus").get(path).status_code == 404


# Counts ---------------------------------------------------------------------------------------------------------


def test_counting_stops_at_its_bound(world, monkeypatch):
    monkeypatch.setattr(queries, "MOST_COUNTED", 5)
    many(world, 8)
    assert counts(Seat(world, "Gus"))["unassigned"] == "5"


def test_what_is_mine_and_what_is_nobodys_are_counted_together_up_to_the_bound(world, monkeypatch):
    monkeypatch.setattr(queries, "MOST_COUNTED", 5)
    ticket_in(world, S.ASSIGNED, "Gus")
    many(world, 2)
    gus = Seat(world, "Gus")
    told = counts(gus)
    assert (told["todo"], told["mine"], told["unassigned"]) == ("3", "1", "2")
    many(world, 4)
    told = counts(gus)
    assert (told["todo"], told["mine"], told["unassigned"]) == ("5", "1", "5")


def test_more_than_999_are_said_as_such(world, monkeypatch):
    told = {"mine": 999, "unassigned": 1000}
    monkeypatch.setattr("helpdesk.desk.frame_views.counts", lambda *_: told)
    many(world, 1)
    assert {k: v for k, v in counts(Seat(world, "Gus")).items() if v != "0"} == {
        "mine": "999",
        "unassigned": "999+",
    }
