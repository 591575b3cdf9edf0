"""Q-6: figures for Prometheus, for the machine itself or for who brings the token."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from helpdesk.agents.agent import Agent
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.sla.clock import Clock
from helpdesk.tickets.lifecycle import Status
from tests.support.seat import ticket_in

FAR = {"REMOTE_ADDR": "203.0.113.9"}


def figures(answer) -> dict[tuple, float]:
    """(name, label values in the order of their names) → value."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_Q_6_the_figures_tell_what_the_desk_did(world, client):
    ticket_in(world, Status.RESOLVED)
    world.ticket()
    world.ticket()
    world.ticket(by="Cyd")
    world.run_reactions()
    with world.inside():
        for agent in db.session.scalars(db.select(Agent)):
            agent.availability = "away"
    world.ticket()
    world.run_reactions()
    clock.travel(9 * 3600)
    with world.inside():
        Clock.mark_due()
    told = figures(client.get("/metrics"))
    assert told["helpdesk_tickets", "ACME", "ASSIGNED"] == 2
    assert told["helpdesk_tickets", "ACME", "OPEN"] == 1
    assert told["helpdesk_tickets", "ACME", "RESOLVED"] == 1
    assert told["helpdesk_tickets", "GLOB", "ASSIGNED"] == 1
    assert told["helpdesk_assignments", "assigned"] == 3
    assert told["helpdesk_assignments", "nobody"] == 1
    assert told["helpdesk_sla_marks", "warned"] == told["helpdesk_sla_marks", "breached"] == 3
    assert told["helpdesk_sockets",] == 0
    assert told["helpdesk_reactions_failed",] == 0
    assert told["helpdesk_oldest_event_seconds",] >= 0


def test_Q_6_work_that_waits_shows_its_age(world, client):
    world.ticket()
    clock.travel(120)
    assert figures(client.get("/metrics"))["helpdesk_oldest_event_seconds",] >= 120
    world.run_reactions()
    told = figures(client.get("/metrics"))
    assert told["helpdesk_oldest_event_seconds",] == told["helpdesk_oldest_reaction_seconds",] == 0


def test_Q_6_an_empty_desk_has_figures_too(client):
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain")
    assert ("helpdesk_sockets",) in figures(answer)


def test_Q_6_the_figures_are_for_the_machine_itself(client):
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", environ_base=FAR).status_code == 403
    behind = {"X-Forwarded-For": "127.0.0.1"}
    assert (
        client.get("/metrics", headers=behind).status_code == 403
    )  # a proxy on this machine speaks for others


@pytest.mark.parametrize("header,code", [
    ("Bearer the-token", 200), ("Bearer another", 403), ("bearer the-token", 403), ("the-token", 403), ("Bearer ", 403),
    ("Basic the-token", 403), ("", 403),
])  # fmt: skip
def test_Q_6_from_afar_the_token_opens_them(make_app, header, code):
    client = make_app(metrics_token="the-token").test_client()
    assert client.get("/metrics", environ_base=FAR, headers={"Authorization": header}).status_code == code


def test_Q_6_without_a_token_none_opens_them(client):
    for header in ("Bearer ", "Bearer None", "Bearer"):
        assert client.get("/metrics", environ_base=FAR, headers={"Authorization": header}).status_code == 403


def test_Q_6_the_figures_name_nobody(world, client):
    ticket_in(world, Status.IN_PROGRESS, subject="A very private matter")
    text = client.get("/metrics").text
    for words in ("Bea", "mail.example", "private", "Gus"):
        assert words not in text
