"""Q-6: the first organizer and its admin are made by commands, which answer mistakes with one sentence."""

from __future__ import annotations

import pytest
from click.testing import Result
from flask import Flask

from helpdesk.accounts.user import User
from helpdesk.organizers.organizer import Organizer
from tests.support.world import World

PASSWORD = "a long password"
ORGANIZER = ["organizer", "create", "--name", "New", "--slug"]
PERSON = ["user", "create", "--organizer", "acme", "--name", "Neo", "--password", PASSWORD, "--email"]


def run(app: Flask, args: list[str]) -> Result:
    with app.app_context():  # as `helpdesk` enters one for each command
        return app.test_cli_runner().invoke(args=args)


def test_Q_6_commands_make_the_first_organizer_and_its_admin(app: Flask, world: World) -> None:
    assert run(app, [*ORGANIZER, "new-shop"]).exit_code == 0
    person = ["user", "create", "--organizer", "new-shop", "--name", "Neo", "--password", PASSWORD]
    assert run(app, [*person, "--email", "Neo@new.example"]).exit_code == 0
    with app.app_context():
        user = User.authenticate("neo@new.example", PASSWORD)
        assert user is not None
        assert user.role == "admin"


@pytest.mark.parametrize("args", [
    [*ORGANIZER, "acme"], [*ORGANIZER, "Bad Slug!"], [*ORGANIZER, ""],
    [*PERSON, "Gus@acme.example"], [*PERSON, "nobody"], [*PERSON, "a@b.example, c@d.example"],
    [*PERSON[:-3], "--password", "short", "--email", "neo@new.example"],
])  # fmt: skip
def test_Q_6_a_mistake_in_a_command_is_one_sentence(app: Flask, world: World, args: list[str]) -> None:
    with world.inside():
        before = (world.count(Organizer), world.count(User))
    said = run(app, args)
    assert said.exit_code in (1, 2)
    assert isinstance(said.exception, SystemExit)  # no traceback
    assert "Error: " in said.output
    with world.inside():
        assert (world.count(Organizer), world.count(User)) == before
