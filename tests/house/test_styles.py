"""Law: raw colours and pixel sizes stand in `tokens.css` alone; every other sheet speaks in tokens, layers and logic.

Left and right turn round in other scripts, so boxes are laid out by start and end. Code of others in `static/vendor/`
is what its list says: version and hash are written down, and nobody edits it in place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from tests.support.inspect import ROOT, Offence, blank, files, judged, line_of, plant

TOKENS = "static/css/tokens.css"
LAYERS = "tokens|reset|base|layout|components|rooms|utilities"
LAYER = re.compile(rf"^\s*(@layer ({LAYERS})[ ,;{{]|@font-face)")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
RAW = re.compile(
    r"(?<![\w&-])#[0-9a-fA-F]{3,8}\b(?=[^{};]*[;}])|\b(?:rgba?|hsla?|oklch)\(|(?<![\w.-])\d*\.?\d+px\b"
)
PHYSICAL = re.compile(
    r"(?<![\w-])(?:margin|padding|border)-(?:left|right)\b|\b(?:text-align|float):\s*(?:left|right)\b"
)
USED, DEFINED = re.compile(r"var\((--[\w-]+)\)"), re.compile(r"(--[\w-]+):")
LISTED = re.compile(r"^\| `(?P<file>[^`]+)` .*`(?P<hash>[0-9a-f]{64})` \|$", re.MULTILINE)

# path, or path::what is said there → why
EXCEPTED: dict[str, str] = {}


def sheet_offences(path: str, css: str, tokens: set[str]) -> Iterator[Offence]:
    """What is wrong with one style sheet."""
    if not LAYER.search(css):
        yield Offence(path, 1, "is in no layer")
    for pattern, what in (
        (RAW, "a raw value, tokens.css is its place"),
        (PHYSICAL, "left or right: say start or end"),
    ):
        for found in pattern.finditer(css) if path != TOKENS else ():
            outside_of_queries = not css[: found.start()].rpartition("\n")[2].lstrip().startswith("@")
            if outside_of_queries:  # a media query cannot read a token
                yield Offence(path, line_of(css, found.start()), f"{found[0]}: {what}", f"{path}::{found[0]}")
    for used in USED.finditer(css):
        if used[1] not in tokens:
            yield Offence(path, line_of(css, used.start()), f"{used[1]} is no token", f"{path}::{used[1]}")


def vendored(root: Path) -> Iterator[Offence]:
    """Code of others that is not what its list says, or not on it."""
    folder = root / "static/vendor"
    listing = folder / "VENDORED.md"
    hashes = dict(LISTED.findall(listing.read_text("utf-8"))) if listing.exists() else {}
    for file in files(root, "static/vendor", "*.js", "*.css", "*.woff2"):
        path = file.relative_to(root).as_posix()
        if hashes.get(file.relative_to(folder).as_posix()) != sha256(file.read_bytes()).hexdigest():
            yield Offence(path, 1, "is not what VENDORED.md says", path)


def offences(root: Path, excepted: Mapping[str, str] = EXCEPTED) -> list[str]:
    """Raw values, sides and unknown tokens in style sheets; changed code of others."""
    sheets = {
        file.relative_to(root).as_posix(): COMMENT.sub(blank, file.read_text("utf-8"))
        for file in files(root, "static/css", "*.css")
    }
    tokens = {name for css in sheets.values() for name in DEFINED.findall(css)}
    found = [offence for path, css in sheets.items() for offence in sheet_offences(path, css, tokens)]
    return judged([*found, *vendored(root)], excepted)


def test_the_house_speaks_in_tokens() -> None:
    assert offences(ROOT) == []


def test_raw_values_and_sides_are_seen(tmp_path: Path) -> None:
    sheet = """
        @layer rooms {
          /* #fff and 3px */
          @media (width < 500px) { a { color: var(--text); } }
          a { color: #fff; margin: 3px; inset: 0.5rem; }
          b { color: rgb(1 2 3); margin-left: 1rem; }
          #feed { color: var(--unknown); }
        }
    """
    tokens = "@layer tokens { :root { --text: #000; --line: 1px; } }"
    tree = plant(tmp_path, {"static/css/desk.css": sheet, "static/css/bare.css": "a{}", TOKENS: tokens})
    assert offences(tree, {}) == [
        "static/css/bare.css:1: is in no layer",
        "static/css/desk.css:4: #fff: a raw value, tokens.css is its place",
        "static/css/desk.css:4: 3px: a raw value, tokens.css is its place",
        "static/css/desk.css:5: margin-left: left or right: say start or end",
        "static/css/desk.css:5: rgb(: a raw value, tokens.css is its place",
        "static/css/desk.css:6: --unknown is no token",
    ]


def test_changed_code_of_others_is_seen(tmp_path: Path) -> None:
    listing = f"| `a.js` | a | 1 | MIT | `{sha256(b'1').hexdigest()}` |\n"
    tree = plant(tmp_path, {"static/vendor/VENDORED.md": listing, "static/vendor/a.js": "1"})
    assert offences(tree, {}) == []
    plant(tree, {"static/vendor/a.js": "2", "static/vendor/b.js": "2"})
    assert len(offences(tree, {})) == 2
