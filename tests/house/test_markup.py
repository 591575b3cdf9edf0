"""Law: markup that holds. No inline script or style, every attribute quoted, nothing unescaped.

Autoescape does not help an unquoted attribute, and `tojson` leaves the double quote as it is, so it stands
in single quotes only. The Content-Security-Policy refuses inline script; a template that has some would be
dead, silently. Forms that change something carry their anti-forgery token. Mails are read by mail programs,
which know only `style=`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.support.inspect import (
    JSON,
    ROOT,
    TAG,
    Offence,
    blank,
    files,
    judged,
    line_of,
    plant,
    without_jinja,
)

ATTRIBUTE = re.compile(r"(?P<name>[^\s\"'=<>/]+)(?:\s*=\s*(?P<value>\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?")
FORM = re.compile(r"<form\b.*?</form>", re.DOTALL | re.IGNORECASE)
# As written out, or as the macros of ui/button.html write it.
UNSAFE_FORM = re.compile(r"method=[\"']post[\"']|hx-(post|put|patch|delete)=|\bdeed\(", re.IGNORECASE)
TOKEN = re.compile(r"csrf_token|form_token|\bguard\(")
UNESCAPED = re.compile(r"\|\s*(?:safe|readable)\b|\{%-?\s*autoescape\b")

# Not escaped by their names: the text of mails, and sentences, which are escaped where they are shown.
MAILS = ("templates/notifications/mail/", "templates/notifications/mail_layout.")
PLAIN_TEXT = (*MAILS, "templates/events/")

# path::safe → why something in it is not escaped
EXCEPTED: dict[str, str] = {
    "templates/tickets/_message.html::safe": "body_html: what core/richtext.py made of Markdown and cleaned",
    "templates/portal/_message.html::safe": "body_html: what core/richtext.py made of Markdown and cleaned",
    "templates/demo/shop.html::open": "the shop is another site, which knows no token of ours",
    "templates/notifications/mail_layout.html::safe": "lines_html: made by richtext from a cleaned template",
}


def attribute_offences(name: str, value: str | None, is_mail: bool) -> Iterator[str]:
    """What is wrong with one attribute; the value still wears its quotes."""
    quote = value[0] if value else ""
    if value and quote not in "\"'":
        yield f"{name}={value} has no quotes"
    if JSON in (value or "") and quote != "'":
        yield f"{name} holds tojson and is not in single quotes"
    if name == "style" and not is_mail:
        yield "style= in the markup: the policy refuses it"
    if re.match(r"on[a-z]+$|hx-on\b", name):
        yield f"{name}: inline script"
    if re.match(r"[\"']?\s*(javascript:|js:)", value or "", re.IGNORECASE):
        yield f"{name} holds script"


def tag_offences(html: str, path: str) -> Iterator[Offence]:
    """What is wrong with the tags of one template."""
    is_mail = path.startswith(MAILS)
    for tag in TAG.finditer(html):
        line = line_of(html, tag.start())
        name, attributes = tag["name"].lower(), list(ATTRIBUTE.finditer(tag["attributes"]))
        if name == "script" and not any(attribute["name"] == "src" for attribute in attributes):
            yield Offence(path, line, "inline script")
        if name == "style" and not is_mail:
            yield Offence(path, line, "inline style sheet")
        for attribute in attributes:
            for what in attribute_offences(attribute["name"].lower(), attribute["value"], is_mail):
                yield Offence(path, line, what)
    # A block may hold the attributes of a tag that its layout opens.
    bare = re.sub(r"[\w:.-]+='[^'<>]*'", blank, TAG.sub(blank, html))
    for json in re.finditer(JSON, bare):
        yield Offence(path, line_of(html, json.start()), "tojson outside an attribute")


def template_offences(path: str, text: str) -> Iterator[Offence]:
    """Everything that is wrong with one template."""
    if path.endswith(".html"):
        yield from tag_offences(without_jinja(text), path)
    for found in UNESCAPED.finditer(text):
        what = f"{found[0].strip()} switches escaping off"
        yield Offence(path, line_of(text, found.start()), what, f"{path}::safe")
    for form in FORM.finditer(text):
        if UNSAFE_FORM.search(form[0]) and not TOKEN.search(form[0]):
            what = "a form that changes something has no anti-forgery token"
            yield Offence(path, line_of(text, form.start()), what, f"{path}::open")


def offences(root: Path, excepted: Mapping[str, str] = EXCEPTED) -> list[str]:
    """Templates with inline script or style, bare attributes, unescaped values, open forms or odd names."""
    found: list[Offence] = []
    for file in files(root, "templates", "*"):
        path = file.relative_to(root).as_posix()
        is_plain = path.startswith(PLAIN_TEXT) and path.endswith(".txt")
        if not path.endswith(".html") and not is_plain:
            found.append(Offence(path, 1, "only .html is escaped by itself; .txt is for mails and sentences"))
        found += template_offences(path, file.read_text("utf-8"))
    return judged(found, excepted)


def test_the_house_writes_markup_that_holds() -> None:
    assert offences(ROOT) == []


def seen(tmp_path: Path, text: str, name: str = "templates/desk/_row.html") -> list[str]:
    """What the inspection says about one template, without the path."""
    tree = plant(tmp_path / Path(name).name, {name: text})
    return [line.removeprefix(f"{name}:") for line in offences(tree, {})]


def test_bare_attributes_are_seen(tmp_path: Path) -> None:
    text = '<a href="{{ url_for(\'x\') }}" {% if y %}class="b"{% endif %} hidden>\n<i title={{ name }}>'
    assert seen(tmp_path, text) == ["2: title=x has no quotes"]


def test_json_in_double_quotes_is_seen(tmp_path: Path) -> None:
    text = """
        <a data-x='{{ x|tojson }}' data-y="{{ y|tojson }}"></a>
        {{ z | tojson }}
        {% block attributes %}data-z='{"a": {{ z|tojson }}}'{% endblock %}
    """
    assert seen(tmp_path, text) == [
        "1: data-y holds tojson and is not in single quotes",
        "2: tojson outside an attribute",
    ]


def test_inline_script_and_style_are_seen(tmp_path: Path) -> None:
    text = """
        <script src="/x.js"></script><p data-online="1">
        <script>1</script>
        <style>a{}</style>
        <b style="x">
        <b onclick="x">
        <b hx-on:click="x">
        <a href="javascript:x">
        <b hx-vals="js:x">
    """
    assert [line.split(":")[0] for line in seen(tmp_path, text)] == list("2345678")
    assert seen(tmp_path, '<p style="x">', "templates/notifications/mail_layout.html") == []


def test_switched_off_escaping_is_seen(tmp_path: Path) -> None:
    text = "{{ x|safe }}\n{% autoescape false %}\n{{ safe }}"
    assert seen(tmp_path, text) == [
        "1: |safe switches escaping off",
        "2: {% autoescape switches escaping off",
    ]


def test_a_form_without_token_is_seen(tmp_path: Path) -> None:
    text = """
        <form method="post">{{ csrf_token() }}</form>
        <form method="get"></form>
        <form method="post"></form>
        <form hx-post="/x"></form>
        <form {{ deed("/x") }}>{{ guard() }}</form>
        <form {{ deed("/x") }}></form>
    """
    assert [line.split(":")[0] for line in seen(tmp_path, text)] == ["3", "4", "6"]


def test_a_template_that_is_not_escaped_by_its_name_is_seen(tmp_path: Path) -> None:
    assert len(seen(tmp_path, "x", "templates/desk/row.html.j2")) == 1
    assert len(seen(tmp_path, "x", "templates/desk/row.txt")) == 1
    assert seen(tmp_path, "x", "templates/notifications/mail/reply/body.txt") == []
