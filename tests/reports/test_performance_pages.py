"""AGT-008: the pages of figures: who sees whose, what they say, charts with a table twin."""

from __future__ import annotations

from datetime import timedelta

import pytest

from helpdesk.core import clock
from helpdesk.reports.chart import Chart
from helpdesk.reports.figure import FIGURES
from helpdesk.reports.performance import Stretch
from tests.reports.figure_pages import (
    COMPLIANCE,
    HANDLED,
    RESPONSE,
    add,
    by_name,
    figures_of_gus,
    id_of,
    tiles,
)
from tests.reports.lives import TODAY
from tests.support.page import read

pytestmark = pytest.mark.usefixtures("monday")


def test_AGT_008_an_agent_is_shown_to_his_own_figures(figures):
    answer = figures.sign_in("Gus").get("/performance?days=7")
    assert answer.status_code == 302
    assert answer.location == f"/performance/{id_of(figures, 'Gus')}?days=7"
    page = figures.sign_in("Gus").get(answer.location)
    assert tiles(page)["handled"][0] == "4"
    assert "Linh" not in read(page).text
    file = figures.sign_in("Gus").get("/performance.csv")
    assert file.location == f"/performance/{id_of(figures, 'Gus')}.csv?days=30"


@pytest.mark.parametrize("tail", ["", ".csv"])
def test_AGT_008_a_colleague_is_not_there_for_an_agent(figures, tail):
    client = figures.sign_in("Gus")
    for name in ("Linh", "Mai", "Ada"):
        assert client.get(f"/performance/{id_of(figures, name)}{tail}").status_code == 404
    assert client.get(f"/performance/99999{tail}").status_code == 404
    assert client.get(f"/performance/{id_of(figures, 'Gus')}{tail}").status_code == 200


@pytest.mark.parametrize("tail", ["", ".csv"])
def test_AGT_008_managers_see_everybody_of_their_organizer_and_nobody_else(figures, tail):
    add(figures, "Gil", prefix="GLOB", slug="globex", handled=770_077)
    for manager in ("Mai", "Ada"):
        client = figures.sign_in(manager)
        for name in ("Gus", "Linh", "Mai"):
            assert client.get(f"/performance/{id_of(figures, name)}{tail}").status_code == 200
        assert client.get(f"/performance/{id_of(figures, 'Gil', 'globex')}{tail}").status_code == 404
        text = client.get(f"/performance{tail}").text
        assert "Gil" not in text
        assert not any(number in text for number in ("770077", "770,077", "770.077"))
    assert figures.sign_in("Gil").get(f"/performance/{id_of(figures, 'Gus')}{tail}").status_code == 404


def test_AGT_008_the_way_to_the_figures_is_on_every_page(world):
    for name, words in (("Gus", "Performance"), ("Mai", "Hiệu suất"), ("Ada", "Performance")):
        page = read(world.sign_in(name).get("/queue"))
        assert [a.text.strip() for a in page.all("a") if a.attributes.get("href") == "/performance"] == [
            words
        ]


# What they say --------------------------------------------------------------------------------------------------


def test_AGT_008_averages_are_weighted_over_merchants_and_days(figures):
    page = by_name(figures.sign_in("Ada").get("/performance?days=30"))
    assert page == {
        "Gus": [
            "14",
            "1 h 30 min",
            "–",
            "75%",
            "4.5 of 5",
        ],  # (2 + 0.5 + 8 h) / 7, not the mean of 1, 0.5 and 2
        "Linh": ["1", "–", "1 min 30 s", "–", "3.0 of 5"],
        "Together": ["15", "1 h 30 min", "1 min 30 s", "75%", "4.0 of 5"],
    }


@pytest.mark.parametrize("days,handled", [(7, "4"), (30, "14"), (90, "14")])
def test_AGT_008_the_period_is_the_last_days_with_today(figures, days, handled):
    assert by_name(figures.sign_in("Ada").get(f"/performance?days={days}"))["Gus"][HANDLED] == handled


@pytest.mark.parametrize("days", [7, 30, 90])
def test_AGT_008_the_first_day_of_a_period_is_in_it_and_the_one_before_is_not(world, days):
    add(world, "Gus", TODAY - timedelta(days=days - 1), handled=1)
    add(world, "Gus", TODAY - timedelta(days=days), handled=20)
    add(world, "Gus", TODAY - timedelta(days=2 * days - 1), handled=300)
    add(world, "Gus", TODAY - timedelta(days=2 * days), handled=4000)
    page = figures_of_gus(world, days)
    assert page["handled"][:2] == ["1", "319 fewer than in the period before"]


def test_AGT_008_days_are_those_of_the_agents_zone_and_not_of_the_reader(world):
    """At 18:00 UTC it is tomorrow in Vietnam: the seven days of Linh begin a day later than those of Gus."""
    with world.inside():
        world.user("Linh").time_zone = "Asia/Ho_Chi_Minh"
    clock.travel(15 * 3600)
    for name in ("Gus", "Linh"):
        add(world, name, TODAY - timedelta(days=6), handled=1)
        add(world, name, TODAY + timedelta(days=1), handled=1)
    page = by_name(world.sign_in("Ada").get("/performance?days=7"))
    assert (page["Gus"][HANDLED], page["Linh"][HANDLED]) == ("2", "1")
    own = tiles(world.sign_in("Linh").get(f"/performance/{id_of(world, 'Linh')}?days=7&lang=en"))
    assert own["handled"][0] == "1"


def test_AGT_008_the_change_against_the_period_before_says_what_is_better(figures):
    told = figures_of_gus(figures, 7)
    assert told["handled"] == ["4", "6 fewer than in the period before"]
    assert told["response"] == [
        "50 min",
        "1 h 30 min with closed hours",
        "1 h 10 min less than in the period before",
    ]
    assert told["compliance"] == ["75%", "3 of 4 promises kept", "Nothing to compare with"]
    assert told["satisfaction"] == ["–", "Nothing to compare with"]
    page = read(figures.sign_in("Gus").get(f"/performance/{id_of(figures, 'Gus')}?days=7"))
    better = {
        dd.attributes.get("data-better")
        for dd in page.all("dd")
        if dd.attributes.get("class") == "tile-change"
    }
    assert better == {None, "yes"}


def test_AGT_008_without_figures_there_are_dashes_and_words(world):
    for address in ("/performance", f"/performance/{id_of(world, 'Gus')}"):
        text = world.sign_in("Ada").get(address).text
        assert "NaN" not in text
        assert "None" not in text
        told = tiles(world.sign_in("Ada").get(address))
        assert [values[0] for values in told.values()] == ["0", "–", "–", "–", "–"]
    assert (
        "Nothing was counted in this period"
        in world.sign_in("Ada").get(f"/performance/{id_of(world, 'Gus')}").text
    )
    assert by_name(world.sign_in("Ada").get("/performance"))["Gus"] == ["0", "–", "–", "–", "–"]


def test_AGT_008_in_vietnamese_too(figures):
    page = figures.sign_in("Mai").get("/performance?days=30")
    assert by_name(page)["Gus"] == ["14", "1 giờ 30 phút", "–", "75%", "4,5/5"]
    assert "<h1>Hiệu suất</h1>" in page.text


# Charts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days,bars", [(7, 7), (30, 30), (90, 13)])
def test_AGT_008_each_chart_has_words_and_a_table_twin(figures, days, bars):
    for offset in range(days):
        add(figures, "Gus", TODAY - timedelta(days=offset), handled=1)
    answer = figures.sign_in("Gus").get(f"/performance/{id_of(figures, 'Gus')}?days={days}")
    page = read(answer)
    drawings = [svg for svg in page.all("svg") if svg.attributes.get("role") == "img"]
    assert all(svg["aria-label"] for svg in drawings)
    handled = next(drawing for drawing in drawings if "Tickets handled" in drawing["aria-label"])
    assert len(list(handled.all("rect"))) == bars
    twin = next(table for details in page.all("details") for table in details.all("table"))
    assert len([row for body in twin.all("tbody") for row in body.all("tr")]) == bars
    numbers = [int(next(row.all("td")).text) for body in twin.all("tbody") for row in body.all("tr")]
    assert str(sum(numbers)) == tiles(answer)["handled"][0]


def stretches(*sums):
    return [Stretch(TODAY, TODAY, each) for each in sums]


def test_AGT_008_a_bar_is_as_high_as_its_value_and_a_gap_is_no_bar():
    chart = Chart.of(FIGURES[COMPLIANCE], stretches({"kept": 1, "broken": 1}, {}, {"broken": 2}, {"kept": 4}))
    assert [(bar.value, bar.height) for bar in chart.bars] == [(0.5, "50.00%"), (0, "1.50%"), (1, "100.00%")]
    assert [bar.x for bar in chart.bars] == ["3.50%", "53.50%", "78.50%"]
    assert all(bar.width == "18.00%" for bar in chart.bars)


def test_AGT_008_a_day_without_tickets_has_no_bar():
    chart = Chart.of(FIGURES[HANDLED], stretches({"handled": 4}, {"handled": 0}, {"handled": 1}))
    assert [bar.height for bar in chart.bars] == ["100.00%", "25.00%"]
    assert Chart.of(FIGURES[HANDLED], stretches({}, {})).bars == []


def test_AGT_008_a_time_of_nothing_is_a_bar():
    chart = Chart.of(FIGURES[RESPONSE], stretches({"responses": 1, "response_seconds": 0}))
    assert [bar.height for bar in chart.bars] == ["1.50%"]
