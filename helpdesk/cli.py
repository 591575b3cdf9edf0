"""`helpdesk …`: the commands of operators. Each is a few lines on what the rooms offer."""

import re
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import FlaskGroup
from sqlalchemy.exc import OperationalError

from helpdesk.config import BadSetting, Config
from helpdesk.core import access
from helpdesk.core.db import db, transaction
from helpdesk.core.tenancy import inside


def _transaction(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command is one transaction."""

    @wraps(command)
    def run(*args: Any, **options: Any) -> Any:
        with transaction():
            return command(*args, **options)

    return run


class _Shape(click.ParamType):
    """A text of a certain shape; anything else is one sentence and exit status 2."""

    name = "text"

    def __init__(self, pattern: str, wanted: str) -> None:
        self.pattern, self.wanted = pattern, wanted

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The text without spaces around it."""
        found = str(value).strip()
        if not re.fullmatch(self.pattern, found):
            self.fail(f"{value!r} is not {self.wanted}.", param, ctx)
        return found


NAME = _Shape(r"[^\x00-\x1f]{1,200}", "a name of 1 to 200 characters")
SLUG = _Shape(r"[a-z0-9][a-z0-9-]{0,59}", "made of small letters, digits and hyphens")
EMAIL = _Shape(r"[^@\s]{1,64}@[^@\s]{1,180}\.[^@\s.]{2,60}", "an email like name@example.com")


@click.command("up")
def up() -> None:
    """Everything on this machine: web, workers, scheduler, Redis, mailbox."""
    from helpdesk.launch import supervisor

    sys.exit(supervisor.up(Config.from_env()))


@click.command("web")
def web() -> None:
    """One web server process."""
    from helpdesk.launch import supervisor

    sys.exit(supervisor.web(Config.from_env()))


@click.command("worker")
def worker() -> None:
    """One worker process."""
    from helpdesk.core import jobs
    from helpdesk.launch import preflight

    preflight.let_pages_go_first()
    preflight.keep_what_is_loaded()
    jobs.work(current_app._get_current_object())  # type: ignore[attr-defined]


@click.command("schedule")
def schedule() -> None:
    """The scheduler process."""
    from helpdesk.core import jobs

    jobs.schedule(current_app._get_current_object())  # type: ignore[attr-defined]


@click.group("seed")
def seed() -> None:
    """Data to begin with."""


@seed.command("shipped")
def seed_shipped() -> None:
    """The shipped defaults; twice changes nothing."""
    from helpdesk.core import seeds

    seeds.seed_shipped()


@seed.command("demo")
def seed_demo() -> None:
    """The demo organizers."""
    from helpdesk.demo.seed import seed_demo as demo

    demo()


@seed.command("load")
@click.option("--tickets", type=click.IntRange(1, 2_000_000), required=True)
def seed_load(tickets: int) -> None:
    """A large, varied organizer for measuring."""
    from helpdesk.demo.load import seed_load as load

    load(tickets)


@click.group("organizer")
def organizer() -> None:
    """Organizers."""


@organizer.command("create")
@click.option("--name", type=NAME, required=True)
@click.option("--slug", type=SLUG, required=True)
@click.option("--language", type=click.Choice(["en", "vi"]), default="en")
@_transaction
def organizer_create(name: str, slug: str, language: str) -> None:
    """A new organizer."""
    from sqlalchemy import select

    from helpdesk.organizers.organizer import Organizer

    if db.session.scalar(select(Organizer).where(Organizer.slug == slug)):
        raise click.ClickException(f"There is an organizer {slug!r} already.")
    row = Organizer(name=name, slug=slug, default_language=language)
    db.session.add(row)
    db.session.flush()
    click.echo(f"organizer {row.slug} ({row.id})")


@click.group("user")
def user() -> None:
    """Users."""


@user.command("create")
@click.option("--organizer", "slug", required=True)
@click.option("--name", type=NAME, required=True)
@click.option("--email", type=EMAIL, required=True)
@click.option("--role", type=click.Choice(["agent", "manager", "admin"]), default="admin")
@click.option("--language", type=click.Choice(["en", "vi"]), default="en")
@click.password_option()
@_transaction
def user_create(slug: str, name: str, email: str, role: str, language: str, password: str) -> None:
    """A new user of an organizer."""
    from sqlalchemy import select

    from helpdesk.accounts.user import User
    from helpdesk.organizers.organizer import Organizer

    row = db.session.scalar(select(Organizer).where(Organizer.slug == slug))
    if row is None:
        raise click.ClickException(f"There is no organizer {slug!r}.")
    if len(password) < 12:
        raise click.ClickException("A password has at least 12 characters.")
    if User.find(email):
        raise click.ClickException(f"There is a user {email!r} already.")
    with inside(row.id):
        User.create(name=name, email=email, password=password, role=role, language=language)
        db.session.flush()
    click.echo(f"user {email}")


@user.command("deactivate")
@click.option("--email", required=True)
@_transaction
def user_deactivate(email: str) -> None:
    """End a user's work: all his sessions and open pages end now."""
    from helpdesk.accounts.user import User

    row = User.find(email)
    if row is None:
        raise click.ClickException(f"There is no user {email!r}.")
    with inside(row.organizer_id):
        row.deactivate()
        db.session.flush()
    click.echo(f"user {row.email} is deactivated")


@click.command("routes")
def routes() -> None:
    """Every route with its access rule."""
    click.echo("\n".join(access.route_table(current_app)))


@click.group("audit")
def audit() -> None:
    """The record of what happened."""


@audit.command("verify")
def audit_verify() -> None:
    """Check the chain of events; names the broken ones and exits with 1."""
    from helpdesk.core.verify import verify

    broken = verify()
    for slug, ids in broken.items():
        click.echo(f"{slug}: broken at {', '.join(map(str, ids))}")
    if broken:
        sys.exit(1)
    click.echo("every event is in its place")


@click.group("calendar")
def calendar() -> None:
    """Business time."""


@calendar.command("compute")
def calendar_compute() -> None:
    """JSON lines in, JSON lines out."""
    from helpdesk.sla.compute import compute_lines

    sys.stdin.reconfigure(errors="replace")  # type: ignore[union-attr]
    for line in compute_lines(sys.stdin):
        print(line, flush=True)


COMMANDS = (worker, schedule, seed, organizer, user, routes, audit, calendar)


def init_app(app: Flask) -> None:
    """Add the commands."""
    for command in COMMANDS:
        app.cli.add_command(command)


def main() -> None:
    """The entry point of `helpdesk`; a bad setting is one sentence and exit status 1."""
    from helpdesk import create_app

    group = FlaskGroup(create_app=create_app, add_default_commands=False, add_version_option=False)
    for command in (up, web):  # they make no application of their own: their children do
        group.add_command(command)
    try:
        group.main(prog_name="helpdesk")
    except (BadSetting, OSError) as error:
        click.echo(f"helpdesk: {error}", err=True)
        sys.exit(1)
    except OperationalError as error:
        click.echo(f"helpdesk: the database does not answer as it should ({error.orig}).", err=True)
        sys.exit(1)
