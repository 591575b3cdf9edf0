"""AGT-011: a dry run says what the worker would do, and changes nothing."""

from __future__ import annotations

import pytest

from helpdesk.assignment.strategy import STRATEGIES
from helpdesk.core import clock
from helpdesk.core.db import Model, db
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.category import Category
from helpdesk.tickets.ticket import Ticket
from tests.assignment.rules import deed, dry, make, profile, rows, skill, states, team, user_id, winner
from tests.support.browser import counted
from tests.support.page import read
from tests.support.seat import Seat, at_work


def table_rows(world):
    """All rows of all tables."""
    with world.app.app_context(), db.engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(db.select(table))))
            for table in Model.metadata.sorted_tables
        }  # fmt: skip


def test_AGT_011_each_rule_in_its_order_says_why_it_is_not_the_one(world, mai):
    gus = user_id(world, "Gus")
    made = {
        "off": make(world, "off"), "vip": make(world, "vip", conditions={"vip": True}),
        "gus": make(world, "gus", strategy="fixed", candidates={"fixed": gus}),
        "vi": make(world, "vi", conditions={"languages": ["vi"]}, candidates={"language": True}),
        "all": make(world, "all"),
    }  # fmt: skip
    deed(world, made["off"], lambda rule, mai: rule.switch(False, by=mai))
    profile(world, "Gus", availability="away")
    ticket = world.ticket()
    best, lines = dry(world, ticket)
    assert best == "Linh"
    assert {name: lines[name] for name in made} == {
        "off": ("off", "switched off"), "vip": ("passed", "no VIP"), "gus": ("nobody", "nobody could have it"),
        "vi": ("won", "chooses"), "all": ("later", "not asked any more"),
    }  # fmt: skip
    page = mai.get("/settings/rules/trial?number=%23acme-1 ")
    assert {made_: states(page)[str(id_)] for made_, id_ in made.items()} == {
        "off": "off", "vip": "passed", "gus": "nobody", "vi": "won", "all": "later",
    }  # fmt: skip
    assert winner(page) == str(user_id(world, "Linh"))
    assert "Linh would get it." in page.text
    won = rows(page)[str(made["vi"])]
    assert [cell.text for cell in won.all("td")] == ["0 / 20", "chosen", "0 / 20", "away"]
    passed = rows(page)[str(made["gus"])]  # everybody has his reason there too
    assert "not among those whom the rule is about" in passed.text


def test_AGT_011_the_answer_may_be_nobody(world, mai):
    for name in ("Gus", "Linh"):
        profile(world, name, availability="offline")
    world.ticket()
    page = mai.get("/settings/rules/trial?number=ACME-1")
    assert winner(page) == ""
    assert "Nobody would get it: it would wait" in page.text
    assert set(states(page).values()) == {"nobody"}


@pytest.mark.parametrize("strategy", sorted(STRATEGIES))
def test_AGT_011_a_dry_run_changes_nothing_and_makes_nobody_wait(any_world, strategy):
    world = any_world
    make(
        world,
        "r",
        strategy=strategy,
        candidates={"fixed": user_id(world, "Gus")} if strategy == "fixed" else {},
    )
    world.ticket()
    world.run_reactions()
    world.ticket()
    seat = Seat(world, "Mai")
    with world.inside():
        store = world.one(Merchant, prefix="ACME").id
    before = table_rows(world)
    for query in (
        "number=ACME-2",
        "number=ACME-1&at=2026-03-02T09:00",
        f"merchant={store}&language=vi&source=form",
    ):
        with counted() as statements:
            assert seat.get(f"/settings/rules/trial?{query}").status_code == 200
        assert not [
            said for said in statements if "FOR NO KEY UPDATE" in said or not said.startswith("SELECT")
        ]
    assert table_rows(world) == before


def test_AGT_011_what_was_decided_then_stands_below_what_would_be_decided_now(world, mai):
    made = world.ticket()
    profile(world, "Linh", load=15)
    world.run_reactions()
    make(world, "linh", strategy="fixed", candidates={"fixed": user_id(world, "Linh")})
    page = mai.get("/settings/rules/trial?number=ACME-1")
    assert "Linh would get it." in page.text
    assert "It is with Gus now." in page.text
    assert "What was decided about ACME-1 before" in page.text
    assert "Gus was chosen by the rule" in page.text
    assert made


def test_AGT_011_a_ticket_that_one_does_not_see_is_not_there(world, mai):
    world.ticket(by="Cyd")
    world.ticket()
    with at_work(world, 2, "Mai") as (ticket, _mai):
        ticket.deleted_at = clock.now()
    for odd in ("GLOB-1", "ACME-1", "ACME-99", "x", "9" * 24, "٣", "<script>", "a" * 24):
        answer = mai.get("/settings/rules/trial", number=odd)
        assert answer.status_code == 422, odd
        assert "There is no ticket with this number that you can see." in answer.text
    assert "Enter the number of a ticket." in mai.get("/settings/rules/trial?number=").text
    assert mai.get("/settings/rules/trial", number="x" * 25).status_code == 422


def sample(world, mai, **values):
    """The page of a made-up ticket."""
    with world.inside():
        store = world.one(Merchant, prefix=values.pop("store", "ACME")).id
    said = {"merchant": store, "category": "", "priority": "", "language": "en", "source": "form"}
    return mai.get("/settings/rules/trial", **(said | values))


def test_AGT_011_a_made_up_ticket_has_what_a_new_one_would_have(world, mai):
    desk, repairs = team(world, "Desk", "Linh"), skill(world, "Repairs", Linh=3)
    with world.inside():
        delivery = world.one(Category, name_en="Delivery")
        delivery.group_id, delivery.default_priority = desk, "HIGH"
        delivery.required_skills = [{"skill": repairs, "level": 3}]
        category = delivery.id
    made = make(
        world, "r", conditions={
            "categories": [category], "priorities": ["HIGH"], "vip": True, "amount_from": "50", "sources": ["portal"],
        }, candidates={"category_skills": True},
    )  # fmt: skip
    page = sample(world, mai, category=category, vip="y", amount="50.00", source="portal")
    assert states(page)[str(made)] == "won"
    assert winner(page) == str(user_id(world, "Linh"))
    assert "not in the team that has the ticket" in page.text
    assert (
        states(sample(world, mai, category=category, vip="y", amount="49", source="portal"))[str(made)]
        == "passed"
    )
    other = sample(world, mai, category=category, vip="y", amount="50", source="portal", priority="LOW")
    assert "another priority" in rows(other)[str(made)].text
    beta = make(world, "beta", merchant_id=_store(world, "BETA"))
    assert "another store" in rows(sample(world, mai))[str(beta)].text
    assert states(sample(world, mai, store="BETA"))[str(beta)] == "won"


def _store(world, prefix):
    with world.inside():
        return world.one(Merchant, prefix=prefix).id


@pytest.mark.parametrize("values,field", [
    ({"merchant": ""}, "merchant"), ({"merchant": "99999"}, "merchant"), ({"merchant": "x"}, "merchant"),
    ({"category": "99999"}, "category"), ({"category": "9" * 30}, "category"), ({"priority": "URGENT"}, "priority"),
    ({"language": "fr"}, "language"), ({"source": "mail"}, "source"), ({"tags": "never"}, "tags"),
    ({"amount": "1.000"}, "amount"), ({"amount": "x"}, "amount"), ({"at": "soon"}, "at"),
    ({"at": "2026-02-30T10:00"}, "at"),
    ({"at": "1999-01-01T00:00"}, "at"), ({"at": "9999-12-31T23:59"}, "at"), ({"at": "2026-03-02T10:00Z"}, "at"),
    ({"at": "x" * 100}, "at"),
])  # fmt: skip
def test_AGT_011_what_cannot_be_is_refused_at_its_field(world, mai, values, field):
    answer = sample(world, mai, **values)
    assert answer.status_code == 422
    links = [one for one in read(answer).all("a") if one.attributes.get("href") == f"#sample-{field}"]
    assert len(links) == 1
    assert not list(read(answer).with_attribute("data-trial"))


@pytest.mark.parametrize(
    "odd", ["%00", "%ff%fe", "%ed%a0%80", "a%E2%80%AEb", "x" * 5000, "%20", "%F0%9F%91%A9"]
)
def test_Q_2_nothing_in_the_address_breaks_the_page(world, mai, odd):
    for name in (
        "number",
        "merchant",
        "category",
        "priority",
        "language",
        "tags",
        "source",
        "amount",
        "at",
        "vip",
    ):
        first = (
            ""
            if name in ("number", "merchant")
            else f"merchant={_store(world, 'ACME')}&language=en&source=form&"
        )
        answer = mai.client.get(f"/settings/rules/trial?{first}{name}={odd}")
        assert answer.status_code in (200, 422), name


def test_AGT_011_a_category_of_another_store_cannot_be_had(world, mai):
    with world.inside():
        delivery = world.one(Category, name_en="Delivery")
        delivery.merchant_ids = [world.one(Merchant, prefix="BETA").id]
        category = delivery.id
    assert sample(world, mai, category=category).status_code == 422
    assert sample(world, mai, category=category, store="BETA").status_code == 200


def test_AGT_011_who_has_the_ticket_is_tried_as_if_he_had_it_not(world, mai):
    profile(world, "Gus", cap=1)
    profile(world, "Linh", availability="offline")
    ticket = world.ticket()
    world.run_reactions()
    with world.inside():
        assert world.one(Ticket, id=ticket).assignee.name == "Gus"
    assert dry(world, ticket)[0] == "Gus"
    assert "Gus would get it." in mai.get("/settings/rules/trial?number=ACME-1").text
    other = world.ticket()
    assert dry(world, other)[0] is None
