"""AGT-008: figures by period, merchant and group, in the order that one likes."""

from __future__ import annotations

import pytest

from helpdesk.accounts.user import User
from helpdesk.agents.agent import Agent
from helpdesk.agents.agent_day import AgentDay
from helpdesk.agents.group import Group
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.organizers.merchant import Merchant
from tests.reports.figure_pages import (
    HANDLED,
    by_name,
    group_of,
    id_of,
    merchant,
    tiles,
)
from tests.reports.lives import TODAY
from tests.support.page import read

pytestmark = pytest.mark.usefixtures("monday")


def test_AGT_008_a_manager_filters_by_merchant(figures):
    page = by_name(figures.sign_in("Ada").get(f"/performance?merchant={merchant(figures, 'BETA')}"))
    assert page["Gus"] == ["1", "30 min", "–", "–", "–"]
    assert page["Together"][HANDLED] == "1"
    alone = f"/performance/{id_of(figures, 'Gus')}?merchant={merchant(figures, 'BETA')}"
    assert tiles(figures.sign_in("Gus").get(alone))["handled"][0] == "1"


def test_AGT_008_a_manager_filters_by_group(figures):
    team = group_of(figures, "Linh")
    assert set(by_name(figures.sign_in("Ada").get(f"/performance?group={team}"))) == {"Linh", "Together"}
    both = f"/performance?group={team}&merchant={merchant(figures, 'BETA')}&days=90"
    assert by_name(figures.sign_in("Ada").get(both))["Together"][HANDLED] == "0"
    nobody = group_of(figures)
    assert "No agents here" in figures.sign_in("Ada").get(f"/performance?group={nobody}").text


def test_AGT_008_filters_go_along_with_every_link(figures):
    team, beta = group_of(figures, "Gus"), merchant(figures, "BETA")
    page = read(figures.sign_in("Ada").get(f"/performance?days=7&group={team}&merchant={beta}&sort=-handled"))
    links = [a["href"] for a in page.all("a") if "period" in (a.attributes.get("class") or "").split()]
    links += [a["href"] for a in page.all("a") if (a.attributes.get("class") or "") == "sort"]
    links += [
        a["href"] for a in page.all("a") if (a.attributes.get("href") or "").startswith("/performance.csv")
    ]
    assert len(links) == 3 + 6 + 1
    for link in links:
        assert f"merchant={beta}" in link
        assert f"group={team}" in link


@pytest.mark.parametrize("query", [
    "days=8", "days=0", "days=-7", "days=abc", "days=" + "9" * 30, "days=%EF%BC%97", "days=", "merchant=99999",
    "merchant=abc", "merchant=-1", "merchant=" + "9" * 30, "group=99999", "group=x", "merchant=1%00", "group=%ED%A0%80",
    "merchant=0x1", "merchant=%202",
])  # fmt: skip
def test_AGT_008_what_is_not_there_is_not_found(figures, query):
    for address in ("/performance", "/performance.csv"):
        assert figures.sign_in("Ada").get(f"{address}?{query}").status_code == 404


def test_AGT_008_a_neighbours_merchant_and_group_are_not_there(figures):
    glob = merchant(figures, "GLOB", "globex")
    with figures.inside("globex"):
        group = Group(name_en="Theirs", name_vi="")
        db.session.add(group)
        db.session.flush()
        theirs = group.id
    for query in (f"merchant={glob}", f"group={theirs}"):
        assert figures.sign_in("Ada").get(f"/performance?{query}").status_code == 404


def test_AGT_008_an_agent_has_no_groups_to_filter_by(figures):
    team = group_of(figures, "Gus")
    assert figures.sign_in("Gus").get(f"/performance/{id_of(figures, 'Gus')}?group={team}").status_code == 404


@pytest.mark.parametrize("order,names", [
    ("name", ["Gus", "Linh"]), ("-name", ["Linh", "Gus"]), ("handled", ["Linh", "Gus"]), ("-handled", ["Gus", "Linh"]),
    ("response", ["Gus", "Linh"]), ("-response", ["Gus", "Linh"]), ("resolution", ["Linh", "Gus"]),
    ("satisfaction", ["Linh", "Gus"]), ("nonsense", ["Gus", "Linh"]),
    ("--name", ["Gus", "Linh"]), ("", ["Gus", "Linh"]),
])  # fmt: skip
def test_AGT_008_the_table_is_sorted_and_who_has_no_figure_comes_last(figures, order, names):
    page = figures.sign_in("Ada").get(f"/performance?sort={order}")
    assert list(by_name(page))[:2] == names
    marked = [th for th in read(page).all("th") if "aria-sort" in th.attributes]
    assert len(marked) == 1


def test_AGT_008_names_are_sorted_without_regard_to_marks_and_case(world):
    with world.inside():
        world.user("Gus").name, world.user("Linh").name = "Đặng Quốc Ấn", "châu"
    assert list(by_name(world.sign_in("Ada").get("/performance"))) == ["châu", "Đặng Quốc Ấn", "Together"]


def test_AGT_008_who_left_is_shown_where_he_did_something(figures):
    with figures.inside():
        figures.user("Gus").deactivate()
        figures.user("Linh").deactivate()
    assert set(by_name(figures.sign_in("Ada").get("/performance"))) == {"Gus", "Linh", "Together"}
    clock.travel(40 * 24 * 3600)
    assert "No agents here" in figures.sign_in("Ada").get("/performance?days=7").text


def test_AGT_008_a_page_takes_as_many_queries_for_many_agents_as_for_few(world):
    with world.inside():
        for number in range(60):
            user = User(
                name=f"Agent {number}",
                email=f"a{number}@acme.example",
                password_hash="-",
                role="agent",
                language="en",
            )
            db.session.add(user)
            db.session.flush()
            db.session.add(Agent(user_id=user.id, languages=["en"]))
            AgentDay.add(user.id, world.one(Merchant, prefix="ACME").id, TODAY, handled=number)
    page = by_name(world.sign_in("Ada").get("/performance?days=90"))  # the browser counts: at most 12
    assert page["Together"][HANDLED] == "1,770"
