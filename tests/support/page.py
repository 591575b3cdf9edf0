"""Reading answers: the forms of a page as a browser would send them, and its elements by attribute.

A run of all tests reads some forty thousand pages, so this is written to be quick.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from html import unescape
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
RAW = (
    "script",
    "style",
    "textarea",
    "title",
    "iframe",
    "noembed",
    "noframes",
    "xmp",
    "plaintext",
    "noscript",
)
WELL_FORMED = re.compile(
    r"""<([a-zA-Z][a-zA-Z0-9-]*)((?:[ \t\n\r\f]+[a-zA-Z][a-zA-Z0-9:_.-]*(?:=(?:"[^"]*"|'[^']*'))?)*)[ \t\n\r\f]*(/?)>"""
)
END = re.compile("</([a-zA-Z][a-zA-Z0-9-]*)>")
ATTRIBUTE = re.compile(r"""([a-zA-Z][a-zA-Z0-9:_.-]*)(?:=("[^"]*"|'[^']*'))?""")


class Element:
    """One element with its attributes, its text and its children."""

    __slots__ = ("_below", "attributes", "children", "parent", "tag")

    def __init__(self, tag: str, attributes: dict[str, str | None], parent: Element | None) -> None:
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.children: list[Element | str] = []
        self._below: list[Element] | None = None

    def __getitem__(self, name: str) -> str:
        return self.attributes[name] or ""

    @property
    def below(self) -> list[Element]:
        """Every element inside, in the order of the page; asked for once the page is read."""
        if self._below is None:
            self._below = found = []
            for child in self.children:
                if isinstance(child, Element):
                    found.append(child)
                    found += child.below
        return self._below

    def all(self, tag: str | None = None, **attributes: str) -> Iterator[Element]:
        """Elements below with these attributes; `data_ticket="x"` is `data-ticket="x"`, `class_` is `class`."""
        found = (element for element in self.below if tag in (None, element.tag))
        if not attributes:
            return found
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return (e for e in found if all(e.attributes.get(name) == value for name, value in wanted.items()))

    def with_attribute(self, name: str) -> list[Element]:
        """Elements below that have an attribute, whatever its value."""
        return [element for element in self.below if name in element.attributes]

    @property
    def text(self) -> str:
        """Words, one space between them."""
        parts = (child if isinstance(child, str) else child.text for child in self.children)
        return " ".join(" ".join(parts).split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.here = Element("root", {}, None)

    def updatepos(self, i: int, j: int) -> int:
        """Nobody asks in which line something stood."""
        return j

    def parse_starttag(self, i: int) -> int:
        """The start tags that templates write, in two steps; any other is left to the library."""
        found = WELL_FORMED.match(self.rawdata, i)
        if not found or (tag := found[1].lower()) in RAW:
            return super().parse_starttag(i)
        attributes = found[2] and [
            (name.lower(), unescape(value[1:-1]) if value else None)
            for name, value in ATTRIBUTE.findall(found[2])
        ]
        (self.handle_startendtag if found[3] else self.handle_starttag)(tag, attributes)
        return found.end()

    def parse_endtag(self, i: int) -> int:
        """The same for end tags."""
        found = None if self.cdata_elem else END.match(self.rawdata, i)
        if not found:
            return super().parse_endtag(i)
        self.handle_endtag(found[1].lower())
        return found.end()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs), self.here)
        self.here.children.append(element)
        if tag not in VOID:
            self.here = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.here.children.append(Element(tag, dict(attrs), self.here))

    def handle_endtag(self, tag: str) -> None:
        place: Element | None = self.here
        while place and place.tag != tag:
            place = place.parent
        if place and place.parent:
            self.here = place.parent

    def handle_data(self, data: str) -> None:
        if self.here.tag not in ("script", "style"):
            self.here.children.append(data)


def read(answer: TestResponse | str) -> Element:
    """The elements of an answer."""
    return _read(answer if isinstance(answer, str) else answer.text)


@lru_cache(maxsize=8)  # a test reads what its client has just looked at
def _read(html: str) -> Element:
    reader = _Reader()
    reader.feed(html)
    return reader.root


class Filled:
    """A form of a page: where it goes and what it sends."""

    def __init__(self, element: Element) -> None:
        self.action = element["action"]
        self.fields: dict[str, Any] = {}
        for field in element.all("input"):
            name, kind = field.attributes.get("name"), field.attributes.get("type")
            is_sent = kind not in ("radio", "checkbox") or "checked" in field.attributes
            if name and kind not in ("file", "submit") and is_sent:
                self._add(name, field.attributes.get("value") or "")
        for area in element.all("textarea"):
            self.fields[area["name"]] = "".join(c for c in area.children if isinstance(c, str)).removeprefix(
                "\n"
            )
        for select in element.all("select"):
            options = list(select.all("option"))
            chosen = next((o for o in options if "selected" in o.attributes), options[0] if options else None)
            self.fields[select["name"]] = chosen["value"] if chosen else ""

    def _add(self, name: str, value: str) -> None:
        """A name that is there twice is sent twice: `fields[name]` is a list then."""
        before = self.fields.get(name)
        every = before if isinstance(before, list) else [before]
        self.fields[name] = value if before is None else [*every, value]

    def send(self, client: FlaskClient, htmx: bool = False, **values: Any) -> TestResponse:
        """Post it as a browser does, some fields changed."""
        headers = {"HX-Request": "true"} if htmx else {}
        kind = "multipart/form-data"
        return client.post(self.action, data={**self.fields, **values}, headers=headers, content_type=kind)


def form(answer: TestResponse | str, action: str) -> Filled:
    """The form with this address, or else the first whose address contains it."""
    forms = [(element.attributes.get("action") or "", element) for element in read(answer).all("form")]
    found = [one for address, one in forms if address == action]
    found += [one for address, one in forms if action in address]
    assert found, f"there is no form for {action}"
    return Filled(found[0])
