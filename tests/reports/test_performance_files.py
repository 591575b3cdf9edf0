"""AGT-008: figures as files that no spreadsheet runs."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from helpdesk.core.spreadsheet import harmless
from tests.reports.figure_pages import (
    WEEK_AGO,
    group_of,
    id_of,
    merchant,
    sheet,
)
from tests.reports.lives import TODAY

pytestmark = pytest.mark.usefixtures("monday")


def test_AGT_008_the_file_of_all_agents_says_what_the_page_says(figures):
    answer = figures.sign_in("Ada").get("/performance.csv?days=7")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="performance-2026-11-23-7-days.csv"'
    assert sheet(answer) == [
        ["Agent", "Tickets handled", "First responses", "Average first response (seconds)",
         "Average first response (seconds, closed hours included)", "Resolutions", "Average resolution (seconds)",
         "Average resolution (seconds, closed hours included)", "Promises kept", "Promises broken",
         "SLA compliance (%)", "Ratings", "Satisfaction (1 to 5)"],
        ["Gus", "4", "3", "3000", "5400", "0", "", "", "3", "1", "75.0", "0", ""],
        ["Linh", "1", "0", "", "", "1", "90", "90", "0", "0", "", "1", "3.0"],
    ]  # fmt: skip


def test_AGT_008_the_file_of_one_agent_has_a_line_for_each_day(figures):
    rows = sheet(figures.sign_in("Gus").get(f"/performance/{id_of(figures, 'Gus')}.csv?days=90"))
    assert len(rows) == 91
    assert rows[1][0] == (TODAY - timedelta(days=89)).isoformat()
    assert rows[-1][:5] == ["2026-11-23", "4", "3", "3000", "5400"]
    assert rows[-8][:4] == [WEEK_AGO.isoformat(), "10", "4", "7200"]
    assert rows[-2][1:] == ["0", "0", "", "", "0", "", "", "0", "0", "", "0", ""]


def test_AGT_008_the_file_is_filtered_as_the_page_is(figures):
    beta, team = merchant(figures, "BETA"), group_of(figures, "Gus")
    rows = sheet(figures.sign_in("Ada").get(f"/performance.csv?merchant={beta}&group={team}"))
    assert [row[:3] for row in rows[1:]] == [["Gus", "1", "1"]]


def test_AGT_008_the_file_speaks_the_readers_language(figures):
    rows = sheet(figures.sign_in("Mai").get("/performance.csv"))
    assert rows[0][:2] == ["Nhân viên", "Phiếu đã xử lý"]


@pytest.mark.parametrize("name", [
    "=1+1", "+84 912", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1+1", "\u00a0=1", "\uff1d1", "\ufeff=1",
    "|=x", "a=b",
])  # fmt: skip
def test_AGT_008_no_cell_is_a_formula(figures, name):
    with figures.inside():
        figures.user("Gus").name = name
    raw = figures.sign_in("Ada").get("/performance.csv")
    cell = next(row[0] for row in sheet(raw)[1:] if row[1] == "14")
    if name in ("|=x", "a=b"):
        assert cell == name
    else:
        assert cell == f"'{name}"
    for row in sheet(raw):
        assert not any(re.match(r"\s*[=+\-@]", each) for each in row)


def test_AGT_008_numbers_stay_numbers():
    assert [harmless(each) for each in (5, 75.0, "Gus", "", "'=1")] == [5, 75.0, "Gus", "", "'=1"]


def test_AGT_008_commas_quotes_and_lines_stay_in_their_cell(figures):
    with figures.inside():
        figures.user("Gus").name = 'A "B", C\nĐ'
    assert 'A "B", C\nĐ' in [row[0] for row in sheet(figures.sign_in("Ada").get("/performance.csv"))]


def test_AGT_008_figures_are_only_looked_at(figures):
    client = figures.sign_in("Ada")
    for address in ("/performance", "/performance.csv", f"/performance/{id_of(figures, 'Gus')}"):
        assert client.post(address).status_code in (400, 405)
