"""Law (ux 7): dates, times, durations, numbers and names are written as Vietnamese readers write them.

What is expected comes from CLDR and from section 7 of the interface's rules; English stands beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from babel.messages.pofile import read_po
from flask import Flask

from helpdesk.accounts.employment import everybody
from helpdesk.agents.agent import Agent
from helpdesk.agents.roster import Roster
from helpdesk.assignment.rule_words import amount
from helpdesk.core.i18n import days, instant, ngettext, speaking
from helpdesk.core.name_order import by_name
from helpdesk.core.opening_times import day_name
from helpdesk.core.week import DAYS
from helpdesk.desk.frame_views import people_and_teams
from helpdesk.notifications.mail_template import PLACEHOLDER
from helpdesk.notifications.shipped_mail import SHIPPED
from helpdesk.organizers.merchant import Merchant
from helpdesk.sla import calendar_words
from helpdesk.tickets.canned_reply import PLACEHOLDERS
from helpdesk.tickets.policy_facts import duration
from helpdesk.tickets.ticket import Ticket
from tests.support.inspect import ROOT
from tests.support.page import read

AT = datetime(2026, 11, 5, 9, 7, tzinfo=UTC)  # a Thursday, 16:07 in Hanoi
HANOI = "Asia/Ho_Chi_Minh"
NAMES = "An,Àn,Án,Ăn,Ân,Bình,Dũng,Đặng,Em,Êm,Giang,On,Ôn,Ơn,Ung,Ưng,Xuân,Ý,Zoe"


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """With the cast, unlike the other inspections' one."""
    return make_app()


def rendered(app: Flask, code: str, source: str, **values: object) -> str:
    """What a template says in a language."""
    with app.test_request_context(), speaking(code):
        return re.sub(r"\s+", " ", app.jinja_env.from_string(source).render(**values)).strip()


def say(app: Flask, code: str, word: object) -> str:
    """What a function of ours says in a language."""
    with app.test_request_context(), speaking(code):
        return str(word())  # type: ignore[operator]


# Dates and times ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "said"), [
    ("vi", ["09:07 05/11/2026 UTC", "09:07 ngày 05/11/2026 (UTC)", "16:07 Thứ Năm, 05/11/2026"]),
    ("en", ["5 Nov 2026, 09:07 UTC", "5 November 2026, 09:07 (UTC)", "Thursday 5 November 2026, 16:07"]),
])  # fmt: skip
def test_UX_7_the_time_comes_before_the_date_and_runs_to_24(app, code, said):
    clock = "{% from 'ui/time.html' import moment %}{{ moment(at) }}"
    shown = re.sub("<[^>]+>", "", rendered(app, code, clock, at=AT))
    words = [
        say(app, code, lambda: instant(AT, code)),
        say(app, code, lambda: calendar_words.moment(AT, HANOI)),
    ]
    assert [shown, *words] == said
    evening = datetime(2026, 11, 5, 20, 5, tzinfo=UTC)
    assert "20:05" in say(app, code, lambda: instant(evening, code))


@pytest.mark.parametrize(("code", "one", "several", "short", "yearly"), [
    ("vi", "05/11/2026", "05/11/2026 – 07/01/2027", "T5, 05/11/2026", "24/12"),
    ("en", "5 Nov 2026", "5 Nov 2026 – 7 Jan 2027", "Thu 5 Nov 2026", "24 December"),
])  # fmt: skip
def test_UX_7_days_are_written_day_first(app, code, one, several, short, yearly):
    first, last = date(2026, 11, 5), date(2027, 1, 7)
    assert say(app, code, lambda: days(first, first)) == one
    assert say(app, code, lambda: days(first.isoformat(), last.isoformat())) == several
    assert say(app, code, lambda: days("some day", "some day")) == "some day"
    assert say(app, code, lambda: calendar_words.day_said("2026-11-05")) == short
    assert say(app, code, lambda: calendar_words.day_said("2026-12-24", is_yearly=True)) == yearly


def test_UX_7_the_week_begins_on_monday_and_both_words_are_capital(app):
    week = ["Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật"]
    assert [say(app, "vi", lambda day=day: day_name(day)) for day in DAYS] == week
    narrow = [say(app, "vi", lambda day=day: day_name(day, "short")) for day in DAYS]
    assert narrow == ["T2", "T3", "T4", "T5", "T6", "T7", "CN"]


@pytest.mark.parametrize(("code", "said"), [
    ("vi", ["40 giờ 30 phút", "40 giờ", "5 phút", "2 giờ", "3 ngày", "1 giờ 30 phút"]),
    ("en", ["40 h 30 min", "40 h", "5 minutes", "2 hours", "3 days", "1 h 30 min"]),
])  # fmt: skip
def test_UX_7_durations_have_no_short_letters(app, code, said):
    rough = "{% from 'ui/figure.html' import rough %}{{ rough(5400) }}"
    assert [
        say(app, code, lambda: calendar_words.duration(2430)), say(app, code, lambda: calendar_words.duration(2400)),
        say(app, code, lambda: duration(300)), say(app, code, lambda: duration(7200)),
        say(app, code, lambda: duration(3 * 86400)), rendered(app, code, rough),
    ] == said  # fmt: skip


# Numbers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "said"), [
    ("vi", ["1.234.567", "1.234", "1.234", "12,5%", "4,5/5", "1,5 MB", "1.500.000", "99,5", ""]),
    ("en", ["1,234,567", "1,234", "1,234", "12.5%", "4.5 of 5", "1.5 MB", "1,500,000", "99.5", ""]),
])  # fmt: skip
def test_UX_7_numbers_have_the_readers_signs(app, code, said):
    figure = "{% from 'ui/figure.html' import figure %}{{ figure(value, unit) }}"
    size = "{% from 'ui/attachments.html' import size %}{{ size(1572864) }}"
    counted = "{{ ngettext('%(num)s ticket', '%(num)s tickets', 1234) }}"
    found = [
        rendered(app, code, figure, value=1234567, unit="count"),
        rendered(app, code, counted).split()[0],
        say(app, code, lambda: ngettext("%(num)s ticket", "%(num)s tickets", 1234)).split()[0],
        rendered(app, code, figure, value=0.125, unit="share"), rendered(app, code, figure, value=4.5, unit="stars"),
        rendered(app, code, size), *(say(app, code, lambda kept=kept: amount(kept)) for kept in ("1500000", "99.5")),
        say(app, code, lambda: amount(None)),
    ]  # fmt: skip
    assert found == said


@pytest.mark.parametrize(("code", "said"), [
    ("vi", ["1.250.000", "20/11/2026"]), ("en", ["1,250,000", "20 Nov 2026"]),
])  # fmt: skip
def test_TKT_011_an_order_of_the_shop_is_told_with_the_readers_signs(world, code, said):
    ticket_id = world.ticket(order={"id": 10042, "total": 1250000, "placed_at": "2026-11-20"})
    with world.inside():
        name = world.one(Ticket, id=ticket_id).number
    shown = read(world.sign_in("Gus").get(f"/tickets/{name}?lang={code}"))
    told = [one.text.strip() for one in shown.all("dd")]
    assert [word for word in said if word in told] == said
    assert "10042" in told, "what an order is called is no amount"


def test_UX_7_a_count_has_one_form_only():
    with (ROOT / "translations/vi/LC_MESSAGES/messages.po").open("rb") as file:
        catalogue = read_po(file)
    assert catalogue.num_plurals == 1
    counted = [one.string for one in catalogue if isinstance(one.id, tuple)]
    assert counted
    assert not [said for (said,) in counted if re.search(r"%\(n(um)?\)s (các|những) ", said)]


# Names ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "letters"), [
    ("Nguyễn Thị Phượng Uyên", "NU"), ("Gus Holt", "GH"), ("Mai", "M"), ("đặng ánh", "ĐÁ"), ("", "?"),
])  # fmt: skip
def test_UX_7_initials_are_of_the_first_and_the_last_word(app, name, letters):
    initials = "{% from 'ui/avatar.html' import initials %}{{ initials(name) }}"
    assert rendered(app, "vi", initials, name=name) == letters


def test_UX_7_a_name_is_one_field_and_nobody_is_addressed_by_a_part_of_it():
    parts = re.compile("first_?name|last_?name|family|given|surname")
    fields = (ROOT / "templates/portal/_form.html").read_text("utf-8")
    assert 'autocomplete="name"' in fields
    assert not re.search("(given|family)-name", fields)
    known = {
        name
        for mail in SHIPPED
        for part in (mail.body_en, mail.body_vi)
        for name in PLACEHOLDER.findall(part)
    }
    assert "customer_name" in known
    assert not [name for name in {*known, *PLACEHOLDERS} if parts.search(name)]


def test_UX_7_names_are_sorted_by_the_vietnamese_alphabet():
    names = NAMES.split(",")
    assert by_name(reversed(names), str) == names
    tones = ["ma", "mà", "mả", "mã", "má", "mạ"]
    assert by_name(reversed(tones), str) == tones
    assert by_name(["Đỗ An", "Do Be", "Đỗ Ăn"], str) == ["Do Be", "Đỗ An", "Đỗ Ăn"]
    whole = ["Nguyễn An", "Nguyễn Thị Bình", "Trần An"]  # family name first
    assert by_name(reversed(whole), str) == whole


def test_UX_7_lists_of_people_are_in_that_order(world):
    with world.inside():
        for was, name in (("Gus", "Đặng Gus"), ("Linh", "Ấn Linh"), ("Mai", "Dũng Mai"), ("Ada", "Zoe Ada")):
            world.user(was).name = name
        shop = world.one(Merchant, prefix="ACME").id
        assert [post.agent.user.name for post in Roster().posts] == ["Ấn Linh", "Đặng Gus"]
        whole = ["Ấn Linh", "Dũng Mai", "Đặng Gus", "Zoe Ada"]
        assert [user.name for user in Agent.able_for(shop)] == whole
        assert [user.name for user in everybody()] == whole
        assert [name for _id, name in people_and_teams()[0]] == whole
