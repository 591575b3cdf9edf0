"""AGT-006: strategies are pure functions; who is first is a table."""

from __future__ import annotations

import pytest

from helpdesk.assignment.candidate import STRATEGIES, Candidate, load_balanced


def who(id: int, load: int, cap: int = 10, last: float = 0, availability: str = "online") -> Candidate:
    return Candidate(id, f"agent {id}", load, cap, availability, last)


@pytest.mark.parametrize("candidates,order", [
    ([], []),
    ([who(1, 3)], [1]),
    ([who(1, 3), who(2, 2)], [2, 1]),
    ([who(1, 5, 10), who(2, 3, 5)], [1, 2]),  # 5/10 is emptier than 3/5, although it is more
    ([who(1, 1, 2), who(2, 9, 20)], [2, 1]),
    ([who(1, 2, 10, 300), who(2, 2, 10, 100), who(3, 2, 10, 200)], [2, 3, 1]),  # tie: longest since last assigned
    ([who(1, 2, 10, 300), who(2, 2, 10, 0)], [2, 1]),  # never assigned waits longest
    ([who(1, 2, 10, 300), who(2, 4, 20, 100)], [2, 1]),  # the shares are equal, not the numbers
    ([who(3, 2), who(1, 2), who(2, 2)], [1, 2, 3]),  # tie of ties: the id
    ([who(1, 0, 10, 900), who(2, 1, 10, 0)], [1, 2]),  # room comes before waiting
    ([who(1, 0, 0), who(2, 9, 10)], [2, 1]),  # no room at all is full
])  # fmt: skip
def test_AGT_006_load_balanced_is_a_table(candidates, order):
    assert [c.user_id for c in load_balanced(candidates)] == order
    assert [
        c.user_id for c in load_balanced(candidates[::-1])
    ] == order  # the order of asking does not matter


def test_AGT_006_a_strategy_changes_nothing():
    asked = [who(1, 3), who(2, 1)]
    before = list(asked)
    STRATEGIES["load_balanced"](asked)
    assert asked == before


@pytest.mark.parametrize("candidate,reason", [
    (who(1, 9, 10), None),
    (who(1, 10, 10), "at_cap"),
    (who(1, 11, 10), "at_cap"),
    (who(1, 0, 0), "at_cap"),
    (who(1, 0, availability="busy"), "availability:busy"),
    (who(1, 0, availability="away"), "availability:away"),
    (who(1, 0, availability="offline"), "availability:offline"),
])  # fmt: skip
def test_AGT_011_each_one_passed_over_has_his_reason(candidate, reason):
    assert candidate.passed_over == reason
    assert candidate.as_kept()["passed_over"] == reason


def test_AGT_011_a_kept_decision_can_be_made_again():
    candidates = [who(1, 4, 10, 5.5), who(2, 1, 3), who(3, 1, 3, 2.5)]
    kept = [c.as_kept() for c in candidates]
    again = [Candidate(**{k: v for k, v in row.items() if k != "passed_over"}) for row in kept]
    assert load_balanced(again) == load_balanced(candidates)
