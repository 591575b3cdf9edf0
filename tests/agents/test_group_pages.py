"""AGT-003, AGT-004: the settings pages of teams and skills."""

from __future__ import annotations

import pytest

from helpdesk.agents.agent import Agent
from helpdesk.agents.group import Group
from helpdesk.agents.skill import Skill
from helpdesk.tickets.category import Category
from tests.agents.test_profiles import group, skill
from tests.support.page import form, read
from tests.support.seat import Seat

KINDS = {"groups": Group, "skills": Skill}


@pytest.fixture
def mai(world):
    """A manager who reads English."""
    seat = Seat(world, "Mai")
    seat.client.set_cookie("lang", "en")
    return seat


def made(world, kind, *names, **more):
    with world.inside():
        return (group(world, *names, **more) if kind == "groups" else skill(world)).id


def test_AGT_004_a_team_is_made_with_members_and_lead(world, mai):
    assert "No teams yet" in mai.get("/settings/groups").text
    with world.inside():
        gus, linh = str(world.user("Gus").id), str(world.user("Linh").id)
    sent = form(mai.get("/settings/groups/new"), "/settings/groups")
    assert sent.send(mai.client, name_vi="Giao hàng", member_ids=[gus, linh], lead_id=linh).status_code == 303
    words = read(mai.get("/settings/groups")).text
    for said in ("Giao hàng", "2 members", "led by Linh", "English missing"):
        assert said in words
    with world.inside():
        row = world.one(Group, name_vi="Giao hàng")
        assert (row.values["member_ids"], row.lead_id) == ([int(gus), int(linh)], int(linh))


def test_AGT_004_the_lead_is_one_of_the_members(world, mai):
    with world.inside():
        gus = str(world.user("Gus").id)
    answer = mai.post("/settings/groups", name_en="Care", member_ids=[], lead_id=gus)
    assert answer.status_code == 422
    assert "The lead is one of the members" in answer.text
    assert form(answer, "/settings/groups").fields["lead_id"] == gus


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sent", [{"name_en": ""}, {"name_en": " \u202e"}, {"name_en": "x" * 201}])
def test_AGT_004_a_name_is_needed(world, mai, kind, sent):
    assert mai.post(f"/settings/{kind}", **sent).status_code == 422
    with world.inside():
        assert world.count(KINDS[kind]) == 0


def test_Q_1_nobody_of_another_organizer_becomes_a_member(world, mai):
    with world.inside("globex"):
        gil = str(world.user("Gil").id)
    for odd in (gil, "x", "9" * 30, "-1"):
        answer = mai.post("/settings/groups", name_en="Care", member_ids=[odd])
        assert answer.status_code == 422
        assert form(answer, "/settings/groups").fields["name_en"] == "Care"


@pytest.mark.parametrize("kind", KINDS)
def test_AGT_004_an_outdated_editor_gets_both_values(world, mai, kind):
    path = f"/settings/{kind}/{made(world, kind)}"
    mine = form(mai.get(path), path)
    ada = Seat(world, "Ada")
    assert form(ada.get(path), path).send(ada.client, name_en="theirs").status_code == 303
    answer = mine.send(mai.client, name_en="mine")
    assert answer.status_code == 409
    rows = [[cell.text for cell in line.all() if cell.tag in ("th", "td")] for line in read(answer).all("tr")]
    assert ["Name in English", "mine", "theirs"] in rows
    assert form(answer, path).send(mai.client).status_code == 303
    with world.inside():
        assert world.one(KINDS[kind]).name_en == "mine"


def test_AGT_004_a_team_that_was_changed_from_an_agents_page_is_another_state(world, mai):
    id_ = made(world, "groups", "Linh")
    path = f"/settings/groups/{id_}"
    mine = form(mai.get(path), path)
    with world.inside():
        Agent.of(world.user("Gus").id, lock=True).change({"groups": [id_]}, by=world.user("Mai"))
    answer = mine.send(mai.client, name_vi="Chăm sóc")
    assert answer.status_code == 409
    rows = [[cell.text for cell in line.all() if cell.tag in ("th", "td")] for line in read(answer).all("tr")]
    assert ["Members", "Linh", "Gus, Linh"] in rows


@pytest.mark.parametrize("kind", KINDS)
def test_AGT_004_archiving_says_who_uses_it_and_is_taken_back(world, mai, kind):
    id_ = made(world, kind)
    path = f"/settings/{kind}/{id_}"
    with world.inside():
        uses = {"group_id": id_} if kind == "groups" else {"required_skills": [{"skill": id_, "level": 2}]}
        Category.create({"name_en": "Uses it", "name_vi": ""} | uses, by=world.user("Mai"))
    assert ": Uses it." in mai.get(path).text
    assert form(mai.get(path), "/archival").send(mai.client).status_code == 303
    assert path not in mai.get(f"/settings/{kind}").text
    assert f"Show 1 archived {kind[:-1].replace('group', 'team')}" in mai.get(f"/settings/{kind}").text
    assert path in mai.get(f"/settings/{kind}?archived").text
    assert form(mai.get(path), "/restoration").send(mai.client).status_code == 303
    assert path in mai.get(f"/settings/{kind}").text


def test_AGT_003_a_skill_says_who_has_it(world, mai):
    id_ = made(world, "skills")
    assert "nobody has it" in mai.get("/settings/skills").text
    with world.inside():
        Agent.of(world.user("Gus").id, lock=True).change({"skills": {id_: 4}}, by=world.user("Mai"))
    assert "1 agent has it" in mai.get("/settings/skills").text
    assert "Gus · level 4" in read(mai.get(f"/settings/skills/{id_}")).text


@pytest.mark.parametrize("kind", KINDS)
def test_AGT_004_agents_do_not_come_in(world, kind):
    id_, seat = made(world, kind), Seat(world, "Gus")
    for path in (f"/settings/{kind}", f"/settings/{kind}/new", f"/settings/{kind}/{id_}"):
        assert seat.get(path).status_code == 403
    for path in ("", f"/{id_}", f"/{id_}/archival", f"/{id_}/restoration"):
        assert seat.post(f"/settings/{kind}{path}", name_en="x").status_code == 403


@pytest.mark.parametrize("kind", KINDS)
def test_AGT_004_a_name_is_given_once_and_a_form_sent_twice_makes_one(world, mai, kind):
    assert mai.post(f"/settings/{kind}", name_en="Engines", name_vi="Động cơ").status_code == 303
    for again in ({"name_en": "Engines"}, {"name_en": "ENGINES"}, {"name_vi": "động cơ"}):
        answer = mai.post(f"/settings/{kind}", **again)
        assert answer.status_code == 409
        assert f"There is one called “{next(iter(again.values()))}” already" in answer.text
    in_the_other_language = mai.post(f"/settings/{kind}", name_en="Động cơ")
    assert in_the_other_language.status_code == 303, "that is another name"
    with world.inside():
        first = world.one(KINDS[kind], name_en="Engines").id
        other = world.one(KINDS[kind], name_en="Động cơ").id
    assert mai.post(f"/settings/{kind}/{other}", name_en="engines").status_code == 409
    assert mai.post(f"/settings/{kind}/{first}", name_en="ENGINES", name_vi="Động cơ").status_code == 303
    mai.post(f"/settings/{kind}/{first}/archival")
    assert mai.post(f"/settings/{kind}", name_en="Engines").status_code == 303  # nobody sees the archived one
    assert mai.post(f"/settings/{kind}/{first}/restoration").status_code == 409, "its name is another's now"
