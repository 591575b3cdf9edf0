"""Who he says he is: passwords, and what a wrong one tells (Q-2)."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import select

from helpdesk.accounts.user import User
from helpdesk.accounts.user_session import UserSession
from helpdesk.core.db import db
from helpdesk.core.tenancy import present_organizer
from tests.support.commands import run
from tests.support.databases import both_databases
from tests.support.page import form, read
from tests.support.world import PASSWORD, PEOPLE


def sign_in(client, email: str = "gus@acme.example", password: str = PASSWORD, **values: str):
    return form(client.get("/login"), "/login").send(client, email=email, password=password, **values)


@both_databases
@pytest.mark.parametrize("name", PEOPLE)
def test_everybody_signs_in_to_his_own_organizer(name, client, world):
    slug = PEOPLE[name][0]
    answer = sign_in(client, f"{name.lower()}@{slug}.example")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/queue")
    with client:
        client.get("/queue")
        assert present_organizer() == world.organizers[slug]


def test_an_address_is_the_same_in_any_case(client, world):
    assert sign_in(client, " GUS@Acme.Example ").status_code == 303


@pytest.mark.parametrize(
    "email, password",
    [
        ("gus@acme.example", "wrong"),
        ("gus@acme.example", PASSWORD + " "),
        ("gus@acme.example", PASSWORD.upper()),
        ("gus@acme.example", PASSWORD[:-1]),
        ("nobody@acme.example", PASSWORD),
        ("bea@mail.example", PASSWORD),  # customers have no password
        ("gus@acme.example' OR '1'='1", PASSWORD),
        ("%@acme.example", PASSWORD),
    ],
)  # fmt: skip
def test_Q_2_a_wrong_one_tells_nothing(email, password, client, world):
    answer = sign_in(client, email, password)
    assert answer.status_code == 422
    [said] = [e.text for e in read(answer).all(class_="error-summary")] or [answer.text]
    assert "The email or the password is wrong." in said
    assert client.get("/queue").status_code == 302


@pytest.mark.parametrize(
    "email, password", [("", PASSWORD), ("gus@acme.example", ""), ("x" * 300, "x"), ("x", "y" * 1001)]
)
def test_what_is_missing_or_too_long_is_said(email, password, client, world):
    answer = sign_in(client, email, password)
    assert answer.status_code == 422
    assert client.get("/queue").status_code == 302


def test_Q_2_the_password_is_never_sent_back(client, world):
    assert "a wrong secret" not in sign_in(client, password="a wrong secret").text


def test_Q_2_an_unknown_address_takes_as_long_as_a_known_one(app, world):
    """Or whoever measures learns who has an account. The hash is most of the time."""
    with app.app_context():
        User.authenticate("warm@up.example", "x")

        def seconds(email: str) -> float:
            def one() -> float:
                began = time.process_time()
                User.authenticate(email, "wrong")
                return time.process_time() - began

            return min(one() for _ in range(3))

        known, unknown = seconds("gus@acme.example"), seconds("nobody@acme.example")
    assert unknown > known / 3


def test_Q_2_passwords_are_kept_as_argon2id(world):
    with world.inside():
        kept = [user.password_hash for user in db.session.scalars(select(User))]
    assert len(set(kept)) == len(kept), "without salt"
    for hashed in kept:
        assert hashed.startswith("$argon2id$v=19$")
        settings = dict(part.split("=") for part in hashed.split("$")[3].split(","))
        assert int(settings["m"]) >= 19 * 1024  # KiB; OWASP's least
        assert int(settings["t"]) >= 2


def test_Q_2_a_long_password_counts_to_its_end(world):
    """bcrypt would stop at 72 bytes."""
    with world.inside():
        world.user("Gus").set_password("ờ" * 100 + "a")
    with world.app.app_context():
        assert User.authenticate("gus@acme.example", "ờ" * 100 + "a")
        assert User.authenticate("gus@acme.example", "ờ" * 100 + "b") is None


def test_Q_2_a_hash_that_cannot_be_read_opens_nothing(world):
    with world.inside():
        world.user("Gus").password_hash = ""
    with world.app.app_context():
        assert User.authenticate("gus@acme.example", "") is None
        assert User.authenticate("gus@acme.example", PASSWORD) is None


def test_Q_2_one_who_was_deactivated_does_not_come_in(client, world):
    with world.inside():
        world.user("Gus").deactivate()
    answer = sign_in(client)
    assert answer.status_code == 422
    assert "The email or the password is wrong." in answer.text


def test_a_role_includes_those_before_it(world):
    with world.inside():
        roles = {
            name: [world.user(name).is_at_least(r) for r in ("agent", "manager", "admin")]
            for name in ("Gus", "Mai", "Ada")
        }
    assert roles == {"Gus": [True, False, False], "Mai": [True, True, False], "Ada": [True, True, True]}


# Operators ----------------------------------------------------------------------------------------------------


def create(app, *words: str, **options: str):
    options = {
        "organizer": "acme",
        "name": "New",
        "email": "new@acme.example",
        "password": PASSWORD,
    } | options
    return run(app, "user", "create", *[f"--{name}={value}" for name, value in options.items()], *words)


def test_Q_6_an_operator_makes_the_first_organizer_and_admin(app, world, client):
    done = run(app, "organizer", "create", "--name=Third", "--slug=third", "--language=vi")
    assert (done.exit_code, done.output.split()[:2]) == (0, ["organizer", "third"])
    assert create(app, organizer="third", email="New@Third.example").exit_code == 0
    assert sign_in(client, "new@third.example").status_code == 303
    with client:
        client.get("/queue")
        assert present_organizer() not in world.organizers.values()


WRONG = [
    *({"password": "short"}, {"organizer": "nobody"}, {"role": "king"}, {"language": "de"}),
    {"email": "gus@acme.example"},
]


@pytest.mark.parametrize("options", WRONG)
def test_Q_6_what_an_operator_gets_wrong_makes_nobody(options, app, world):
    assert create(app, **options).exit_code != 0
    with world.inside():
        assert world.count(User, name="New") == 0


def test_Q_2_an_operator_ends_a_users_work_at_once(app, world):
    gus = world.sign_in("Gus")
    assert gus.get("/queue").status_code == 200
    assert run(app, "user", "deactivate", "--email=gus@acme.example").exit_code == 0
    assert gus.get("/queue").status_code == 302
    with world.inside():
        assert None not in [row.ended_at for row in db.session.scalars(select(UserSession))] != []
    assert run(app, "user", "deactivate", "--email=nobody@acme.example").exit_code == 1
