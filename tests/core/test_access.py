"""The door: every route says who may come in, or the application does not start (Q-2)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from helpdesk.core.access import Undeclared, allow, anyone, operator, refuse_undeclared
from helpdesk.core.live import sock
from tests.support.commands import run

LOOPBACK = {"REMOTE_ADDR": "127.0.0.1"}
AFAR = {"REMOTE_ADDR": "203.0.113.9"}


def test_Q_2_an_undeclared_route_keeps_the_application_from_starting(app: Flask):
    refuse_undeclared(app)
    app.add_url_rule("/silent", "silent", lambda: "")
    with pytest.raises(Undeclared, match="/silent"):
        refuse_undeclared(app)


def test_Q_2_a_mark_that_is_no_rule_is_none(app: Flask):
    view = allow("anyone")(lambda: "")  # a word is not a rule
    app.add_url_rule("/worded", "worded", view)
    with pytest.raises(Undeclared, match="/worded"):
        refuse_undeclared(app)


def test_Q_2_an_undeclared_socket_keeps_the_application_from_starting(app: Flask):
    sock.route("/silent-ws", bp=app)(lambda ws: None)
    with pytest.raises(Undeclared, match="/silent-ws"):
        refuse_undeclared(app)


def test_static_files_are_for_everybody(client):
    with client.get("/static/css/tokens.css") as answer:
        assert answer.status_code == 200


@pytest.mark.parametrize(
    "where, headers, status",
    [
        (LOOPBACK, {}, 200),
        (AFAR, {}, 403),
        (LOOPBACK, {"X-Forwarded-For": "203.0.113.9"}, 403),  # a proxy on this machine speaks for somebody else
        (AFAR, {"Authorization": "Bearer the right one"}, 200),
        (AFAR, {"Authorization": "Bearer a wrong one"}, 403),
        (AFAR, {"Authorization": "the right one"}, 403),
        (AFAR, {"Authorization": "Bearer "}, 403),
    ],
)  # fmt: skip
def test_Q_6_figures_are_for_the_machine_or_who_brings_the_token(where, headers, status, make_app):
    client = make_app(metrics_token="the right one").test_client()
    assert client.get("/metrics", environ_base=where, headers=headers).status_code == status


@pytest.mark.parametrize("given", ["Bearer ", "Bearer None", "Bearer"])
def test_Q_6_without_a_token_none_opens_the_figures(given, client):
    answer = client.get("/metrics", environ_base=AFAR, headers={"Authorization": given})
    assert answer.status_code == 403


def test_Q_6_without_an_address_nobody_is_the_machine(client):
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": ""}).status_code == 403


def test_Q_6_figures_are_in_prometheus_words(client):
    answer = client.get("/metrics")
    assert answer.mimetype == "text/plain"
    assert "# TYPE helpdesk_" in answer.text


def test_Q_6_health_is_told_to_everybody_and_says_little(client):
    assert client.get("/healthz", environ_base=AFAR).json == {"status": "ok"}
    ready = client.get("/readyz", environ_base=AFAR)
    assert ready.status_code == 200
    assert ready.json == {"status": "ok", "database": "ok", "redis": "away"}


def test_Q_6_a_house_without_its_database_is_not_ready(make_app_on, tmp_path):
    client = make_app_on(f"sqlite:///{tmp_path}").test_client()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["database"]) == (503, "away")
    assert client.get("/healthz").status_code == 200


def test_Q_6_redis_is_seen_when_it_is_there(make_app, redis_url):
    assert make_app(redis_url=redis_url).test_client().get("/readyz").json["redis"] == "ok"


def test_Q_2_the_command_prints_every_route_with_its_rule(app: Flask):
    printed = run(app, "routes").output
    lines = printed.splitlines()
    assert len(lines) == len(list(app.url_map.iter_rules()))
    words = {line.split()[0]: line.split()[2] for line in lines}
    assert words["/metrics"] == "operator"
    assert words["/queue"] == "agent"
    assert words["/healthz"] == "anyone"
    assert any(line.split()[1] == "WS" for line in lines)


def test_Q_2_the_entry_point_says_a_bad_setting_in_one_sentence(tmp_path: Path):
    command = [sys.executable, "-c", "from helpdesk.cli import main; main()", "routes"]
    env = {"PORT": "eighty", "HELPDESK_DATA_DIR": str(tmp_path), "PATH": ""}
    done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=Path(__file__).parents[2])
    assert done.returncode == 1
    assert done.stderr.strip() == "helpdesk: PORT must be a whole number, not 'eighty'."


def test_rules_are_named_for_people():
    assert (anyone.name, operator.name) == ("anyone", "operator")
