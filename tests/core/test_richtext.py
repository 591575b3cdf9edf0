"""Markdown in, safe HTML out (Q-2, MSG-002)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.core.richtext import render
from tests.support.page import read

TAGS = {"p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr"}
TAGS |= {f"h{level}" for level in range(1, 7)}
VECTORS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "[x](file:///etc/passwd)",
    "<javascript:alert(1)>",
    "![x](https://evil.test/pixel.png)",
    "![x](data:image/svg+xml,x)",
    '[x](https://a.test "onmouseover=alert(1)")',
    '[x](https://a.test" onmouseover="alert(1))',
    'https://a.test/"onmouseover=alert(1)//',
    "https://a.test/<script>alert(1)</script>",
    "[a]: javascript:alert(1)\n\n[a]",
    "```html\n<script>alert(1)</script>\n```",
    "`<img src=x onerror=alert(1)>`",
    "<style>*{display:none}</style>",
    "<iframe src=//evil.test></iframe>",
    "<form action=//evil.test><input name=x></form>",
    "<div hx-get='/logout' hx-trigger='load'>x</div>",
    "<p id='content' class='x' style='x' data-x='x'>x</p>",
    "<math><mi//xlink:href='data:x,<script>alert(4)</script>'>",
    "<hx-partial hx-target='#notices'>x</hx-partial>",
    "<!--<img src=--><img src=x onerror=alert(1)//-->",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "{{ config }} {% raw %}",
]


def check(html: str) -> None:
    for element in read(html).all():
        assert element.tag in TAGS, html
        allowed = {"a": {"href", "rel"}, "ol": {"start"}}.get(element.tag, set())
        assert set(element.attributes) <= allowed, html
        if element.tag == "a":
            assert element.attributes["rel"] == "noopener nofollow ugc", html
            scheme = (element.attributes.get("href") or "").partition(":")[0].lower()
            assert scheme in ("http", "https", "mailto", "tel", ""), html


@pytest.mark.parametrize("source", VECTORS)
def test_Q_2_nothing_that_is_written_acts(source):
    check(render(source))


@given(st.text(st.sampled_from("<>\"'`[]()!&#:/\\ \n=;ax*_-{}."), max_size=60))
def test_Q_2_nor_does_anything_else(source):
    check(render(source))


@given(st.lists(st.sampled_from(VECTORS), min_size=2, max_size=3).map("".join))
def test_Q_2_nor_do_tricks_together(source):
    check(render(source))


def test_Q_2_no_picture_tells_who_read_it():
    assert "<img" not in render("![x](https://evil.test/a.png) <img src='https://evil.test/b.png'>")


@pytest.mark.parametrize(
    "source, html",
    [
        ("**bold** *em* ~~gone~~", "<p><strong>bold</strong> <em>em</em> <s>gone</s></p>"),
        ("a\nb", "<p>a<br>\nb</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("`a < b`", "<p><code>a &lt; b</code></p>"),
        ("1 < 2 & 3", "<p>1 &lt; 2 &amp; 3</p>"),
        ("[x](https://a.test)", '<p><a href="https://a.test" rel="noopener nofollow ugc">x</a></p>'),
        ("đơn hàng 😀", "<p>đơn hàng 😀</p>"),
    ],
)
def test_MSG_what_is_meant_is_shown(source, html):
    assert render(source).strip() == html


@pytest.mark.parametrize(
    "source, address, rest",
    [
        ("see https://a.test/x?y=1&z=2.", "https://a.test/x?y=1&z=2", "."),
        ("(http://a.test)", "http://a.test", ")"),
        ("HTTPS://A.test!", "HTTPS://A.test", "!"),
        ("https://a.test/ờ", "https://a.test/ờ", ""),
    ],
)
def test_MSG_an_address_becomes_a_link(source, address, rest):
    [link] = read(render(source)).all("a")
    assert link.text == address
    assert render(source).strip().endswith(f"</a>{rest}</p>")


def test_MSG_what_is_code_or_no_address_is_no_link():
    for source in ("`https://a.test`", "```\nhttps://a.test\n```", "ftp://a.test", "a.test", "x@a.test"):
        assert "<a" not in render(source), source


def test_MSG_a_link_holds_no_second_link():
    assert len(list(read(render("[https://b.test](https://a.test)")).all("a"))) == 1


def test_Q_4_a_long_text_takes_no_time():
    for source in (
        "[" * 20_000,
        "*a " * 15_000,
        "> " * 5_000 + "x",
        "https://a.test/" + "." * 40_000,
        "`" * 40_000,
    ):
        assert isinstance(render(source[:50_000]), str)
