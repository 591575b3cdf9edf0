"""AGT-005: the settings pages of the assignment rules."""

from __future__ import annotations

from datetime import timedelta

import pytest

from helpdesk.assignment.decision import Decision
from helpdesk.assignment.rule import Rule
from helpdesk.core import clock
from helpdesk.core.db import db
from tests.assignment.rules import (
    everything,
    make,
    order,
    rows,
    saved,
    skill,
    team,
    user_id,
)
from tests.support.page import form, read
from tests.support.seat import Seat


def test_AGT_005_without_rules_of_ones_own_there_are_examples_to_copy(world, mai):
    assert "No rules of your own yet" in mai.get("/settings/rules").text
    for key in ("language", "vip", "known"):
        example = form(mai.get(f"/settings/rules/new?example={key}"), "/settings/rules")
        assert example.send(mai.client).status_code == 303
    assert order(world) == ["Vietnamese tickets", "VIP customers", "Same agent as last time"]
    text = mai.get("/settings/rules").text
    assert "No rules of your own yet" not in text
    assert (
        "If the language is Vietnamese, it goes to somebody who works for the store, provided that they"
        in text
    )


def test_AGT_005_a_team_without_anybody_is_warned_of(world, mai):
    made = make(world, "Empty", candidates={"group": team(world, "Desk", "Mai")})  # Mai has no profile
    assert "Nobody in the team “Desk” can be given work." in rows(mai.get("/settings/rules"))[str(made)].text
    assert "Nobody in the team “Desk” can be given work." in mai.get(f"/settings/rules/{made}").text
    full = make(world, "Full", candidates={"group": team(world, "Full", "Gus")})
    assert "can be given work" not in rows(mai.get("/settings/rules"))[str(full)].text


def test_AGT_005_a_name_in_one_language_is_marked(world, mai):
    with world.inside():
        values = {
            "name_en": "One",
            "name_vi": "",
            "conditions": {},
            "candidates": {},
            "strategy": "load_balanced",
        }
        Rule.create(values, by=world.user("Mai"))
    assert "Vietnamese missing" in mai.get("/settings/rules").text


def test_AGT_005_ordering_and_switching_outdate_no_editor(world, mai):
    made, other = make(world, "a"), make(world, "b")
    filled = form(mai.get(f"/settings/rules/{made}"), f"/settings/rules/{made}")
    assert mai.post(f"/settings/rules/{made}/position", direction="down").status_code == 303
    assert mai.post(f"/settings/rules/{made}/switch", to="off").status_code == 303
    assert filled.send(mai.client, name_en="new").status_code == 303
    with world.inside():
        rule = db.session.get_one(Rule, made)
        assert (rule.name_en, rule.position, rule.is_on) == ("new", 1, False)
    assert other


def test_AGT_005_the_order_is_changed_by_buttons_alone_which_keep_the_focus(world, mai):
    made = [make(world, name) for name in "abc"]

    def press(rule_id, direction):
        answer = mai.post(f"/settings/rules/{rule_id}/position", direction=direction)
        page = read(mai.get(answer.headers["Location"]))
        return [button.text for button in page.with_attribute("data-focus")]

    assert press(made[2], "up") == ["Move “c” up"]
    assert press(made[2], "up") == ["Move “c” down"]  # it is the first: this button works still
    assert "".join(order(world)) == "cab"
    assert press(made[0], "down") == ["Move “a” up"]
    assert "".join(order(world)) == "cba"
    page = read(mai.get("/settings/rules"))
    off = [button.text for button in page.all("button") if "disabled" in button.attributes]
    assert off == ["Move “c” up", "Move “a” down"]


def test_AGT_005_the_order_is_changed_by_the_number_of_a_place_too(world, mai):
    made = [make(world, name) for name in "abc"]
    assert mai.post(f"/settings/rules/{made[0]}/position", place="3").status_code == 303
    assert "".join(order(world)) == "bca"
    for odd in ({}, {"direction": "left"}, {"place": ""}, {"place": "x"}, {"place": "-1"}, {"place": "9" * 30},
                {"place": "٣"}):  # fmt: skip
        assert mai.post(f"/settings/rules/{made[0]}/position", **odd).status_code == 400, odd
    for odd in ({}, {"to": "maybe"}):
        assert mai.post(f"/settings/rules/{made[0]}/switch", **odd).status_code == 400, odd
    assert "".join(order(world)) == "bca"


def test_AGT_005_a_rule_is_switched_archived_and_restored(world, mai):
    made = make(world, "a")
    page = read(mai.get(mai.post(f"/settings/rules/{made}/switch", to="off").headers["Location"]))
    assert [button.text for button in page.with_attribute("data-focus")] == ["Switch on : a"]
    assert mai.post(f"/settings/rules/{made}/archival").status_code == 303
    assert str(made) not in rows(mai.get("/settings/rules"))
    assert "Archived" in rows(mai.get("/settings/rules?archived"))[str(made)].text
    page = mai.get(f"/settings/rules/{made}")
    assert "This rule is archived" in page.text
    assert "rule-form" not in page.text
    refused = mai.post(f"/settings/rules/{made}", name_en="x", strategy="load_balanced")
    assert (refused.status_code, "Restore it first" in refused.text) == (409, True)
    assert mai.post(f"/settings/rules/{made}/switch", to="on").status_code == 409
    assert mai.post(f"/settings/rules/{made}/restoration").status_code == 303
    assert str(made) in rows(mai.get("/settings/rules"))


def test_AGT_005_the_shipped_rule_is_shown_last_and_can_only_be_copied(world, mai):
    make(world, "a")
    with world.inside():
        shipped = world.one(Rule, key="shipped").id
    assert list(rows(mai.get("/settings/rules")))[-1] == str(shipped)
    page = mai.get(f"/settings/rules/{shipped}")
    assert "comes with the product" in page.text
    assert "rule-form" not in page.text
    refused = mai.post(f"/settings/rules/{shipped}", name_en="x", strategy="load_balanced")
    assert (refused.status_code, "comes with the product" in refused.text) == (409, True)
    for what, data in (("position", {"direction": "up"}), ("switch", {"to": "off"}), ("archival", {})):
        assert mai.post(f"/settings/rules/{shipped}/{what}", **data).status_code == 409, what
    copied = form(mai.get(f"/settings/rules/new?like={shipped}"), "/settings/rules")
    assert copied.send(mai.client, name_en="Mine").status_code == 303
    rule = saved(world, name_en="Mine")
    assert (rule["candidates"], rule["strategy"]) == ({"category_skills": True}, "load_balanced")
    for odd in ("99999", "x", "9" * 30, "٣"):
        assert mai.get(f"/settings/rules/new?like={odd}").status_code == 404, odd


def test_AGT_005_how_often_a_rule_chose_somebody_in_the_last_seven_days(world, mai):
    made = make(world, "a")
    never = make(world, "b")
    assert "has never chosen anybody yet" in rows(mai.get("/settings/rules"))[str(made)].text
    for _ in range(2):
        world.ticket()
    world.run_reactions()
    listed = rows(mai.get("/settings/rules"))
    assert "2 tickets in the last 7 days" in listed[str(made)].text
    assert "has never chosen anybody yet" in listed[str(never)].text
    with world.inside():
        for decision in db.session.scalars(db.select(Decision)):
            decision.created_at = clock.now() - timedelta(days=7, seconds=1)
    assert "0 tickets in the last 7 days" in rows(mai.get("/settings/rules"))[str(made)].text


def test_AGT_005_a_long_list_takes_no_more_questions_than_a_short_one(world, mai):
    known, desk, repairs = everything(world), team(world, "Desk", "Gus"), skill(world, "Repairs")
    for n in range(30):
        make(
            world, f"rule {n}", merchant_id=known["store"], strategy="load_balanced",
            conditions={"categories": [known["category"]], "tags": known["tags"]},
            candidates={"group": desk, "users": [user_id(world, "Gus")], "skills": [{"skill": repairs, "level": 1}]},
        )  # fmt: skip
    assert len(rows(mai.get("/settings/rules"))) == 31  # the browser counts the queries


@pytest.mark.parametrize("name", ["Gus", "Linh"])
def test_Q_2_rules_are_the_managers_business(world, name):
    made = make(world, "a")
    seat = Seat(world, name)
    for path in ("", "/new", "/trial", f"/{made}"):
        assert seat.get(f"/settings/rules{path}").status_code == 403, path
    for path in (
        f"/{made}",
        f"/{made}/archival",
        f"/{made}/position",
        f"/{made}/switch",
        f"/{made}/restoration",
    ):
        assert seat.post(f"/settings/rules{path}").status_code == 403, path
    assert order(world) == ["a"]


def test_Q_1_a_neighbours_rule_is_not_there(world, mai):
    with world.inside("globex"):
        values = {"name_en": "Theirs", "conditions": {}, "candidates": {}, "strategy": "load_balanced"}
        theirs = Rule.create(values, by=world.user("Gil")).id
    assert "Theirs" not in mai.get("/settings/rules").text
    assert mai.get(f"/settings/rules/{theirs}").status_code == 404
    assert mai.get(f"/settings/rules/new?like={theirs}").status_code == 404
    for path in ("", "/archival", "/position", "/switch", "/restoration"):
        assert mai.post(f"/settings/rules/{theirs}{path}", direction="up", to="off").status_code == 404, path


def test_Q_5_the_sentence_is_in_the_readers_language(world):
    made = make(world, "a", conditions={"vip": True, "priorities": ["HIGH"]}, candidates={"language": True})
    text = rows(Seat(world, "Mai").get("/settings/rules"))[str(made)].text  # Mai reads Vietnamese
    assert (
        "Nếu mức ưu tiên là Cao và khách hàng là VIP thì phiếu được giao cho một người làm cho cửa hàng"
        in text
    )
    assert "với điều kiện nói được ngôn ngữ của khách" in text
