"""The health page: what is amiss, the worst first, and what to do about it (Q-6, section 7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta

import pytest
import redis
from rq.utils import utcformat
from sqlalchemy import select

from helpdesk.agents.agent import Agent
from helpdesk.agents.group import Group
from helpdesk.core import clock, jobs
from helpdesk.core.db import db
from helpdesk.core.events import Event, Reaction
from helpdesk.core.pulse import Pulse
from helpdesk.notifications.mail_server import MailServer
from helpdesk.notifications.suppression import Suppression
from helpdesk.organizers.merchant import Merchant
from helpdesk.sla.calendar import Calendar
from helpdesk.sla.clock import Clock
from helpdesk.tickets.category import Category
from tests.support.databases import both_databases
from tests.support.page import read
from tests.support.world import World


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


# The machine --------------------------------------------------------------------------------------------------


@pytest.fixture
def living(make_app, redis_url) -> Iterator[tuple[World, redis.Redis]]:
    """A desk with Redis, whose queue and workers a test writes down as RQ does."""
    with redis.Redis.from_url(redis_url) as client:
        yield World(make_app(redis_url=redis_url)), client


def waits(client: redis.Redis, name: str, *, seconds: float, at_front: bool = False) -> None:
    """A job that was put on the queue so long ago."""
    at = clock.now().astimezone(UTC) - timedelta(seconds=seconds)
    client.hset(f"rq:job:{name}", "enqueued_at", utcformat(at))
    (client.lpush if at_front else client.rpush)(f"rq:queue:{jobs.QUEUE}", name)


def machine(world: World) -> dict[str, tuple[str, str]]:
    """Finding → grade and words."""
    page = read(world.sign_in("Mai").get("/settings/health?lang=en"))
    rows = page.with_attribute("data-finding")
    return {row["data-finding"]: (row["data-grade"], " ".join(row.text.split())) for row in rows}


def test_Q_6_the_age_of_the_job_that_waits_longest_is_told(living):
    world, client = living
    waits(client, "first", seconds=400)
    waits(client, "second", seconds=300)
    waits(client, "last", seconds=1)
    grade, words = machine(world)["queue"]
    assert grade == "warn"
    assert "3 jobs wait · the oldest for 6 minutes" in words


def test_Q_6_an_alarm_that_went_to_the_front_hides_nobody(living):
    world, client = living
    waits(client, "old", seconds=300)
    waits(client, "alarm", seconds=0, at_front=True)
    client.rpush(f"rq:queue:{jobs.QUEUE}", "lost")  # its hash is gone
    assert "the oldest for 5 minutes" in machine(world)["queue"][1]


def test_Q_6_what_came_just_now_is_no_trouble(living):
    world, client = living
    assert machine(world)["queue"][0] == "ok"
    waits(client, "one", seconds=5)
    assert machine(world)["queue"][0] == "ok"


def test_Q_6_a_real_job_on_the_queue_has_an_age(living):
    world, client = living
    jobs.queue(client).enqueue_call("helpdesk.core.jobs.sweep")
    with world.app.app_context():
        felt = Pulse.felt()
    assert felt.waiting == 1
    assert 0 <= felt.oldest_waiting < 60


@pytest.mark.parametrize(("beat", "grade"), [(None, "bad"), (300, "bad"), (5, "ok")])
def test_Q_6_whether_a_worker_is_there_is_seen(living, beat, grade):
    world, client = living
    if beat is not None:
        client.sadd("rq:workers", "rq:worker:one")
        said = utcformat(clock.now() - timedelta(seconds=beat))
        client.hset("rq:worker:one", "last_heartbeat", said)
    found, words = machine(world)["workers"]
    assert found == grade
    assert ("none at work" in words) is (grade == "bad")


def test_Q_6_a_worker_whose_entry_ran_out_is_no_worker(living):
    world, client = living
    client.sadd("rq:workers", "rq:worker:gone")
    assert machine(world)["workers"][0] == "bad"
