"""Markdown in, safe HTML out. Rendered once, when a text is written, and kept."""

import nh3
from markdown_it import MarkdownIt

_markdown = (
    MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True})
    .disable("image")
    .enable("strikethrough")
)
_TAGS = {"p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr"}
_TAGS |= {"h1", "h2", "h3", "h4", "h5", "h6"}


def render(source: str) -> str:
    """HTML of a Markdown text: no images (they would tell on the reader), no raw HTML, links marked as foreign."""
    html = _markdown.render(source)
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener nofollow ugc",
    )
