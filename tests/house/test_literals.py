"""Law: what people read is written inside `_()`. Words that stand bare in a template, a script or a view are found.

It is a guess by the looks: words between tags, in the attributes that are read aloud, and strings that begin like a
sentence. `_()` itself takes a literal, or the catalogue would never see it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from jinja2 import nodes

from tests.support.inspect import (
    ROOT,
    TAG,
    TEMPLATES,
    Function,
    Module,
    Offence,
    blank,
    files,
    judged,
    line_of,
    modules,
    plant,
    without_jinja,
)

TRANSLATORS = {"_", "gettext", "ngettext", "lazy", "lazy_gettext"}
WORD = re.compile(r"[^\W\d_]{2,}")
READ_ALOUD = re.compile(
    r"\b(?:title|aria-label|aria-description|placeholder|alt|label)=(?:\"([^\"]*)\"|'([^']*)')"
)
# Begins like a sentence, or has letters that no name in code has.
LOOKS_SAID = re.compile(r"^[A-ZÀ-Ỹ][a-zà-ỹ]+(\s|[.…!?:,]|$)|[À-ỹ]")
TRANS_BLOCK = re.compile(r"\{%-?\s*trans\b.*?\{%-?\s*endtrans\s*-?%\}", re.DOTALL)
SCRIPT_STRING = re.compile(
    r"//[^\n]*|/\*.*?\*/|(\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)", re.DOTALL
)
BROWSERS_WORDS = {"Enter", "Escape", "Tab", "Home", "End", "Delete", "Backspace", "Files", "Date"}
SPOKEN_FILES = ("forms.py", "views.py", "settings.py", "_form.py", "_words.py")
REFUSALS = {"Refusal", "NotAllowed", "TooOften", "flash", "ValidationError", "StopValidation"}
HALF = re.compile(r"_(en|vi)$")
SPOKEN_ARGUMENTS = {"message", "label"}  # of validators and fields

# the words, or the path of a script → why
EXCEPTED: dict[str, str] = {
    "Helpdesk": "the product's name",
    "English": "a language is named in itself",
    "Tiếng Việt": "a language is named in itself",
    "Ctrl K": "keys are named as on keyboards",
    "static/js/keys.js": "knows keys by the names that browsers give them",
    "static/js/embed.js": "stands on a merchant's page, so it brings its own words in both languages",
}


def bare_words(path: str, text: str) -> Iterator[Offence]:
    """Words between tags and in the attributes that are read aloud."""
    html = without_jinja(TRANS_BLOCK.sub(blank, text), expression="")
    html = re.sub(r"&#?\w+;|<style.*?</style>", blank, html, flags=re.DOTALL)
    for attribute in READ_ALOUD.finditer(html):
        words = attribute[1] or attribute[2] or ""
        if WORD.search(words):
            yield Offence(path, line_of(html, attribute.start()), f"“{words}” is not in _()", words)
    between = TAG.sub(blank, re.sub(r"<[!/].*?>", blank, html))
    # A block may hold the attributes of a tag that its layout opens.
    between = re.sub(r"[\w:.-]+=(\"[^\"]*\"|'[^']*')", blank, between)
    for number, line in enumerate(between.splitlines(), 1):
        if WORD.search(re.sub(r"\b[a-z]+(-[a-z]+)+\b", "", line)):  # has-nav: a class, handed up in a block
            yield Offence(path, number, f"“{line.strip()}” is not in _()", line.strip())


def template_strings(path: str, text: str) -> Iterator[Offence]:
    """Strings in the expressions of a template, and `_()` of something else than a string."""
    tree = TEMPLATES.parse(text)
    through: set[int] = set()
    for call in tree.find_all(nodes.Call):
        if not (isinstance(call.node, nodes.Name) and call.node.name in TRANSLATORS):
            continue
        through |= {id(constant) for constant in call.find_all(nodes.Const)}
        if not call.args or not isinstance(call.args[0], nodes.Const):
            yield Offence(path, call.lineno, f"{call.node.name}() of something else than a literal")
    for constant in tree.find_all(nodes.Const):
        words = constant.value if id(constant) not in through else None
        if isinstance(words, str) and LOOKS_SAID.search(words):
            yield Offence(path, constant.lineno, f"“{words}” is not in _()", words)


def script_strings(path: str, text: str) -> Iterator[Offence]:
    """Strings of a script that look like something said; comments and what is thrown are for developers."""
    for found in SCRIPT_STRING.finditer(text):
        words = re.sub(r"\$\{.*?\}", "", (found[1] or "")[1:-1])
        thrown = re.search(r"(Error|console\.\w+)\($", text[: found.start()])
        if LOOKS_SAID.search(words) and words not in BROWSERS_WORDS and not thrown:
            line = line_of(text, found.start())
            yield Offence(path, line, f"“{words}” in a script: texts come from the page")


def is_translator(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TRANSLATORS


def quiet_strings(module: Module) -> set[int]:
    """Strings of a module that are not said bare: docstrings, annotations, and what goes through `_()`."""
    quiet: list[ast.AST | None] = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Module | ast.ClassDef | Function):
            quiet += [statement for statement in node.body[:1] if isinstance(statement, ast.Expr)]
        if isinstance(node, ast.arg | ast.AnnAssign):
            quiet.append(node.annotation)
        if isinstance(node, Function):
            quiet.append(node.returns)
        if is_translator(node):
            quiet.append(node)
        if isinstance(node, ast.Dict):  # test_both_languages.py asks for the other half
            halves = zip(node.keys, node.values, strict=True)
            quiet += [
                value
                for key, value in halves
                if isinstance(key, ast.Constant) and HALF.search(str(key.value))
            ]
    return {id(inner) for node in quiet if node for inner in ast.walk(node)}


def python_strings(module: Module) -> Iterator[Offence]:
    """`_()` of what is no literal, refusals without `_()`, and sentences in forms and views."""
    for call, name in module.calls():
        literal = call.args[0] if call.args else None
        if is_translator(call) and not isinstance(literal, ast.Constant):
            yield module.offence(call, f"{ast.unparse(call.func)}() of something else than a literal")
        if name.rpartition(".")[2] in REFUSALS and isinstance(literal, ast.JoinedStr | ast.Constant):
            yield module.offence(call, f"{name}() of a text that is not in _()", ast.unparse(literal))
        for argument in call.keywords:
            said = argument.value.value if isinstance(argument.value, ast.Constant) else ""
            if argument.arg in SPOKEN_ARGUMENTS and isinstance(said, str) and LOOKS_SAID.search(said):
                yield module.offence(argument.value, f"{argument.arg}= of a text that is not in _()", said)
    if not module.path.endswith(SPOKEN_FILES):
        return
    quiet = quiet_strings(module)
    for node in ast.walk(module.tree):
        words = node.value if isinstance(node, ast.Constant) and id(node) not in quiet else None
        if isinstance(words, str) and " " in words and LOOKS_SAID.search(words):
            yield module.offence(node, f"“{words}” is not in _()", words)


def offences(root: Path, excepted: Mapping[str, str] = EXCEPTED) -> list[str]:
    """Words that people read and that are not in `_()`."""
    found: list[Offence] = []
    for file in files(root, "templates", "*.html", "*.txt"):
        path, text = file.relative_to(root).as_posix(), file.read_text("utf-8")
        found += [*bare_words(path, text), *template_strings(path, text)]
    for file in files(root, "static/js", "*.js"):
        found += script_strings(file.relative_to(root).as_posix(), file.read_text("utf-8"))
    for module in modules(root, "helpdesk"):
        if not module.path.startswith("helpdesk/core/"):
            found += python_strings(module)
    return judged(found, excepted)


def test_the_house_says_nothing_in_one_language() -> None:
    assert offences(ROOT) == []


def seen(tmp_path: Path, path: str, text: str) -> list[str]:
    """What the inspection says about one file, without its path."""
    return [line.removeprefix(f"{path}:") for line in offences(plant(tmp_path, {path: text}), {})]


def test_bare_words_in_a_template_are_seen(tmp_path: Path) -> None:
    text = """
        <p>{{ _("Send") }}</p>&nbsp;· 5 {# a comment #}
        <p>Send it</p>
        <b title="Close" class="button large">{{ "Unassigned" if x else "button" }}</b>
        <i aria-label="{{ _('Close') }}" data-x="Close"></i>{{ _(name) }}
        {% trans %}Hello{% endtrans %}{% block more %}data-x="Hello"{% endblock %}
    """
    assert seen(tmp_path, "templates/desk/a.html", text) == [
        "2: “Send it” is not in _()",
        "3: “Close” is not in _()",
        "3: “Unassigned” is not in _()",
        "4: _() of something else than a literal",
    ]


def test_words_in_a_script_are_seen(tmp_path: Path) -> None:
    text = """
        // "Sending now"
        if (event.key === "Escape" || x === "ArrowDown") throw new Error("No such thing");
        node.textContent = "Sending now";
        node.textContent = `Đang gửi ${n}`;
        node.className = "button large";
    """
    assert [line.split(":")[0] for line in seen(tmp_path, "static/js/a.js", text)] == ["3", "4"]


def test_words_in_python_are_seen(tmp_path: Path) -> None:
    text = '''
        """Views of the desk."""
        def show(id: "User | None") -> None:
            """Show it."""
            _(f"Hello {name}")
            lazy("Hello you")
            raise Refusal("Not now")
        LABEL = "Your name"
        HEADER = "Cache-Control"
    '''
    assert [line.split(":")[0] for line in seen(tmp_path, "helpdesk/desk/views.py", text)] == [
        "4",
        "6",
        "6",
        "7",
    ]
