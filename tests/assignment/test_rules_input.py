"""AGT-005, AGT-006: what the editor of an assignment rule takes, and what it refuses."""

from __future__ import annotations

import pytest

from helpdesk.agents.group import Group
from helpdesk.agents.skill import Skill
from helpdesk.assignment.rule import Rule
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.category import Category
from helpdesk.tickets.tag import Tag
from tests.assignment.rules import (
    deed,
    everything,
    hire,
    make,
    order,
    rows,
    saved,
    sent,
    skill,
    team,
    user_id,
)
from tests.support.page import form, read
from tests.support.seat import at_work


def test_AGT_005_everything_that_can_be_asked_for_is_saved_as_rules_keep_it(world, mai):
    known, desk, repairs = everything(world), team(world, "Desk", "Gus"), skill(world, "Repairs", Gus=3)
    gus = user_id(world, "Gus")
    answer = sent(
        mai, name_en="All", name_vi="Tất cả", merchant_id=str(known["store"]), categories=[str(known["category"])],
        priorities=["CRITICAL", "HIGH"], languages=["vi"], tags="Gift, late,gift", sources=["portal", "form"], vip="y",
        amount_from="1,5", amount_to="0099.50", time_from="18:00", time_to="8:00", days=["sun", "mon"],
        zone="asia/ho chi minh", strategy="round_robin", group=str(desk), users=[str(gus)], skills=[f"{repairs}:3", ""],
        category_skills="y", language="y",
    )  # fmt: skip
    assert answer.status_code == 303
    assert saved(world, name_en="All") == {
        "name_en": "All", "name_vi": "Tất cả", "merchant_id": known["store"], "strategy": "round_robin",
        "conditions": {
            "categories": [known["category"]], "priorities": ["HIGH", "CRITICAL"], "languages": ["vi"],
            "tags": known["tags"], "sources": ["form", "portal"], "vip": True, "amount_from": "1.5",
            "amount_to": "99.50",
            "time": {"zone": "Asia/Ho_Chi_Minh", "from": "18:00", "to": "08:00", "days": ["mon", "sun"]},
        },
        "candidates": {
            "group": desk, "users": [gus], "skills": [{"skill": repairs, "level": 3}], "category_skills": True,
            "language": True,
        },
    }  # fmt: skip
    said = next(iter(rows(mai.get("/settings/rules")).values())).text
    assert (
        "the store is Acme Shop, the category is Delivery or below it, the priority is High or Urgent" in said
    )
    assert "it has the tag late or gift" in said
    assert "the order is 1.5 or more" in said
    assert "the time is 18:00 to 08:00 on Mon and Sun (Asia/Ho_Chi_Minh)" in said
    assert "it goes to somebody of the team “Desk”, or Gus, provided that they" in said
    assert "“Repairs” at level 3 or higher" in said
    made = next(iter(rows(mai.get("/settings/rules"))))
    assert sent(mai, made).status_code == 303  # sent again as it is shown, it says the same
    with world.inside():
        assert world.one(Rule, name_en="All").version == 1


def test_AGT_005_an_empty_form_asks_for_nothing(world, mai):
    assert sent(mai, name_en="Any", category_skills=[]).status_code == 303
    rule = saved(world, name_en="Any")
    assert (rule["merchant_id"], rule["conditions"], rule["candidates"]) == (None, {}, {})


def test_AGT_005_days_without_times_are_whole_days_and_all_days_are_none(world, mai):
    assert sent(mai, name_en="Weekend", days=["sat", "sun"], zone="UTC").status_code == 303
    assert saved(world, name_en="Weekend")["conditions"]["time"] == {
        "zone": "UTC", "from": "00:00", "to": "24:00", "days": ["sat", "sun"],
    }  # fmt: skip
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    assert sent(mai, name_en="Always", days=days, zone="UTC").status_code == 303
    assert saved(world, name_en="Always")["conditions"] == {}


def test_AGT_006_one_person_gets_everything_and_the_pool_does_not_count_then(world, mai):
    gus, desk = user_id(world, "Gus"), team(world, "Desk", "Linh")
    values = {"name_en": "Gus", "strategy": "fixed", "group": str(desk), "language": "y"}
    refused = sent(mai, **values)
    assert refused.status_code == 422
    assert "Choose the person who gets these tickets." in refused.text
    assert sent(mai, **values, fixed=str(gus)).status_code == 303
    assert saved(world, name_en="Gus")["candidates"] == {
        "fixed": gus,
        "category_skills": True,
        "language": True,
    }
    assert "goes to Gus, provided" in mai.get("/settings/rules").text


WRONG = [
    ("name_en", {"name_en": " ", "name_vi": ""}, "Enter a name in at least one language."),
    ("name_en", {"name_en": "x" * 201}, "This text is too long."),
    ("merchant_id", {"merchant_id": "99999"}, "Choose one of the list."),
    ("categories", {"categories": ["99999"]}, "Choose one of the list."),
    ("categories", {"categories": ["9" * 30]}, "Choose one of the list."),
    ("priorities", {"priorities": ["URGENT"]}, "Choose one of the list."),
    ("languages", {"languages": ["fr"]}, "Choose one of the list."),
    ("sources", {"sources": ["mail"]}, "Choose one of the list."),
    ("days", {"days": ["yesterday"]}, "Choose one of the list."),
    ("tags", {"tags": "never-seen"}, "There is no tag “never-seen” in use."),
    ("tags", {"tags": "x" * 1001}, "This text is too long."),
    ("amount_from", {"amount_from": "a lot"}, "Enter an amount without thousands separators"),
    ("amount_from", {"amount_from": "1.000"}, "Enter an amount without thousands separators"),  # 1 or 1000?
    ("amount_from", {"amount_from": "1.000.000"}, "Enter an amount without thousands separators"),
    ("amount_from", {"amount_from": "-1"}, "Enter an amount without thousands separators"),
    ("amount_to", {"amount_to": "1e3"}, "Enter an amount without thousands separators"),
    ("amount_to", {"amount_to": "٣"}, "Enter an amount without thousands separators"),
    ("amount_to", {"amount_from": "2", "amount_to": "1.99"}, "The second amount is smaller than the first."),
    ("time_from", {"time_from": "25:00", "time_to": "08:00"}, "Enter a time like 18:00."),
    ("time_from", {"time_from": "24:00", "time_to": "08:00"}, "Enter a time like 18:00."),
    ("time_to", {"time_from": "08:00", "time_to": "noon"}, "Enter a time like 18:00."),
    ("time_to", {"time_from": "08:00", "time_to": ""}, "Enter both times, or neither."),
    ("time_from", {"time_from": "", "time_to": "08:00"}, "Enter both times, or neither."),
    ("time_to", {"time_from": "8:00", "time_to": "08:00"}, "The two times are the same."),
    ("zone", {"time_from": "08:00", "time_to": "09:00", "zone": "Mars/Olympus"}, "There is no such time zone."),
    ("zone", {"days": ["mon"], "zone": ""}, "There is no such time zone."),
    ("strategy", {"strategy": "dice"}, "Choose one of the list."),
    ("strategy", {"strategy": ""}, "Choose one of the list."),
    ("fixed", {"strategy": "fixed", "fixed": ""}, "Choose the person who gets these tickets."),
    ("fixed", {"strategy": "fixed", "fixed": "99999"}, "Choose one of the list."),
    ("group", {"group": "99999"}, "Choose one of the list."),
    ("group", {"group": "x"}, "Choose one of the list."),
    ("users", {"users": ["99999"]}, "Choose one of the list."),
    ("skills", {"skills": ["99999:3"]}, "Choose one of the list."),
]  # fmt: skip


@pytest.mark.parametrize("field,values,words", WRONG)
def test_AGT_005_what_a_rule_cannot_say_is_refused_at_its_field(world, mai, field, values, words):
    answer = sent(mai, **{"name_en": "Typed", "tags": ""} | values)
    assert answer.status_code == 422
    page = read(answer)
    links = [link for link in page.all("a") if link.attributes.get("href") == f"#{field}"]
    assert [words in link.text for link in links] == [True]
    assert "Error:" in next(page.all("title")).text
    assert order(world) == []
    again = form(answer, "/settings/rules").fields
    for name, value in values.items():  # nothing typed is lost; what is not on the list cannot be shown
        if isinstance(value, str) and "list" not in words:
            assert again[name] == value.strip()


@pytest.mark.parametrize("typed", ["{id}:", "{id}:0", "{id}:6", "{id}", ":3", "{id}:3:3"])
def test_AGT_005_a_skill_is_asked_for_at_a_level(world, mai, typed):
    repairs = skill(world, "Repairs")
    answer = sent(mai, name_en="Typed", skills=[typed.format(id=repairs)])
    assert answer.status_code == 422
    assert "Choose one of the list." in answer.text
    twice = sent(mai, name_en="Typed", skills=[f"{repairs}:1", f"{repairs}:3"])
    assert (twice.status_code, "Choose one level for each skill." in twice.text) == (422, True)
    assert order(world) == []


def foreign(world):
    """Ids of things that are Globex's."""
    with world.inside("globex"):
        group, one, tag = Group(name_en="Theirs"), Skill(name_en="Theirs"), Tag(name="theirs")
        db.session.add_all([group, one, tag])
        db.session.flush()
        return {
            "group": str(group.id), "users": [str(world.user("Gil").id)], "skills": [f"{one.id}:3"], "tags": "theirs",
            "merchant_id": str(world.one(Merchant, prefix="GLOB").id),
            "categories": [str(world.one(Category, name_en="Machines").id)],
        }  # fmt: skip


def test_Q_1_nothing_of_another_organizer_can_be_named(world, mai):
    for name, value in foreign(world).items():
        assert sent(mai, name_en="x", **{name: value}).status_code == 422, name
    gil = foreign_user(world)
    assert sent(mai, name_en="x", strategy="fixed", fixed=str(gil)).status_code == 422
    assert order(world) == []


def foreign_user(world):
    with world.inside("globex"):
        return world.user("Gil").id


def test_AGT_005_what_a_rule_names_and_was_archived_since_stays_choosable(world, mai):
    known, desk, repairs = everything(world), team(world, "Desk", "Gus"), skill(world, "Repairs")
    tam = hire(world, "Tam")
    made = make(
        world, "Old", merchant_id=known["store"], conditions={"categories": [known["category"]], "tags": known["tags"]},
        candidates={"group": desk, "users": [tam], "skills": [{"skill": repairs, "level": 2}]},
    )  # fmt: skip
    before = saved(world, id=made)
    with world.inside():
        now = clock.now()
        db.session.get_one(Group, desk).archived_at = db.session.get_one(Skill, repairs).archived_at = now
        db.session.get_one(Category, known["category"]).archived_at = now
        db.session.get_one(Tag, known["tags"][0]).archived_at = now
        world.user("Tam").is_active = False
    assert sent(mai, made, name_en="Still").status_code == 303
    assert saved(world, id=made) == before | {"name_en": "Still"}
    text = rows(mai.get("/settings/rules"))[str(made)].text
    for words in (
        "The category “Delivery” is archived.", "The tag “late” is archived.", "The team “Desk” is archived.",
        "The skill “Repairs” is archived.", "Tam cannot be given work: no profile, or not active.",
    ):  # fmt: skip
        assert words in text
    assert sent(mai, name_en="New", group=str(desk)).status_code == 422  # a new one cannot begin with it
    assert sent(mai, name_en="New", tags="late").status_code == 422


def test_AGT_005_an_outdated_editor_gets_both_values_field_by_field(world, mai):
    made = make(world, "a")
    filled = form(mai.get(f"/settings/rules/{made}"), f"/settings/rules/{made}")
    theirs = {
        "name_en": "theirs",
        "conditions": {"priorities": ["LOW"], "amount_to": "5"},
        "strategy": "round_robin",
    }
    deed(world, made, lambda rule, ada: rule.change(theirs, by=ada))
    answer = filled.send(mai.client, name_en="mine", languages=["vi"])
    assert answer.status_code == 409
    cells = [[cell.text for cell in row.all() if cell.tag in ("th", "td")] for row in read(answer).all("tr")]
    assert cells == [
        ["Field", "Yours, not saved", "Saved now"], ["Name in English", "mine", "theirs"],
        ["Priorities", "–", "Low"], ["Languages", "Vietnamese", "–"], ["Order amount to", "–", "5"],
        ["How one is chosen", "Least loaded", "In turn"],
    ]  # fmt: skip
    again = form(answer, f"/settings/rules/{made}")
    assert (again.fields["name_en"], again.fields["languages"]) == ("mine", "vi")
    assert saved(world, id=made)["name_en"] == "theirs"
    assert again.send(mai.client).status_code == 303  # sent again it stands
    assert saved(world, id=made)["name_en"] == "mine"


def test_CAT_003_a_tag_that_was_merged_away_is_read_as_the_one_that_stayed(world, mai):
    made = world.ticket()
    with at_work(world, made) as (ticket, gus):
        ticket.retag(["late", "delayed"], by=gus)
        late, delayed = (world.one(Tag, name=name) for name in ("late", "delayed"))
        delayed.merge_into(late, by=world.user("Mai"))
        late_id = late.id
    assert sent(mai, name_en="Late", tags="delayed").status_code == 303
    assert saved(world, name_en="Late")["conditions"] == {"tags": [late_id]}
