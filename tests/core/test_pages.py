"""What templates write: texts in the reader's language, instants, and what is drawn once for many."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import current_app
from flask.testing import FlaskClient

from helpdesk.core import clock
from helpdesk.core.i18n import _, lazy, speaking
from helpdesk.sla.clock import Face

AT = datetime(2026, 11, 27, 9, 5, 59, 999_000, tzinfo=UTC)


def drawn(source: str, **values) -> str:
    """A template as a mail is rendered: without a request."""
    return current_app.jinja_env.from_string(source).render(**values)


@pytest.fixture(autouse=True)
def inside_the_app(app):
    with app.app_context():
        yield


def test_Q_5_a_text_is_in_the_language_of_who_reads_it_now():
    later = lazy("Overdue")
    for code, said in (("en", "Overdue"), ("vi", "Quá hạn"), ("en", "Overdue")):
        with speaking(code):
            assert (_("Overdue"), str(later)) == (said, said)
            assert drawn("{{ _('Overdue') }}, {{ gettext('Overdue') }}") == f"{said}, {said}"


def test_what_a_text_names_is_escaped_where_the_template_escapes():
    line = "{{ _('due %(when)s', when=when) }}"
    assert drawn(line, when="<b>") == "due &lt;b&gt;"
    plain = "{% autoescape false %}" + line + "{% endautoescape %}"
    assert drawn(plain, when="<b>") == "due <b>"
    assert _("due %(when)s", when="<b>") == "due <b>"


def test_a_sign_for_hundredths_is_written_twice_in_a_template():
    assert drawn("{{ _('100 %%') }}, {{ _('%(n)s %%', n=7) }}") == "100 %, 7 %"


def test_an_instant_is_written_for_machines_in_utc():
    assert drawn("{{ at|iso }} {{ at|epoch_ms }}", at=AT) == "2026-11-27T09:05:59Z 1795770359999"


def test_an_instant_is_written_for_readers_to_the_minute_and_in_their_order():
    line = "{% from 'ui/time.html' import words %}{{ words(at) }}"
    for code, said in (("en", "27 Nov 2026, 09:05 UTC"), ("vi", "09:05 27/11/2026 UTC")):
        with speaking(code):
            assert drawn(line, at=AT) == said


@pytest.mark.parametrize(
    ("seconds", "en", "vi"),
    [
        (28_799, "7h 59m left", "Còn 7 giờ 59 phút"),
        (93_600, "1d 2h left", "Còn 1 ngày 2 giờ"),
        (86_400 + 59, "1d left", "Còn 1 ngày"),
        (3_600, "1h left", "Còn 1 giờ"),
        (59, "less than 1 minute left", "Còn dưới 1\xa0phút"),
        (0, "Overdue by less than 1 minute", "Quá hạn dưới 1\xa0phút"),
        (-150, "Overdue by 2m", "Quá hạn 2 phút"),
    ],
)
def test_ux_4_10_how_long_until_an_instant_is_written_as_scripts_do(seconds: int, en: str, vi: str):
    for code, said in (("en", en), ("vi", vi)):
        with speaking(code), clock.frozen(AT):
            assert drawn("{{ at|time_left }}", at=AT + timedelta(seconds=seconds)) == said


def test_what_is_kept_is_that_of_the_value_and_of_the_language():
    line = "{% from 'ui/badge.html' import priority_badge %}{{ kept(priority_badge, value) }}"
    fresh = line.replace("kept(priority_badge, value)", "priority_badge(value)")
    for code in ("en", "vi", "en"):
        with speaking(code):
            for value in ("LOW", "HIGH", "LOW"):
                assert drawn(line, value=value) == drawn(fresh, value=value)
    with speaking("vi"):
        assert "Cao" in drawn(line, value="HIGH")


def test_what_is_kept_of_a_name_is_escaped():
    line = "{% from 'ui/avatar.html' import person_named %}{{ kept(person_named, name) }}"
    assert "<b>" not in drawn(line, name="<b>Gus</b>")
    assert "&lt;b&gt;Gus" in drawn(line, name="<b>Gus</b>")


@pytest.mark.parametrize("changed", [{"state": "paused"}, {"warn_at": None}, {"target_seconds": 60}])
def test_a_badge_is_drawn_anew_when_its_clock_changes(changed):
    face = Face("first", "running", AT, None, AT, AT, 3600)
    line = "{% from 'ui/sla.html' import sla_badge %}{{ kept(sla_badge, face, '1h', false, true) }}"
    before = drawn(line, face=face)
    assert drawn(line, face=face._replace(**changed)) != before
    assert drawn(line, face=face) == before


def test_a_template_never_changes_what_the_others_may_call(app, client: FlaskClient):
    names = set(app.jinja_env.globals)
    assert client.get("/login").status_code == 200
    own = app.jinja_env.from_string("{{ own() }}", globals={"own": lambda: "mine"})
    assert own.render() == "mine"
    assert set(app.jinja_env.globals) == names
