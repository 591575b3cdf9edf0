"""SLA-008: on a category's page a manager says what an incident is; what is left empty comes from above."""

from __future__ import annotations

import pytest

from helpdesk.core.events import Event
from helpdesk.tickets.category import Category
from tests.support.page import form
from tests.support.seat import Seat


@pytest.fixture
def ada(world) -> Seat:
    return Seat(world, "Ada")


def save(world, ada, tickets: str, minutes: str):
    with world.inside():
        id_ = world.one(Category, name_en="Delivery").id
    url = f"/settings/categories/{id_}"
    filled = form(ada.get(url), url)
    return filled.send(ada.client, incident_tickets=tickets, incident_minutes=minutes)


def kept(world) -> tuple[int | None, int | None]:
    with world.inside():
        row = world.one(Category, name_en="Delivery")
        return row.incident_tickets, row.incident_minutes


def test_SLA_008_an_incident_is_set_inherited_and_switched_off(world, ada):
    assert save(world, ada, " 5 ", "30").status_code == 303
    assert kept(world) == (5, 30)
    with world.inside():
        changes = world.one(Event, name="category.changed").data["changes"]
        assert changes == {"incident_tickets": [None, 5], "incident_minutes": [None, 30]}
        parent = world.one(Category, name_en="Delivery")
        child = Category.create({"name_en": "Late"}, parent=parent, by=world.user("Ada")).id
    assert "5 tickets within 30 minutes (from “Delivery”)" in ada.get(f"/settings/categories/{child}").text
    assert save(world, ada, "", "").status_code == 303
    assert kept(world) == (None, None)


@pytest.mark.parametrize(("tickets", "minutes", "sentence"), [
    ("5", "", "Fill in both"), ("", "30", "Fill in both"), ("1", "30", "from 2 to 1000"),
    ("1001", "30", "from 2 to 1000"),
    ("5", "0", "from 1 to 1440"), ("5", "1441", "from 1 to 1440"), ("five", "30", "from 2 to 1000"),
    ("5", "9" * 30, "from 1 to 1440"), ("<b>", "\u202e", "from 2 to 1000"),
    ("\uff15", "30", "from 2 to 1000"),
])  # fmt: skip
def test_SLA_008_numbers_that_make_no_incident_are_refused_and_kept_in_the_form(
    world, ada, tickets, minutes, sentence
):
    answer = save(world, ada, tickets, minutes)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert kept(world) == (None, None)
    if tickets.isalpha():
        assert f'value="{tickets}"' in answer.text
