"""Reading answers: the forms of a page as a browser would send them, and its elements by attribute."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Element:
    """One element with its attributes, its text and its children."""

    def __init__(self, tag: str, attributes: dict[str, str | None], parent: Element | None) -> None:
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.children: list[Element | str] = []

    def __getitem__(self, name: str) -> str:
        return self.attributes[name] or ""

    def all(self, tag: str | None = None, **attributes: str) -> Iterator[Element]:
        """Elements below with these attributes; `data_ticket="x"` is `data-ticket="x"`, `class_` is `class`."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        for child in self.children:
            if isinstance(child, Element):
                if tag in (None, child.tag) and all(child.attributes.get(n) == v for n, v in wanted.items()):
                    yield child
                yield from child.all(tag, **attributes)

    def with_attribute(self, name: str) -> list[Element]:
        """Elements below that have an attribute, whatever its value."""
        return [element for element in self.all() if name in element.attributes]

    @property
    def text(self) -> str:
        """Words, one space between them."""
        parts = (child if isinstance(child, str) else child.text for child in self.children)
        return " ".join(" ".join(parts).split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.here = Element("root", {}, None)

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
    reader = _Reader()
    reader.feed(answer if isinstance(answer, str) else answer.text)
    return reader.root


class Filled:
    """A form of a page: where it goes and what it sends."""

    def __init__(self, element: Element) -> None:
        self.action = element["action"]
        self.fields: dict[str, Any] = {}
        for field in element.all("input"):
            name, kind = field.attributes.get("name"), field.attributes.get("type")
            if (
                name
                and kind not in ("file", "submit")
                and (kind not in ("radio", "checkbox") or "checked" in field.attributes)
            ):
                self.fields[name] = field.attributes.get("value") or ""
        for area in element.all("textarea"):
            self.fields[area["name"]] = "".join(c for c in area.children if isinstance(c, str)).removeprefix(
                "\n"
            )
        for select in element.all("select"):
            options = list(select.all("option"))
            chosen = next((o for o in options if "selected" in o.attributes), options[0] if options else None)
            self.fields[select["name"]] = chosen["value"] if chosen else ""

    def send(self, client: FlaskClient, htmx: bool = False, **values: Any) -> TestResponse:
        """Post it as a browser does, some fields changed."""
        headers = {"HX-Request": "true"} if htmx else {}
        kind = "multipart/form-data"
        return client.post(self.action, data={**self.fields, **values}, headers=headers, content_type=kind)


def form(answer: TestResponse | str, action: str) -> Filled:
    """The form whose address contains `action`."""
    for element in read(answer).all("form"):
        if action in (element.attributes.get("action") or ""):
            return Filled(element)
    raise AssertionError(f"there is no form for {action}")
