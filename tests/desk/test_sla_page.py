"""SLA-011: why a promise is due when it is due: the page that every agent can open."""

from __future__ import annotations

import pytest

from helpdesk.core import clock
from helpdesk.sla.clock import Clock
from helpdesk.sla.tracker import Tracker
from helpdesk.tickets.lifecycle import Priority, Status
from tests.desk.sla_pages import HOUR, PAGE, T0, go_on, lines, office, rounds, section, shown, words
from tests.support.browser import counted


@pytest.fixture(autouse=True)
def _still():
    with clock.frozen(T0):
        yield


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
    assert "Gold, version 2" in words(part)
    assert "Office, version 3, time zone UTC" in words(part)


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
    assert "Vàng, phiên bản 2" in words(part)


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
