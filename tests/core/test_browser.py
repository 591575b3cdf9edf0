"""The inspecting client sees what it is there for."""

import pytest
from flask import Flask

from helpdesk.core.access import allow, anyone
from tests.support.browser import MOST_QUERIES, Browser, flaws

PAGE = '<html lang="en"><head><title>A page</title></head><body><h1>A page</h1>{}</body></html>'


@pytest.mark.parametrize(
    "part, flaw",
    [
        ("<h1>Two</h1>", "2 h1"),
        ('<p id="a"></p><p id="a"></p>', "'a' is there 2 times"),
        ('<input name="x">', "name='x'> has no label"),
        ('<label for="b">B</label>', "points at 'b'"),
        ('<p aria-describedby="a b" id="a"></p>', "points at 'b'"),
        ('<a hx-get="/x" hx-target="#gone">x</a>', "points at 'gone'"),
        ('<a hx-get="/x" hx-target:inherited="#gone">x</a>', "points at 'gone'"),
        ('<form method="post" action="/x"></form>', "carries no token"),
        ('<form method="post" action="/x"><input type="hidden" name="csrf_token" value=""></form>', "no token"),
        ("<script>alert(1)</script>", "script stands"),
        ("<p onclick=\"x()\"></p>", "onclick"),
        ('<p hx-on:click="x()"></p>', "evaluated"),
        ('<p style="color: red"></p>', "own style"),
        ("<style>p {}</style>", "own style"),
        ('<a href="javascript:x()">x</a>', "a link is a script"),
        ('<img src="/x.png">', "says nothing"),
    ],
)  # fmt: skip
def test_a_flaw_is_seen(part, flaw):
    assert any(flaw in line for line in flaws(PAGE.format(part))), flaws(PAGE.format(part))


@pytest.mark.parametrize(
    "page, flaw",
    [
        ("<html><head><title>A</title></head><body><h1>A</h1></body></html>", "language"),
        ('<html lang="en"><head><title></title></head><body><h1>A</h1></body></html>', "title"),
        ('<html lang="en"><head></head><body><h1>A</h1></body></html>', "title"),
    ],
)
def test_a_flaw_of_the_frame_is_seen(page, flaw):
    assert any(flaw in line for line in flaws(page))


def test_a_good_page_has_no_flaw():
    good = """<form method="post" action="/x"><input type="hidden" name="csrf_token" value="y">
        <label for="a">A</label><input id="a" name="a"><label>B <select name="b"></select></label>
        <textarea name="c" aria-label="C"></textarea><button type="submit" name="d">D</button></form>
        <script src="/x.js"></script><img src="/x.png" alt=""><a href="#a" hx-target="#a">x</a>"""
    assert flaws(PAGE.format(good)) == []


def test_a_fragment_may_point_outside_itself():
    assert flaws('<p hx-target="#elsewhere" aria-describedby="elsewhere">x</p>') == []


def test_the_client_refuses_a_page_with_a_flaw(app: Flask):
    app.add_url_rule("/flawed", "flawed", allow(anyone)(lambda: PAGE.format("<script>x()</script>")))
    with pytest.raises(AssertionError, match="GET /flawed: a script stands"):
        Browser(app).get("/flawed")


def test_the_client_refuses_a_page_of_too_many_queries(app: Flask):
    from helpdesk.core.db import db
    from helpdesk.organizers.organizer import Organizer

    def busy():
        for _ in range(MOST_QUERIES + 1):
            db.session.query(Organizer.id).first()
        return PAGE.format("")

    app.add_url_rule("/busy", "busy", allow(anyone)(busy))
    with pytest.raises(AssertionError, match=f"took {MOST_QUERIES + 1} queries"):
        Browser(app).get("/busy")
