"""The open request page: what is pushed to it while things happen. Real Redis; what leaves is read from its channel."""

from __future__ import annotations

import json
import time

import pytest
import redis

from helpdesk.core import live
from helpdesk.core.hub import CHANNEL, CONTROL
from helpdesk.core.tenancy import inside
from helpdesk.tickets.customer_link import CustomerLink
from helpdesk.tickets.ticket import Ticket
from tests.support.page import form, read
from tests.support.world import World


@pytest.fixture
def app(make_app, redis_url):
    return make_app(redis_url=redis_url)


def heard(pubsub):
    """What came within a moment; confirmations of subscribing count as nothing."""
    found, until = [], time.monotonic() + 0.3
    while time.monotonic() < until:
        message = pubsub.get_message(timeout=0.05)
        if message:
            found.append(json.loads(message["data"]))
    return found


class Ear:
    """Somebody who has the customer's page open, heard from the channel."""

    def __init__(self, url: str, world: World, ticket: int) -> None:
        self.topic = f"request.{ticket}"
        self.redis = redis.Redis.from_url(url)
        self.redis.set(f"helpdesk:heard:{world.organizers['acme']}:{self.topic}", 1)
        self.pubsub = self.redis.pubsub(ignore_subscribe_messages=True)
        self.pubsub.subscribe(CHANNEL, CONTROL)
        heard(self.pubsub)

    def frames(self, language: str = "en") -> list[dict]:
        """Everything that came for this topic."""
        said = [message for message in heard(self.pubsub) if message.get("topic") == self.topic]
        return [json.loads(message["frames"][language]) for message in said]


@pytest.fixture
def ear(redis_url, world, ticket):
    world.run_reactions()
    ear = Ear(redis_url, world, ticket)
    yield ear
    ear.pubsub.close()
    ear.redis.close()


def deed(world, what, *args, **values):
    with world.inside():
        getattr(Ticket.for_deed(world.one(Ticket).id), what)(*args, by=world.user("Gus"), **values)
    world.run_reactions()


def contents(frames):
    return "".join(frame["content"] for frame in frames)


def kinds(frames):
    return [element["data-kind"] for element in read(contents(frames)).with_attribute("data-message")]


def test_NTF_001_an_agents_reply_appears_on_the_customers_page(world, ticket, ear):
    deed(world, "reply", "We look into it.", then="WAITING_USER")
    frames = ear.frames()
    assert "agent_reply" in kinds(frames)
    assert 'data-status="WAITING_USER"' in contents(frames)
    assert all(frame["sequence"] for frame in frames)


def test_NTF_001_the_customers_reply_comes_back_to_his_other_page(world, client, ticket, ear):
    client.get(world.link(ticket))
    form(client.get(f"/requests/{ticket}"), "/replies").send(client, body="Anybody there?")
    world.run_reactions()
    assert kinds(ear.frames()) == ["customer_reply"]


def test_MSG_003_a_note_is_not_pushed_to_the_customer(world, ticket, ear):
    deed(world, "note", "Between us: watch out.")
    assert ear.frames() == []


def test_MSG_003_internal_lines_are_not_pushed_to_the_customer(world, ticket, ear):
    deed(world, "move_to", "WAITING_INTERNAL")
    frames = ear.frames()
    assert kinds(frames) == []
    assert 'data-status="WAITING_INTERNAL"' in contents(frames)
    assert "Gus" not in contents(frames)


def test_Q_5_a_push_is_in_the_language_of_each_page(world, ticket, ear):
    deed(world, "resolve", note_vi="Xong.")
    with world.inside():
        sentences = {said["content"] for said in ear.frames("vi")}
    assert any("Xong." in sentence for sentence in sentences)


def test_Q_2_a_pushed_form_carries_no_token_of_its_own(world, client, ticket, ear):
    deed(world, "resolve", note_vi="Xong.")
    pushed = form(contents(ear.frames()), "/confirmation")
    assert pushed.fields["csrf_token"] == ""
    client.get(world.link(ticket))
    token = next(read(client.get(f"/requests/{ticket}")).all("meta", name="csrf-token"))["content"]
    sent = client.post(pushed.action, data={"csrf_token": "", "rating": "5"}, headers={"X-CSRFToken": token})
    assert sent.status_code == 303


def test_NTF_001_nobody_looks_and_nothing_is_sent(world, ticket, redis_url):
    world.run_reactions()
    listening = redis.Redis.from_url(redis_url).pubsub(ignore_subscribe_messages=True)
    listening.subscribe(CHANNEL)
    heard(listening)
    deed(world, "reply", "We look into it.")
    assert not [said for said in heard(listening) if said["topic"].startswith("request.")]
    listening.close()


def test_Q_1_a_link_hears_its_own_request_and_nothing_else(world, ticket):
    other = world.ticket("Another one")
    with world.inside():
        link = CustomerLink.of(Ticket.for_deed(ticket))
        link_id, organizer = link.id, link.organizer_id
        user = world.user("Gus")
        merchant, user_id = link.ticket.merchant_id, user.id
    who = live.Identity("link", link_id, organizer)
    strangers = [
        f"request.{other}",
        f"ticket.{ticket}",
        f"queue.{merchant}",
        f"user.{user_id}",
        "request.",
        "request.x",
    ]
    with world.app.app_context(), inside(organizer):
        assert live.allowed(who, [f"request.{ticket}"])
        for topic in strangers:
            assert not live.allowed(who, [topic]), topic
            assert not live.allowed(who, [f"request.{ticket}", topic]), topic


def test_NTF_001_a_revoked_link_loses_its_stream_at_once(world, ticket, ear):
    with world.inside():
        link = CustomerLink.of(Ticket.for_deed(ticket))
        link.revoke()
        who = live.Identity("link", link.id, link.organizer_id)
    assert {"kind": "link", "id": who.id} in heard(ear.pubsub)
    with world.app.app_context(), inside(who.organizer_id):
        assert not live.allowed(who, [ear.topic])


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
def test_Q_2_another_sites_page_opens_no_socket(world, client, ticket, origin):
    client.get(world.link(ticket))
    answer = client.get(f"/requests/{ticket}/live", headers={
        "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "x" * 22 + "==",
        "Sec-WebSocket-Version": "13", "Origin": origin,
    })  # fmt: skip
    assert answer.status_code == 403
