"""The history of the settings: who, when, what, old and new (M12)."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest

from helpdesk.agents.group import Group
from helpdesk.agents.history import History
from helpdesk.core.events import record
from helpdesk.core.tenancy import present_organizer
from helpdesk.tickets.category import Category
from tests.support.databases import both_databases
from tests.support.page import read


def rename(world, name: str = "=HYPERLINK(1)", old: str = "Delivery") -> int:
    with world.inside():
        category = world.one(Category, name_en=old)
        category.change({"name_en": name}, by=world.user("Mai"))
        return category.id


@both_databases
def test_M12_the_last_change_of_one_thing_is_known(world):
    number = rename(world, "Shipping")
    with world.inside():
        other = world.one(Category, name_en="Payment")
        other.change({"name_en": "Money"}, by=world.user("Ada"))
        found = History("categories", str(number)).latest()
        assert (found.name, found.data["changes"]["name_en"]) == (
            "category.changed",
            ["Delivery", "Shipping"],
        )
        assert History("categories", str(other.id)).latest().actor["name"] == "Ada"
        assert History("categories", "99999").latest() is None
        assert History("customers", "1").latest() is None


@both_databases
def test_M12_managers_read_who_changed_what_and_what_it_was(world):
    rename(world, "Shipping")
    page = read(world.sign_in("Ada").get("/settings/audit"))
    [row] = page.all(**{"data-event": "category.changed"})
    assert "Mai" in row.text
    assert "Delivery" in row.text
    assert [e.text.strip() for e in page.all("ins")] == ["Shipping"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("kind=categories", ["category.changed"]), ("kind=groups", ["group.created"]), ("kind=nothing", []),
        ("who=99999", []), ("who=x", []), ("first=2020-01-01&last=2020-12-31", []), ("before=1", []),
        ("first=not-a-day", ["group.created", "category.changed"]), ("who=system", []), ("kind=%00", []),
        ("before=" + "9" * 30, ["group.created", "category.changed"]),
    ],
)  # fmt: skip
def test_M12_filters_narrow_it_down(query, names, world):
    rename(world)
    with world.inside():
        Group.create(
            {"name_en": "Night", "name_vi": "", "lead_id": None, "member_ids": []}, by=world.user("Mai")
        )
    answer = world.sign_in("Mai").get(f"/settings/audit?{query}")
    assert answer.status_code == 200
    assert [
        one["data-event"] for one in read(answer).all(tag="li") if "data-event" in one.attributes
    ] == names


def test_M12_what_customers_do_is_no_change_of_a_setting(world):
    with world.inside():
        world.customer("Bea").learn(phone="123")
    assert "customer.changed" not in world.sign_in("Mai").get("/settings/audit").text


def test_M12_pages_go_on_where_the_last_one_ended(world):
    with world.inside():
        for n in range(55):
            record("tag.archived", on=None, by=world.user("Mai"), tag=n, called=f"tag-{n}")
    client = world.sign_in("Mai")
    first = read(client.get("/settings/audit?kind=tags"))
    assert len(list(first.all(**{"data-event": "tag.archived"}))) == 50
    [more] = first.all(rel="next")
    last = read(client.get(more["href"]))
    assert len(list(last.all(**{"data-event": "tag.archived"}))) == 5
    assert [link["href"] for link in last.all("a") if link.text == "Trang đầu"] == [
        "/settings/audit?kind=tags"
    ]


def test_M12_what_was_asked_stays_from_page_to_page(world):
    with world.inside():
        mai, tag = world.user("Mai").id, 7
        for _n in range(120):
            record("tag.archived", on=None, by=world.user("Mai"), tag=tag, called="x")
    client, asked = world.sign_in("Mai"), f"kind=tags&id={tag}&who={mai}&first=2020-01-01&last=2099-12-31"
    seen, page = 0, read(client.get(f"/settings/audit?{asked}"))
    for _n in range(3):
        seen += len(list(page.all(**{"data-event": "tag.archived"})))
        chosen = {one["name"]: [e["value"] for e in one.all("option") if "selected" in e.attributes]
                  for one in page.all("select") if one["name"] in ("kind", "who")}  # fmt: skip
        assert chosen == {"kind": [f"tags/{tag}"], "who": [str(mai)]}
        days = {one["name"]: one["value"] for one in page.all("input", type="date")}
        assert days == {"first": "2020-01-01", "last": "2099-12-31"}
        more = list(page.all(rel="next"))
        page = read(client.get(more[0]["href"])) if more else page
    assert seen == 120
    sent = f"kind=tags%2F{tag}&who={mai}&first=2020-01-01&last=2099-12-31"  # as the form of the page sends it
    assert len(list(read(client.get(f"/settings/audit?{sent}")).all(**{"data-event": "tag.archived"}))) == 50
    assert "data-event" not in client.get(f"/settings/audit?kind=tags%2F{tag + 1}").text


def test_M12_the_file_holds_no_formulas(world):
    rename(world)
    answer = world.sign_in("Ada").get("/settings/audit.csv?kind=categories")
    assert "attachment" in answer.headers["Content-Disposition"]
    heads, row = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert row[3:] == ["Name (English)", "Delivery", "'=HYPERLINK(1)"]
    assert len(heads) == len(row) == 6


def test_M12_a_neighbour_reads_nothing_of_it(world):
    rename(world)
    with world.inside("globex"):
        assert present_organizer() == world.organizers["globex"]
        assert History().page() == ([], None)
        assert History("categories").latest() is None


def test_M12_a_day_is_that_of_who_looks(world):
    with world.inside():
        event = record("tag.archived", on=None, by=world.user("Mai"), tag=1, called="x")
        event.created_at = datetime(2026, 3, 1, 18, 30, tzinfo=UTC)  # already the second in Vietnam
    with world.inside():
        day = datetime(2026, 3, 2, tzinfo=UTC).date()
        assert History(first=day, last=day, zone="Asia/Ho_Chi_Minh").latest() is not None
        assert History(first=day, last=day, zone="UTC").latest() is None
