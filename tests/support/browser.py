"""A client that looks at everything it gets: `Browser` is the `test_client` of every app of the tests.

A page has one `h1`, a title, a language, unique ids, labelled fields, forms that carry their token, every id that
something points at, and no script or style of its own; it took at most 12 queries. A fragment is held to what can
be said without the page around it. `flaws(html)` answers one line per flaw; `Browser` raises on the first answer
that has any.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import local
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from werkzeug.test import TestResponse

from tests.support.page import Element, read

MOST_QUERIES = 12
TOKENS = ("csrf_token", "form_token")
POINTERS = (
    "for",
    "aria-labelledby",
    "aria-describedby",
    "aria-controls",
    "aria-owns",
    "aria-details",
    "list",
    "form",
)
FIELDS = ("input", "select", "textarea")
NEED_NO_LABEL = ("hidden", "submit", "button", "reset", "image")
PLAIN_SCRIPTS = ("application/json", "speculationrules")
SPECIAL = ("script", "style", "a", "img")  # what more is asked of than of its attributes
PLAIN = {"class", "id", "value", "type", "name", "href", "hidden", "role"}  # attributes that can do no harm
SILENT = PLAIN - {"href"}  # nor point at anything
ID = re.compile(r"#([A-Za-z][\w:-]*)$")


def flaws(html: str) -> list[str]:
    """What is wrong with a page, or with a fragment (which has no `<html>`)."""
    root = read(html)
    found = [*_of_any(root)]
    if next(root.all("html"), None):
        found += [*_of_a_page(root)]
    return found


def _of_any(root: Element) -> Iterator[str]:
    ids = Counter(element["id"] for element in root.with_attribute("id"))
    yield from (f"the id {id!r} is there {count} times" for id, count in ids.items() if count > 1)
    for element in root.below:
        if element.tag in SPECIAL or not PLAIN.issuperset(element.attributes):
            yield from _of_element(element)
    for form in root.all("form"):
        elsewhere = (form.attributes.get("action") or "").startswith(
            "http"
        )  # another site knows no token of ours
        if form.attributes.get("method", "").lower() == "post" and not elsewhere and not _has_token(form):
            yield f"the form for {form.attributes.get('action')!r} carries no token"


def _of_element(element: Element) -> Iterator[str]:
    names = element.attributes
    if element.tag == "script" and "src" not in names and names.get("type") not in PLAIN_SCRIPTS:
        yield "a script stands in the page"
    if element.tag == "style" or "style" in names:
        yield f"<{element.tag}> brings its own style"
    yield from (
        f"<{element.tag} {name}> is a script in the page" for name in names if re.match(r"on[a-z]", name)
    )
    yield from (f"<{element.tag} {name}> is evaluated" for name in names if re.match(r"hx-on\b", name))
    if element.tag == "a" and (names.get("href") or "").lower().startswith(("javascript:", "data:")):
        yield "a link is a script"
    if element.tag == "img" and "alt" not in names:
        yield f"the picture {names.get('src')!r} says nothing to who cannot see it"


def _has_token(form: Element) -> bool:
    return any(
        field.attributes.get("name") in TOKENS and field.attributes.get("value")
        for field in form.all("input")
    )


def _of_a_page(root: Element) -> Iterator[str]:
    if (headings := len(list(root.all("h1")))) != 1:
        yield f"there are {headings} h1"
    html = next(root.all("html"))
    if html.attributes.get("lang") not in ("en", "vi"):
        yield f"the language is {html.attributes.get('lang')!r}"
    titles = [title.text for head in root.all("head") for title in head.all("title")]
    if len(titles) != 1 or not titles[0]:
        yield f"the title is {titles}"
    yield from _unlabelled(root)
    ids = {element["id"] for element in root.with_attribute("id")}
    for element in root.below:
        if element.attributes and not SILENT.issuperset(element.attributes):
            yield from (
                f"<{element.tag} {name}> points at {id!r}, which is not there"
                for name, id in _pointed(element)
                if id not in ids
            )


def _pointed(element: Element) -> Iterator[tuple[str, str]]:
    for name, value in element.attributes.items():
        if name in POINTERS:
            yield from ((name, id) for id in (value or "").split())
        elif name.startswith("hx-target") and (match := ID.match(value or "")):
            yield name, match[1]
    if element.tag == "a" and (match := ID.match(element.attributes.get("href") or "")):
        yield "href", match[1]


def _unlabelled(root: Element) -> Iterator[str]:
    named = {label.attributes.get("for") for label in root.all("label")}
    for field in root.below:
        if field.tag not in FIELDS or field.attributes.get("type") in NEED_NO_LABEL:
            continue
        says = {"aria-label", "aria-labelledby"} & field.attributes.keys()
        if not says and field.attributes.get("id") not in named and not _inside(field, "label"):
            yield f"<{field.tag} name={field.attributes.get('name')!r}> has no label"


def _inside(element: Element, tag: str) -> bool:
    while element.parent:
        element = element.parent
        if element.tag == tag:
            return True
    return False


_lists = local()  # of the thread: who counts now, the innermost last


# For good: whoever begins or ends to listen disturbs statements of other threads on their way.
@event.listens_for(Engine, "before_cursor_execute")
def _note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
    if not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")):
        for sent in getattr(_lists, "open", ()):
            sent.append(statement)


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that this thread sends to any database meanwhile."""
    sent: list[str] = []
    before = getattr(_lists, "open", ())
    _lists.open = (*before, sent)
    try:
        yield sent
    finally:
        _lists.open = before


class Browser(FlaskClient):
    """The client that looks. `looks = False` for a test that wants a bad page."""

    looks = True

    def open(self, *args: Any, **options: Any) -> TestResponse:
        """Ask, and look at the answer."""
        with counted() as statements:
            answer = super().open(*args, **options)
        if self.looks and answer.mimetype == "text/html" and not 300 <= answer.status_code < 400:
            self._look(answer, statements)
        return answer

    def _look(self, answer: TestResponse, statements: list[str]) -> None:
        found = flaws(answer.text)
        if answer.request.method == "GET" and len(statements) > MOST_QUERIES:
            found.append(f"it took {len(statements)} queries:\n  " + "\n  ".join(s[:150] for s in statements))
        assert not found, f"{answer.request.method} {answer.request.path}: " + "; ".join(found)
