"""What nobody would type, and how the forms of a page are swept with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.page import Element, Filled, read
from tests.support.world import World

Place = Callable[
    [World], tuple[FlaskClient, str]
]  # signs somebody in; answers his browser and a page's address
HOSTILE = {
    "empty": b"",
    "spaces": b" \t\r\n ",
    "nothing to see": "\u200b\u2060".encode(),
    "a megabyte": b"x" * 1_000_000,
    "a NUL": b"a\x00b",
    "a lone surrogate": b"a\xed\xa0\x80b",
    "not UTF-8": b"\xff\xfe\xfa",
    "right to left": "a\u202eexe.gnp".encode(),
    "decomposed": "Đặng Quốc Ấn".encode(),
    "emoji": "👩‍👩‍👧‍👦🇻🇳".encode(),
    "HTML": b"<script>alert(1)</script><img src=x onerror=alert(1)>",
    "an encoded word": b"=?utf-8?q?a=0D=0A=0D=0ABcc:_x@y.z?=",
    "a template": b"{{ 7 * 7 }}{% raw %}${7*7}",
    "SQL": b"' OR 1=1; DROP TABLE tickets; --",
    "thirty digits": b"9" * 30,
    "another alphabet's digit": "١２".encode(),
    "a path": b"../../etc/passwd",
}
KEPT = "a long text that somebody has typed and that must not be lost"
NOT_TYPED = ("csrf_token", "form_token", "submission", "version", "last_seen", "next", "lang")
FINE = (200, 204, 302, 303, 400, 403, 404, 409, 413, 422)


def forms_of(page: TestResponse) -> list[Element]:
    return [element for element in read(page).all("form") if element.attributes.get("method") == "post"]


def typed_fields(element: Element) -> list[str]:
    """The names of what a person can fill in or choose."""
    named = [
        f for f in element.all() if f.tag in ("input", "textarea", "select") and f.attributes.get("name")
    ]
    kinds = ("file", "submit", "checkbox")
    return list(dict.fromkeys(
        f["name"] for f in named if f.attributes.get("type") not in kinds and f["name"] not in NOT_TYPED
    ))  # fmt: skip


def texts(element: Element) -> list[str]:
    return [area["name"] for area in element.all("textarea")]


def send(client: FlaskClient, element: Element, changed: dict[str, Any], htmx: bool) -> TestResponse:
    """The form as a browser sends it, some fields changed; raw bytes go as they are."""
    filled = Filled(element)
    data = {name: str(value).encode() for name, value in filled.fields.items()} | changed
    boundary = b"sweep"
    parts = b"".join(
        b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (boundary, name.encode(), value)
        for name, value in data.items()
    )
    return client.post(
        filled.action, data=parts + b"--sweep--\r\n", content_type="multipart/form-data; boundary=sweep",
        headers={"HX-Request": "true"} if htmx else {},
    )  # fmt: skip


def sweep(world: World, place: Place) -> Iterator[str]:
    """Every form of a page, every field, every value; one line for each thing that went wrong."""
    client, address = place(world)
    count = len(forms_of(client.get(address)))
    assert count > 0, f"{address} has no form"
    for number in range(count):
        yield from sweep_form(world, place, number)


def sweep_form(world: World, place: Place, number: int) -> Iterator[str]:
    """One form of a page: every field meets every value, alone in a form that is right but for it.

    Only what a field was marked for when a few fields at once held something hostile is not sent once more.
    What was accepted changes the page, so the next value gets a fresh one.
    """
    client, address = place(world)
    element = forms_of(client.get(address))[number]
    if element["action"] in ("/logout", "/language"):
        return
    marked: set[tuple[str, str]] = set()
    for change in [*several(element), *each(element)]:
        if marked.issuperset(change.items()):
            continue
        answer = post_hostile(client, element, change)
        yield from faults(element, change, answer)
        marked |= refused(element, change, answer)
        if answer.status_code < 400:
            client, address = place(world)
            element = forms_of(client.get(address))[number]


def each(element: Element) -> Iterator[dict[str, str]]:
    """Each field with each value: names of fields to names of values."""
    yield from ({name: what} for name in typed_fields(element) for what in HOSTILE)


def several(element: Element) -> Iterator[dict[str, str]]:
    """Where there are many fields: every third one hostile at once, each with each value in turn.

    Every third, because neighbours are read together (a number and its unit, a beginning and its end): a field must
    not be marked for what its neighbour holds. Long texts are always sent alone.
    """
    fields = [name for name in typed_fields(element) if name not in texts(element)]
    values = list(HOSTILE)
    if len(fields) >= 9:
        for first in range(3):
            for turn in range(len(values)):
                yield {name: values[(at + turn) % len(values)] for at, name in enumerate(fields[first::3])}


def post_hostile(client: FlaskClient, element: Element, change: dict[str, str]) -> TestResponse:
    others = {text: KEPT.encode() for text in texts(element) if text not in change}
    hostile = {name: HOSTILE[what] for name, what in change.items()}
    return send(client, element, others | hostile, htmx=len(next(iter(change.values()))) % 2 == 0)


def faults(element: Element, change: dict[str, str], answer: TestResponse) -> Iterator[str]:
    said = ", ".join(f"{name} is {what}" for name, what in change.items())
    where = f"{element['action']}: {said}: {answer.status_code}"
    if answer.status_code not in FINE:
        yield where
    if answer.status_code == 422 and set(texts(element)) - change.keys() and KEPT not in answer.text:
        yield f"{where}, and another text is lost"


def refused(element: Element, change: dict[str, str], answer: TestResponse) -> set[tuple[str, str]]:
    """The fields that the answer marks as wrong, with what they held."""
    if answer.status_code != 422 or len(change) == 1:
        return set()
    wrong = {field.attributes.get("name") for field in read(answer).all(aria_invalid="true")}
    return {(name, what) for name, what in change.items() if name in wrong}
