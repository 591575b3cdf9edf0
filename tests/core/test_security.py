"""What every answer carries and every request must pass (Q-2)."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from helpdesk.core.security import PLAIN_BYTES
from helpdesk.tickets.attachment import Attachment
from helpdesk.tickets.message import Message
from tests.support.seat import Seat


def test_Q_2_a_form_without_files_has_a_limit_even_where_its_token_is_read_first(world):
    world.ticket()
    answer = Seat(world, "Gus").post("/tickets/ACME-1/notes", body="x" * PLAIN_BYTES)
    assert answer.status_code == 413


def test_Q_2_no_browser_or_proxy_keeps_a_file(world):
    world.ticket()
    gus, picture = Seat(world, "Gus"), BytesIO()
    Image.new("RGB", (3, 2), "red").save(picture, "PNG")
    picture.seek(0)
    assert gus.post("/tickets/ACME-1/replies", body="Look.", files=(picture, "a.png")).status_code == 303
    with world.inside():
        file = world.one(Attachment).id
    bea = world.app.test_client()
    bea.get(world.link(1))
    for answer in (
        gus.get(f"/attachments/{file}/a.png"),
        bea.get(f"/requests/1/attachments/{file}/a.png"),
    ):
        answer.close()
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")


@pytest.mark.parametrize("door,values,said", [
    ("escalations", {"level": "4", "reason": "x"}, "Chọn một mục trong danh sách."),
    ("escalations", {"level": "1", "reason": "x" * 2001}, "Nội dung này quá dài. Nhập tối đa 2000"),
    ("replies", {"body": "x", "then": "nothing"}, "Chọn một mục trong danh sách."),
    ("resolution", {"note_vi": "x", "version": "nothing"}, "Máy chủ không đọc được dữ liệu vừa gửi."),
])  # fmt: skip
def test_Q_5_the_form_librarys_own_messages_are_in_the_readers_language(world, door, values, said):
    world.ticket()
    gus = Seat(world, "Gus")
    gus.client.set_cookie("lang", "vi")
    answer = gus.post(f"/tickets/ACME-1/{door}", htmx=True, **values)
    assert answer.status_code == 422
    assert said in answer.text


@pytest.mark.parametrize("spelling", ["0{id}", "+{id}", "{id}.0", "-1", "１", "9" * 19])
def test_Q_2_the_id_of_a_colleague_has_one_spelling(world, spelling):
    world.ticket()
    with world.inside():
        linh = world.user("Linh").id
    answer = Seat(world, "Mai").post("/tickets/ACME-1/assignment", agent=spelling.format(id=linh))
    assert answer.status_code == 400
    with world.inside():
        assert world.count(Message, kind="system") == 0


@pytest.mark.parametrize(
    "blank",
    [
        "\u200b",
        "\u202e \u200d\ufeff",
        "\x00\x01",
        "\u00a0\u2003\u2060",
        "\u3164",
        "\u2800 \u115f\u1160\uffa0",
    ],
)
def test_MSG_006_a_text_in_which_nothing_can_be_seen_is_no_text(world, blank):
    world.ticket()
    answer = Seat(world, "Gus").post("/tickets/ACME-1/notes", htmx=True, body=blank)
    assert answer.status_code == 422
    assert "Write something first." in answer.text
