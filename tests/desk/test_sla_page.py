"""SLA-011: why a promise is due when it is due: the page that every agent can open, for real and imagined tickets."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.sla.calendar import Calendar, CalendarVersion
from helpdesk.sla.clock import Clock
from helpdesk.sla.policy import Policy, PolicyVersion
from helpdesk.sla.tracker import Tracker
from helpdesk.tickets.lifecycle import Priority, Status
from tests.support.browser import counted
from tests.support.page import Element, read
from tests.support.seat import Seat, at_work

T0 = datetime(2026, 11, 4, 9, 0, 0, tzinfo=UTC)  # a Wednesday
HOUR = 3600
PAGE = "/tickets/ACME-1/sla"
OFFICE = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


@pytest.fixture(autouse=True)
def _still():
    with clock.frozen(T0):
        yield


def office(zone: str = "UTC", **kinds: int | None) -> int:
    """The organizer's default policy in working hours; the policy's id. Call it inside the organizer."""
    calendar = Calendar(name_en="Office", name_vi="Văn phòng")
    policy = Policy(name_en="Gold", name_vi="Vàng", is_default=True)
    db.session.add_all([calendar, policy])
    db.session.flush()
    holidays = [{"date": "2026-11-05", "name_en": "Founders' Day", "name_vi": "Ngày thành lập"}]
    wanted = {"first": 2 * HOUR, "next": 4 * HOUR, "resolution": 16 * HOUR} | kinds
    db.session.add_all([
        CalendarVersion(calendar_id=calendar.id, number=3, zone=zone, schedule=OFFICE, closures=[], holidays=holidays),
        PolicyVersion(policy_id=policy.id, number=2, calendar_id=calendar.id,
                      targets={priority.value: wanted for priority in Priority}),
    ])  # fmt: skip
    db.session.flush()
    return policy.id


def go_on(world, hours: float, deed=None, name: str = "Gus") -> None:
    clock.travel(hours * HOUR)
    if deed:
        with at_work(world, 1, name) as (ticket, me):
            deed(ticket, me)


def shown(world, path: str = PAGE, name: str = "Gus", code: int = 200, **query: str) -> Element:
    answer = Seat(world, name).get(path, **query)
    assert answer.status_code == code
    return read(answer)


def section(page: Element, kind: str) -> Element:
    return next(each for each in page.with_attribute("data-round") if each["data-kind"] == kind)


def words(element: Element) -> str:
    """What is read: elements put no space before a comma."""
    return element.text.replace(" ,", ",")


def lines(part: Element) -> list[tuple[str, str, str]]:
    """Reason, whether it counts, and the running total in hours."""
    return [
        (row["data-reason"], row["data-counted"], f"{float(list(row.all('data'))[-1]['value']) / HOUR:g}")
        for row in part.with_attribute("data-counted")
    ]


def test_SLA_011_the_page_says_why_in_a_sentence_and_line_by_line(any_world):
    with any_world.inside():
        office()
    any_world.ticket()
    go_on(any_world, 1, lambda t, me: t.take(by=me))
    go_on(any_world, 1, lambda t, me: t.move_to(Status.WAITING_USER, by=me))
    go_on(any_world, 2, lambda t, me: t.hear("Here.", by=t.customer))
    part = section(shown(any_world), "resolution")
    assert lines(part) == [
        ("open", "yes", "2"), ("WAITING_USER", "no", "2"), ("open", "yes", "6"), ("closed", "no", "6"),
        ("holiday", "no", "6"), ("closed", "no", "6"), ("open", "yes", "14"), ("closed", "no", "14"),
        ("open", "yes", "16")]  # fmt: skip
    sentence = words(next(part.all("p", class_="account-why")))
    assert sentence == (
        "The resolution is due 9 Nov 2026, 11:00 UTC, because: 16 working hours from 4 Nov 2026, 09:00 UTC, "
        "minus 2 h while the customer was asked, without the days off: Founders' Day."
    )
    assert "Day off: Founders' Day" in part.text
    assert "Gold, version 2" in part.text
    assert "Office, version 3, time zone UTC" in part.text


def test_SLA_011_it_is_told_in_vietnamese(world):
    with world.inside():
        office()
    world.ticket()
    go_on(world, 1, lambda t, me: t.take(by=me))
    go_on(world, 0, lambda t, me: t.move_to(Status.WAITING_USER, by=me))
    go_on(world, 1, lambda t, me: t.hear("Đây.", by=t.customer))
    part = section(shown(world, name="Linh"), "resolution")
    sentence = words(next(part.all("p", class_="account-why")))
    assert sentence.startswith("Hạn giải quyết là ")
    assert "16 giờ làm việc kể từ" in sentence
    assert "trừ 1 giờ chờ khách hàng trả lời" in sentence
    assert "Ngày nghỉ: Ngày thành lập" in part.text
    assert "Vàng, phiên bản 2" in part.text


def test_SLA_011_a_change_of_priority_stands_between_the_lines(world):
    world.ticket()
    go_on(world, 10, lambda t, me: t.reprioritise(Priority.HIGH, by=me))
    part = section(shown(world), "resolution")
    assert [reason for reason, _, _ in lines(part)] == ["open", "changed", "open"]
    assert "Priority: Normal High" in part.text
    assert "Target: 72 h 24 h" in part.text


def test_SLA_006_thresholds_are_told_with_when_they_were_noticed(world):
    world.ticket()
    go_on(world, 9)
    with world.inside():
        Clock.mark_due()
    part = section(shown(world), "first")
    facts = [words(each) for each in part.all() if each.tag in ("dt", "dd")]
    said = dict(zip(facts[::2], facts[1::2], strict=True))
    assert said["Warning (75 %)"] == "4 Nov 2026, 15:00:00 UTC, noticed 4 Nov 2026, 18:00:00 UTC"
    assert said["Critical (90 %)"] == "4 Nov 2026, 16:12:00 UTC, noticed 4 Nov 2026, 18:00:00 UTC"
    assert said["Due"] == "4 Nov 2026, 17:00:00 UTC, noticed 4 Nov 2026, 18:00:00 UTC"
    late = part.with_attribute("data-late")
    assert [(row["data-reason"], row.text.count("late")) for row in late] == [("open", 1)]


def test_SLA_006_a_threshold_of_a_clock_that_was_met_is_still_told(world):
    world.ticket()
    go_on(world, 7)
    with world.inside():
        Clock.mark_due()
    go_on(world, 0.5, lambda t, me: t.reply("So.", by=me))
    part = section(shown(world), "first")
    assert "Warning (75 %) 4 Nov 2026, 15:00:00 UTC" in part.text
    assert "Critical (90 %) 4 Nov 2026, 16:12:00 UTC" in part.text
    assert "7 h 30 min of 8 h were used" in part.text


def test_SLA_011_managers_find_policy_and_calendar_by_links(world):
    with world.inside():
        policy = office()
    world.ticket()
    for name, there in (("Gus", False), ("Mai", True), ("Ada", True)):
        links = {link["href"] for link in shown(world, name=name).all("a")}
        assert (f"/settings/policies/{policy}" in links) is there
        assert any(link.startswith("/settings/calendars/") for link in links) is there


def test_SLA_011_it_is_for_who_sees_the_ticket(world, pat):
    world.ticket()
    link = world.link(1)
    for name in ("Gil", pat):
        shown(world, name=name, code=404)
    shown(world, path="/tickets/ACME-999/sla", code=404)
    customer = world.app.test_client()
    customer.get(link)
    assert customer.get(PAGE).status_code in (302, 303, 401)
    go_on(world, 0, lambda t, me: t.delete(by=me), "Mai")
    for name in ("Gus", "Mai"):
        shown(world, name=name, code=404)


def test_SLA_011_a_ticket_without_promises_says_so(world):
    with world.inside():
        office(first=None, next=None, resolution=None)
    world.ticket()
    assert "Nothing is promised on this ticket" in shown(world).text


def rounds(world, count: int) -> None:
    """So many questions, each answered, and one that is open."""
    with world.inside():
        office(next=10 * 60)
    world.ticket()
    go_on(world, 0.1, lambda t, me: t.reply("Hello?", by=me))
    with world.inside():
        tracker = world.one(Tracker, ticket_id=1)
        for _ in range(count):
            clock.travel(60)
            tracker.asked(clock.now())
            clock.travel(60)
            tracker.answered(clock.now())
        tracker.asked(clock.now())


def test_SLA_011_many_questions_come_in_pages_the_newest_first(world):
    rounds(world, 200)
    with counted() as statements:
        page = shown(world)
    assert len(statements) <= 14  # two of them sign in
    parts = page.with_attribute("data-round")
    assert [(part["data-kind"], part["data-round"]) for part in parts[:4]] == [
        ("resolution", "1"), ("first", "1"), ("next", "201"), ("next", "200")]  # fmt: skip
    assert len(parts) == 12
    assert next(page.all("a", rel="next"))["href"] == f"{PAGE}?page=2"
    with world.inside():
        oldest = next(c for c in world.one(Tracker, ticket_id=1).clocks if c.kind == "next" and c.round == 1)
        wanted = f"clock-{oldest.id}"
    page = shown(world, clock=wanted.removeprefix("clock-"))
    assert wanted in {each["id"] for each in page.with_attribute("id")}


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 30, "٣", "", "\x00", "18"])
def test_SLA_011_a_page_that_is_none_is_the_first_one(world, page):
    world.ticket()
    assert section(shown(world, page=page, clock=page), "first")


def test_SLA_011_a_long_account_is_folded_in_the_middle_and_open_on_paper(world):
    with world.inside():
        office(resolution=200 * HOUR)
    world.ticket()
    part = section(shown(world), "resolution")
    (fold,) = part.all("details")
    assert len(lines(fold)) == len(lines(part)) - 13
    assert "open" not in fold.attributes
    (fold,) = section(shown(world, print="1"), "resolution").all("details")
    assert "open" in fold.attributes


def test_SLA_011_years_of_lateness_are_added_up_in_the_middle(world):
    with world.inside():
        office()
    world.ticket()
    clock.travel(6 * 365 * 24 * HOUR)
    with world.inside():
        Clock.mark_due()
    part = section(shown(world), "resolution")
    told = lines(part)
    assert len(told) == 400
    (summed,) = [place for place, line in enumerate(told) if line[0] == "summed"]
    assert float(told[summed - 1][2]) < float(told[summed][2]) < float(told[summed + 1][2]) + 8
    used = float(next(each["value"] for each in part.all("data")))
    assert float(told[-1][2]) == pytest.approx(used / HOUR, abs=1)


# When would it be due? --------------------------------------------------------------------------------------------


def imagined(page: Element, kind: str) -> Element:
    return next(page.all("section", id=f"what-if-{kind}"))


def due(part: Element) -> str:
    facts = [words(each) for each in part.all() if each.tag in ("dt", "dd")]
    return dict(zip(facts[::2], facts[1::2], strict=True))["Due"]


def test_SLA_011_an_imagined_ticket_is_explained_and_nothing_is_stored(any_world):
    with any_world.inside():
        office("Asia/Ho_Chi_Minh")
    any_world.ticket()
    with any_world.inside():
        before = [any_world.count(model) for model in (Clock, Tracker, PolicyVersion, CalendarVersion)]
    page = shown(any_world, start="2026-11-06T16:00", priority="HIGH")
    assert due(imagined(page, "first")) == "9 Nov 2026, 03:00:00 UTC"  # 10:00 on Monday at the office
    assert due(imagined(page, "next")) == "9 Nov 2026, 05:00:00 UTC"
    assert due(imagined(page, "resolution")) == "10 Nov 2026, 09:00:00 UTC"
    assert lines(imagined(page, "first")) == [
        ("open", "yes", "1"),
        ("closed", "no", "1"),
        ("open", "yes", "2"),
    ]
    assert "The resolution is due" in section(page, "resolution").text  # what is real is told as real
    assert "The resolution would be due" in imagined(page, "resolution").text
    start = next(page.all("input", name="start"))
    assert (start["value"], start["type"]) == ("2026-11-06T16:00", "datetime-local")
    with any_world.inside():
        assert [
            any_world.count(model) for model in (Clock, Tracker, PolicyVersion, CalendarVersion)
        ] == before


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ("2026-11-06T16:00:00Z", "7 Nov 2026, 00:00:00 UTC"),
        ("2026-11-06T16:00:00+07:00", "6 Nov 2026, 17:00:00 UTC"),
        ("2026-11-06T16:00:00 07:00", "6 Nov 2026, 17:00:00 UTC"),  # a plus that nobody encoded
        ("2026-11-06 16:00", "7 Nov 2026, 00:00:00 UTC"),
        ("2026-11-06", "6 Nov 2026, 08:00:00 UTC"),
        ("", "4 Nov 2026, 17:00:00 UTC"),
    ],
)
def test_SLA_011_a_start_is_read_as_it_is_meant(world, start, said):
    world.ticket()
    assert due(imagined(shown(world, start=start, priority="MEDIUM"), "first")) == said


def test_SLA_011_any_policy_on_offer_can_be_tried(world):
    world.ticket()
    with world.inside():
        gold = office()
    page = shown(world, policy=str(gold), start="2026-11-06T16:00")
    assert due(imagined(page, "first")) == "9 Nov 2026, 10:00:00 UTC"
    assert (
        due(imagined(shown(world, start="2026-11-06T16:00", policy=""), "first"))
        == "7 Nov 2026, 00:00:00 UTC"
    )


BAD_STARTS = [
    "tomorrow", "2026-13-01T00:00", "1999-12-31T00:00", "9999-12-31T23:59", "0001-01-01T00:00", "1" * 30,
    "2026-11-06T16:00+99:99", "<b>x</b>", "\ud800", "🙂", "2026-11-06T16:00" + "0" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("start", BAD_STARTS)
def test_SLA_011_a_start_that_cannot_be_is_refused_and_kept(world, start):
    world.ticket()
    page = shown(world, start=start.encode("utf-8", "replace").decode(), priority="LOW", code=400)
    field = next(page.all("input", name="start"))
    assert field["aria-invalid"] == "true"
    assert "Enter a day and a time" in page.text
    assert section(page, "first")  # what is real is told all the same
    assert next(page.all("title")).text.startswith("Error:")
    if re.fullmatch(r"[\w:+<>/-]{3,60}", start):
        assert field["value"] == start


@pytest.mark.parametrize(("name", "value"), [("priority", "URGENT"), ("policy", "9" * 30), ("policy", "x")])
def test_SLA_011_a_choice_that_is_none_is_refused(world, name, value):
    world.ticket()
    page = shown(world, **{name: value}, code=400)
    assert "Choose one of the list." in page.text


def test_Q_1_another_organizer_s_policy_cannot_be_tried(world):
    world.ticket()
    with world.inside("globex"):
        theirs = office()
    shown(world, policy=str(theirs), code=400)


# The ticket's page ------------------------------------------------------------------------------------------------


def panel(world, name: str = "Gus") -> list[Element]:
    page = shown(world, "/tickets/ACME-1", name)
    return list(next(page.all("ul", class_="clocks")).all("li", class_="clock"))


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (Status.WAITING_USER, "resolution", "The clock stands while the customer is asked."),
        (Status.RESOLVED, "first", "The clock stands because the ticket is resolved."),
        (Status.CLOSED, "first", "The clock stands because the ticket is closed."),
    ],
)
def test_SLA_005_the_panel_says_why_a_clock_stands(world, status, kind, words):
    world.ticket()
    go_on(world, 0, lambda t, me: t.take(by=me))
    if status == Status.WAITING_USER:
        go_on(world, 1.5, lambda t, me: t.move_to(status, by=me))
    else:
        go_on(world, 1.5, lambda t, me: t.resolve(by=me, note_en="Done.", note_vi="Xong."))
    if status == Status.CLOSED:
        go_on(world, 1, lambda t, me: t.confirm(by=t.customer))
    (clock_,) = [each for each in panel(world) if each["data-kind"] == kind]
    assert words in clock_.text
    assert "1 h 30 min used" in clock_.text
    assert "Paused" in clock_.text


def test_SLA_011_each_clock_of_the_panel_leads_to_its_account(world):
    world.ticket()
    for each in panel(world):
        (link,) = each.all("a")
        path, _, anchor = link["href"].partition("#")
        assert anchor in {found["id"] for found in shown(world, path).with_attribute("id")}
        assert link.text.startswith("Why?")


def test_SLA_005_of_the_questions_the_panel_lists_the_last_one_and_what_was_missed(world):
    rounds(world, 3)
    with world.inside():
        tracker = world.one(Tracker, ticket_id=1)
        clock.travel(HOUR)
        tracker.answered(clock.now())
        clock.travel(60)
        tracker.asked(clock.now())
        clock.travel(60)
        tracker.answered(clock.now())
        tracker.asked(clock.now())
    kinds = [each["data-kind"] for each in panel(world)]
    assert sorted(kinds) == ["first", "next", "next", "resolution"]


def test_SLA_012_a_badge_holds_what_it_counts_with_and_who_listens_hears_the_instant(world):
    with world.inside():
        office()
    world.ticket()
    badge = next(each for each in panel(world) if each["data-kind"] == "first")
    time = next(badge.all("time", class_="sla"))
    ms = {name: str(int((T0 + timedelta(hours=h)).timestamp() * 1000)) for name, h in
          {"data-due": 2, "data-warn": 1.5, "data-critical": 1.8}.items()}  # fmt: skip
    assert {name: time[name] for name in ms} == ms
    assert (time["data-state"], time["data-kind"], time["datetime"]) == (
        "running",
        "first",
        "2026-11-04T11:00:00Z",
    )
    ticking = next(time.all("span", class_="sla-text"))
    assert ticking["aria-hidden"] == "true"
    tip = next(badge.all("span", class_="sla-tip"))
    assert "due 4 Nov 2026, 11:00 UTC" in tip.text
    assert "Target: 2 working hours" in tip.text


def test_SLA_012_the_row_shows_the_nearest_promise_and_no_link(world):
    world.ticket()
    row = next(shown(world, "/queue").all("tr", data_ticket="ACME-1"))
    assert [badge["data-kind"] for badge in row.all("time", class_="sla")] == ["first"]
    assert [link["href"] for link in row.all("a")] == ["/tickets/ACME-1"]


def test_SLA_012_every_answer_says_what_time_it_is(world):
    for path in ("/healthz", "/login", "/queue"):
        answer = Seat(world, "Gus").get(path)
        assert answer.headers["X-Server-Now"] == str(int(T0.timestamp() * 1000))


def test_PRT_customers_never_read_of_it(world):
    world.ticket()
    customer = world.app.test_client()
    answer = customer.get(world.link(1), follow_redirects=True)
    assert answer.status_code == 200
    assert not re.search(r"\bSLA\b|class=\"sla|/sla", answer.text)
