"""The list of first steps leads from an empty desk to its first ticket, told by what is there."""

from __future__ import annotations

from helpdesk.accounts.user import User
from helpdesk.core.db import db
from helpdesk.core.tenancy import inside
from helpdesk.organizers.organizer import Organizer
from tests.support.page import form, read
from tests.support.world import PASSWORD, World


def steps(answer) -> dict[str, str]:
    return {row["data-step"]: row["data-done"] for row in read(answer).with_attribute("data-step")}


def fresh(world: World):
    """An organizer as `helpdesk organizer create` and `helpdesk user create` leave it; its admin's browser."""
    with world.app.app_context():
        row = Organizer(name="Fresh", slug="fresh")
        db.session.add(row)
        db.session.flush()
        world.organizers["fresh"] = row.id
        with inside(row.id):
            User.create(name="Fay", email="fay@fresh.example", password=PASSWORD, role="admin")
        db.session.commit()
    client = world.app.test_client()
    form(client.get("/login"), "/login").send(client, email="fay@fresh.example", password=PASSWORD)
    return client


def test_an_empty_desk_is_told_what_to_do_first(world):
    client = fresh(world)
    found = steps(client.get("/settings"))
    assert set(found.values()) == {"no"}
    for step in read(client.get("/settings/start")).with_attribute("data-step"):
        [link] = step.all("a")
        if link["href"] != "/settings/merchants":  # made elsewhere
            assert client.get(link["href"]).status_code in (200, 303, 409), link["href"]


def test_what_is_there_is_done_and_a_working_desk_is_left_in_peace(world):
    client = world.sign_in("Mai")
    before = steps(client.get("/settings"))
    assert before["merchant"] == before["form"] == before["assignable"] == before["agents"] == "yes"
    assert before["ticket"] == "no"
    world.ticket()
    assert steps(client.get("/settings")) == {}
    assert steps(client.get("/settings/start"))["ticket"] == "yes", "it comes back when it is asked for"


def test_it_is_put_away_and_taken_out_again(world):
    client = world.sign_in("Mai")
    form(client.get("/settings/start"), "/settings/start").send(client)
    assert steps(client.get("/settings")) == {}
    form(client.get("/settings/start"), "/settings/start").send(client)
    assert steps(client.get("/settings"))


def test_agents_see_no_steps(world):
    assert steps(world.sign_in("Gus").get("/settings")) == {}
    assert world.sign_in("Gus").get("/settings/start").status_code == 403
