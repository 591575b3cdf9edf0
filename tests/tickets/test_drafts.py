"""MSG-006: unsent words are kept on the server, per user, ticket and kind, and come back in any browser."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest

from helpdesk.accounts.user import Membership
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.draft import Draft
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.message import Message
from tests.support.page import form, read
from tests.support.seat import Seat, ticket_in
from tests.support.world import World

S = Status
DRAFTS = "/tickets/ACME-1/drafts"


def save(seat: Seat, body: str, kind: str = "reply", *, htmx: bool = True, **fields: object) -> str:
    """Keep words as the page does while they are typed; the revision that the answer tells."""
    answer = seat.post(DRAFTS, htmx=htmx, **{"kind": kind, "body": body, "submission": "k1", **fields})
    assert answer.status_code == (200 if htmx else 303), answer.text
    return next(read(answer).all("span"))["data-revision"] if htmx else ""


def shown(world: World, name: str = "Gus", kind: str = "replies") -> str:
    """What stands in somebody's composer when he opens the ticket in another browser."""
    return form(Seat(world, name).get("/tickets/ACME-1"), f"/{kind}").fields["body"]


def kept(world: World, made: int, name: str = "Gus") -> dict[str, str]:
    with world.inside():
        return {kind: draft.body for kind, draft in Draft.kept(made, world.user(name)).items()}


def test_MSG_006_a_draft_is_there_in_another_browser(any_world):
    made = ticket_in(any_world, S.ASSIGNED)
    seat = Seat(any_world, "Gus")
    assert save(seat, "Dear <b>Bea</b>,\n\nđơn hàng 📦", then="keep") == "1"
    assert save(seat, "For us only.", "note") == "1"
    assert shown(any_world) == "Dear <b>Bea</b>,\n\nđơn hàng 📦"
    assert shown(any_world, kind="notes") == "For us only."
    page = Seat(any_world, "Gus").get("/tickets/ACME-1")
    assert form(page, "/replies").fields["then"] == "keep"
    assert "Draft saved at" in page.text
    assert set(kept(any_world, made)) == {"reply", "note"}


def test_MSG_006_nobody_else_sees_it(world):
    made = ticket_in(world, S.ASSIGNED)
    save(Seat(world, "Gus"), "Mine.")
    for name in ("Linh", "Mai", "Ada"):
        assert shown(world, name) == ""
        assert kept(world, made, name) == {}


def test_MSG_006_without_script_a_button_keeps_it_with_its_files(world):
    ticket_in(world, S.ASSIGNED)
    seat = Seat(world, "Gus")
    files = [(BytesIO(b"one line\n"), "log.txt")]
    save(seat, "Plain.", htmx=False, files=files)
    page = seat.get("/tickets/ACME-1")
    assert "log.txt" in page.text
    assert any(b.attributes.get("formaction") == DRAFTS for b in read(page).all("button"))
    assert form(page, "/replies").send(seat.client).status_code == 303
    with world.inside():
        sent = world.one(Message, kind="agent_reply")
        assert [file.name for file in sent.attachments] == ["log.txt"]


@pytest.mark.parametrize(("kind", "door"), [("reply", "replies"), ("reply", "comments"), ("note", "notes")])
def test_MSG_006_sending_ends_the_draft_in_the_same_transaction(any_world, kind, door):
    made = ticket_in(any_world, S.ASSIGNED)
    seat = Seat(any_world, "Gus")
    save(seat, "Words.", kind)
    composer = form(seat.get("/tickets/ACME-1"), "/notes" if kind == "note" else "/replies")
    composer.action = f"/tickets/ACME-1/{door}"
    assert composer.send(seat.client, body="Other words.").status_code == 303
    assert kept(any_world, made) == {}


def test_MSG_006_a_late_save_does_not_bring_back_what_was_sent(any_world):
    made = ticket_in(any_world, S.ASSIGNED)
    seat = Seat(any_world, "Gus")
    save(seat, "Wor", submission="k1")
    assert seat.post("/tickets/ACME-1/replies", body="Words.", submission="k1").status_code == 303
    assert save(seat, "Words", submission="k1", revision="1") == ""
    assert kept(any_world, made) == {}
    assert shown(any_world) == ""


def test_MSG_006_saving_and_sending_at_once_never_leave_what_was_sent(any_world):
    made = ticket_in(any_world, S.ASSIGNED)
    for round_ in range(4):
        seats = [Seat(any_world, "Gus") for _ in range(4)]
        key = f"k{round_}"

        def act(number: int, seats: list[Seat] = seats, key: str = key) -> int:
            door = "replies" if number == 1 else "drafts"
            fields = {"kind": "reply", "body": "Words.", "submission": key}
            return seats[number].post(f"/tickets/ACME-1/{door}", **fields).status_code

        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(act, range(4))) == [303] * 4
        assert kept(any_world, made) == {}


def test_MSG_006_the_newest_of_two_tabs_is_above_and_is_told(any_world):
    world = any_world
    made = ticket_in(world, S.ASSIGNED)
    one, two = Seat(world, "Gus"), Seat(world, "Gus")
    assert save(one, "One.", revision="0", submission="a") == "1"
    answer = two.post(DRAFTS, htmx=True, kind="reply", body="Two.", submission="b", revision="0")
    assert "Draft changed in another tab" in answer.text
    assert next(read(answer).all("span"))["data-revision"] == "2"
    assert next(read(answer).all("draft-rest"))["data-text"] == "One."
    assert kept(world, made) == {"reply": "Two.\n\nOne."}
    again = two.post(DRAFTS, htmx=True, kind="reply", body="Two!", submission="b", revision="2")
    assert "Draft changed in another tab" not in again.text
    assert kept(world, made) == {"reply": "Two!"}, "it had both before it"


@pytest.mark.parametrize("body", ["", "  \n "])
@pytest.mark.parametrize("revision", ["0", "1"])
def test_MSG_006_an_old_tab_without_words_empties_nothing(any_world, body, revision):
    made = ticket_in(any_world, S.ASSIGNED)
    one, two = Seat(any_world, "Gus"), Seat(any_world, "Gus")
    save(one, "One.", revision="0", submission="a")
    save(one, "One and more.", revision="1", submission="a")
    answer = two.post(DRAFTS, htmx=True, kind="reply", body=body, submission="b", revision=revision)
    assert "Draft changed in another tab" in answer.text
    assert next(read(answer).all("span"))["data-revision"] == "", "it has not seen the newest one"
    assert kept(any_world, made) == {"reply": "One and more."}
    assert save(two, "Two.", revision=revision, submission="b") == "3"
    assert kept(any_world, made) == {"reply": "Two.\n\nOne and more."}


def test_MSG_006_an_old_tab_that_saves_again_repeats_nothing_and_loses_nothing(world):
    made = ticket_in(world, S.ASSIGNED)
    one, two = Seat(world, "Gus"), Seat(world, "Gus")
    save(one, "One.", revision="0", submission="a", files=[(BytesIO(b"one line\n"), "log.txt")])
    for _attempt in range(2):  # the first answer was lost on the way
        answer = two.post(DRAFTS, htmx=True, kind="reply", body="Two.", submission="b", revision="0")
        assert next(read(answer).all("draft-rest"))["data-text"] == "One."
        assert kept(world, made) == {"reply": "Two.\n\nOne."}
    assert "log.txt" in answer.text
    with world.inside():
        assert [file["name"] for file in world.one(Draft).files] == ["log.txt"]
    save(one, "One. Two.\n\nOne.", revision="1", submission="a")
    assert kept(world, made) == {"reply": "One. Two.\n\nOne."}


def test_MSG_006_the_saves_of_one_tab_that_overtake_each_other_are_not_joined(world):
    made = ticket_in(world, S.ASSIGNED)
    seat = Seat(world, "Gus")
    save(seat, "Words", revision="0", submission="a")
    save(seat, "Wards.", revision="0", submission="a")
    assert kept(world, made) == {"reply": "Wards."}


def test_MSG_006_what_another_tab_has_kept_since_survives_the_sending(world):
    made = ticket_in(world, S.ASSIGNED)
    one, two = Seat(world, "Gus"), Seat(world, "Gus")
    save(one, "One.", revision="0", submission="a")
    save(two, "Something else.", revision="1", submission="b")
    assert one.post("/tickets/ACME-1/replies", body="One.", submission="a", revision="1").status_code == 303
    assert kept(world, made) == {"reply": "Something else."}


@pytest.mark.parametrize("body", ["", "  \n ", "\x00\x01"])
def test_MSG_006_emptied_it_is_gone(world, body):
    made = ticket_in(world, S.ASSIGNED)
    seat = Seat(world, "Gus")
    save(seat, "Words.")
    assert save(seat, body, revision="1") == "2"
    assert kept(world, made) == {}
    assert save(seat, "More.", revision="2") == "3"
    assert kept(world, made) == {"reply": "More."}


def test_MSG_006_a_sent_draft_can_be_followed_by_another(world):
    made = ticket_in(world, S.ASSIGNED)
    seat = Seat(world, "Gus")
    save(seat, "One.", submission="a")
    seat.post("/tickets/ACME-1/replies", body="One.", submission="a", revision="1")
    save(seat, "Two.", submission="b", revision="1")
    assert kept(world, made) == {"reply": "Two."}


def test_MSG_006_a_refused_message_keeps_its_draft(world):
    made = ticket_in(world, S.ASSIGNED)
    seat = Seat(world, "Gus")
    save(seat, "Words.")
    assert seat.post("/tickets/ACME-1/replies", body="Words.", last_seen=0).status_code == 409
    assert seat.post("/tickets/ACME-1/replies", body="Dear {{customer_name}}").status_code == 422
    assert kept(world, made) == {"reply": "Words."}


def test_MSG_006_the_draft_of_a_ticket_that_one_may_not_see_any_more(world):
    made = ticket_in(world, S.ASSIGNED)
    seat = Seat(world, "Gus")
    save(seat, "Words.")
    with world.inside():
        shop = world.one(Merchant, prefix="ACME")
        link = world.one(Membership, user_id=world.user("Gus").id, merchant_id=shop.id)
        link.deleted_at = shop.created_at
    assert seat.post(DRAFTS, kind="reply", body="More.").status_code == 404
    assert kept(world, made) == {"reply": "Words."}
    assert Seat(world, "Gil").post(DRAFTS, kind="reply", body="Mine now.").status_code == 404


@pytest.mark.parametrize("fields", [
    {"body": "x" * 60_000}, {"kind": "mail"}, {"kind": ""}, {"then": "burn"}, {"submission": "x" * 65},
])  # fmt: skip
@pytest.mark.parametrize("htmx", [True, False])
def test_MSG_006_what_cannot_be_kept_is_given_back(world, fields, htmx):
    made = ticket_in(world, S.ASSIGNED)
    said = {"kind": "reply", "body": "Words."} | fields
    answer = Seat(world, "Gus").post(DRAFTS, htmx=htmx, **said)
    assert answer.status_code == 422
    assert said["body"] in answer.text
    assert kept(world, made) == {}


@pytest.mark.parametrize("revision", ["", "x", "-1", "9" * 30, "\x00"])
def test_MSG_006_a_revision_that_is_no_number_says_nothing(world, revision):
    made = ticket_in(world, S.ASSIGNED)
    assert save(Seat(world, "Gus"), "Words.", revision=revision) == "1"
    assert kept(world, made) == {"reply": "Words."}


@pytest.mark.parametrize("token", ["", "x", "eyJ9.abc", "W10.abcdef", "\x00", "x" * 9000])
def test_MSG_006_a_made_up_file_is_no_file(world, token):
    ticket_in(world, S.ASSIGNED)
    save(Seat(world, "Gus"), "Words.", uploads=token)
    with world.inside():
        assert world.one(Draft).files == []


def test_MSG_006_a_colleagues_file_cannot_be_put_into_a_draft(world):
    ticket_in(world, S.ASSIGNED)
    hers = Seat(world, "Linh")
    answer = hers.post(DRAFTS, kind="reply", body="x", files=[(BytesIO(b"one line\n"), "log.txt")])
    assert answer.status_code == 303
    token = next(read(hers.get("/tickets/ACME-1")).all("input", name="uploads"))["value"]
    save(Seat(world, "Gus"), "Words.", uploads=token)
    with world.inside():
        assert world.one(Draft, user_id=world.user("Gus").id).files == []
