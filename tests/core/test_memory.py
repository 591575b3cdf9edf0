"""What is asked once while somebody remembers."""

import pytest

from helpdesk.core.memory import foreknow, once, remembering


class Questions:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> int:
        self.asked += 1
        return self.asked


@pytest.fixture
def find() -> Questions:
    return Questions()


def test_nobody_remembers_by_himself(find: Questions):
    foreknow({"key": 7})
    assert [once("key", find), once("key", find)] == [1, 2]


def test_what_is_remembered_is_forgotten_at_the_end(find: Questions):
    for answer in (1, 2):
        with remembering():
            assert [once("key", find), once("key", find)] == [answer, answer]


def test_who_remembers_within_another_knows_what_he_knows_and_tells_him(find: Questions):
    with remembering():
        foreknow({"known": 7})
        with remembering():
            assert (once("known", find), once("key", find)) == (7, 1)
        assert once("key", find) == 1


def test_what_failed_is_asked_again(find: Questions):
    def fail() -> int:
        raise LookupError

    with remembering():
        with pytest.raises(LookupError):
            once("key", fail)
        assert once("key", find) == 1
