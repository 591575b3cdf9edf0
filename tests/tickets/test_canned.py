"""MSG-008: canned replies in both languages, with placeholders, personal or shared."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from helpdesk.agents.group import Group, GroupMember
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.tickets.canned_reply import PLACEHOLDERS, CannedReply, canned_text, fill, strange_marks
from helpdesk.tickets.ticket import Ticket
from tests.support.page import form, read
from tests.support.seat import Seat, ticket_in


def canned(world, name="Hello", owner="Gus", group=None, **values):
    with world.inside():
        said = {"name_en": name, "body_en": "Hello {{customer_name}}"} | values
        return CannedReply.create(
            said, by=world.user("Gus"), owner_id=owner and world.user(owner).id, group_id=group
        ).id


def group_of(world, *members):
    with world.inside():
        group = Group(name_en="Care", name_vi="Chăm sóc")
        db.session.add(group)
        db.session.flush()
        for name in members:
            db.session.add(GroupMember(group_id=group.id, user_id=world.user(name).id))
        return group.id


def text(world, ticket_id, canned_id, by="Gus"):
    with world.inside():
        return canned_text(world.user(by), Ticket.for_deed(ticket_id), str(canned_id))


def test_MSG_008_the_customers_language_is_filled_in_and_the_other_one_where_it_is_missing(world):
    made, english = world.ticket(), canned(world, body_vi="")
    both = canned(world, body_vi="Chào {{customer_name}}, về {{ticket_number}}")
    assert text(world, made, english) == "Hello Bea"
    assert text(world, made, both) == "Chào Bea, về ACME-1"


def test_MSG_008_every_placeholder_of_the_list_is_filled_in(world):
    body = "\n".join(f"{name}={{{{{name}}}}}" for name in PLACEHOLDERS)
    made, whole = world.ticket(order={"id": "A-7"}), canned(world, body_vi=body)
    said = dict(line.split("=", 1) for line in text(world, made, whole).splitlines())
    assert said.keys() == PLACEHOLDERS.keys()
    assert said["order_id"] == "A-7"
    assert said["agent_name"] == "Gus"
    assert said["merchant_name"] == "Acme Shop"
    assert "(UTC)" in said["auto_close_at"]


def test_MSG_008_what_is_not_known_stays_visible(world):
    made, order = world.ticket(), canned(world, body_vi="Đơn {{ order_id }} của {{customer_name}}")
    assert text(world, made, order) == "Đơn {{order_id}} của Bea"


def test_MSG_008_what_was_filled_in_is_not_filled_in_again(world):
    made = world.ticket(subject="{{agent_name}} {{customer_email}}")
    reply = canned(world, body_vi="Về: {{ticket_subject}}")
    assert text(world, made, reply) == "Về: {{agent_name}} {{customer_email}}"
    assert fill("{{a}}{{b}}", {"a": "{{b}}", "b": "x"}) == "{{b}}x"


@pytest.mark.parametrize("words,mark", [
    ("Hi {{costumer_name}}", "{{costumer_name}}"), ("{{Customer_Name}}", "{{Customer_Name}}"),
    ("{{customer_name", "{{customer_name"),
    ("{{}}", "{{}}"), ("{{ customer name }}", "{{ customer name }}"), ("a }} b", "}}"), ("{{{customer_name}}}", None),
    ("{% if x %}{{customer_name}}", None), ("{customer_name}", None), ("{{customer_name}} {{order_id}}", None),
    ("{{customer_name.__class__}}", "{{customer_name.__class__}}"),
])  # fmt: skip
def test_MSG_008_a_placeholder_that_does_not_exist_is_refused_at_saving(world, words, mark):
    found = strange_marks(words)
    assert bool(found) == bool(mark)
    gus = Seat(world, "Gus")
    gus.client.set_cookie("lang", "en")
    answer = gus.post("/settings/canned", name_en="x", body_en=words, scope="own")
    if mark is None:
        assert answer.status_code == 303
        return
    assert answer.status_code == 422
    assert form(answer, "/settings/canned").fields["body_en"] == words
    error = next(read(answer).all("p", id="body_en-error")).text
    assert mark in error
    with world.inside():
        assert world.count(CannedReply) == 0


def test_MSG_008_own_ones_are_ones_own_and_a_groups_are_its_members(world):
    group = group_of(world, "Gus")
    own, shared, everybodys = canned(world), canned(world, owner=None, group=group), canned(world, owner=None)
    made = world.ticket()

    def usable(name):
        return [id_ for id_ in (own, shared, everybodys) if text(world, made, id_, by=name)]

    assert usable("Gus") == [own, shared, everybodys]
    assert usable("Linh") == [everybodys]
    assert usable("Mai") == [everybodys]
    with world.inside():
        world.one(GroupMember).removed_at = world.one(Group).created_at
    assert usable("Gus") == [own, everybodys]


def test_MSG_008_who_may_change_which(world):
    group = group_of(world, "Linh")
    own, shared, everybodys = canned(world), canned(world, owner=None, group=group), canned(world, owner=None)

    def codes(name):
        return [
            Seat(world, name).get(f"/settings/canned/{id_}").status_code for id_ in (own, shared, everybodys)
        ]

    assert codes("Gus") == [200, 404, 403]
    assert codes("Linh") == [404, 200, 403]
    assert codes("Mai") == [200, 200, 200]
    assert codes("Gil") == [404, 404, 404]


def test_MSG_008_only_a_manager_writes_for_everybody(world):
    group = group_of(world, "Linh")
    for scope in ("all", str(group), "99999", "x"):
        answer = Seat(world, "Gus").post("/settings/canned", name_en="x", body_en="x", scope=scope)
        assert answer.status_code == 422, scope
    assert (
        Seat(world, "Linh").post("/settings/canned", name_en="x", body_en="x", scope=str(group)).status_code
        == 303
    )
    assert (
        Seat(world, "Mai").post("/settings/canned", name_en="y", body_en="x", scope="all").status_code == 303
    )
    with world.inside():
        assert world.one(CannedReply, name_en="x").group_id == group
        assert world.one(CannedReply, name_en="y").scope == "all"


def test_MSG_008_a_manager_who_corrects_somebodys_own_does_not_take_it(world):
    own, mai = canned(world), Seat(world, "Mai")
    sent = form(mai.get(f"/settings/canned/{own}"), f"/settings/canned/{own}").send(
        mai.client, body_en="Better"
    )
    assert sent.status_code == 303
    with world.inside():
        reply = world.one(CannedReply)
        assert (reply.owner_id, reply.body_en) == (world.user("Gus").id, "Better")
        event = db.session.scalars(select(Event).where(Event.name == "canned.changed")).one()
        assert event.data["changes"] == {"body_en": ["Hello {{customer_name}}", "Better"]}
        assert event.ticket_id is None


def test_MSG_008_they_are_found_without_diacritics_most_used_first(world):
    canned(world, "Refund", name_vi="Hoàn tiền", shortcut="ht")
    often = canned(world, "Exchange", name_vi="Đổi hàng", body_vi="Bạn muốn đổi màu nào?")
    with world.inside():
        world.one(CannedReply, id=often).used_count = 5

    def found(words):
        with world.inside():
            return [reply.name_en for reply in CannedReply.matches(world.user("Gus"), words)]

    assert found("") == ["Exchange", "Refund"]
    assert found("hoan") == ["Refund"]
    assert found("doi HANG") == ["Exchange"]
    assert found("màu") == ["Exchange"]
    assert found("ht") == ["Refund"]
    assert found("nothing") == []


def test_MSG_008_choosing_without_scripts_fills_the_composer_and_counts(world):
    ticket_in(world, "ASSIGNED")
    reply = canned(world, body_vi="Chào {{customer_name}} <b>&amp;</b>")
    gus = Seat(world, "Gus")
    listed = gus.get("/tickets/ACME-1/canned", q="hello")
    assert "Hello Bea" in listed.text
    sent = form(listed, f"/canned/{reply}/uses").send(gus.client)
    assert sent.headers["Location"] == f"/tickets/ACME-1?canned={reply}"
    page = gus.get(sent.headers["Location"])
    assert form(page, "/replies").fields["body"] == "Chào Bea <b>&amp;</b>"
    with world.inside():
        assert world.one(CannedReply).used_count == 1
        assert world.one(CannedReply).version == 1


def test_MSG_008_a_page_that_is_looked_at_counts_nothing(world):
    ticket_in(world, "ASSIGNED")
    reply, gus = canned(world), Seat(world, "Gus")
    for path in (
        "/tickets/ACME-1/canned",
        "/tickets/ACME-1/canned/matches",
        f"/tickets/ACME-1?canned={reply}",
    ):
        assert gus.get(path).status_code == 200
    with world.inside():
        assert world.one(CannedReply).used_count == 0


@pytest.mark.parametrize("odd", ["0", "x", "9" * 30, "-1", "99999", "\x00", "１"])
def test_MSG_008_a_reply_that_is_none_leaves_the_composer_empty(world, odd):
    ticket_in(world, "ASSIGNED")
    canned(world, owner="Linh")
    page = Seat(world, "Gus").get("/tickets/ACME-1", canned=odd)
    assert form(page, "/replies").fields["body"] == ""


def test_MSG_008_the_lines_of_the_listbox_carry_the_text(world):
    ticket_in(world, "ASSIGNED")
    canned(world, "<script>", body_vi='Chào "bạn" & <i>{{customer_name}}</i>')
    (option,) = read(Seat(world, "Gus").get("/tickets/ACME-1/canned/matches", q="script")).all(role="option")
    assert option["data-text"] == 'Chào "bạn" & <i>Bea</i>'
    assert option["aria-selected"] == "false"


@pytest.mark.parametrize("field,sent", [
    ("name_en", "x" * 201), ("name_en", " \x00 "), ("body_en", ""), ("body_en", "\u202e"), ("body_en", "x" * 20_001),
    ("body_en", "x" * 1_000_000), ("shortcut", "x" * 41),
])  # fmt: skip
def test_MSG_008_what_cannot_be_kept_comes_back(world, field, sent):
    good = {"name_en": "x", "body_en": "x", "scope": "own"}
    answer = Seat(world, "Gus").post("/settings/canned", **(good | {field: sent}))
    assert answer.status_code in (413, 422)
    with world.inside():
        assert world.count(CannedReply) == 0
