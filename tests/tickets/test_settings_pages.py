"""CAT-001, CAT-002, CAT-003, CAT-005, MSG-008: the settings pages of the tree, of tags and of canned replies."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from helpdesk.agents.group import Group
from helpdesk.agents.skill import Skill
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.category import Category
from helpdesk.tickets.tag import Tag
from tests.support.page import form, read
from tests.support.seat import Seat
from tests.tickets.test_canned import canned
from tests.tickets.test_categories import deed, line, plant
from tests.tickets.test_tags import tag_id, tagged


@pytest.fixture
def mai(world):
    """A manager who reads English."""
    seat = Seat(world, "Mai")
    seat.client.set_cookie("lang", "en")
    return seat


def listed(answer):
    return [link.text for link in read(answer).all("a", class_="settings-link")]


def test_CAT_001_the_index_shows_what_the_role_may_open(world, mai):
    sections = [
        "Stores and forms",
        "Agents",
        "Teams",
        "Skills",
        "Categories",
        "Requests",
        "Tags",
        "Calendars",
        "SLA policies",
        "Escalation ladder",
        "Assignment rules",
        "Mails",
        "Notifications",
        "Canned replies",
        "Macros",
        "Users",
        "History of the settings",
        "First steps",
        "Health",
    ]
    assert listed(mai.get("/settings"))[-len(sections) :] == sections  # below what is still to be done
    assert listed(Seat(world, "Gus").get("/settings")) == ["Canned replies", "Macros"]
    for path in ("/settings/categories", "/settings/tags", "/settings/categories/new"):
        assert Seat(world, "Gus").get(path).status_code == 403
    assert 'href="/settings"' in Seat(world, "Gus").get("/queue").text


def test_CAT_001_a_category_is_made_below_another(world, mai):
    top = plant(world, "top")
    page = mai.get(f"/settings/categories/{top}")
    assert f"/settings/categories/new?parent={top}" in page.text
    sent = form(mai.get(f"/settings/categories/new?parent={top}"), "/settings/categories")
    assert sent.fields["parent"] == str(top)
    answer = sent.send(mai.client, name_vi="Giao trễ", default_priority="HIGH")
    assert answer.status_code == 303
    with world.inside():
        made = world.one(Category, name_vi="Giao trễ")
        assert (made.parent_id, made.default_priority, made.is_on_form) == (top, "HIGH", True)
    text = mai.get(answer.headers["Location"]).text
    assert "English missing" in text
    assert "is-saved" in text


def test_CAT_002_the_editor_says_what_is_inherited_and_from_where(world, mai):
    top = plant(world, "Delivery first", default_priority="HIGH")
    low = plant(world, "low", under=top)
    page = read(mai.get(f"/settings/categories/{low}"))
    first = next(next(page.all("select", name="default_priority")).all("option"))
    assert (first["value"], first.text) == ("", "High (from “Delivery first”)")
    assert next(next(page.all("select", name="group_id")).all("option")).text == "Not set"


def test_CAT_002_everything_that_a_category_carries_is_saved(world, mai):
    with world.inside():
        skill, group = Skill(name_en="Repairs", name_vi="Sửa"), Group(name_en="Care", name_vi="")
        db.session.add_all([skill, group])
        db.session.flush()
        skill_id, group_id, shop = skill.id, group.id, world.one(Merchant, prefix="BETA").id
    top = plant(world, "top")
    sent = form(mai.get(f"/settings/categories/{top}"), f"/settings/categories/{top}")
    answer = sent.send(
        mai.client, group_id=str(group_id), required_skills=f"{skill_id}:3", merchant_ids=[str(shop)], is_on_form=[],
    )  # fmt: skip
    assert answer.status_code == 303
    with world.inside():
        row = world.one(Category, id=top)
        assert (row.group_id, row.merchant_ids, row.is_on_form) == (group_id, [shop], False)
        assert row.required_skills == [{"skill": skill_id, "level": 3}]


def test_CAT_001_an_outdated_editor_gets_both_values_field_by_field(world, mai):
    top = plant(world, "top")
    sent = form(mai.get(f"/settings/categories/{top}"), f"/settings/categories/{top}")
    deed(world, top, lambda one, ada: one.change({"name_en": "theirs", "default_priority": "LOW"}, by=ada))
    answer = sent.send(mai.client, name_en="mine")
    assert answer.status_code == 409
    rows = [[cell.text for cell in row.all() if cell.tag in ("th", "td")] for row in read(answer).all("tr")]
    assert ["Name in English", "mine", "theirs"] in rows
    assert ["Default priority", "–", "Low"] in rows
    assert len(rows) == 3
    again = form(answer, f"/settings/categories/{top}")
    assert again.fields["name_en"] == "mine"  # nothing typed is lost, and sent again it stands
    assert again.send(mai.client).status_code == 303
    assert line(world, top) == ["mine"]


def test_CAT_001_an_editor_that_changes_nothing_is_not_outdated(world, mai):
    top = plant(world, "top")
    plant(world, "other")
    sent = form(mai.get(f"/settings/categories/{top}"), f"/settings/categories/{top}")
    assert mai.post(f"/settings/categories/{top}/position", direction="down").status_code == 303
    assert sent.send(mai.client, name_en="new").status_code == 303


def test_CAT_001_a_branch_is_moved_and_an_impossible_move_says_why(world, mai):
    top, other = plant(world, "top"), plant(world, "other")
    low = plant(world, "low", under=top)
    offered = next(read(mai.get(f"/settings/categories/{top}")).all("select", id="move-parent"))
    assert [option.text for option in offered.all("option")][1:] == ["Delivery", "Payment", "other"]
    refused = mai.post(f"/settings/categories/{top}/parent", parent=str(low))
    assert refused.status_code == 409
    assert "cannot be moved into itself" in refused.text
    for odd in ("99999", "x", "9" * 30, "٣", "⑦"):
        assert mai.post(f"/settings/categories/{top}/parent", parent=odd).status_code == 422, odd
    assert mai.post(f"/settings/categories/{top}/parent", parent=str(other)).status_code == 303
    assert line(world, low) == ["other", "top", "low"]


def test_CAT_005_archiving_says_who_uses_it_and_is_taken_back(world, mai):
    top = plant(world, "top")
    low = plant(world, "low", under=top)
    for _ in range(2):
        world.ticket(category_id=low)
    page = mai.get(f"/settings/categories/{top}")
    assert "2 tickets have it and keep it. The category below it is archived with it." in page.text
    assert form(page, "/archival").send(mai.client).status_code == 303
    assert listed(mai.get("/settings/categories")) == ["Delivery", "Payment"]
    assert "Show 2 archived categories" in mai.get("/settings/categories").text
    assert listed(mai.get("/settings/categories?archived"))[-2:] == ["top", "low"]
    assert mai.post(f"/settings/categories/{low}/restoration").status_code == 409
    assert form(mai.get(f"/settings/categories/{top}"), "/restoration").send(mai.client).status_code == 303
    assert listed(mai.get("/settings/categories"))[-2:] == ["top", "low"]


@pytest.mark.parametrize("field,sent", [
    ("name_en", ""), ("name_en", " \x00\u202e "), ("name_en", "x" * 201), ("name_en", "x" * 1_000_000),
    ("default_priority", "URGENT"), ("group_id", "99999"), ("policy_id", "x"), ("parent", "9" * 30),
    ("merchant_ids", "99999"), ("required_skills", "1:9"), ("required_skills", "x"),
])  # fmt: skip
def test_CAT_001_what_a_category_cannot_be_comes_back_with_what_was_typed(world, mai, field, sent):
    good = {"name_en": "Fine", "name_vi": "", "is_on_form": "y"}
    answer = mai.post("/settings/categories", **(good | {field: sent}))
    assert answer.status_code in (413, 422)
    if field != "name_en":
        assert form(answer, "/settings/categories").fields["name_en"] == "Fine"
    with world.inside():
        assert world.count(Category) == 2


def test_CAT_001_another_organizers_things_cannot_be_chosen(world, mai):
    with world.inside("globex"):
        group = Group(name_en="Theirs", name_vi="")
        db.session.add(group)
        db.session.flush()
        theirs = {
            "group_id": group.id,
            "merchant_ids": world.one(Merchant).id,
            "parent": world.one(Category).id,
        }
    for field, id_ in theirs.items():
        answer = mai.post("/settings/categories", name_en="x", **{field: str(id_)})
        assert answer.status_code == 422, field


def test_CAT_003_the_list_of_tags_counts_and_finds(world, mai):
    tagged(world, "late, gift", "late")
    page = mai.get("/settings/tags")
    assert listed(page) == ["gift", "late"]
    facts = [fact.text for fact in read(page).all("p", class_="settings-facts")]
    assert facts == ["1 ticket", "2 tickets"]
    assert listed(mai.get("/settings/tags?q=LA")) == ["late"]
    assert "No tag is called like that" in mai.get("/settings/tags?q=%25").text


def test_CAT_003_an_outdated_rename_gets_both_names(world, mai):
    tagged(world, "late")
    path = f"/settings/tags/{tag_id(world, 'late')}"
    sent = form(mai.get(path), path)
    assert mai.post(path, name="delayed").status_code == 303
    answer = sent.send(mai.client, name="slow")
    assert answer.status_code == 409
    assert "delayed" in next(read(answer).all("td", class_="clash-text")).parent.text
    assert form(answer, path).send(mai.client).status_code == 303
    with world.inside():
        assert world.one(Tag).name == "slow"


def test_MSG_008_an_outdated_editor_gets_both_texts(world, mai):
    path = f"/settings/canned/{canned(world)}"
    gus = Seat(world, "Gus")
    sent = form(gus.get(path), path)
    assert form(mai.get(path), path).send(mai.client, body_en="Theirs").status_code == 303
    answer = sent.send(gus.client, body_en="Mine")
    assert answer.status_code == 409
    assert form(answer, path).fields["body_en"] == "Mine"
    assert "Theirs" in answer.text


def test_MSG_008_the_editor_lists_the_placeholders_in_both_languages(world, mai):
    english = mai.get("/settings/canned/new").text
    assert "{{order_id}}" in english
    assert "The order number, where one is known" in english
    mai.client.set_cookie("lang", "vi")
    assert "Mã đơn hàng" in mai.get("/settings/canned/new").text


def test_MSG_008_archiving_and_restoring(world, mai):
    path = f"/settings/canned/{canned(world)}"
    assert form(mai.get(path), "/archival").send(mai.client).status_code == 303
    assert "Archived" in mai.get("/settings/canned").text
    assert form(mai.get(path), "/restoration").send(mai.client).status_code == 303
    with world.inside():
        names = db.session.scalars(
            select(Event.name).where(Event.name.like("canned.%")).order_by(Event.id)
        ).all()
        assert names == ["canned.created", "canned.archived", "canned.restored"]


@pytest.mark.parametrize("path", ["categories", "tags", "canned"])
def test_CAT_003_every_page_reads_in_vietnamese_too(world, mai, path):
    tagged(world, "late")
    canned(world)
    mai.client.set_cookie("lang", "vi")
    page = mai.get(f"/settings/{path}")
    assert next(read(page).all("html"))["lang"] == "vi"
    for link in read(page).all("a", class_="settings-link"):
        assert mai.get(link["href"]).status_code == 200
