"""Markdown in, safe HTML out. Rendered once, when a text is written, and kept."""

import re

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import Markup

from helpdesk.core.i18n import _

_NO_END = r".,;:!?'*_)\]"  # of an address, but of its sentence
_ADDRESS = re.compile(rf"(https?://[^\s<>\"]*[^\s<>\"{_NO_END}])", re.IGNORECASE)
_LEAD = re.compile(r"(?:on|vào)\s.{1,400}\s(?:wrote|đã viết)\s?:", re.IGNORECASE | re.DOTALL)
LEAD_LINES = 3  # mail programs wrap "On …, … wrote:"
LONG_LINES = 8  # a quotation longer than this is folded wherever it stands
BREAKS = ("softbreak", "hardbreak")
FOLD, END = (
    "<details><summary></summary>",
    "</details>",
)  # kept without words: each reader has his own language
_OPEN_FOLD = (
    Token("fold_open", "details", 1),
    Token("summary_open", "summary", 1),
    Token("summary_close", "summary", -1),
)


def _link_addresses(state: StateCore) -> None:
    """Bare addresses become links; those in code, and in links, stay as they are."""
    for block in state.tokens:
        depth, children = 0, []
        for token in block.children or ():
            depth += token.nesting if token.type in ("link_open", "link_close") else 0
            children += [token] if depth or token.type != "text" else _with_links(token.content)
        if block.children:
            block.children = children


def _with_links(content: str) -> list[Token]:
    """The text as tokens, its addresses between the marks of a link."""
    tokens = []
    for place, part in enumerate(_ADDRESS.split(content)):
        text = Token("text", "", 0, content=part)
        if place % 2:
            tokens += [Token("link_open", "a", 1, attrs={"href": part}), text, Token("link_close", "a", -1)]
        elif part:
            tokens.append(text)
    return tokens


def _fold_quotes(state: StateCore) -> None:
    """What was said before is there, but folded: quotations at the end, with a lead line, or long.

    The line that mail programs put before one ("On …, Bea wrote:") is folded with it. A text of nothing but
    quotations stays as it is: there would be nothing to read.
    """
    blocks = _blocks(state.tokens)
    own = [place for place, block in enumerate(blocks) if not _is_quote(block)]
    if not own or len(own) == len(blocks):
        return
    kept: list[list[Token]] = []
    for place, block in enumerate(blocks):
        rest, lead = _without_lead(kept[-1]) if kept and _is_quote(block) else ([], [])
        if _is_quote(block) and (lead or place > own[-1] or _is_long(block)):
            if lead and (rest or len(own) > 1):
                kept[-1:], block = [rest] if rest else [], [*lead, *block]
            block = [*_OPEN_FOLD, *block, Token("fold_close", "details", -1)]
        kept.append(block)
    state.tokens = [token for block in kept for token in block]


def _blocks(tokens: list[Token]) -> list[list[Token]]:
    """The tokens of each block of the text, in order."""
    blocks: list[list[Token]] = []
    depth = 0
    for token in tokens:
        if depth == 0:
            blocks.append([])
        blocks[-1].append(token)
        depth += token.nesting
    return blocks


def _is_quote(block: list[Token]) -> bool:
    return block[0].type == "blockquote_open"


def _is_long(block: list[Token]) -> bool:
    first, last = block[0].map or (0, 0)
    return last - first > LONG_LINES


def _without_lead(block: list[Token]) -> tuple[list[Token], list[Token]]:
    """A paragraph without the lead line at its end, and that line as a paragraph; nothing if there is none."""
    if block[0].type != "paragraph_open":
        return block, []
    children = block[1].children or []
    breaks = [n for n, child in enumerate(children) if child.type in BREAKS and child.level == 0]
    starts = breaks[-LEAD_LINES:] + ([-1] if len(breaks) < LEAD_LINES else [])
    for start in starts:
        words = "".join(" " if child.type in BREAKS else child.content for child in children[start + 1 :])
        if _LEAD.fullmatch(words.strip()):
            return _paragraph(block, children[: max(start, 0)]), _paragraph(block, children[start + 1 :])
    return block, []


def _paragraph(like: list[Token], children: list[Token]) -> list[Token]:
    if not children:
        return []
    return [like[0], Token("inline", "", 0, children=children), like[2]]


_markdown = (
    MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True})
    .disable("image")
    .enable("strikethrough")
)
_markdown.core.ruler.push("addresses", _link_addresses)
_markdown.core.ruler.push("quotes", _fold_quotes)
_TAGS = {"p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr"}
_TAGS |= {"h1", "h2", "h3", "h4", "h5", "h6", "details", "summary"}


def render(source: str) -> str:
    """HTML of a Markdown text: no images (they would tell on the reader), no raw HTML, links marked as foreign."""
    html = _markdown.render(source)
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes={"*": set(), "a": {"href"}, "ol": {"start"}},  # or `title` and `lang` pass everywhere
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener nofollow ugc",
    )


def readable(html: str) -> Markup:
    """A kept text for a page: its folds say in the reader's language what is in them."""
    words = Markup("<details><summary>{}</summary>").format(_("Quoted text"))
    return Markup(html.replace(FOLD, words))  # noqa: S704 - cleaned when it was rendered


def unfolded(html: str) -> str:
    """A kept text for a mail, whose readers cannot unfold anything."""
    return html.replace(FOLD, "").replace(END, "")
