"""The door: every route says who may come in, or the application does not start."""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TypeVar

from flask import Flask, current_app, has_request_context, request
from flask_login import current_user
from werkzeug.exceptions import Forbidden

from helpdesk.config import current_config
from helpdesk.core.errors import SignInFirst

View = TypeVar("View", bound=Callable)


@dataclass(frozen=True)
class Rule:
    """Who may come in. `check` raises `SignInFirst`, `Forbidden` or `NotFound`; it returns nothing."""

    name: str
    check: Callable[[], None]
    knows_users: bool = (
        False  # whether signed-in people are recognised behind it; the customer's doors do not
    )


class Undeclared(RuntimeError):
    """Routes without an access rule."""


def _operator() -> None:
    """Health and figures are for the machine itself, or for who brings the token."""
    token = current_config().metrics_token
    if token and request.headers.get("Authorization") == f"Bearer {token}":
        return
    if not ip_address(request.remote_addr or "0.0.0.0").is_loopback or request.headers.get("X-Forwarded-For"):  # noqa: S104
        raise Forbidden


def _somebody() -> None:
    if not current_user.is_authenticated:
        raise SignInFirst


anyone = Rule("anyone", lambda: None)
signed_in = Rule("signed in", _somebody, knows_users=True)
operator = Rule("operator", _operator)


def allow(rule: Rule) -> Callable[[View], View]:
    """Declare who may use a view."""

    def mark(view: View) -> View:
        view.access_rule = rule
        return view

    return mark


def init_app(app: Flask) -> None:
    """Ask the rule before each view, sockets included."""
    app.view_functions["static"].access_rule = anyone  # type: ignore[attr-defined]
    app.before_request(_check)


def present_rule() -> Rule | None:
    """The rule of the present request; None where no route matched (404 for everybody)."""
    if not has_request_context() or request.endpoint is None:
        return None
    return current_app.view_functions[request.endpoint].access_rule  # type: ignore[attr-defined]


def _check() -> None:
    rule = present_rule()
    if rule:
        rule.check()


def refuse_undeclared(app: Flask) -> None:
    """Raise `Undeclared` with the list of routes that say nothing about who may come in."""
    silent = sorted(
        str(rule) for rule in app.url_map.iter_rules()
        if not isinstance(getattr(app.view_functions[rule.endpoint], "access_rule", None), Rule)
    )  # fmt: skip
    if silent:
        raise Undeclared(f"routes without @allow: {', '.join(silent)}")


def route_table(app: Flask) -> list[str]:
    """Every route with its methods, its rule and its endpoint, one line each, in order."""
    lines = []
    for rule in app.url_map.iter_rules():
        methods = "WS" if rule.websocket else ",".join(sorted(set(rule.methods or ()) - {"HEAD", "OPTIONS"}))
        access = app.view_functions[rule.endpoint].access_rule.name  # type: ignore[attr-defined]
        lines.append(f"{rule.rule:<55} {methods:<10} {access:<12} {rule.endpoint}")
    return sorted(lines)
