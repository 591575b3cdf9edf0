"""Law (Q-5): the bilingual gate. Whatever people read is there in both languages, wherever it is written.

Most kinds have inspections of their own: `test_literals.py` (words outside `_()`), `test_translations.py` (the
catalogue), `test_pairs.py` (shipped rows). This one reads pairs that are written down in code and scripts, and proves
for each kind of text that one that is planted in one language only is seen by somebody.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.house import test_literals, test_translations
from tests.house.test_translations import CATALOGUE, words_offences
from tests.support.inspect import ROOT, Module, Offence, files, judged, modules, plant

PLACEHOLDER = re.compile(r"\{\{?\w+\}?\}|%\(\w+\)[sd]|\$\{[^}]*\}")
HALF = re.compile(r"^(?P<text>\w+)_(?P<code>en|vi)$")
# In a script: `en: { title: 'Contact form', … },` and the same in `vi`.
WORDS = re.compile(r"^\s*(?P<code>en|vi): \{(?P<words>.*)\}", re.MULTILINE)
WORD = re.compile(r"(?P<key>\w+): '(?P<said>[^']*)'")

# path → why a text is there in one language
EXCEPTED: dict[str, str] = {}


def said_in(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """The names and values of a dictionary or of the arguments of a call."""
    if isinstance(node, ast.Dict):
        yield from ((key.value, value) for key, value in zip(node.keys, node.values, strict=True)
                    if isinstance(key, ast.Constant) and isinstance(key.value, str))  # fmt: skip
    elif isinstance(node, ast.Call):
        yield from ((argument.arg, argument.value) for argument in node.keywords if argument.arg)


def uneven(english: str, vietnamese: str) -> Iterator[str]:
    """What is wrong between the halves of one text."""
    if not english or not vietnamese:
        yield f"“{english or vietnamese}” lacks a half"
    elif sorted(set(PLACEHOLDER.findall(english))) != sorted(set(PLACEHOLDER.findall(vietnamese))):
        yield f"“{english}” has other placeholders in Vietnamese"
    elif english == vietnamese and len(english.split()) > 1:
        yield f"“{english}” was copied, not translated"
    yield from words_offences(vietnamese)


def in_code(module: Module) -> Iterator[Offence]:
    """Pairs that are written as `name_en` and `name_vi`; an empty text is one that is filled in later."""
    for node in ast.walk(module.tree):
        halves: dict[str, dict[str, ast.expr]] = {}
        for name, value in said_in(node):
            if found := HALF.match(name):
                halves.setdefault(found["text"], {})[found["code"]] = value
        for pair in halves.values():
            said = {code: value.value for code, value in pair.items() if isinstance(value, ast.Constant)}
            texts = {code: text for code, text in said.items() if isinstance(text, str)}
            if any(texts.values()) and len(texts) == len(pair):
                for what in uneven(texts.get("en", ""), texts.get("vi", "")):
                    yield module.offence(node, what)


def in_script(path: str, text: str) -> Iterator[Offence]:
    """Words that a script brings along: the same keys in both languages."""
    found = {match["code"]: dict(WORD.findall(match["words"])) for match in WORDS.finditer(text)}
    for key in sorted({key for words in found.values() for key in words}):
        for what in uneven(found.get("en", {}).get(key, ""), found.get("vi", {}).get(key, "")):
            yield Offence(path, 1, what)


def offences(root: Path, excepted: Mapping[str, str] = EXCEPTED) -> list[str]:
    """Texts of which a half is missing or says other things."""
    found = [offence for module in modules(root, "helpdesk") for offence in in_code(module)]
    for file in files(root, "static/js", "*.js"):
        found += in_script(file.relative_to(root).as_posix(), file.read_text("utf-8"))
    return judged(found, excepted)


def test_Q_5_the_house_has_both_halves_of_every_text() -> None:
    assert offences(ROOT) == []


HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
# kind of text → (where it is planted, as what)
BARE = {
    "template": ("templates/desk/a.html", "<p>Not in both</p>"),
    "attribute": ("templates/desk/a.html", '<button title="Not in both"></button>'),
    "form": ("helpdesk/sla/forms.py", "name = line(label='Not in both')"),
    "form of one noun": ("helpdesk/sla/calendar_form.py", "WORDS = ['Not in both']"),
    "validator": ("helpdesk/sla/calendar_form.py", "name = Length(max=3, message='Not in both')"),
    "refusal": ("helpdesk/tickets/ticket.py", "def f() -> None:\n    raise Refusal('Not in both')"),
    "what may not be": (
        "helpdesk/tickets/ticket.py",
        "def f() -> None:\n    raise NotAllowed('Not in both')",
    ),
    "what a field says": (
        "helpdesk/sla/calendar_form.py",
        "def f() -> None:\n    raise StopValidation('Not in both')",
    ),
    "view": ("helpdesk/desk/views.py", "WORDS = ['Not in both']"),
    "script": ("static/js/a.js", "node.textContent = 'Not in both';"),
    "event's sentence": ("templates/events/a.txt", "{{ who }} did it."),
    "mail": ("templates/notifications/mail/a.txt", "Not in both: {{ ticket }}"),
    "mail's page": ("templates/notifications/mail/a.html", "<p>Not in both</p>"),
    "page that a command shows": ("templates/errors/a.html", "<h1>Not in both</h1>"),
}
SAID = {
    "template": ("templates/desk/a.html", '<p>{{ _("Not in both") }}</p>'),
    "form": ("helpdesk/sla/calendar_form.py", 'WORD = lazy("Not in both")'),
    "refusal": ("helpdesk/tickets/ticket.py", 'def f() -> None:\n    raise Refusal(_("Not in both"))'),
    "event's sentence": ("templates/events/a.txt", '{{ _("Not in both", who=who) }}'),
    "mail": ("templates/notifications/mail/a.txt", '{{ _("Not in both") }}'),
    "words for a script": ("templates/ui/a.html", '<div data-words="{{ _("Not in both") }}"></div>'),
}
SCRIPT = (
    "  const W = {\n    en: { title: 'Form', label: 'Help' },\n    vi: { title: 'Mẫu', label: 'Giúp' },\n  };"
)
HALVES = {
    "shipped data": ("helpdesk/sla/policy.py", 'ROW = {"name_en": "Not in both", "name_vi": ""}'),
    "half of shipped data": ("helpdesk/sla/policy.py", 'Policy(name_en="Not in both")'),
    "shipped mail": ("helpdesk/sla/policy.py", 'X = {"body_en": "Hello {{name}}", "body_vi": "Chào {{ten}}"}'),
    "copied data": ("helpdesk/sla/policy.py", 'ROW = {"name_en": "Not in both", "name_vi": "Not in both"}'),
    "words of the embedded script": ("static/js/embed.js", SCRIPT.replace(", label: 'Giúp'", "")),
}  # fmt: skip


@pytest.mark.parametrize("kind", BARE)
def test_Q_5_a_text_outside_of_the_catalogue_is_seen(kind: str, tmp_path: Path) -> None:
    path, text = BARE[kind]
    assert [
        line for line in test_literals.offences(plant(tmp_path, {path: text}), {}) if line.startswith(path)
    ]


@pytest.mark.parametrize("kind", SAID)
def test_Q_5_a_text_that_nobody_translated_is_seen(kind: str, tmp_path: Path) -> None:
    path, text = SAID[kind]
    tree = plant(tmp_path, {path: text, CATALOGUE: HEAD + 'msgid "Not in both"\nmsgstr ""\n'})
    found = test_translations.offences(tree, {})
    assert f"{path}:" in found[0]
    assert "is not translated" in found[0]


@pytest.mark.parametrize("kind", HALVES)
def test_Q_5_a_half_that_is_missing_is_seen(kind: str, tmp_path: Path) -> None:
    path, text = HALVES[kind]
    assert [line for line in offences(plant(tmp_path, {path: text}), {}) if line.startswith(path)]


def test_Q_5_whole_texts_are_left_in_peace(tmp_path: Path) -> None:
    tree = plant(tmp_path, {
        "helpdesk/sla/policy.py": 'ROW = {"name_en": "Fast", "name_vi": "Nhanh"}\nX = f(name_en=a, name_vi=b)',
        "static/js/embed.js": SCRIPT,
    })  # fmt: skip
    assert offences(tree, {}) == []
