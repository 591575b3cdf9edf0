"""AGT-011: the ticket shows why somebody has it, and what was decided before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from helpdesk.agents.agent import Agent
from helpdesk.core import clock
from tests.assignment.rules import deed, hire, make, profile, skill
from tests.support.page import read
from tests.support.seat import Seat, at_work


def panel(answer):
    """The card that says why."""
    return next(
        card
        for card in read(answer).all("section")
        if card.attributes.get("aria-labelledby") == "decision-title"
    )


def test_AGT_011_the_panel_says_who_by_which_rule_how_and_why_nobody_else(world):
    repairs = skill(world, "Repairs", Gus=4, Linh=2)
    make(world, "vip", conditions={"vip": True})
    make(world, "skilled", strategy="skill_based", candidates={"skills": [{"skill": repairs, "level": 3}]})
    hire(world, "Tam")
    world.ticket()
    world.run_reactions()
    said = panel(Seat(world, "Gus").get("/tickets/ACME-1")).text
    assert "Gus was chosen by the rule “skilled”." in said
    assert "Whoever is best at what is asked for; among equals, the least loaded." in said
    assert "1 rule was passed over vip: no VIP" in said
    assert "has “Repairs” at level 2, 3 is asked for" in said
    assert "lacks the skill “Repairs”" in said
    assert "Earlier decisions" not in said


def test_AGT_011_who_is_off_shift_is_shown_with_when_he_is_back(world):
    with world.inside():
        linh = Agent.of(world.user("Linh").id)
        linh.is_on_shift, linh.shift_changes_at = False, clock.now().replace(microsecond=0)
    world.ticket()
    world.run_reactions()
    assert "off shift until" in panel(Seat(world, "Gus").get("/tickets/ACME-1")).text


def test_AGT_011_who_is_on_leave_is_shown_as_on_leave_with_when_he_is_back(world):
    with clock.frozen(datetime(2026, 3, 2, 8, 0, tzinfo=UTC)):
        with world.inside():
            linh, day = Agent.of(world.user("Linh").id, lock=True), datetime(2026, 3, 2, tzinfo=UTC).date()
            linh.take_leave(day, day + timedelta(days=3), by=world.user("Mai"))
        world.ticket()
        world.run_reactions()
        seat = Seat(world, "Gus")
        said = panel(seat.get("/tickets/ACME-1", lang="en")).text
        assert "on leave until 6 Mar 2026, 00:00 UTC" in said
        assert "off shift" not in said
        assert "nghỉ phép đến" in panel(seat.get("/tickets/ACME-1", lang="vi")).text


def test_AGT_011_managers_can_try_the_rules_on_it(world):
    world.ticket()
    card = panel(Seat(world, "Gus").get("/tickets/ACME-1"))  # nothing was decided yet: shown to managers only
    assert "for-managers" in card["class"].split()
    link = next(one for one in card.all("p") if "for-managers" in (one.attributes.get("class") or "").split())
    assert next(link.all("a"))["href"] == "/settings/rules/trial?number=ACME-1"


def test_AGT_011_a_ticket_about_which_nothing_was_decided_has_its_page_of_decisions(world):
    world.ticket()
    answer = Seat(world, "Gus").get("/tickets/ACME-1/decisions")
    assert answer.status_code == 200
    assert "Nothing was decided automatically yet." in answer.text


def decided_twice(world):
    """A ticket that Gus had, and Linh has now."""
    profile(world, "Linh", availability="away")
    made = world.ticket()
    world.run_reactions()
    profile(world, "Gus", availability="away")
    profile(world, "Linh", availability="online")
    with at_work(world, made, "Mai") as (ticket, mai):
        ticket.release(by=mai)
    world.run_reactions()


def test_AGT_011_earlier_decisions_are_kept_as_they_were(world):
    decided_twice(world)
    seat = Seat(world, "Gus")
    said = panel(seat.get("/tickets/ACME-1"))
    assert "Linh was chosen" in said.text
    assert "Gus was chosen" not in said.text
    fold = next(one for one in said.with_attribute("hx-get"))
    earlier = seat.get(fold["hx-get"])
    assert "Gus was chosen" in earlier.text
    assert "Linh was chosen" not in earlier.text
    whole = seat.get(next(fold.all("a"))["href"])  # without scripts
    assert whole.text.index("Linh was chosen") < whole.text.index("Gus was chosen")


def test_Q_1_decisions_are_for_who_sees_the_ticket(world):
    decided_twice(world)
    for address in ("/tickets/ACME-1/decisions", "/tickets/ACME-1/decisions/earlier"):
        assert Seat(world, "Gil").get(address).status_code == 404
        assert Seat(world, "Linh").get(address).status_code == 200
        assert Seat(world, "Linh").get(address.replace("-1", "-99")).status_code == 404


def test_AGT_011_a_rule_that_is_archived_is_called_as_it_was_then(world):
    made = make(world, "first name")
    world.ticket()
    world.run_reactions()
    deed(world, made, lambda rule, mai: rule.change({"name_en": "second name"}, by=mai))
    deed(world, made, lambda rule, mai: rule.archive(by=mai))
    assert "chosen by the rule “first name”" in panel(Seat(world, "Gus").get("/tickets/ACME-1")).text


def test_AGT_011_decisions_say_that_a_hand_overruled_them(world):
    ticket, seat = world.ticket(), Seat(world, "Mai")
    world.run_reactions()
    assert "given by hand" not in seat.get("/tickets/ACME-1/decisions", lang="en").text
    with at_work(world, ticket, "Mai") as (row, mai):
        other = next(one for one in ("Gus", "Linh") if row.assignee.name != one)
        row.give_to(world.user(other), by=mai)
    assert (
        f"It was given by hand after that: {other} has it"
        in seat.get("/tickets/ACME-1/decisions", lang="en").text
    )
