"""A store's own mail server: its page, and what never comes out of it again (V13.3.1, V14.2.1)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from helpdesk.core.addresses import is_open
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.notifications.mail_server import MailServer
from helpdesk.organizers.merchant import Merchant
from tests.notifications.sink import Sink
from tests.support.databases import both_databases
from tests.support.process import free_port
from tests.support.seat import Seat
from tests.support.world import World

SECRET = "correct horse & <b>battery</b>"


@pytest.fixture
def own() -> Iterator[Sink]:
    """A store's mail server, which wants a password."""
    with Sink(password=SECRET) as server:
        yield server


@pytest.fixture
def world(make_app: Callable[..., Flask]) -> World:
    """The cast, where stores' servers may be on this machine."""
    return World(make_app(private_mail_servers=True))


@pytest.fixture
def strict(make_app: Callable[..., Flask]) -> World:
    """The cast, as it is shipped."""
    return World(make_app())


def address(world: World, prefix: str = "ACME", slug: str = "acme") -> str:
    with world.inside(slug):
        return f"/settings/templates/sender/{world.one(Merchant, prefix=prefix).id}"


def typed(**more: Any) -> dict[str, Any]:
    return {"is_on": "y", "host": "127.0.0.1", "port": "25", "security": "plain", "address": "shop@acme.example",
            "user_name": "", "password": ""} | more  # fmt: skip


def kept(world: World) -> MailServer | None:
    with world.inside():
        return db.session.scalar(select(MailServer))


@both_databases
def test_a_manager_gives_a_store_its_server_and_the_password_is_never_shown_again(
    world: World, own: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "helpdesk")
    mai, page = Seat(world, "Mai"), address(world)
    said = typed(port=str(own.port), user_name="shop", password=SECRET)
    tried = mai.post(f"{page}/server/tests", **said)
    assert tried.status_code == 200
    assert "250 OK" in tried.text
    assert kept(world) is None, "a try saves nothing"
    assert own.mails == []
    assert mai.post(f"{page}/server", **said).status_code == 303
    row = kept(world)
    assert row
    assert (row.is_on, row.port, row.user_name) == (True, own.port, "shop")
    again = mai.post(f"{page}/server/tests", **(said | {"password": ""}))
    assert "250 OK" in again.text, "the one that is kept is tried"
    shown = mai.get(page).text
    with world.inside():
        events = db.session.scalars(select(Event).where(Event.name == "server.changed")).all()
        assert [event.data["changes"]["password"] for event in events] == [[False, True]]
        everything = [str(event.data) for event in events]
        everything += [str(row) for row in db.session.execute(text("SELECT * FROM mail_servers"))]
    everything += [tried.text, again.text, shown, repr(row), caplog.text]
    assert not [one for one in everything if "battery" in one or "horse" in one]


def test_a_wrong_password_is_answered_in_the_servers_words(world: World, own: Sink) -> None:
    mai, page = Seat(world, "Mai"), address(world)
    said = typed(port=str(own.port), user_name="shop", password="wrong")
    answer = mai.post(f"{page}/server/tests", **said)
    assert "535 5.7.8" in answer.text
    assert 'value="shop"' in answer.text, "nothing typed is lost"


def test_a_server_that_is_not_there_is_said(world: World) -> None:
    mai, page = Seat(world, "Mai"), address(world)
    answer = mai.post(f"{page}/server/tests", **(typed(port=str(free_port()))))
    assert "Không có máy chủ email nào trả lời ở tên và cổng này." in answer.text
    assert "Error" not in answer.text


def test_Q_2_servers_are_not_tried_again_and_again(make_app: Callable[..., Flask], own: Sink) -> None:
    world = World(make_app(private_mail_servers=True, rate_limits=True))
    mai, ada, page = Seat(world, "Mai"), Seat(world, "Ada"), f"{address(world)}/server/tests"
    assert {mai.post(page, **typed(host="")).status_code for _ in range(12)} == {422}, "nothing was dialled"
    said = [mai.post(page, **typed(port=str(own.port))) for _ in range(11)]
    assert [answer.status_code for answer in said] == [200] * 10 + [429]
    assert own.connections == 10
    assert "Bạn đã thử máy chủ quá nhiều lần" in said[-1].text
    assert f'value="{own.port}"' in said[-1].text, "nothing typed is lost"
    assert 1 <= int(said[-1].headers["Retry-After"]) <= 60
    assert ada.post(page, **typed(port=str(own.port))).status_code == 200, "others may"


@pytest.mark.parametrize(
    "moved", [{"host": "evil.example"}, {"port": "2525"}, {"security": "tls"}, {"user_name": "x"}]
)
@pytest.mark.parametrize("door", ["/server", "/server/tests"])
def test_the_kept_password_goes_to_no_other_server(
    world: World, own: Sink, moved: dict[str, str], door: str
) -> None:
    mai, page = Seat(world, "Mai"), address(world)
    said = typed(port=str(own.port), user_name="shop", password=SECRET)
    mai.post(f"{page}/server", **said)
    answer = mai.post(f"{page}{door}", **(said | {"password": ""} | moved))
    assert answer.status_code == 409
    assert "Nhập lại mật khẩu" in answer.text


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "::1", "[::1]", "0.0.0.0", "169.254.169.254", "10.0.0.1"]
)
def test_SSRF_a_server_inside_the_house_is_refused(strict: World, host: str) -> None:
    mai, page = Seat(strict, "Mai"), address(strict)
    with Sink() as own:
        answer = mai.post(f"{page}/server/tests", **(typed(host=host, port=str(own.port))))
        assert own.connections == 0
    assert "250 OK" not in answer.text
    assert "mạng nội bộ" in answer.text


@pytest.mark.parametrize(
    ("at", "open_"),
    [("8.8.8.8", True), ("2606:4700::1111", True), ("127.0.0.1", False), ("10.1.2.3", False), ("172.16.0.1", False),
     ("192.168.1.1", False), ("169.254.169.254", False), ("100.64.0.1", False), ("0.0.0.0", False), ("::1", False),
     ("fe80::1%eth0", False), ("fc00::1", False), ("::ffff:127.0.0.1", False), ("::ffff:8.8.8.8", True),
     ("64:ff9b::7f00:1", False), ("64:ff9b::808:808", True), ("2002:7f00:1::", False), ("224.0.0.1", False),
     ("ff02::1", False), ("240.0.0.1", False), ("::", False), ("::127.0.0.1", False)],
)  # fmt: skip
def test_SSRF_which_addresses_are_in_the_open(at: str, open_: bool) -> None:
    assert is_open(at) is open_


def test_a_password_does_not_travel_in_the_open(strict: World) -> None:
    mai, page = Seat(strict, "Mai"), address(strict)
    answer = mai.post(f"{page}/server", **(typed(host="smtp.example.com", user_name="shop", password=SECRET)))
    assert answer.status_code == 409
    assert "không bảo vệ" in answer.text
    assert kept(strict) is None


@pytest.mark.parametrize(
    "wrong",
    [{"host": ""}, {"host": "a b"}, {"host": "http://x"}, {"host": "-x.example"}, {"host": "x" * 300},
     {"host": "x\r\ny.example"}, {"port": "0"}, {"port": "65536"}, {"port": "１"}, {"port": "9" * 30},
     {"security": "none"}, {"address": ""}, {"address": "a@x.test,b@y.test"}, {"user_name": "x" * 300},
     {"user_name": "shop", "password": "x" * 501}],
)  # fmt: skip
@pytest.mark.parametrize("door", ["/server", "/server/tests"])
def test_what_cannot_be_is_refused_in_words(world: World, wrong: dict[str, str], door: str) -> None:
    mai, page = Seat(world, "Mai"), address(world)
    answer = mai.post(f"{page}{door}", **(typed() | wrong))
    assert answer.status_code == 422
    assert 'id="server-errors"' in answer.text
    assert kept(world) is None


def test_two_managers_are_told_of_each_other(world: World) -> None:
    mai, ada, page = Seat(world, "Mai"), Seat(world, "Ada"), address(world)
    mai.get(page)
    assert mai.post(f"{page}/server", **(typed(version="0"))).status_code == 303
    answer = ada.post(f"{page}/server", **(typed(version="0", host="other.example")))
    assert answer.status_code == 409
    assert "other.example" in answer.text
    row = kept(world)
    assert row
    assert row.host == "127.0.0.1"


def test_Q_1_only_managers_and_only_their_own_stores(world: World) -> None:
    page, theirs = address(world), address(world, "GLOB", "globex")
    for name, where, code in (("Gus", page, 403), ("Mai", theirs, 404)):
        for door in ("/server", "/server/tests"):
            seat = Seat(world, name)
            assert seat.post(f"{where}{door}", **typed()).status_code == code


def test_without_a_user_name_the_password_is_forgotten(world: World, own: Sink) -> None:
    mai, page = Seat(world, "Mai"), address(world)
    said = typed(port=str(own.port), user_name="shop", password=SECRET)
    mai.post(f"{page}/server", **said)
    assert mai.post(f"{page}/server", **(typed(port=str(own.port)))).status_code == 303
    row = kept(world)
    assert row
    assert row.secret is None
