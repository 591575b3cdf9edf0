"""What was accepted is kept, and its consequences happen once everything is back, whatever was killed (Q-3)."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing

import pytest

from bench.figures import Customer
from tests.support.operator import Operator
from tests.support.process import HelpdeskProcess
from tests.support.servers import Mailbox

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("journeys")]

REQUESTS = 6


def wait_until(what: Callable[[], bool], seconds: float, said: Callable[[], str]) -> None:
    """Return once it is so."""
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, said()
        time.sleep(0.25)


@pytest.fixture
def product(helpdesk_process: Callable[..., HelpdeskProcess]) -> HelpdeskProcess:
    """With forms that a program may fill in."""
    return helpdesk_process(HELPDESK_RATE_LIMITS="off", HELPDESK_FILL_SECONDS="0")


@pytest.mark.parametrize(
    "victims",
    [("worker-1", "worker-2"), ("redis",), ("mailbox",), ("scheduler", "worker-1")],
    ids="+".join,
)
def test_Q_3_what_was_accepted_happens_whatever_is_killed(
    product: HelpdeskProcess, victims: tuple[str, ...]
) -> None:
    operator, mail = Operator(product), Mailbox(product.mail_dir)
    for number in range(REQUESTS):
        if number % 2 == 0:
            for victim in victims:
                product.kill(victim)
        with closing(Customer(product.address, "kept")) as customer:
            customer.send(number)  # fails unless it is accepted
        time.sleep(0.3)
    numbers = [f"ACME-{n}" for n in range(1, REQUESTS + 1)]
    told = {f"kept-{n}@example.com" for n in range(REQUESTS)}

    def all_assigned() -> bool:
        return all("ticket.assigned" in operator.events(number) for number in numbers)

    wait_until(all_assigned, 90, product.logs)
    wait_until(lambda: all(mail.messages(to=address) for address in told), 200, product.logs)
    time.sleep(2)
    for number in numbers:
        assert Counter(operator.events(number))["ticket.created"] == 1
        assert Counter(operator.events(number))["ticket.assigned"] == 1
    doubled = {a for a in told if len(mail.messages(to=a)) != 1}
    assert doubled <= operator.uncertain(), "a mail came twice that is not marked uncertain"
    assert operator.verify() == (0, "every event is in its place\n")


def test_Q_3_pages_and_replies_work_while_redis_is_away(product: HelpdeskProcess) -> None:
    product.kill("redis")
    began = time.monotonic()
    with closing(Customer(product.address, "away")) as customer:
        customer.send(1)
    assert time.monotonic() - began < 10
    assert Operator(product).events("ACME-1")[0] == "ticket.created"
