"""AGT-006, AGT-007, AGT-010, AGT-011: eight workers, two thousand tickets, forty agents who come and go.

What loads and assignees were at any moment is written down by triggers of the database itself.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event as Flag

import pytest
from sqlalchemy import func, select, text

from helpdesk.accounts.user import User
from helpdesk.agents.agent import Agent
from helpdesk.agents.agent_skill import AgentSkill
from helpdesk.agents.skill import Skill
from helpdesk.assignment.backlog import Backlog
from helpdesk.assignment.decision import Decision
from helpdesk.assignment.load_check import LoadCheck
from helpdesk.assignment.rule import Rule
from helpdesk.core import events, reactions
from helpdesk.core.db import db
from helpdesk.core.events import Event, Reaction
from helpdesk.core.tenancy import inside
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.ticket import Opening, Ticket
from tests.assignment.steps import chosen_again
from tests.support.world import World

WORKERS, AGENTS = 8, 40
BUSY = 120  # tickets; all agents together can carry 220, if none is away
TICKETS = int(os.environ.get("HELPDESK_CROWD_TICKETS", "240"))  # `make crowd`: two thousand
TURNS = TICKETS // 2
PATIENCE = int(
    os.environ.get("HELPDESK_CROWD_PATIENCE", "600")
)  # seconds until a run that does not end is given up

SQLITE = (
    "CREATE TABLE load_log (n INTEGER PRIMARY KEY, user_id INTEGER, load INTEGER, cap INTEGER)",
    "CREATE TABLE hand_log (n INTEGER PRIMARY KEY, ticket_id INTEGER, old INTEGER, new INTEGER)",
    """CREATE TRIGGER load_logged AFTER UPDATE OF load ON agents BEGIN
       INSERT INTO load_log (user_id, load, cap) VALUES (new.user_id, new.load, new.cap); END""",
    """CREATE TRIGGER hand_logged AFTER UPDATE OF assignee_id ON tickets
       WHEN old.assignee_id IS NOT new.assignee_id BEGIN
       INSERT INTO hand_log (ticket_id, old, new) VALUES (new.id, old.assignee_id, new.assignee_id); END""",
)
POSTGRESQL = (
    "CREATE TABLE load_log (n SERIAL PRIMARY KEY, user_id BIGINT, load INTEGER, cap INTEGER)",
    "CREATE TABLE hand_log (n SERIAL PRIMARY KEY, ticket_id BIGINT, old BIGINT, new BIGINT)",
    """CREATE FUNCTION log_load() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       INSERT INTO load_log (user_id, load, cap) VALUES (new.user_id, new.load, new.cap); RETURN NULL; END $$""",
    """CREATE FUNCTION log_hand() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       INSERT INTO hand_log (ticket_id, old, new) VALUES (new.id, old.assignee_id, new.assignee_id);
       RETURN NULL; END $$""",
    "CREATE TRIGGER load_logged AFTER UPDATE OF load ON agents FOR EACH ROW EXECUTE FUNCTION log_load()",
    """CREATE TRIGGER hand_logged AFTER UPDATE OF assignee_id ON tickets FOR EACH ROW
       WHEN (old.assignee_id IS DISTINCT FROM new.assignee_id) EXECUTE FUNCTION log_hand()""",
)


def spy(world: World) -> None:
    """Let the database itself write down every load and every assignee that there ever was."""
    with world.inside():
        for statement in POSTGRESQL if db.engine.dialect.name == "postgresql" else SQLITE:
            db.session.connection().exec_driver_sql(statement)


def logged(table: str) -> list:
    return list(db.session.execute(text(f"SELECT * FROM {table} ORDER BY n")))


def hire(world: World, count: int, caps: Callable[[int], int]) -> None:
    """So many agents; the cast's own ones go home."""
    with world.inside():
        merchant = world.customer("Bea").merchant
        skill = Skill(name_en="Parcels", name_vi="Bưu kiện")
        db.session.add(skill)
        for profile in db.session.scalars(select(Agent)):
            profile.chosen = profile.availability = "offline"
        for n in range(count):
            user = User(name=f"Agent {n:02}", email=f"a{n}@acme.example", role="agent", password_hash="-")
            db.session.add(user)
            db.session.flush()
            user.works_for(merchant)
            db.session.add(Agent(user_id=user.id, languages=["vi"] if n % 2 else ["en", "vi"], cap=caps(n)))
            if n % 3:
                AgentSkill.set(user.id, {skill.id: 1 + n % 5})


def rules(*kinds: dict) -> None:
    db.session.add_all(
        Rule(name_en=f"Rule {n}", name_vi=f"Quy tắc {n}", position=n, is_on=True, **kind)
        for n, kind in enumerate(kinds)
    )


def people() -> list[int]:
    return list(
        db.session.scalars(
            select(Agent.user_id).join(User, User.id == Agent.user_id).where(User.name.like("Agent %"))
        )
    )


class Crowd:
    """What goes on at the same time."""

    def __init__(self, world: World) -> None:
        self.world, self.over, self.all_made = world, Flag(), Flag()
        self.until = time.monotonic() + PATIENCE

    def goes_on(self) -> bool:
        assert time.monotonic() < self.until, "it does not come to an end"
        return not self.over.is_set()

    def work(self, _: int) -> None:
        """Be a worker: reactions, and the sweep."""
        organizer = self.world.organizers["acme"]
        while self.goes_on():
            reactions.relay_and_react(self.world.app, organizer)
            with self.world.app.app_context(), inside(organizer):
                Backlog.work_off()
            time.sleep(0.05)

    def feed(self, chance: random.Random) -> None:
        """Customers write, of every kind that the rules tell apart."""
        for n in range(TICKETS):
            with self.world.inside():
                bea = self.world.customer("Bea")
                language, priority = (
                    chance.choice(["en", "vi"]),
                    chance.choice(["LOW", "MEDIUM", "HIGH", "CRITICAL"]),
                )
                Ticket.create(
                    bea.merchant,
                    bea,
                    Opening(f"Request {n}", "?", priority=priority, language=language),
                    by=bea,
                )
        self.all_made.set()

    def come_and_go(self, chance: random.Random) -> None:
        """Agents switch themselves off and on, and are all there once everything is made."""
        with self.world.inside():
            ids = people()
        while self.goes_on():
            made = self.all_made.is_set()
            for user_id in ids if made else chance.sample(ids, 3):
                with self.world.inside():
                    agent = Agent.of(user_id, lock=True)
                    agent.choose(
                        "online" if made else chance.choice(["online", "online", "away", "busy"]),
                        by=agent.user,
                    )
            time.sleep(0.5 if made else 0.02)

    def solve(self, chance: random.Random) -> None:
        """Agents resolve what they have, so that there is room again; at the end there is nothing left to give."""
        while self.goes_on():
            with self.world.inside():
                held = db.session.scalars(select(Ticket.id).where(Ticket.status == Status.ASSIGNED)).all()
                waiting = db.session.scalar(select(func.count()).where(Ticket.status == Status.OPEN))
            made = self.all_made.is_set()
            if made and not waiting:
                self.over.set()
            left = 0 if made else BUSY  # so many stay with their agents, of whom some are then full
            for ticket_id in chance.sample(held, min(max(len(held) - left, 0), 20)):
                with self.world.inside():
                    ticket = Ticket.for_deed(ticket_id)
                    if ticket.status == Status.ASSIGNED:
                        ticket.resolve(by=ticket.assignee, note_en="Done.", note_vi="Xong.")

    def run(self) -> None:
        """Everything at once; whatever one of them raises fails the test."""
        with ThreadPoolExecutor(WORKERS + 3) as pool:
            jobs = [pool.submit(self.work, n) for n in range(WORKERS)]
            jobs += [
                pool.submit(deed, random.Random(n))
                for n, deed in enumerate((self.feed, self.come_and_go, self.solve))
            ]
            try:
                for job in jobs[::-1]:
                    job.result()
            finally:
                self.over.set()


@pytest.fixture
def assigning_only(any_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave mails, escalations, figures and live pages undone: they take ten times as long, and assign nothing."""
    heard = {
        name: [each for each in those if each.startswith("assignment.")]
        for name, those in events._subscribers.items()
    }
    monkeypatch.setattr(events, "_subscribers", heard)


@pytest.mark.usefixtures("assigning_only")
@pytest.mark.slow
def test_AGT_010_a_crowd_of_workers_never_takes_anybody_above_his_cap(any_world: World) -> None:
    hire(any_world, AGENTS, caps=lambda n: 1 + n % 10)
    with any_world.inside():
        skill = db.session.scalars(select(Skill)).one()
        rules(
            {"strategy": "skill_based", "conditions": {"priorities": ["CRITICAL"]},
             "candidates": {"skills": [{"skill": skill.id, "level": 2}]}},
            {"strategy": "round_robin", "conditions": {"languages": ["en"]}, "candidates": {"language": True}},
            {"strategy": "longest_idle", "conditions": {"priorities": ["LOW"]}},
        )  # fmt: skip
    spy(any_world)
    Crowd(any_world).run()
    any_world.run_reactions()
    with any_world.inside():
        loads, hands = logged("load_log"), logged("hand_log")
        assert any(row.load == row.cap > 1 for row in loads), "or nobody was ever full"
        assert [row for row in loads if row.load > row.cap or row.load < 0] == []
        assert Counter(row.ticket_id for row in hands) == dict.fromkeys(
            db.session.scalars(select(Ticket.id)), 1
        )
        assert all(row.old is None for row in hands)
        told = select(Event.ticket_id).where(Event.name == "ticket.assigned")
        assert Counter(db.session.scalars(told)).most_common(1)[0][1] == 1
        made = [one for one in db.session.scalars(select(Decision)) if one.chosen_id]
        assert len(made) == TICKETS
        assert [one.id for one in made if chosen_again(one) != one.chosen_id] == []
        assert {one.strategy for one in made} == {
            "skill_based",
            "round_robin",
            "longest_idle",
            "load_balanced",
        }
        assert LoadCheck.run() == 0
        assert db.session.scalar(select(func.count()).where(Reaction.attempts > 1)) == 0


@pytest.mark.slow
def test_AGT_006_eight_workers_at_once_give_equal_agents_equal_turns(any_world: World) -> None:
    hire(any_world, 7, caps=lambda n: TURNS)
    with any_world.inside():
        rules({"strategy": "round_robin"})
        bea = any_world.customer("Bea")
        for n in range(TURNS):
            Ticket.create(bea.merchant, bea, Opening(f"Request {n}", "?"), by=bea)
    organizer = any_world.organizers["acme"]

    def work(_: int) -> None:
        with any_world.app.app_context(), inside(organizer):
            while db.session.scalar(select(func.count()).where(Ticket.status == Status.OPEN)):
                db.session.remove()
                Backlog.work_off()

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, range(WORKERS)))
    with any_world.inside():
        given = Counter(db.session.scalars(select(Ticket.assignee_id)))
        assert sum(given.values()) == TURNS
        assert set(given) == set(people())
        assert max(given.values()) - min(given.values()) <= 1
