"""MSG-003: a file is for who sees its message, and nothing in it runs here."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.tickets.attachment import Attachment
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.message import Message
from helpdesk.tickets.ticket import Ticket
from tests.support.page import read
from tests.support.seat import Seat, ticket_in


def fetch(seat: Seat, path: str) -> TestResponse:
    """A file, read and closed."""
    with seat.get(path) as answer:
        assert answer.data is not None
        return answer


def png() -> bytes:
    out = BytesIO()
    Image.new("RGB", (2, 2), "blue").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def paths(world) -> dict[str, str]:
    """A note with a text and a picture; their addresses by name."""
    ticket_in(world, Status.ASSIGNED)
    files = [(BytesIO(b"I wrote <script>alert(1)</script>"), "page.txt"), (BytesIO(png()), "hóa đơn.png")]
    assert Seat(world, "Gus").post("/tickets/ACME-1/notes", body="Look.", files=files).status_code == 303
    with world.inside():
        return {a.name: f"/attachments/{a.id}/{a.name}" for a in db.session.scalars(select(Attachment))}


def test_who_sees_the_message_gets_the_file(world, paths):
    for name in ("Gus", "Linh", "Mai", "Ada"):
        answer = fetch(Seat(world, name), paths["page.txt"])
        assert (answer.status_code, answer.data) == (200, b"I wrote <script>alert(1)</script>")


def test_the_page_links_to_its_files(world, paths):
    gus = Seat(world, "Gus")
    page = read(gus.get("/tickets/ACME-1"))
    hrefs = {a["href"] for a in page.all("a") if "/attachments/" in (a.attributes.get("href") or "")}
    assert len(hrefs) == 2
    assert all(fetch(gus, href).status_code == 200 for href in hrefs)


def test_MSG_003_who_does_not_see_the_ticket_does_not_get_it(world, paths, pat):
    for name in ("Gil", pat):
        for path in paths.values():
            assert Seat(world, name).get(path).status_code == 404


def test_MSG_003_who_is_not_signed_in_is_asked_to(client, paths):
    answer = client.get(paths["page.txt"])
    assert answer.status_code in (302, 303, 401)
    assert b"script>alert" not in answer.data


@pytest.mark.parametrize("gone", [Message, Ticket])
def test_TKT_012_what_was_deleted_takes_its_files_along(world, paths, gone):
    with world.inside():
        row = db.session.scalars(select(gone).order_by(gone.id.desc())).first()
        if gone is Message:
            row = world.one(Message, kind="internal_note")
        row.deleted_at = clock.now()
    assert Seat(world, "Gus").get(paths["page.txt"]).status_code == 404


def test_Q_2_a_text_is_saved_and_never_shown_as_a_page(world, paths):
    answer = fetch(Seat(world, "Gus"), paths["page.txt"])
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.mimetype == "text/plain"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    policy = answer.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy


def test_a_picture_is_shown_under_its_name(world, paths):
    answer = fetch(Seat(world, "Gus"), paths["hóa đơn.png"])
    assert answer.mimetype == "image/png"
    assert not answer.headers.get("Content-Disposition", "inline").startswith("attachment")
    assert answer.data == png()


@pytest.mark.parametrize("path", ["0/x", "01/x", "999999/x", "x/x", "-1/x", "1/../../secret_key", "1/a/b"])
def test_an_address_that_is_none_is_404(world, paths, path):
    assert Seat(world, "Gus").get(f"/attachments/{path}").status_code == 404


def test_the_name_in_the_address_decides_nothing(world, paths):
    path = paths["page.txt"].rsplit("/", 1)[0]
    answer = fetch(Seat(world, "Gus"), f"{path}/other.html")
    assert answer.mimetype == "text/plain"
    assert "page.txt" in answer.headers["Content-Disposition"]
