"""Markdown in, safe HTML out. Rendered once, when a text is written, and kept."""

import re

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

_NO_END = r".,;:!?'*_)\]"  # of an address, but of its sentence
_ADDRESS = re.compile(rf"(https?://[^\s<>\"]*[^\s<>\"{_NO_END}])", re.IGNORECASE)


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


_markdown = (
    MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True})
    .disable("image")
    .enable("strikethrough")
)
_markdown.core.ruler.push("addresses", _link_addresses)
_TAGS = {"p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr"}
_TAGS |= {"h1", "h2", "h3", "h4", "h5", "h6"}


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
