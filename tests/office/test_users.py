"""Users and roles: invited, changed, deactivated, let in again, by those who may (M10, Q-2)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from helpdesk.accounts.account_link import AccountLink
from helpdesk.accounts.employment import Employment
from helpdesk.accounts.user import User
from helpdesk.core.db import db
from helpdesk.core.errors import NotAllowed, Refusal
from helpdesk.core.tenancy import inside
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.ticket import Ticket
from tests.support.databases import both_databases
from tests.support.page import form, read
from tests.support.world import PASSWORD, World

NEW = {"name": "Nguyễn Thị Hoa", "email": "Hoa@Acme.example", "language": "vi", "role": "agent"}
ODD = ["", " ", "\x00", "x" * 300, "\u202e", "a\ud800"]


def id_of(world, name: str) -> int:
    with world.inside():
        return world.user(name).id


def store(world, prefix: str = "ACME") -> str:
    with world.inside():
        return str(world.one(Merchant, prefix=prefix).id)


def invite(world, by: str = "Mai", **values: str):
    client = world.sign_in(by)
    sent = NEW | {"merchant_ids": store(world)} | values
    return form(client.get("/settings/users/new"), "/settings/users").send(client, **sent)


def state(world, name: str) -> str:
    with world.inside():
        return Employment(world.user(name)).state


def post(world, by: str, name: str, deed: str, **values: str):
    client = world.sign_in(by)
    return form(client.get(f"/settings/users/{id_of(world, name)}"), f"/{deed}").send(client, **values)


@both_databases
def test_M10_a_manager_invites_an_agent_who_has_nothing_to_sign_in_with_yet(world):
    answer = invite(world)
    assert answer.status_code == 303
    acme = store(world)
    with world.inside():
        hoa = world.one(User, email="hoa@acme.example")
        assert (hoa.name, hoa.language, hoa.role, hoa.is_active) == (NEW["name"], "vi", "agent", False)
        assert [str(id_) for id_ in Employment(hoa).values()["merchant_ids"]] == [acme]
    assert state(world, NEW["name"]) == "invited"
    page = world.sign_in("Mai").get("/settings/users?state=invited").text
    assert NEW["name"] in page


@pytest.mark.parametrize("email", ["gus@acme.example", "GUS@acme.example", "gil@globex.example"])
def test_M10_an_address_belongs_to_one_user(email, world):
    answer = invite(world, email=email)
    assert answer.status_code == 409
    assert "Gil" not in answer.text, "nothing is told about another organizer's people"
    assert NEW["name"] in answer.text, "what was typed stays"


@pytest.mark.parametrize("field", ["name", "email"])
@pytest.mark.parametrize("value", ODD)
def test_M10_bad_input_is_refused_with_a_sentence(field, value, world):
    client = world.sign_in("Ada")
    token = form(client.get("/settings/users/new"), "/settings/users").fields["csrf_token"]
    sent = {**NEW, "csrf_token": token, field: value.encode("utf-8", "replace")}
    answer = client.post("/settings/users", data=sent)
    with world.inside():
        made = db.session.scalars(select(User).where(User.email == "hoa@acme.example")).all()
    is_name = (field, value) == ("name", "a\ud800")  # a broken letter alone leaves the rest of a name
    assert (answer.status_code, len(made)) == ((303, 1) if is_name else (422, 0))


@pytest.mark.parametrize("merchant", ["99999", "x", "9" * 30])
def test_M10_a_store_of_others_is_none(merchant, world):
    assert invite(world, merchant_ids=merchant).status_code == 422


@pytest.mark.parametrize("role", ["manager", "admin", "owner"])
def test_M10_managers_give_no_roles(role, world):
    answer = invite(world, role=role)
    assert answer.status_code == 422
    with world.inside(), pytest.raises(NotAllowed):
        Employment.invite(NEW | {"role": "admin", "merchant_ids": []}, by=world.user("Mai"))


def test_M10_an_admin_invites_another_one(world):
    assert invite(world, "Ada", role="admin").status_code == 303


def test_M10_an_invitation_is_withdrawn_and_sent_again(world):
    invite(world)
    assert post(world, "Mai", NEW["name"], "withdrawal").status_code == 303
    assert state(world, NEW["name"]) == "expired"
    assert post(world, "Mai", NEW["name"], "invitation").status_code == 303
    assert state(world, NEW["name"]) == "invited"
    with world.inside():
        links = db.session.scalars(select(AccountLink).order_by(AccountLink.id)).all()
        assert [link.is_live for link in links] == [False, True]


@pytest.mark.parametrize("name", ["Ada", "Mai"])
@pytest.mark.parametrize("deed", ["", "/deactivation", "/reactivation", "/invitation", "/withdrawal"])
def test_M10_a_manager_changes_no_manager_and_no_admin(deed, name, app, world):
    app.config["WTF_CSRF_ENABLED"] = False
    with world.inside():
        values = Employment(world.user(name)).values()
    sent = {**values, "name": "Mallory", "tickets": "keep"}
    answer = world.sign_in("Mai").post(f"/settings/users/{id_of(world, name)}{deed}", data=sent)
    assert answer.status_code == 403
    assert state(world, name) == "active"


def test_M10_agents_stay_outside_and_nobody_but_admins_signs_others_out(app, world):
    app.config["WTF_CSRF_ENABLED"] = False
    gus = id_of(world, "Gus")
    assert world.sign_in("Gus").get("/settings/users").status_code == 403
    for deed in ("signing-out", "factor-reset"):
        assert world.sign_in("Mai").post(f"/settings/users/{gus}/{deed}").status_code == 403
        assert world.sign_in("Ada").post(f"/settings/users/{gus}/{deed}").status_code == 303


def test_M10_a_change_of_stores_counts_at_once_and_says_what_it_was(world):
    client, gus = world.sign_in("Mai"), id_of(world, "Gus")
    sheet = form(client.get(f"/settings/users/{gus}"), f"/settings/users/{gus}")
    assert sheet.send(client, name="Gus Holt", merchant_ids=store(world)).status_code == 303
    page = read(client.get("/settings/audit?kind=users"))
    assert [e.text for e in page.all("ins")][:2] == ["Gus Holt", "Acme Shop"]
    again = sheet.send(client, name="Gustav")
    assert again.status_code == 409, "made against an older state"
    assert "Gus Holt" in again.text
    assert "Gustav" in again.text


def test_M10_nobody_changes_his_own_role_or_deactivates_himself(world):
    with world.inside():
        ada, one = world.user("Ada"), Employment(world.user("Ada"))
        with pytest.raises(Refusal):
            one.change(one.values() | {"role": "agent"}, by=ada)
        with pytest.raises(Refusal):
            one.deactivate(by=ada)
        with pytest.raises(Refusal):
            one.reset_factor(by=ada)
    assert "/deactivation" not in world.sign_in("Ada").get(f"/settings/users/{id_of(world, 'Ada')}").text


def second_admin(world: World) -> None:
    with world.inside():
        User.create(name="Ava", email="ava@acme.example", password=PASSWORD, role="admin")


@both_databases
@pytest.mark.parametrize("deed", ["demote", "deactivate"])
def test_M10_of_two_admins_who_remove_each_other_at_once_one_stays(deed, world):
    second_admin(world)
    start = Barrier(2)

    def remove(by: str, whom: str) -> bool:
        with world.app.app_context():
            start.wait()
            try:
                with world.inside():
                    one = Employment.of(
                        db.session.scalars(select(User.id).where(User.name == whom)).one(), lock=True
                    )
                    if deed == "demote":
                        one.change(one.values() | {"role": "agent"}, by=world.user(by))
                    else:
                        one.deactivate(by=world.user(by))
            except Refusal:
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        done = [
            one.result() for one in [pool.submit(remove, "Ada", "Ava"), pool.submit(remove, "Ava", "Ada")]
        ]
    assert sorted(done) == [False, True]
    with world.inside():
        admins = db.session.scalars(select(User.name).where(User.role == "admin", User.is_active)).all()
        assert len(admins) == 1


def given(world, name: str = "Gus") -> int:
    number = world.ticket()
    with world.inside():
        Ticket.for_deed(number).assign_to(world.user(name), by=world.user("Mai"))
    return number


@both_databases
@pytest.mark.parametrize(("how", "owner", "status"), [
    ("keep", "Gus", "ASSIGNED"), ("queue", None, "OPEN"), ("colleague", "Linh", "ASSIGNED"),
])  # fmt: skip
def test_M10_who_deactivates_says_what_becomes_of_the_tickets(how, owner, status, world):
    number, gus = given(world), world.sign_in("Gus")
    colleague = str(id_of(world, "Linh")) if how == "colleague" else ""
    answer = post(world, "Mai", "Gus", "deactivation", tickets=how, colleague=colleague)
    assert answer.status_code == 303
    with world.inside():
        ticket = Ticket.for_deed(number)
        assert (ticket.assignee.name if ticket.assignee else None, ticket.status) == (owner, status)
    assert gus.get("/queue").status_code == 302, "his session has ended"
    assert state(world, "Gus") == "inactive"


def test_M10_what_is_not_possible_changes_nothing(world):
    number = given(world)
    for values in ({"tickets": "colleague", "colleague": ""}, {"tickets": "colleague", "colleague": "99999"},
                   {"tickets": "burn"}):  # fmt: skip
        assert post(world, "Mai", "Gus", "deactivation", **values).status_code == 422
    assert state(world, "Gus") == "active"
    with world.inside():
        assert Ticket.for_deed(number).assignee.name == "Gus"


def test_M10_who_is_let_in_again_has_what_he_had(world):
    post(world, "Mai", "Gus", "deactivation", tickets="keep")
    with world.app.app_context():
        assert User.authenticate("gus@acme.example", PASSWORD) is None
    assert post(world, "Mai", "Gus", "reactivation").status_code == 303
    with world.app.app_context():
        assert User.authenticate("gus@acme.example", PASSWORD) is not None


def test_M10_a_neighbours_people_are_not_there(world):
    with world.inside("globex"):
        gil = world.user("Gil").id
    assert world.sign_in("Ada").get(f"/settings/users/{gil}").status_code == 404
    with world.app.app_context(), inside(world.organizers["acme"]):
        assert Employment.of(gil) is None
    assert "Gil" not in world.sign_in("Ada").get("/settings/users").text
