"""Law: a partial reads only its declared locals: one file serves the page, the answer and the socket.

The first line declares them: `{#- locals: ticket, compact=false -#}`. Partials (`_row.html`), answers to
deeds (`*.stream.html`) and the macros of `ui/` are held to it; pages and layouts may read anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from flask import Flask
from jinja2 import TemplateSyntaxError, meta, nodes

from tests.support.inspect import ROOT, TEMPLATES, Offence, files, judged, plant

LOCALS = re.compile(r"\{#-? locals:(?P<names>.*?)-?#\}")
STREAM_LINES = 10
# Functions whose answer is the same for everybody who reads in one language.
FUNCTIONS = {
    *("_", "gettext", "ngettext", "url_for", "dom_id", "asset", "icon_shapes", "kept", "csrf_token"),
    *("status_label", "customer_status_label", "priority_label", "sentence", "language", "tongue", "days"),
    *("actor_name", "clock_label", "instant_words", "file_limits", "settings_sections", "lacking"),
    *("trigger_label", "deeds_of", "strategy_of", "passed_over", "seen_by"),
    *(
        "shortcuts",
        "snooze_times",
        "first_steps",
        "new_request_url",
        "request_script",
        "form_script",
        "desk_script",
        "desk_sheet",
    ),
    *("availability_label", "own_profile", "header_of", "tickets_held", "categories_of"),
    *("mail_name", "colour_of", "mail_state_label", "mail_state_look", "why_not_sent", "mail_answer"),
    *("range", "dict", "namespace", "cycler", "joiner"),
}
JINJAS_OWN = {"super", "caller", "self"}
VIEWERS = {"request", "session", "g", "current_user", "viewer"}


def set_names(tree: nodes.Template) -> set[str]:
    """What `{% set %}` gives a name to."""
    targets = [node.target for node in tree.find_all(nodes.Assign)]
    found = [name for target in targets for name in (target, *target.find_all(nodes.Name))]
    return {name.name for name in found if isinstance(name, nodes.Name)}


@dataclass(frozen=True)
class Template:
    """One template of a tree."""

    root: Path
    file: Path

    @property
    def path(self) -> str:
        return self.file.relative_to(self.root).as_posix()

    @property
    def is_partial(self) -> bool:
        """Whether it must declare what it reads."""
        return self.file.name.startswith("_") or self.path.endswith(".stream.html") or "/ui/" in self.path

    @cached_property
    def text(self) -> str:
        return self.file.read_text("utf-8")

    @cached_property
    def tree(self) -> nodes.Template:
        return TEMPLATES.parse(self.text)

    @property
    def declaration(self) -> re.Match[str] | None:
        return LOCALS.match(self.text)

    @cached_property
    def declared(self) -> dict[str, bool]:
        """Declared local → whether it has a default."""
        names = self.declaration["names"] if self.declaration else ""
        parts = [part.strip() for part in re.split(r",(?![^(\[{]*[)\]}])", names) if part.strip()]
        return {part.split("=")[0].strip(): "=" in part for part in parts}

    @cached_property
    def read(self) -> set[str]:
        """The names it reads without setting them, the functions left out.

        Jinja counts a name that is `set` in one branch only as read from outside; here it is its own.
        """
        own = set_names(self.tree) - self.declared.keys()
        return meta.find_undeclared_variables(self.tree) - FUNCTIONS - own

    @cached_property
    def included(self) -> list[tuple[nodes.Include, Path]]:
        """The templates it includes by a fixed name, where those exist."""
        found = []
        for node in self.tree.find_all(nodes.Include):
            name = node.template.value if isinstance(node.template, nodes.Const) else ""
            if name and (self.root / "templates" / name).is_file():
                found.append((node, self.root / "templates" / name))
        return found

    @cached_property
    def assigned(self) -> set[str]:
        """The names it sets itself: `set`, `for`, `with`, parameters of macros."""
        return {node.name for node in self.tree.find_all(nodes.Name) if node.ctx in ("store", "param")}

    @cached_property
    def imported(self) -> set[str]:
        """The macros that it or its layout imports: a block sees both."""
        names = {
            name if isinstance(name, str) else name[1]
            for i in self.tree.find_all(nodes.FromImport)
            for name in i.names
        }
        for node in self.tree.find_all(nodes.Extends):
            if isinstance(node.template, nodes.Const):
                names |= Template(self.root, self.root / "templates" / node.template.value).imported
        return names

    def offence(self, line: int, what: str) -> Offence:
        return Offence(self.path, line, what)


def undeclared(template: Template) -> Iterator[Offence]:
    if not template.declaration:
        yield template.offence(1, "the first line declares no locals: {#- locals: … -#}")
    for name in sorted(template.read & VIEWERS):
        yield template.offence(1, f"reads {name}: a partial does not know who looks")
    for name in sorted(template.read - VIEWERS - template.declared.keys()):
        yield template.offence(1, f"reads {name}, which it does not declare")


def unused(template: Template) -> Iterator[Offence]:
    """Declared locals that neither it nor what it includes reads."""
    handed_on = {name for _, file in template.included for name in Template(template.root, file).declared}
    for name in template.declared:
        if name not in template.read | handed_on:
            yield template.offence(1, f"declares {name} and does not read it")


def starved(template: Template) -> Iterator[Offence]:
    """Partials that it includes without having what they need."""
    for node, file in template.included:
        needs = {
            name for name, has_default in Template(template.root, file).declared.items() if not has_default
        }
        for name in sorted(needs - template.declared.keys() - template.assigned):
            yield template.offence(node.lineno, f"includes {file.name} without {name}, which that reads")


def long_winded(template: Template) -> Iterator[Offence]:
    lines = len(template.text.splitlines())
    if template.path.endswith(".stream.html") and lines > STREAM_LINES:
        yield template.offence(lines, f"{lines} lines: an answer to a deed has at most {STREAM_LINES}")


def declarations(template: Template) -> Iterator[Offence]:
    """Where what a partial declares differs from what it reads."""
    yield from undeclared(template)
    yield from unused(template)
    yield from starved(template)


def uncalled(template: Template) -> Iterator[Offence]:
    """Macros that a template calls and neither it nor its layout imports; pages are held to this too."""
    known = template.declared.keys() | template.assigned | template.imported | JINJAS_OWN
    for call in template.tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in template.read - known:
            yield template.offence(call.lineno, f"calls {call.node.name}(), which it does not import")


def offences(root: Path) -> list[str]:
    """Partials that read what they do not declare, and the other way round; long answers to deeds."""
    found: list[Offence] = []
    for file in files(root, "templates", "*.html", "*.txt"):
        template = Template(root, file)
        try:
            found += uncalled(template)
            found += declarations(template) if template.is_partial else ()
        except TemplateSyntaxError as error:
            found.append(template.offence(error.lineno, f"is no template: {error.message}"))
        found += long_winded(template)
    return judged(found, {})


def test_the_house_declares_what_partials_read() -> None:
    assert offences(ROOT) == []


def test_the_functions_that_partials_may_call_are_there(app: Flask) -> None:
    assert FUNCTIONS - app.jinja_env.globals.keys() == set()


def test_what_is_not_declared_is_seen(tmp_path: Path) -> None:
    tree = plant(
        tmp_path,
        {
            "templates/desk/_row.html": "<b>{{ _('x') }}</b>",
            "templates/desk/_cell.html": "{#- locals: ticket, wide=1 -#}\n{{ ticket, wide, viewer, more }}",
            "templates/desk/_old.html": "{#- locals: ticket, gone=[1, 2] -#}\n{{ ticket }}",
            "templates/desk/queue.html": "{{ request.path }}{{ icon() }}{{ super() }}",
        },
    )
    assert offences(tree) == [
        "templates/desk/_cell.html:1: reads more, which it does not declare",
        "templates/desk/_cell.html:1: reads viewer: a partial does not know who looks",
        "templates/desk/_old.html:1: declares gone and does not read it",
        "templates/desk/_row.html:1: the first line declares no locals: {#- locals: … -#}",
        "templates/desk/queue.html:1: calls icon(), which it does not import",
    ]


def test_an_include_that_starves_its_partial_is_seen(tmp_path: Path) -> None:
    tree = plant(
        tmp_path,
        {
            "templates/desk/_row.html": "{#- locals: ticket, wide=false -#}\n{{ ticket }}{{ wide }}",
            "templates/desk/_rows.html": "{#- locals: tickets -#}\n"
            "{% for ticket in tickets %}{% include 'desk/_row.html' %}{% endfor %}",
            "templates/desk/add.stream.html": "{#- locals: it -#}\n{{ it }}\n{% include 'desk/_row.html' %}",
            "templates/desk/row.stream.html": "{#- locals: ticket -#}\n{% include 'desk/_row.html' %}",
        },
    )
    assert offences(tree) == [
        "templates/desk/add.stream.html:3: includes _row.html without ticket, which that reads"
    ]


def test_a_long_answer_to_a_deed_is_seen(tmp_path: Path) -> None:
    tree = plant(tmp_path, {"templates/desk/show.stream.html": "{#- locals: -#}\n" + "<p></p>\n" * 10})
    assert offences(tree) == [
        "templates/desk/show.stream.html:11: 11 lines: an answer to a deed has at most 10"
    ]
