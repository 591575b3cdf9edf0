"""Markdown in, safe HTML out (Q-2, MSG-002)."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpdesk.core.richtext import FOLD, readable, render, unfolded
from tests.support.page import read

TAGS = {"p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr"}
TAGS |= {f"h{level}" for level in range(1, 7)} | {"details", "summary"}
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
        "> a\n\n" * 12_000,
        "On a wrote:\n> b\n\n" * 3_000,
        "on " * 15_000 + "\n> x",
        "on \n" * 12_000 + "> x",
    ):
        assert isinstance(render(source[:50_000]), str)


QUOTE = "> old words\n> more of them"


def folds(source: str) -> list[str]:
    """What is folded in a text, in words."""
    return [element.text for element in read(render(source)).all("details")]


@pytest.mark.parametrize(
    "source",
    [
        f"Thanks!\n\n{QUOTE}",
        f"Thanks!\n\nOn 5 Nov 2026, Bea <bea@mail.example> wrote:\n\n{QUOTE}",
        f"Thanks!\nOn Thu, 5 Nov 2026 at 16:07,\nBea <bea@mail.example> wrote:\n{QUOTE}",
        f"Cảm ơn!\n\nVào 16:07 05/11/2026, Bea đã viết:\n{QUOTE}",
        f"Cảm ơn!\n\nVào 16:07 05/11/2026, Bea đã viết:\n{QUOTE}\n\nGus",
    ],
)
def test_MSG_005_what_was_said_before_is_folded_with_the_line_above_it(source):
    [fold] = folds(source)
    assert "old words more of them" in fold
    shown = read(render(source).split("<details>")[0]).text
    assert shown in ("Thanks!", "Cảm ơn!")


def test_MSG_005_a_long_quotation_is_folded_wherever_it_stands():
    long = "\n".join(["> word"] * 9)
    assert len(folds(f"{long}\n\nMy answer.")) == 1
    assert folds("> word\n\nMy answer.") == []


def test_MSG_005_a_text_of_nothing_but_a_quotation_is_shown():
    assert folds(QUOTE) == []
    assert "old words" in render(f"On 5 Nov, Bea wrote:\n{QUOTE}").split(FOLD)[1]
    assert "Bea wrote:" in render(f"On 5 Nov, Bea wrote:\n{QUOTE}").split(FOLD)[0]


def test_MSG_005_quotations_inside_a_fold_stay_quotations():
    [fold] = read(render("a\n\n> b\n> > c")).all("details")
    assert len(list(fold.all("blockquote"))) == 2
    assert "<details>" not in render("a\n\n<details><summary>x</summary>b</details>")


def test_MSG_005_a_fold_says_what_it_is_to_each_reader_and_is_no_fold_in_a_mail(app):
    html = render(f"a\n\n{QUOTE}")
    for language, words in (("en", "Quoted text"), ("vi", "Nội dung trích dẫn")):
        with app.test_request_context("/", query_string={"lang": language}):
            [summary] = read(readable(html)).all("summary")
            assert summary.text == words
    assert "details" not in unfolded(html)
    assert "old words" in unfolded(html)


def test_MSG_005_emphasis_that_runs_into_the_lead_line_keeps_its_marks():
    check(render(f"**a\nOn x wrote:**\n{QUOTE}"))
    check(render(f"`a\nOn x wrote:`\n{QUOTE}"))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault
@given(
    st.lists(
        st.sampled_from(["> q", ">> r", "On x wrote:", "Vào x đã viết:", "a", "", "- b", "**c", "```"]),
        max_size=14,
    )
)
def test_MSG_005_folding_loses_no_word(lines):
    source = "\n".join(lines)
    html = render(source)
    check(html)
    assert html.count("<details>") == html.count("</details>") == html.count(FOLD)
    for word in ("q", "r", "a", "b"):
        assert read(html).text.split().count(word) == sum(line.lstrip("> -") == word for line in lines)
