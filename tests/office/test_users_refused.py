"""What is refused of users, whoever asks: nobody locks himself out, and nobody reaches a neighbour's people (M10)."""

from __future__ import annotations

import pytest

from helpdesk.accounts.employment import Employment
from helpdesk.core.errors import Refusal
from helpdesk.tickets.ticket import Ticket
from tests.office.test_users import NEW, given, id_of, invite, second_admin, state
from tests.support.seat import Seat


@pytest.mark.parametrize(("deed", "values", "status"), [
    ("", {"role": "agent", "name": "Ada"}, 422), ("/deactivation", {"tickets": "keep"}, 409),
    ("/reactivation", {}, 303), ("/factor-reset", {}, 409), ("/invitation", {}, 409), ("/withdrawal", {}, 303),
])  # fmt: skip
def test_M10_nothing_that_an_admin_sends_for_himself_locks_him_out(deed, values, status, world):
    ada, seat = id_of(world, "Ada"), Seat(world, "Ada")
    assert seat.post(f"/settings/users/{ada}{deed}", **values).status_code == status
    assert seat.get("/settings/users").status_code == 200, "still signed in, and still what he was"
    with world.inside():
        user = world.user("Ada")
        assert (user.role, user.is_active, user.version) == ("admin", True, 1)


@pytest.mark.parametrize("deed", ["demote", "deactivate"])
def test_M10_the_last_admin_stays_one_whoever_asks(deed, world):
    """Another admin who has just been deactivated himself, say: his request was on its way."""
    second_admin(world)
    with world.inside():
        ava, one = world.user("Ava"), Employment(world.user("Ada"))
        ava.is_active = False
        with pytest.raises(Refusal, match="Ada"):
            if deed == "demote":
                one.change(one.values() | {"role": "manager"}, by=ava)
            else:
                one.deactivate(by=ava)
        assert (one.user.role, one.user.is_active) == ("admin", True)


def test_M10_a_managers_role_and_work_may_end(world):
    """Only the last administrator has to stay: an admin does everything that a manager does."""
    ada, mai = Seat(world, "Ada"), id_of(world, "Mai")
    assert ada.post(f"/settings/users/{mai}", name="Mai", language="vi", role="agent").status_code == 303
    assert world.sign_in("Mai").get("/settings/users").status_code == 403
    assert ada.post(f"/settings/users/{mai}/deactivation", tickets="keep").status_code == 303
    assert state(world, "Mai") == "inactive"


def test_M10_whom_an_invitation_has_not_reached_is_not_reactivated(world):
    invite(world)
    hoa = id_of(world, NEW["name"])
    assert Seat(world, "Mai").post(f"/settings/users/{hoa}/reactivation").status_code == 409
    assert state(world, NEW["name"]) == "invited"


@pytest.mark.parametrize("whose", ["stranger", "deactivated", "without a profile", "himself"])
def test_M10_only_an_active_colleague_gets_the_tickets(whose, world):
    number = given(world)
    with world.inside("globex"):
        gil = world.user("Gil").id
    with world.inside():
        world.user("Linh").deactivate()
    ids = {"stranger": gil, "deactivated": id_of(world, "Linh"), "without a profile": id_of(world, "Mai"),
           "himself": id_of(world, "Gus")}  # fmt: skip
    answer = Seat(world, "Ada").post(
        f"/settings/users/{ids['himself']}/deactivation", tickets="colleague", colleague=str(ids[whose])
    )
    assert answer.status_code == 422
    assert state(world, "Gus") == "active"
    with world.inside():
        assert Ticket.for_deed(number).assignee.name == "Gus"


@pytest.mark.parametrize("deed", [
    "", "/deactivation", "/reactivation", "/invitation", "/withdrawal", "/signing-out", "/factor-reset"
])  # fmt: skip
def test_M10_a_neighbours_user_is_not_changed(deed, world):
    with world.inside("globex"):
        gil = world.user("Gil").id
    seat = Seat(world, "Ada")
    for id_ in (gil, 99999, "9" * 30, "x"):
        sent = seat.post(f"/settings/users/{id_}{deed}", name="Mallory", tickets="keep")
        assert sent.status_code == 404, id_
    with world.inside("globex"):
        assert (world.user("Gil").is_active, world.user("Gil").version) == (True, 1)
