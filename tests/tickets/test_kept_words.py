"""Nothing typed is lost: a reply that is not possible now comes back with its words."""

from __future__ import annotations

import pytest

from helpdesk.tickets.lifecycle import Status
from tests.support.seat import Seat, bring_to
from tests.support.world import World


@pytest.mark.parametrize("htmx", [True, False])
def test_MSG_006_a_reply_on_a_resolved_ticket_comes_back_with_its_words(world: World, htmx: bool) -> None:
    ticket = world.ticket()
    bring_to(world, ticket, Status.RESOLVED)
    answer = Seat(world, "Gus").post(
        "/tickets/ACME-1/replies", htmx=htmx, body="A long answer, typed in vain."
    )
    assert answer.status_code == 409
    assert "A long answer, typed in vain." in answer.text
    assert "Reopen the ticket before you reply." in answer.text
