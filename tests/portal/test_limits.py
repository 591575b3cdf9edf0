"""The open doors are held ajar: limits per address, per e-mail, per form, with Redis and while it is away."""

import pytest

from helpdesk.core.events import Event
from helpdesk.core.security import limiter
from helpdesk.tickets.ticket import Ticket
from tests.portal.test_doubts import solve
from tests.portal.test_form import GIVEN
from tests.portal.test_link import expired
from tests.support.page import form


@pytest.fixture(params=["redis", "no redis", "redis away"])
def limited(request, world, make_app, tmp_path):
    """The application with its limits on; made last, because one limiter serves all applications of a process."""
    urls = {"redis": None, "no redis": None, "redis away": f"unix://{tmp_path}/nobody.sock"}
    url = request.getfixturevalue("redis_url") if request.param == "redis" else urls[request.param]
    yield make_app(rate_limits=True, redis_url=url)
    limiter._storage_dead = False  # or the next application of this process would go on with the stopgap


def send(app, number, address="192.0.2.1", email="uyen@mail.example", key="form-acme"):
    client = app.test_client()
    filled = form(client.get(f"/embed/{key}?lang=vi"), "/embed/")
    filled.action += f"&n={number}"
    given = GIVEN | {"email": email}
    answer = client.post(filled.action, data=filled.fields | given, environ_base={"REMOTE_ADDR": address})
    while answer.status_code == 422:  # doubted, near a limit: the work is done, as a browser does it
        again = form(answer, "/embed/")
        fields = again.fields | {"proof": solve(again)}
        answer = client.post(again.action, data=fields, environ_base={"REMOTE_ADDR": address})
    return answer


def test_Q_2_an_address_sends_twenty_forms_a_minute(limited, world):
    """The last quarter takes two each: one that is doubted, and one with the work done."""
    answers = [send(limited, n, email=f"u{n}@mail.example") for n in range(19)]
    assert [answer.status_code for answer in answers] == [303] * 17 + [429] * 2
    refused = answers[-1]
    assert 1 <= int(refused.headers["Retry-After"]) <= 3600
    assert '<html lang="vi"' in refused.text
    assert "thử lại sau" in refused.text
    assert GIVEN["description"] in refused.text, "what was written is given back"
    assert "frame-ancestors *" in refused.headers["Content-Security-Policy"], "it is read inside the frame"
    assert send(limited, 22, address="192.0.2.2", email="w@mail.example").status_code == 303
    with world.inside():
        assert world.count(Ticket) == 18


@pytest.mark.parametrize("htmx", [True, False])
def test_Q_5_a_customer_who_writes_too_often_is_told_in_the_language_of_his_request(make_app, world, htmx):
    """The limit is asked before the door, where nobody knows him yet."""
    made = world.ticket()  # in Vietnamese
    client = make_app(rate_limits=True).test_client()
    client.get(world.link(made))
    filled = form(client.get(f"/requests/{made}"), "/replies")
    answers = [filled.send(client, htmx, body=f"Số {n}") for n in range(31)]
    assert {answer.status_code for answer in answers[:-1]} == {200 if htmx else 303}
    late = answers[-1]
    assert late.status_code == 429
    assert "Thử lại sau 1 phút nữa." in late.text
    assert "Too many" not in late.text
    assert 1 <= int(late.headers["Retry-After"]) <= 60
    assert ("Số 30" in late.text) is not htmx, "what was written is given back where the page is gone"


def test_Q_2_nobodys_mailbox_is_flooded_from_many_addresses(make_app, world):
    app = make_app(rate_limits=True)
    answers = [send(app, n, address=f"192.0.2.{n}") for n in range(1, 12)]
    assert [answer.status_code for answer in answers] == [303] * 10 + [429]
    assert send(app, 12, address="192.0.2.12", email="other@mail.example").status_code == 303
    assert send(app, 13, address="192.0.2.13", email="UYEN@mail.example ").status_code == 429
    with world.inside():
        assert world.count(Ticket) == 11


def test_Q_2_a_new_link_is_mailed_three_times_an_hour(make_app, world):
    app, link = make_app(rate_limits=True), expired(world)
    answers = []
    for n in range(4):
        client = app.test_client()
        filled = form(client.get(link), "/renewal")
        answers.append(
            client.post(filled.action, data=filled.fields, environ_base={"REMOTE_ADDR": f"192.0.2.{n}"})
        )
    assert [answer.status_code for answer in answers] == [303, 303, 303, 429]
    with world.inside():
        assert world.count(Event, name="link.renewed") == 3
