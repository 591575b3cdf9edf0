"""Law: every text that is said through `_()` is in the Vietnamese catalogue, whole and in the house's words.

Placeholders are the same in both languages, one word stands for one thing, tone marks are written in one style
(*hóa, xóa, hủy*: on the first vowel), and customers never read the desk's words.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from tests.support.inspect import ROOT, Offence, files, judged, plant

CATALOGUE = "translations/vi/LC_MESSAGES/messages.po"
SOURCES = [("helpdesk/**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2")]
OPTIONS = {"templates/**": {"extensions": "jinja2.ext.i18n,jinja2.ext.do", "silent": "false"}}
KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "lazy": None, "gettext": None, "ngettext": (1, 2)}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}")
# ux.md 7.11, 7.15 and 8.20: words that mean another thing here, or that leave the reader without help.
FORBIDDEN = (
    *("vé", "thẻ", "đại lý", "tác nhân", "lượt xem", "tập tin", "bảng điểm", "lĩnh vực", "không hợp lệ"),
    *("người được chuyển nhượng", "phiếu tăng tốc"),
)
WORDS = re.compile(rf"(?<!\w)({'|'.join(FORBIDDEN)})(?!\w)", re.IGNORECASE)
# The mark on the last vowel of an open syllable; after q the u is a consonant, so quý is right.
NEW_STYLE = re.compile(r"\w*(?:o[àáảãạèéẻẽẹ]|(?<!q)u[ỳýỷỹỵ])(?!\w)", re.IGNORECASE)
DESK_WORDS = re.compile(r"(?<!\w)(phiếu|ticket|SLA)(?!\w)", re.IGNORECASE)
CUSTOMERS_PAGES = ("templates/portal/", "helpdesk/portal/")

# English words for which the product says another: one word stands for one thing in English too.
OTHER_ENGLISH = {"merchant": "store", "group": "team"}
GLOSSARY = "tests/house/glossary_vi.csv"
MARKS = re.compile(r"%\(\w+\)[sd]|\{+\w*\}+|<[^>]*>")

Text = str | tuple[str, ...]

# the English text → why it is as it is
EXCEPTED: dict[str, str] = {
    "Ask for escalation": "what customers read; chuyển cấp is the desk's word",
}


def said(root: Path) -> dict[Text, list[tuple[str, int]]]:
    """Every text of code and templates that goes through `_()`, and where."""
    texts: dict[Text, list[tuple[str, int]]] = defaultdict(list)
    for file, line, text, *_ in extract_from_dir(root, SOURCES, OPTIONS, KEYWORDS):
        texts[text].append((file.replace("\\", "/"), line))
    return texts


def catalogue(root: Path) -> Catalog:
    with (root / CATALOGUE).open("rb") as lines:
        return read_po(lines, locale="vi")


def glossary() -> list[tuple[re.Pattern[str], re.Pattern[str], str]]:
    """(the English word, what its Vietnamese has, that in words) of each term that stands for one thing."""
    with (ROOT / GLOSSARY).open(encoding="utf-8") as rows:
        terms = [(row["english"], row["vietnamese"]) for row in csv.DictReader(rows)]
    return [
        (re.compile(rf"(?<!\w){_plural(en)}(?!\w)", re.IGNORECASE), re.compile(vi, re.IGNORECASE), vi)
        for en, vi in terms
    ]


def _plural(english: str) -> str:
    return f"{english[:-1]}(?:y|ies)" if english.endswith("y") else f"{english}s?"


def term_offences(english: str, vietnamese: str) -> Iterator[str]:
    """Where the Vietnamese has another word for a thing than the glossary, or the English than the product."""
    bare = MARKS.sub("", english)
    for word, theirs, said in glossary():
        if vietnamese and word.search(bare) and not theirs.search(vietnamese):
            yield f"has another word than “{said}”: {vietnamese}"
    for word, ours in OTHER_ENGLISH.items():
        if re.search(rf"(?<!\w){_plural(word)}(?!\w)", bare, re.IGNORECASE):
            yield f"says “{word}” where the product says “{ours}”"


def first(text: Text) -> str:
    return text if isinstance(text, str) else text[0]


def words_offences(vietnamese: str) -> Iterator[str]:
    """What is wrong with a piece of Vietnamese, whatever it translates."""
    for word in WORDS.findall(vietnamese):
        yield f"says “{word}”, which the glossary forbids"
    for word in NEW_STYLE.findall(vietnamese):
        yield f"spells “{word}” with the mark on the last vowel"
    if not unicodedata.is_normalized("NFC", vietnamese):
        yield "is written in decomposed letters"


def translation_offences(message: Message) -> Iterator[str]:
    """What is wrong with one translation."""
    english = first(message.id)
    variants = [message.string] if isinstance(message.string, str) else list(message.string)
    if message.fuzzy:
        yield "is marked fuzzy"
    wanted = set(PLACEHOLDER.findall(message.id if isinstance(message.id, str) else message.id[-1]))
    for vietnamese in filter(None, variants):
        if set(PLACEHOLDER.findall(vietnamese)) != wanted:
            yield f"has other placeholders than its English: {vietnamese}"
        if vietnamese == english and len(english.split()) > 3:
            yield "was copied, not translated"
        yield from words_offences(vietnamese)


def missing(root: Path, vietnamese: Catalog) -> Iterator[Offence]:
    """Texts that the catalogue does not have, or that say to customers what only the desk says."""
    for text, places in said(root).items():
        message = vietnamese.get(first(text))
        string = message.string if message else ""
        whole = all(string) if isinstance(string, tuple | list) else bool(string)
        for path, line in places:
            if not message or not whole:
                yield Offence(path, line, f"“{first(text)}” is not translated", first(text))
            if path.startswith(CUSTOMERS_PAGES):
                for word in DESK_WORDS.findall(f"{text} {string}"):
                    yield Offence(path, line, f"says “{word}” to customers: “{first(text)}”", first(text))


def kept(root: Path, vietnamese: Catalog) -> Iterator[Offence]:
    """What is wrong with the catalogue itself."""
    texts = {first(text) for text in said(root)}
    for message in vietnamese:
        if not message.id:
            continue
        english = first(message.id)
        said_first = message.string if isinstance(message.string, str) else message.string[0]
        whats = [*translation_offences(message), *term_offences(english, said_first)]
        whats += [] if english in texts else ["is not said any more"]
        for what in whats:
            yield Offence(CATALOGUE, message.lineno or 1, f"“{english}” {what}", english)


def written(root: Path) -> Iterator[Offence]:
    """Vietnamese outside the catalogue: the shipped texts in the code."""
    for place, pattern in (("helpdesk", "*.py"), ("templates", "*"), ("static/js", "*.js")):
        for file in files(root, place, pattern):
            for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
                for what in words_offences(line):
                    yield Offence(file.relative_to(root).as_posix(), number, what)


def offences(root: Path, excepted: Mapping[str, str] = EXCEPTED) -> list[str]:
    """Texts without a whole translation, and Vietnamese that is not in the house's words."""
    vietnamese = catalogue(root)
    return judged([*missing(root, vietnamese), *kept(root, vietnamese), *written(root)], excepted)


def test_the_house_speaks_both_languages() -> None:
    assert offences(ROOT) == []


def seen(tmp_path: Path, po: str, **sources: str) -> list[str]:
    """What the inspection says about a template, a view and a catalogue."""
    header = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    header += '"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
    contents = {
        "templates/portal/a.html": sources.get("html", ""),
        "helpdesk/sla/views.py": sources.get("py", ""),
    }
    return offences(plant(tmp_path, {CATALOGUE: header + po, **contents}), {})


def test_what_is_not_translated_is_seen(tmp_path: Path) -> None:
    po = 'msgid "Send"\nmsgstr "Gửi"\n\nmsgid "Save"\nmsgstr ""\n\n'
    po += 'msgid "%(num)s file"\nmsgid_plural "%(num)s files"\nmsgstr[0] "%(num)s tệp"\n'
    html = "{{ _('Send') }}\n{{ _('Save') }}{{ ngettext('%(num)s file', '%(num)s files', n) }}"
    assert seen(tmp_path, po, html=html, py="x = lazy('Close')") == [
        "helpdesk/sla/views.py:1: “Close” is not translated",
        "templates/portal/a.html:2: “Save” is not translated",
    ]


def test_a_broken_translation_is_seen(tmp_path: Path) -> None:
    po = """
#, fuzzy
msgid "Send"
msgstr "Gửi"

msgid "Hello %(name)s"
msgstr "Chào %(ten)s"

msgid "Attach a file"
msgstr "Đính kèm tập tin"

msgid "Delete"
msgstr "Xoá"

msgid "Your precious thing"
msgstr "Thứ quý của bạn, đã hủy"

msgid "There is nothing here"
msgstr "There is nothing here"
"""
    texts = (
        "Send",
        "Hello %(name)s",
        "Attach a file",
        "Delete",
        "Your precious thing",
        "There is nothing here",
    )
    found = seen(tmp_path, po, py="\n".join(f"_({text!r})" for text in texts))
    assert [line.split(": ", 1)[1] for line in found] == [
        "“Send” is marked fuzzy",
        "“Hello %(name)s” has other placeholders than its English: Chào %(ten)s",
        "“Attach a file” has another word than “tệp|tải về”: Đính kèm tập tin",
        "“Attach a file” says “tập tin”, which the glossary forbids",
        "“Delete” spells “Xoá” with the mark on the last vowel",
        "“There is nothing here” was copied, not translated",
    ]


def test_a_text_that_nobody_says_is_seen(tmp_path: Path) -> None:
    assert seen(tmp_path, 'msgid "Old"\nmsgstr "Cũ"\n') == [f"{CATALOGUE}:6: “Old” is not said any more"]


def test_desk_words_before_customers_are_seen(tmp_path: Path) -> None:
    po = 'msgid "Your request"\nmsgstr "Phiếu của bạn"\n'
    assert seen(tmp_path, po, html="{{ _('Your request') }}") == [
        "templates/portal/a.html:1: says “Phiếu” to customers: “Your request”"
    ]


def test_another_word_than_the_glossarys_is_seen(tmp_path: Path) -> None:
    po = 'msgid "Close this ticket"\nmsgstr "Đóng mục này"\n\nmsgid "All merchants"\nmsgstr "Mọi cửa hàng"\n'
    found = seen(tmp_path, po, py="_('Close this ticket')\n_('All merchants')")
    assert [line.split(": ", 1)[1] for line in found] == [
        "“Close this ticket” has another word than “phiếu|yêu cầu”: Đóng mục này",
        "“All merchants” says “merchant” where the product says “store”",
    ]


def test_shipped_vietnamese_is_read_too(tmp_path: Path) -> None:
    assert seen(tmp_path, "", py="NAME_VI = 'Huỷ'") == [
        "helpdesk/sla/views.py:1: spells “Huỷ” with the mark on the last vowel"
    ]
