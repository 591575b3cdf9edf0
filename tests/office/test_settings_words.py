"""What the history of the settings says of each change, in both languages, and where it leads."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest
from sqlalchemy import select

from helpdesk.accounts import employment
from helpdesk.accounts.employment import Employment
from helpdesk.agents import profile
from helpdesk.agents.agent import Agent
from helpdesk.agents.group import Group
from helpdesk.agents.skill import Skill
from helpdesk.assignment import rule as rules
from helpdesk.assignment.rule import Rule
from helpdesk.core.db import db
from helpdesk.core.events import Event, record
from helpdesk.core.i18n import speaking
from helpdesk.notifications import mail_sender, mail_server
from helpdesk.notifications.mail_template import PARTS, MailTemplate
from helpdesk.office.alteration import LABELS, Alteration, Names
from helpdesk.office.setting_parts import TOLD
from helpdesk.organizers import form_key, merchant
from helpdesk.organizers.form_key import FormKey
from helpdesk.organizers.merchant import Merchant
from helpdesk.organizers.organizer import Organizer
from helpdesk.sla import calendar as calendars
from helpdesk.sla.calendar import Calendar
from helpdesk.sla.demand import Demand
from helpdesk.sla.policy import Policy
from helpdesk.tickets import category as categories
from helpdesk.tickets.canned_reply import CannedReply
from helpdesk.tickets.category import Category
from helpdesk.tickets.macro import Macro
from helpdesk.tickets.tag import Tag
from tests.house.test_sweeps import DEMAND
from tests.support.page import read

HOURS = {"zone": "UTC", "schedule": {"mon": [["09:00", "17:00"]]}}
SAME = {"Logo"}  # words that are the same in both languages
OF_THE_DESK = (
    "hand_back_minutes", "mail_window_seconds", "factor_from", "most_files", "most_file_mb", "auto_close_hours",
)  # fmt: skip


def everything(world) -> None:
    """Something of each section is changed."""
    change_stores(world)
    change_work(world)
    change_people(world)
    for tag in Tag.all_called(["one", "two"]):
        tag.rename(f"{tag.name}-renamed", by=world.user("Mai"))


def change_stores(world) -> None:
    boss, shop = world.user("Mai"), world.one(Merchant, prefix="ACME")
    shop.change({"name": "Shop", "default_language": "vi", "contact_en": "", "contact_vi": ""}, by=boss)
    key = world.one(FormKey, merchant_id=shop.id)
    key.change({"order_asked": "never", "highest_priority": "HIGH", "takes_plain": True}, by=boss)
    shop.reply_by_itself("Thanks", "", by=boss)
    desk = Organizer.present()
    desk.require_factor("manager", by=boss)
    desk.ask_of_requests({"most_files": 3, "most_file_mb": 4, "auto_close_hours": 5}, by=boss)
    desk.gather_mails_for(33, by=boss)
    desk.hand_back_after(44, by=boss)


def change_work(world) -> None:
    boss, gus, both = world.user("Mai"), world.user("Gus"), {"name_en": "Typed", "name_vi": "Đã nhập"}
    skill = Skill.create(both, by=boss)
    group = Group.create(both | {"lead_id": None, "member_ids": []}, by=boss)
    group.change({**group.values, "member_ids": [gus.id], "lead_id": gus.id}, by=boss)
    asked = [{"skill": skill.id, "level": 3}]
    world.one(Category, name_en="Delivery").change(
        {"required_skills": asked, "default_priority": "HIGH", "is_on_form": False}, by=boss
    )
    closed = [{"date": "2026-12-24", "name_en": "Eve", "name_vi": "Đêm"}]
    calendar = Calendar.create(both | HOURS, by=boss)
    calendar.change(both | HOURS | {"closures": closed, "schedule": {"tue": [["10:00", "12:00"]]}}, by=boss)
    policy, targets = Policy.create(both | DEMAND, by=boss), {"HIGH": {"first": 3600}}
    policy.change(both | DEMAND | {"targets": targets, "pausing_statuses": ["WAITING_INTERNAL"]}, by=boss)
    rule = Rule.create(both | {"conditions": {}, "candidates": {}, "strategy": "load_balanced"}, by=boss)
    what = {
        "conditions": {"priorities": ["HIGH"]},
        "candidates": {"group": group.id},
        "strategy": "round_robin",
    }
    rule.change(rule.values | what, by=boss)


def change_people(world) -> None:
    boss, gus, skill = world.user("Mai"), world.user("Gus"), world.one(Skill, name_en="Typed")
    values = {"cap": 5, "skills": {skill.id: 2}, "languages": ["en", "vi"], "schedule": HOURS["schedule"]}
    Agent.of(gus.id, lock=True).change(values, by=boss)
    one = Employment(gus)
    one.change(one.values() | {"role": "manager", "language": "vi"}, by=world.user("Ada"))


def told(code: str) -> list[Alteration]:
    events = db.session.scalars(select(Event).where(Event.ticket_id.is_(None)).order_by(Event.id)).all()
    names = Names.about(events)
    with speaking(code):
        return [one for event in events for one in Alteration.all_of(event, names)]


def test_M12_each_field_that_an_editor_changes_has_a_name() -> None:
    own = [rules.VALUES, merchant.VALUES, form_key.VALUES, categories.VALUES, calendars.HOURS, profile.PLAIN,
           employment.PLAIN, mail_server.WORDS, mail_sender.WORDS, PARTS, OF_THE_DESK]  # fmt: skip
    fields = {name for names in own for name in names} | {one.name for one in dataclasses.fields(Demand)}
    fields |= {
        "time_zone",
        "merchants",
        "groups",
        "skills",
        "merchant_ids",
        "lead_id",
        "member_ids",
        "shortcut",
        "deeds",
    }
    assert fields - LABELS.keys() - TOLD == set()


def test_M12_what_changed_is_said_in_the_readers_language(world) -> None:
    with world.inside():
        everything(world)
        english, vietnamese = told("en"), told("vi")
    assert len(english) == len(vietnamese) > 25
    assert {one.label for one in english} & {one.label for one in vietnamese} <= SAME
    said = {one.label: (one.old, one.new) for one in vietnamese}
    assert said["Vai trò"] == ("Nhân viên", "Quản lý")
    for one in (*english, *vietnamese):
        for text in (one.label, one.old, one.new):
            assert not set(text) & set("{}[]_"), f"{one} shows how it is kept"


@pytest.mark.parametrize(("label", "pair"), [
    ("Role", ("Agent", "Manager")), ("Language", ("English", "Vietnamese")),
    ("How one is chosen", ("Least loaded", "In turn")), ("Priorities", ("", "High")), ("Team", ("", "Typed")),
    ("Required skills", ("", "Typed 3")), ("Order number", ("Always", "Never")),
    ("High · First response", ("", "1 hour")), ("Pauses while", ("", "On hold")),
    ("Second factor required", ("", "Manager")), ("Own days off", ("", "Thu 24 Dec 2026: Eve")),
])  # fmt: skip
def test_M12_a_value_is_said_as_its_editor_says_it(label, pair, world) -> None:
    with world.inside():
        everything(world)
        assert pair in [(one.old, one.new) for one in told("en") if one.label == label]


def test_M12_a_name_that_is_a_code_stays_a_name(world) -> None:
    with world.inside():
        [tag] = Tag.all_called(["agent"])
        tag.rename("open", by=world.user("Mai"))
        assert [(one.old, one.new) for one in told("vi")] == [("agent", "open")]


def pairs(world, label: str, code: str = "en") -> list[tuple[str, str]]:
    """Old and new of every change of a field."""
    with world.inside():
        return [(one.old, one.new) for one in told(code) if one.label == label]


def test_M12_a_macro_tells_its_steps_before_and_after(world) -> None:
    with world.inside():
        boss, gus = world.user("Mai"), world.user("Gus").id
        steps = [{"kind": "priority", "value": "LOW"}, {"kind": "assign", "value": str(gus)}]
        macro = Macro.create(
            {"name_en": "Calm", "name_vi": "", "deeds": steps[:1]}, by=boss, owner_id=None, group_id=None
        )
        macro.change({"name_en": "Calm", "name_vi": "Dịu", "deeds": steps}, by=boss)
        macro.change({"owner_id": boss.id}, by=boss)
        macro.change({"deeds": steps}, by=boss)  # nothing
    assert pairs(world, "Name (Vietnamese)") == [("", "Dịu")]
    assert pairs(world, "Owner") == [("", "Mai")]
    assert pairs(world, "Steps") == [("Change the priority: Low", "Change the priority: Low\nAssign: Gus")]
    assert pairs(world, "Các bước", "vi") == [
        ("Đổi mức ưu tiên: Thấp", "Đổi mức ưu tiên: Thấp\nPhân công: Gus")
    ]


def test_M12_a_mail_tells_its_texts_before_and_after_and_so_does_going_back(world) -> None:
    kind = "ticket.closed.customer"
    with world.inside():
        boss, shipped = world.user("Mai"), MailTemplate.of(kind).parts
        MailTemplate.change(kind, shipped | {"subject_vi": "{{ticket_number}} xong"}, by=boss)
        MailTemplate.change(kind, shipped | {"subject_vi": "{{ticket_number}} hết"}, by=boss)
        MailTemplate.reset(kind, by=boss)
    own = ("{{ticket_number}} xong", "{{ticket_number}} hết")
    steps = [(shipped["subject_vi"], own[0]), own, (own[1], shipped["subject_vi"])]
    assert pairs(world, "Subject, Vietnamese") == steps
    assert pairs(world, "Tiêu đề tiếng Việt", "vi") == steps
    assert pairs(world, "Text (English)") == []
    page = read(world.sign_in("Ada").get("/settings/audit"))
    assert [one.text.strip() for one in page.all("ins")] == [new for _old, new in reversed(steps)]


def test_M12_of_long_texts_the_place_is_shown_at_which_they_differ(world) -> None:
    long = "word " * 2000
    with world.inside():
        reply = CannedReply.create(
            {"name_en": "Long", "body_en": f"{long}here"}, by=world.user("Mai"), owner_id=None, group_id=None
        )
        reply.change({"body_en": f"{long}there"}, by=world.user("Mai"))
    [(old, new)] = pairs(world, "Text (English)")
    assert (old.endswith("word here"), new.endswith("word there")) == (True, True)
    assert max(len(old), len(new)) <= 402


@pytest.mark.parametrize(("code", "one", "several"), [
    ("en", "Mai entered leave for Gus: 5 Nov 2099.", "Mai cancelled leave of Gus: 5 Nov 2099 – 7 Jan 2100."),
    ("vi", "Mai đã nhập ngày nghỉ của Gus: 05/11/2099.",
     "Mai đã hủy ngày nghỉ của Gus: 05/11/2099 – 07/01/2100."),
])  # fmt: skip
def test_UX_7_leave_is_told_in_the_readers_way_of_writing_days(code, one, several, world) -> None:
    with world.inside():
        gus, boss = Agent.of(world.user("Gus").id, lock=True), world.user("Mai")
        gus.take_leave(date(2099, 11, 5), date(2099, 11, 5), by=boss)
        gus.cancel_leave(gus.take_leave(date(2099, 11, 5), date(2100, 1, 7), by=boss), by=boss)
    said = read(world.sign_in("Ada").get(f"/settings/audit?lang={code}")).text
    assert one in said
    assert several in said
    assert "2099-11-05" not in said


def links(answer) -> dict[str, list[str]]:
    """The name of an event → where its lines lead; an empty one for a line that leads nowhere."""
    found: dict[str, list[str]] = {}
    for row in read(answer).with_attribute("data-event"):
        found.setdefault(row["data-event"], []).extend([link["href"] for link in row.all("a")] or [""])
    return found


def test_M12_a_line_leads_to_what_was_changed(world) -> None:
    with world.inside():
        everything(world)
        policy = world.one(Policy, name_en="Typed").id
        said = {"called": {"en": "Typed", "vi": ""}, "changes": {"steps": [[], []]}}
        record("ladder.changed", on=None, by=world.user("Mai"), policy=policy, **said)
        record("ladder.changed", on=None, by=world.user("Mai"), policy=None, **said)
        record("template.reset", on=None, by=world.user("Mai"), kind="ticket.created.customer")
    client = world.sign_in("Mai")
    found = links(client.get("/settings/audit"))
    for path in {path for paths in found.values() for path in paths if path}:
        assert client.get(path).status_code == 200, path
    assert {name for name, paths in found.items() if "" in paths} == {"organizer.changed"}
    assert "/settings/ladder" in found["ladder.changed"]


def test_M12_what_is_unknown_or_gone_leads_nowhere(world) -> None:
    with world.inside("globex"):
        stranger = world.user("Gil").id
    with world.inside():
        boss, (one, two) = world.user("Mai"), Tag.all_called(["one", "two"])
        one.merge_into(two, by=boss)
        for user in (stranger, 99999, "x", None):
            record("user.deactivated", on=None, by=boss, user=user, called="Somebody")
        record(
            "agent.leave_taken",
            on=None,
            by=boss,
            user=world.user("Ada").id,
            called="Ada",
            first="a",
            last="b",
        )
        record("template.reset", on=None, by=boss, kind="no.such.kind")
    found = links(world.sign_in("Mai").get("/settings/audit"))
    assert {path for paths in found.values() for path in paths} == {""}
