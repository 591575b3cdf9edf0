"""AGT-001, M10: the way back from being assignable: no more work, tickets seen to, and all of it kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from helpdesk.agents.agent import Agent
from helpdesk.agents.agent_skill import AgentSkill
from helpdesk.agents.skill import Skill
from helpdesk.assignment.backlog import Backlog
from helpdesk.assignment.load_check import LoadCheck
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.errors import NotAllowed, Refusal
from helpdesk.core.events import Event
from helpdesk.core.i18n import speaking
from helpdesk.core.pages import sentence
from helpdesk.notifications.bell import Header
from helpdesk.office.alteration import Alteration, Names
from helpdesk.office.handover import Handover
from helpdesk.organizers.merchant import Merchant
from helpdesk.organizers.organizer import Organizer
from helpdesk.reports.scope import Scope
from helpdesk.tickets.lifecycle import LOADS, Status
from helpdesk.tickets.macro import Macro
from helpdesk.tickets.ticket import Ticket
from tests.office.test_users import given, id_of
from tests.support.databases import both_databases
from tests.support.page import form, read
from tests.support.seat import Seat

WEEK = {"mon": [["09:00", "17:00"]]}


@pytest.fixture
def mai(world) -> Seat:
    """A manager who reads English."""
    seat = Seat(world, "Mai")
    seat.client.set_cookie("lang", "en")
    return seat


def relieve(world, name: str = "Gus", how: str = "queue", colleague: str = "", by: str = "Mai") -> None:
    """What the page does."""
    with world.inside():
        Organizer.lock()
        to = world.user(colleague).id if colleague else None
        Handover(world.user(name)).relieve(how, to, by=world.user(by))


def page_of(world, name: str = "Gus") -> str:
    return f"/settings/agents/{id_of(world, name)}"


@both_databases
@pytest.mark.parametrize(("how", "owner", "status"), [
    ("keep", "Gus", "ASSIGNED"), ("queue", None, "OPEN"), ("colleague", "Linh", "ASSIGNED"),
])  # fmt: skip
def test_M10_who_gives_no_more_work_says_what_becomes_of_the_tickets(how, owner, status, world):
    number, gus, page = given(world), world.sign_in("Gus"), page_of(world)
    client = world.sign_in("Mai")
    colleague = str(id_of(world, "Linh")) if how == "colleague" else ""
    answer = form(client.get(f"{page}/relief"), f"{page}/relief").send(
        client, tickets=how, colleague=colleague
    )
    assert answer.status_code == 303
    with world.inside():
        ticket = Ticket.for_deed(number)
        assert (ticket.assignee.name if ticket.assignee else None, ticket.status) == (owner, status)
        held = list(db.session.scalars(select(Ticket.assignee_id).where(Ticket.status.in_(LOADS))))
        for one in db.session.scalars(select(Agent)):
            assert one.load == held.count(one.user_id), one.user.name
        assert world.user("Gus").is_active
    assert gus.get("/queue").status_code == 200, "his account goes on"
    assert client.get(page).status_code == 404, "he has no page among the agents any more"


def test_M10_a_form_that_says_nothing_possible_changes_nothing(world, mai):
    number, page = given(world), page_of(world)
    for values in ({"tickets": "burn"}, {"tickets": "colleague", "colleague": ""},
                   {"tickets": "colleague", "colleague": "99999"}):  # fmt: skip
        assert mai.post(f"{page}/relief", **values).status_code == 422
    with world.inside():
        world.user("Linh").work_only_for([world.one(Merchant, prefix="BETA").id])
        linh, both = world.user("Linh").id, Ticket.for_deed(number).merchant_id
        assert both != world.one(Merchant, prefix="BETA").id
    assert mai.post(f"{page}/relief", tickets="colleague", colleague=str(linh)).status_code == 422
    with world.inside():
        assert Agent.of(world.user("Gus").id)
        assert Ticket.for_deed(number).assignee.name == "Gus"


def test_AGT_007_no_rule_gives_anything_to_who_is_relieved(world):
    with world.inside():
        everybody = db.session.scalars(select(Agent).where(Agent.user_id != world.user("Gus").id))
        for one in everybody:
            one.cap = 0  # he alone could have it
    relieve(world)
    number = world.ticket()
    world.work_off()
    with world.inside():
        assert Ticket.for_deed(number).assignee is None
        assert not Agent.take(world.user("Gus").id, within_cap=True)
        assert world.user("Gus").id not in set(db.session.scalars(Backlog._able()))


def test_TKT_005_nobody_gives_anything_by_hand_to_who_is_relieved(world, mai):
    number = world.ticket()
    relieve(world)
    gus = id_of(world, "Gus")
    with world.inside():
        name = Ticket.for_deed(number).number
    [people] = read(mai.get(f"/tickets/{name}")).all("select", name="agent")
    offered = {one["value"] for one in people.all("option")}
    assert str(id_of(world, "Linh")) in offered
    assert str(gus) not in offered
    answer = mai.post(f"/tickets/{name}/assignment", agent=str(gus))
    assert (answer.status_code, "Gus cannot be given tickets." in answer.text) == (409, True)
    with world.inside():
        assert Ticket.for_deed(number).assignee is None


def test_TKT_004_who_is_relieved_still_takes_what_he_answers(world):
    number = world.ticket()
    relieve(world)
    with world.inside():
        Ticket.for_deed(number).reply("I look into it.", by=world.user("Gus"))
    with world.inside():
        assert Ticket.for_deed(number).assignee.name == "Gus"
        assert Agent.kept(world.user("Gus").id).load == 1


def test_TKT_009_a_reopened_ticket_of_who_is_relieved_is_routed_again(world):
    number = given(world)
    with world.inside():
        Ticket.for_deed(number).resolve(by=world.user("Gus"), note_en="Done.", note_vi="Xong.")
    relieve(world)
    with world.inside():
        ticket = Ticket.for_deed(number)
        ticket.hear("It is not.", by=ticket.customer)
        assert (ticket.status, ticket.assignee) == (Status.OPEN, None)


def test_AGT_001_who_is_relieved_leaves_every_list_of_who_can_be_chosen(world, mai):
    relieve(world)
    gus = id_of(world, "Gus")
    with world.inside():
        linh, boss = Agent.of(world.user("Linh").id), world.user("Mai")
        shop = world.one(Merchant, prefix="ACME").id
        assert gus not in [row.id for row in db.session.execute(Agent.stand_ins_for(linh.user_id))]
        assert gus not in [user.id for user in Agent.able_for(shop)]
        assert gus not in [user.id for user in Handover(linh.user).colleagues()]
        assert gus not in [user.id for user in Scope.asked(boss, {}).agents()]
        assert Header.of(world.user("Gus")).profile is None
    row = next(one for one in read(mai.get("/settings/agents")).all("li") if "Gus" in one.text)
    assert "no work since" in row.text
    assert f"/settings/agents/{gus}" not in mai.get("/settings/search?q=gus").text
    [bulk] = read(mai.get("/queue/all")).all("select", id="bulk-assign")
    assert str(gus) not in [one["value"] for one in bulk.all("option")]


def test_AGT_001_made_assignable_again_he_has_what_he_had(world, mai):
    with world.inside():
        boss, skill = (
            world.user("Mai"),
            Skill.create({"name_en": "Repairs", "name_vi": ""}, by=world.user("Mai")),
        )
        gus = Agent.of(world.user("Gus").id, lock=True)
        gus.change({"schedule": WEEK, "skills": {skill.id: 4}, "cap": 3}, by=boss)
        before, skill_id = gus.values, skill.id
    relieve(world)
    assert (
        form(mai.get("/settings/agents"), f"/{id_of(world, 'Gus')}/profile").send(mai.client).status_code
        == 303
    )
    with world.inside():
        gus = Agent.of(world.user("Gus").id)
        assert gus.values == before
        assert AgentSkill.levels_of(gus.user_id) == {skill_id: 4}
        assert gus.is_on_shift == gus.shift.is_on(clock.now())
    assert mai.get(page_of(world)).status_code == 200


def test_AGT_002_nothing_is_due_for_who_is_relieved_and_again_for_who_is_back(world):
    with world.inside():
        gus = Agent.of(world.user("Gus").id, lock=True)
        gus.choose("busy", by=gus.user, until=clock.now() + timedelta(minutes=5))
    relieve(world)
    clock.travel(600)
    with world.inside():
        Agent.settle_due()
        assert Agent.kept(world.user("Gus").id).availability == "busy", "nobody looks at him"
        assert Agent.make(world.user("Gus"), by=world.user("Mai")).availability == "online"


def test_M12_both_ways_are_told_once_and_say_old_and_new(world):
    relieve(world)
    with world.inside():
        gus = world.user("Gus")
        Agent.kept(gus.id, lock=True).relieve(by=world.user("Mai"))
        Agent.make(gus, by=world.user("Ada"))
        Agent.make(gus, by=world.user("Ada"))
        events = list(
            db.session.scalars(select(Event).where(Event.name == "agent.changed").order_by(Event.id))
        )
        said = []
        for code in ("en", "vi"):
            with world.app.test_request_context(), speaking(code):
                said.append([sentence(event) for event in events])
                told = [[(one.old, one.new) for one in Alteration.all_of(event, Names())] for event in events]
    assert said[0] == ["Mai made Gus no longer assignable.", "Ada made Gus assignable."]
    assert said[1] == ["Mai đã ngừng phân công phiếu cho Gus.", "Ada đã cho phép phân công phiếu cho Gus."]
    assert told == [[("Có", "Không")], [("Không", "Có")]]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(("name", "code"), [("Gus", 403), ("Linh", 403), ("Gil", 404)])
def test_Q_1_only_managers_of_his_organizer_relieve_him(name, code, method, world):
    page, world.app.config["WTF_CSRF_ENABLED"] = f"{page_of(world)}/relief", False
    if name == "Gil":  # make him his organizer's manager
        with world.inside("globex"):
            world.user("Gil").role = "manager"
    client = world.sign_in(name)
    client.looks = False
    answer = client.get(page) if method == "get" else client.post(page, data={"tickets": "keep"})
    assert answer.status_code == code
    with world.inside():
        assert Agent.of(world.user("Gus").id)


def test_AGT_001_an_agent_does_not_relieve_anybody_in_the_code_either(world):
    with world.inside(), pytest.raises(NotAllowed):
        Agent.of(world.user("Gus").id, lock=True).relieve(by=world.user("Gus"))


def test_AGT_010_a_load_is_put_right_for_who_is_relieved_too(world):
    given(world)
    relieve(world, how="keep")
    with world.inside():
        Agent.kept(world.user("Gus").id).load = 7
    with world.inside():
        assert LoadCheck.run() == 1
        assert Agent.kept(world.user("Gus").id).load == 1


def test_M10_a_colleague_who_cannot_have_them_is_refused_and_nothing_is_done(world):
    number = given(world)
    with world.inside():
        world.user("Linh").work_only_for([world.one(Merchant, prefix="BETA").id])
    with pytest.raises(Refusal, match="Linh"):
        relieve(world, how="colleague", colleague="Linh")
    with world.inside():
        assert Ticket.for_deed(number).assignee.name == "Gus"
        assert Agent.of(world.user("Gus").id)


def test_UX_M8_macros_give_nothing_new_to_who_is_relieved_and_keep_what_they_had(world, mai):
    gus, linh = id_of(world, "Gus"), id_of(world, "Linh")
    with world.inside():
        steps = {"name_en": "Hand on", "name_vi": "", "deeds": [{"kind": "assign", "value": str(gus)}]}
        macro_id = Macro.create(steps, by=world.user("Mai"), owner_id=None, group_id=None).id
    relieve(world)
    text, page = mai.get("/settings/macros/new").text, f"/settings/macros/{macro_id}"
    assert f'value="assign|{linh}"' in text
    assert f'value="assign|{gus}"' not in text
    answer = mai.get(page)
    [first] = read(answer).all("select", id="step-1")
    chosen = [one["value"] for one in first.all("option") if "selected" in one.attributes]
    assert chosen == [f"assign|{gus}"], "who edits it sees it"
    typed = {"name_en": "Renamed", "step": [f"assign|{gus}"], "words": [""]}
    assert form(answer, page).send(mai.client, **typed).status_code == 303
    with world.inside():
        assert [deed.value for deed in world.one(Macro, id=macro_id).ordered] == [str(gus)]
