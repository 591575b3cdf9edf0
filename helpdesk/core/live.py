"""Pages that stay true: push the row, ring the list, heal on reconnect.

`push` renders a fragment once per language and sends it to everybody on a topic; `ring` says only that a
list changed, and each reader asks again with his own rights. Both leave after commit and may get lost on
the way: the frames of a topic are numbered, a page that misses a number asks, as one that was away does, for
what came after the sequence number up to which it has the whole truth.

A topic is `<kind>.<id>`. The room that owns a kind registers who may join it (`may_join`); the hub asks on
joining, when told that rights changed, and every few seconds while the socket is open.
"""

import functools
import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, render_template, request
from flask_babel import force_locale
from flask_sock import Sock
from simple_websocket import Server
from werkzeug.exceptions import Forbidden

from helpdesk.config import current_config
from helpdesk.core.broker import attempt
from helpdesk.core.db import after_commit, db
from helpdesk.core.hub import CHANNEL, CONTROL, GONE, LOST, Connection, Hub, number_key
from helpdesk.core.i18n import LANGUAGES, language
from helpdesk.core.security import PUSHED
from helpdesk.core.tenancy import enter, present_organizer

sock = Sock()

MOST_TOPICS = 60
NUMBERED_SECONDS = 86_400  # a topic that was silent for so long begins anew
# Numbered and sent in one step, so that numbers arrive in their order.
TELL = """
local number = redis.call('INCR', KEYS[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return redis.call('PUBLISH', ARGV[1], '{"number": ' .. number .. ', ' .. string.sub(ARGV[3], 2))
"""


@dataclass(frozen=True)
class Identity:
    """Who listens: a kind that some room can look up again (`session`, `link`), and the id of the row."""

    kind: str
    id: int
    organizer_id: int


_identities: dict[str, Callable[[int], Any]] = {}
_topics: dict[str, Callable[[Any, int], bool]] = {}


def identity(kind: str) -> Callable[[Callable[[int], Any]], Callable[[int], Any]]:
    """Register how a listener is looked up again: id → viewer, or None once he has lost his right to listen."""
    return lambda function: _identities.setdefault(kind, function)


def may_join(kind: str) -> Callable[[Callable[[Any, int], bool]], Callable[[Any, int], bool]]:
    """Register who may join a kind of topic: (viewer, id) → bool."""
    return lambda function: _topics.setdefault(kind, function)


def refusal(who: Identity, topics: Iterable[str]) -> int | None:
    """Why this listener may not have all of these topics, now, by the database; None if he may.

    A topic that is lost is no session's end: `LOST` is said of the listener only, `GONE` of what he listens to.
    """
    enter(who.organizer_id)
    viewer = _identities[who.kind](who.id)
    if viewer is None:
        return LOST
    return None if all(_may_join(viewer, topic) for topic in topics) else GONE


def allowed(who: Identity, topics: Iterable[str]) -> bool:
    """Whether this listener exists still and may have every one of these topics."""
    return refusal(who, topics) is None


def _may_join(viewer: Any, topic: str) -> bool:
    kind, _, number = topic.partition(".")
    return (
        kind in _topics and number.isascii() and number.isdigit() and _topics[kind](viewer, int(number[:18]))
    )


# Sending -----------------------------------------------------------------------------------------------------


def push(topic: str, template: str, *, sequence: int | None, **local: Any) -> None:
    """Send a fragment to who listens, in his language, after commit. Nobody listens: nothing is rendered."""
    if not heard(topic):
        return
    frames = {}
    for code in LANGUAGES:
        place = current_app.test_request_context(
            base_url=current_config().base_url, environ_overrides={PUSHED: True}
        )
        with place, force_locale(code):
            content = render_template(template, **local)
        frames[code] = json.dumps({"topic": topic, "sequence": sequence, "content": content})
    _publish({"topic": topic, "frames": frames})


def ring(topic: str, *, sequence: int | None, **data: Any) -> None:
    """Tell who listens that a list changed; `data` must be harmless to everybody on the topic."""
    frame = json.dumps({"topic": topic, "sequence": sequence, "ring": topic.partition(".")[0], **data})
    _publish({"topic": topic, "frames": dict.fromkeys(LANGUAGES, frame)})


def nudge(topic: str) -> None:
    """Let who listens ask for what is no event, or is his own. Nobody listens: nothing is sent."""
    if heard(topic):
        ring(topic, sequence=None)


def rights_changed(kind: str, id: int) -> None:
    """Make every process look again, at once, whether this listener may still listen; after commit."""
    message = json.dumps({"kind": kind, "id": id})
    after_commit(lambda: _send(CONTROL, message))


def topic_changed(topic: str) -> None:
    """Make every process look again, at once, whether those who listen to a topic still may; after commit."""
    message = json.dumps({"organizer": present_organizer(), "topic": topic})
    after_commit(lambda: _send(CONTROL, message))


def _publish(message: dict[str, Any]) -> None:
    organizer_id = message["organizer"] = present_organizer()
    text, key = json.dumps(message), number_key(organizer_id, message["topic"])
    after_commit(lambda: attempt(lambda redis: redis.eval(TELL, 1, key, CHANNEL, NUMBERED_SECONDS, text)))


def _send(channel: str, text: str) -> None:
    attempt(lambda redis: redis.publish(channel, text))


def heard(*topics: str) -> bool:
    """Whether somebody listens to one of these topics, or kinds of them; asked before anything is loaded for them."""
    keys = [f"helpdesk:heard:{present_organizer()}:{topic}" for topic in topics]
    return bool(attempt(lambda redis: redis.exists(*keys)))


# Listening ---------------------------------------------------------------------------------------------------


def init_app(app: Flask) -> None:
    """Prepare sockets. The hub's threads start with the first socket, so that no fork inherits them."""
    daemon = functools.partial(threading.Thread, daemon=True)  # or a stopping process waits for readers
    app.config["SOCK_SERVER_OPTIONS"] = {"max_message_size": 64 * 1024, "thread_class": daemon}
    sock.init_app(app)
    app.before_request(refuse_foreign_origin)
    app.extensions["hub"] = Hub(app, refusal)


def requested_topics() -> list[str]:
    """The topics in the query of a socket's address."""
    return [t for t in request.args.get("topics", "").split(",") if t][:MOST_TOPICS]


def refuse_foreign_origin() -> None:
    """Another site's page may not open a socket with its visitor's cookies. Asked before every handshake."""
    if request.url_rule is None or not request.url_rule.websocket:
        return
    ours = {f"http://{request.host}", f"https://{request.host}", current_config().origin}
    if request.headers.get("Origin") not in ours:
        raise Forbidden


def serve(ws: Server, who: Identity, topics: list[str]) -> None:
    """Stream topics to one socket until either side ends it; called by the routes that are sockets."""
    hub: Hub = current_app.extensions["hub"]
    code = refusal(who, topics)
    connection = Connection(ws, who, tuple(topics), language())
    db.session.remove()  # or the socket would hold a database connection for hours
    if code is not None:
        connection.close(code)
    elif hub.is_full:
        connection.close(1013)
    else:
        hub.keep(connection)


def close_all() -> None:
    """End every socket of this process with 1012, after which browsers come back; before it stops."""
    hub = current_app.extensions.get("hub")
    if hub:
        hub.close_all(1012)
