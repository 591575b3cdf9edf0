"""AGT-006: strategies are pure functions; who is first is a table."""

from __future__ import annotations

import random

import pytest

from helpdesk.assignment.candidate import Candidate, Lack
from helpdesk.assignment.strategy import STRATEGIES


def who(
    id: int, load: int = 0, cap: int = 10, last: float = 0, availability: str = "online", **more
) -> Candidate:
    return Candidate(id, f"agent {id}", load, cap, availability, last, **more)


TABLES = [
    ("load_balanced", [], []),
    ("load_balanced", [who(1, 3)], [1]),
    ("load_balanced", [who(1, 3), who(2, 2)], [2, 1]),
    ("load_balanced", [who(1, 5, 10), who(2, 3, 5)], [1, 2]),  # 5/10 is emptier than 3/5, although it is more
    ("load_balanced", [who(1, 1, 2), who(2, 9, 20)], [2, 1]),
    # a tie: longest since last assigned
    ("load_balanced", [who(1, 2, 10, 300), who(2, 2, 10, 100), who(3, 2, 10, 200)], [2, 3, 1]),
    ("load_balanced", [who(1, 2, 10, 300), who(2, 2, 10, 0)], [2, 1]),  # never assigned waits longest
    ("load_balanced", [who(1, 2, 10, 300), who(2, 4, 20, 100)], [2, 1]),  # the shares are equal, not the numbers
    ("load_balanced", [who(3, 2), who(1, 2), who(2, 2)], [1, 2, 3]),  # a tie of ties: the id
    ("load_balanced", [who(1, 0, 10, 900), who(2, 1, 10, 0)], [1, 2]),  # room comes before waiting
    ("load_balanced", [who(1, 10, 10), who(2, 9, 10), who(3, 0, 0)], [2]),  # who is full is not in it
    ("round_robin", [who(1, turn=5), who(2, turn=3), who(3, turn=4)], [2, 3, 1]),
    ("round_robin", [who(1, 0, turn=5), who(2, 9, turn=3)], [2, 1]),  # whatever he carries
    ("round_robin", [who(1, turn=2), who(2, turn=0)], [2, 1]),  # never had a turn
    ("round_robin", [who(1, last=9, turn=0), who(2, last=3, turn=0), who(3, last=3, turn=0)], [2, 3, 1]),
    ("skill_based", [who(1, fit=4), who(2, fit=5)], [2, 1]),
    ("skill_based", [who(1, 0, fit=3), who(2, 9, fit=5)], [2, 1]),  # the better one, though he is almost full
    ("skill_based", [who(1, 4, fit=5), who(2, 3, fit=5)], [2, 1]),  # then the load
    ("skill_based", [who(1, 3, last=8, fit=5), who(2, 3, last=7, fit=5), who(3, 3, last=7, fit=5)], [2, 3, 1]),
    ("skill_based", [who(1, fit=9, lacks=(Lack(1, 5, 4),)), who(2, fit=1)], [2]),  # good at one, not good enough at it
    ("language_first", [who(1, 0, speaks=False), who(2, 9)], [2, 1]),
    ("language_first", [who(1, 5), who(2, 4), who(3, 0, speaks=False)], [2, 1, 3]),
    ("language_first", [who(1, 5, last=2), who(2, 5, last=1), who(3, 5, last=1)], [2, 3, 1]),
    ("longest_idle", [who(1, idle_since=50), who(2, idle_since=40), who(3, idle_since=60)], [2, 1, 3]),
    ("longest_idle", [who(1, 0, idle_since=50), who(2, 9, idle_since=40)], [2, 1]),
    ("longest_idle", [who(1, last=4, idle_since=5), who(2, last=3, idle_since=5), who(3, last=3, idle_since=5)],
     [2, 3, 1]),
    ("last_agent", [who(1, served_at=10), who(2, served_at=20), who(3)], [2, 1, 3]),  # the last one first
    ("last_agent", [who(1, 0), who(2, 9, served_at=20)], [2, 1]),
    ("last_agent", [who(1, 5), who(2, 4), who(3, 10, served_at=9)], [2, 1]),  # he is full: the least loaded
    ("last_agent", [who(1, 5, last=2), who(2, 5, last=1), who(3, 5, last=1)], [2, 3, 1]),
    ("best_record", [who(1, kept=9, broken=1), who(2, kept=8, broken=0)], [2, 1]),
    ("best_record", [who(1, kept=99, broken=1), who(2, kept=1, broken=1)], [1, 2]),
    ("best_record", [who(1, kept=0, broken=1), who(2)], [2, 1]),  # who has made none has broken none
    ("best_record", [who(1, 5, kept=9, broken=1), who(2, 4, kept=90, broken=10)], [2, 1]),  # equal parts: the load
    ("best_record", [who(1, last=2), who(2, last=1, kept=3), who(3, last=1, kept=3)], [2, 3, 1]),
    ("fixed", [who(2, 9), who(1, 0, in_pool=False)], [2]),
    ("fixed", [who(2, availability="away"), who(1, place=2), who(3, place=1)], [3, 1]),  # the nearest of his line
]  # fmt: skip


@pytest.mark.parametrize("strategy,candidates,order", TABLES)
def test_AGT_006_each_strategy_is_a_table(strategy, candidates, order):
    put = STRATEGIES[strategy].order
    assert [one.user_id for one in put(candidates)] == order
    assert [one.user_id for one in put(candidates[::-1])] == order  # the order of asking does not matter


def test_AGT_006_every_strategy_has_tables_with_a_tie():
    assert {strategy for strategy, _, _ in TABLES} == set(STRATEGIES) == {
        "round_robin", "load_balanced", "skill_based", "language_first", "longest_idle", "last_agent", "best_record",
        "fixed",
    }  # fmt: skip


def anybody(chance: random.Random, id: int) -> Candidate:
    """Somebody in a small world, where ties are frequent."""
    few = lambda: chance.randint(0, 2)  # noqa: E731
    return who(
        id, few(), few() + 1, few(), chance.choice(["online"] * 4 + ["busy"]), fit=few(), turn=few(), idle_since=few(),
        served_at=few(), kept=few(), broken=few(), place=few(), speaks=chance.random() < 0.5,
        in_pool=chance.random() < 0.9, on_shift=chance.random() < 0.9,
    )  # fmt: skip


@pytest.mark.parametrize("strategy", sorted(STRATEGIES))
def test_AGT_006_any_order_is_total_and_complete_and_the_input_is_left_alone(strategy):
    chance, put = random.Random(strategy), STRATEGIES[strategy].order
    for _ in range(300):
        asked = [anybody(chance, id) for id in range(chance.randint(0, 6))]
        before, order = list(asked), put(asked)
        assert asked == before
        assert {one.user_id for one in order} == {one.user_id for one in asked if one.passed_over is None}
        chance.shuffle(asked)
        assert put(asked) == order
        if order:  # without its first one, the others stand as before
            assert put([one for one in asked if one != order[0]]) == order[1:]


@pytest.mark.parametrize("candidate,reason", [
    (who(1, 9, 10), None),
    (who(1, 10, 10), "at_cap"),
    (who(1, 11, 10), "at_cap"),
    (who(1, 0, 0), "at_cap"),
    (who(1, 0, availability="busy"), "availability:busy"),
    (who(1, 0, availability="away"), "availability:away"),
    (who(1, 0, availability="offline"), "availability:offline"),
    (who(1, on_shift=False), "off_shift"),
    (who(1, on_shift=False, availability="offline"), "off_shift"),
    (who(1, in_group=False), "not_in_group"),
    (who(1, in_pool=False), "not_in_pool"),
    (who(1, handed_back=True), "handed_back"),
    (who(1, lacks=(Lack(7, 3, 0),)), "lacks_skill"),
    (who(1, needs_language="vi", speaks=False), "lacks_language"),
])  # fmt: skip
def test_AGT_011_each_one_passed_over_has_his_reason(candidate, reason):
    assert candidate.passed_over == reason
    assert candidate.as_kept()["passed_over"] == reason


@pytest.mark.parametrize("strategy", sorted(STRATEGIES))
def test_AGT_011_a_kept_decision_can_be_made_again(strategy):
    import json

    chance, put = random.Random(1), STRATEGIES[strategy].order
    for _ in range(50):
        asked = [anybody(chance, id) for id in range(5)] + [
            who(9, lacks=(Lack(1, 2, 1),), back_at="2026-01-01T08:00")
        ]
        kept = json.loads(json.dumps([one.as_kept() for one in asked]))
        again = [Candidate.from_kept(row) for row in kept]
        assert again == asked
        assert put(again) == put(asked)
