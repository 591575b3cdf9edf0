"""Pages, fragments and the answers to deeds."""

import hashlib
import os
from collections.abc import Hashable, MutableMapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from babel.units import format_unit
from flask import Flask, Response, current_app, g, make_response, redirect, render_template, request
from flask.templating import Environment as FlaskEnvironment
from jinja2 import StrictUndefined
from jinja2.runtime import Macro
from werkzeug.routing import BaseConverter

from helpdesk.config import ROOT, current_config
from helpdesk.core import clock
from helpdesk.core.events import Robot
from helpdesk.core.i18n import _, days, language, speaking, tongue
from helpdesk.core.icons import icon_shapes
from helpdesk.core.richtext import readable

STATIC = ROOT / "static"


class Environment(FlaskEnvironment):
    """Jinja as Flask sets it up, with imports that cost little: a page of the queue has hundreds."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """What a template may call. Without any of its own it shares the dictionary of all of them: each import
        compares their names, and those of a `ChainMap` are compared one by one.
        """
        return super().make_globals(d) if d else self.globals


class StrictId(BaseConverter):
    """A row's id in an address: ASCII digits, one spelling, no longer than a 64 bit number."""

    regex = "[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        """The number."""
        return int(value)


def page(template: str, **context: Any) -> Response:
    """A whole page."""
    return make_response(render_template(template, **context))


def fragment(template: str, **local: Any) -> Response:
    """A part of a page, at its own address."""
    return make_response(render_template(template, **local))


def respond(to: str, template: str, **local: Any) -> Response:
    """The answer to a deed: a plain form is sent on (303), an htmx request gets the fragments that changed."""
    if request.headers.get("HX-Request"):
        response = make_response(render_template(template, **local))
    else:
        response = redirect(to, 303)
    response.vary.add("HX-Request")
    return response


def rendered(template: str, code: str, **local: Any) -> str:
    """A template in a language (`en`, `vi`) for somebody who is not asking: a mail. It knows no request at all."""
    with speaking(code):
        return current_app.jinja_env.get_template(template).render(**local)


def invalid(template: str, *, page: str = "", args: dict[str, Any] | None = None, **context: Any) -> Response:
    """The form again, with its errors; nothing was saved, nothing typed is lost.

    An htmx request gets `template`. A plain one gets the whole `page` (an endpoint, with its arguments), whose
    view shows the form of `refused`; without a page, `template` is one.
    """
    g.failed = True
    if page and not is_htmx():
        g.refused = context
        response = make_response(current_app.view_functions[page](**(args or {})))
        response.status_code = 422
    else:
        response = make_response(render_template(template, **context), 422)
    response.vary.add("HX-Request")
    return response


def refused(kind: str) -> Any:
    """The form of a kind that this request sent and that came back with errors; None on a fresh page."""
    context = g.get("refused", {})
    return context.get("form") if context.get("kind") == kind else None


def is_htmx() -> bool:
    """Whether a part of a page asks, not the address bar."""
    return bool(request.headers.get("HX-Request"))


def dom_id(thing: Any, part: str = "") -> str:
    """The only maker of ids: `message-7`, `ticket-5-row`."""
    name = dom_name(type(thing), thing.id)
    return f"{name}-{part}" if part else name


def dom_name(kind: type, id: int) -> str:
    """The same of a row of a table that was not loaded as a thing."""
    return f"{kind.__name__.removeprefix('Public').lower()}-{id}"


def iso(at: datetime) -> str:
    """An instant as `datetime` of HTML wants it, in UTC, to the second."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def epoch_ms(at: datetime) -> int:
    """An instant as scripts count: milliseconds since 1970."""
    return int(at.timestamp() * 1000)


def time_left(due: datetime | None) -> str:
    """How long until an instant, or since: what `due-in.js` will write, rounded down to the minute as there; of none,
    nothing.
    """
    if due is None:
        return ""
    seconds = (due - clock.now()).total_seconds()
    days_, minutes = divmod(int(abs(seconds)) // 60, 1440)
    hours, minutes = divmod(minutes, 60)
    two = ((days_, "day"), (hours, "hour")) if days_ else ((hours, "hour"), (minutes, "minute"))
    words = " ".join(_unit(count, name, language()) for count, name in two if count) or _(
        "less than 1 minute"
    )
    return _("%(t)s left", t=words) if seconds > 0 else _("Overdue by %(t)s", t=words)


@lru_cache(maxsize=4096)
def _unit(count: int, name: str, code: str) -> str:
    """As browsers write it: Babel has no narrow form where that of a language is its short one."""
    return format_unit(count, f"duration-{name}", "narrow" if code == "en" else "short", locale=code)


@lru_cache(maxsize=4096)
def _drawn(macro: Macro, code: str, *values: Hashable) -> str:
    return macro(*values)


def kept(macro: Macro, *values: Hashable) -> str:
    """What a macro draws of values, drawn once for each language: a list shows the same badges again and again.

    Only for macros that look at nothing but these values.
    """
    return _drawn(macro, language(), *values)


@lru_cache(maxsize=512)
def _fingerprint(path: str, changed_at: float) -> str:
    return hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:12]


def asset(path: str) -> str:
    """The address of a static file, with a mark of its content, so that it can be cached for a year."""
    changed_at = os.stat(f"{STATIC}/{path}").st_mtime  # not by a Path: a page has thirty of them
    # Not `url_for`: the error page for a Host that cannot be read has nothing to build addresses with.
    return f"{current_app.static_url_path}/{path}?v={_fingerprint(path, changed_at)}"


def sentence(thing: Any) -> str:
    """What happened, in the reader's language, from the event's own template."""
    if hasattr(thing, "event_name"):
        name, data, actor = (
            thing.event_name,
            thing.event_data,
            {"kind": "user", "id": None, "name": thing.author_name},
        )
    else:
        name, data, actor = thing.name, thing.data, thing.actor
    return render_template(f"events/{name}.txt", who=actor_name(actor), data=data, actor=actor).strip()


def actor_name(actor: dict[str, Any]) -> str:
    """Who did something: a person's name, or what a part of the system is called in the reader's language."""
    return str(Robot.labels.get(actor["name"], actor["name"]))


def init_app(app: Flask) -> None:
    """Strict templates, strict ids, and what every template may call."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.url_map.converters["id"] = StrictId
    app.jinja_env.globals.update(
        dom_id=dom_id,
        asset=asset,
        icon_shapes=icon_shapes,
        kept=kept,
        days=days,
        language=language,
        tongue=tongue,
        sentence=sentence,
        actor_name=actor_name,
    )
    app.jinja_env.filters.update(readable=readable, iso=iso, epoch_ms=epoch_ms, time_left=time_left)
    app.context_processor(
        lambda: {"now": clock.now(), "locale": language(), "config_base_url": current_config().base_url}
    )
