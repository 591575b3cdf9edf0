"""The health page: what is amiss, the worst first, and what to do about it (Q-6, section 7)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from helpdesk.agents.agent import Agent
from helpdesk.agents.group import Group
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Event, Reaction
from helpdesk.notifications.mail_server import MailServer
from helpdesk.notifications.suppression import Suppression
from helpdesk.organizers.merchant import Merchant
from helpdesk.sla.calendar import Calendar
from helpdesk.sla.clock import Clock
from helpdesk.tickets.category import Category
from tests.support.databases import both_databases
from tests.support.page import read


def grades(world, by: str = "Ada") -> dict[str, str]:
    answer = world.sign_in(by).get("/settings/health")
    assert answer.status_code == 200
    return {row["data-finding"]: row["data-grade"] for row in read(answer).with_attribute("data-finding")}


def break_everything(world) -> None:
    """Each thing that the page is to see, once."""
    with world.inside():
        mai, past = world.user("Mai"), clock.now() - timedelta(hours=3)
        Group.create({"name_en": "Empty", "name_vi": "", "lead_id": None, "member_ids": []}, by=mai)
        Calendar.create({"zone": "UTC", "schedule": {"mon": [["09:00", "17:00"]]}, "name_en": "Bare"}, by=mai)
        db.session.add(Suppression(address="x@y.example", failures=3, until=clock.now() + timedelta(days=1)))
        shop = world.one(Merchant, prefix="ACME")
        server = {
            "is_on": True,
            "host": "mail.example",
            "port": 25,
            "security": "plain",
            "address": "a@b.example",
        }
        db.session.add(MailServer(merchant_id=shop.id, user_name="", trouble="530 no", **server))
        event = Event(
            name="tag.archived",
            actor={"kind": "system", "id": None, "name": "x"},
            data={"tag": 1, "called": "x"},
            created_at=past,
        )
        db.session.add(event)
        db.session.flush()
        db.session.add(Reaction(event_id=event.id, subscriber="x", next_at=past))
        db.session.add(Reaction(event_id=event.id, subscriber="y", failed_at=clock.now()))


def test_Q_6_without_redis_the_page_works_and_says_so_first(make_app, world):
    found = grades(world)
    assert next(iter(found)) == "redis"
    assert (found["redis"], found["tables"], found["disk"]) == ("bad", "ok", "ok")
    assert "workers" not in found, "nothing can be said about them"


@both_databases
def test_Q_6_it_sees_what_is_amiss(world):
    world.ticket()
    before = grades(world)
    break_everything(world)
    with world.inside():
        for one in db.session.scalars(select(Clock)):
            one.next_look_at = clock.now() - timedelta(minutes=5)
        world.one(Category, name_en="Delivery").name_vi = ""
    found = grades(world)
    for key in ("groups", "calendars", "suppressed", "servers", "reactions", "given-up", "relay", "sweeps",
                "half-groups", "half-categories"):  # fmt: skip
        assert before.get(key, "ok") == "ok", key
        assert found[key] in ("bad", "warn"), key
    order = [("bad", "warn", "ok").index(grade) for grade in found.values()]
    assert order == sorted(order)


def test_Q_1_a_neighbours_trouble_is_not_ours(world):
    with world.inside("globex"):
        before = world.user("Gil")
        before.role = "manager"
    ours = grades(world, "Gil")
    break_everything(world)
    assert grades(world, "Gil") == ours


@pytest.mark.parametrize("gone", [True, False])
def test_Q_6_nobody_who_can_be_given_work_is_seen(gone, world):
    with world.inside():
        for name in ("Gus", "Linh") if gone else ("Gus",):
            world.user(name).deactivate()
        assert world.count(Agent) == 2
    assert ("agents" in grades(world)) is gone


def test_Q_6_each_line_that_is_not_fine_says_what_to_do(world):
    break_everything(world)
    page = read(world.sign_in("Mai").get("/settings/health"))
    for row in page.with_attribute("data-finding"):
        if row["data-grade"] != "ok":
            assert [e for e in row.all("p") if e.attributes.get("class") == "muted"], row["data-finding"]
    for link in page.with_attribute("href"):
        if link["href"].startswith("/settings/") and "?" not in link["href"]:
            assert world.sign_in("Mai").get(link["href"]).status_code == 200, link["href"]
