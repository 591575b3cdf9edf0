"""What tests of the pages of figures add, ask and read."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

from helpdesk.agents.agent_day import AgentDay
from helpdesk.agents.group import Group, GroupMember
from helpdesk.core.db import db
from helpdesk.organizers.merchant import Merchant
from tests.reports.lives import TODAY
from tests.support.page import read

WEEK_AGO = TODAY - timedelta(days=7)
HANDLED, RESPONSE, RESOLUTION, COMPLIANCE, SATISFACTION = range(5)


def add(world, name, day=TODAY, prefix="ACME", slug="acme", **amounts):
    with world.inside(slug):
        AgentDay.add(world.user(name).id, world.one(Merchant, prefix=prefix).id, day, **amounts)


def id_of(world, name, slug="acme"):
    with world.inside(slug):
        return world.user(name).id


def merchant(world, prefix, slug="acme"):
    with world.inside(slug):
        return world.one(Merchant, prefix=prefix).id


def by_name(answer) -> dict[str, list[str]]:
    """Name → the figures of his row, and of the row of all together, in the order of the table."""
    table = next(t for t in read(answer).all("table") if "figures" in t["class"])
    rows = [row for part in ("tbody", "tfoot") for body in table.all(part) for row in body.all("tr")]
    return {_name(next(row.all("th"))): [td.text.strip() for td in row.all("td")] for row in rows}


def _name(heading) -> str:
    """Without the letters of the avatar."""
    names = [span for span in heading.all("span") if span.attributes.get("class") == "person-name"]
    return (names[0] if names else heading).text.strip()


def tiles(answer) -> dict[str, list[str]]:
    root = read(answer)
    return {
        tile["data-figure"]: [dd.text.strip() for dd in tile.all("dd")]
        for tile in root.all("div") if "tile" in (tile.attributes.get("class") or "").split()
    }  # fmt: skip


def sheet(answer) -> list[list[str]]:
    assert answer.status_code == 200
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def figures_of_gus(world, days):
    return tiles(world.sign_in("Gus").get(f"/performance/{id_of(world, 'Gus')}?days={days}"))


def group_of(world, *names):
    with world.inside():
        group = Group(name_en="Team", name_vi="Nhóm")
        db.session.add(group)
        db.session.flush()
        for name in names:
            db.session.add(GroupMember(group_id=group.id, user_id=world.user(name).id))
        return group.id
