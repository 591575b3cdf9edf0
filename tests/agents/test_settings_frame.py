"""The settings' frame: searching in it, who changed what last, and what is not translated yet (Q-5, ux 3.3)."""

from __future__ import annotations

import pytest

from helpdesk.agents.group import Group
from helpdesk.agents.skill import Skill
from helpdesk.assignment.rule import Rule
from helpdesk.core.i18n import speaking
from helpdesk.notifications.mail_template import MailTemplate
from helpdesk.organizers.form_key import FormKey
from helpdesk.organizers.merchant import Merchant
from helpdesk.sla.calendar import Calendar
from helpdesk.sla.policy import Policy
from helpdesk.tickets.canned_reply import CannedReply
from helpdesk.tickets.category import Category
from helpdesk.tickets.macro import Macro
from tests.agents.test_profiles import group
from tests.house.test_sweeps import DEMAND
from tests.support.page import read
from tests.support.seat import Seat

STEPS = [{"kind": "priority", "value": "LOW"}]


@pytest.fixture
def mai(world):
    """A manager who reads English."""
    seat = Seat(world, "Mai")
    seat.client.set_cookie("lang", "en")
    return seat


def half(world, section):
    """Something of a section whose name is there in English only; its id."""
    boss, names = world.user("Mai"), {"name_en": "Half", "name_vi": ""}
    week = {"zone": "UTC", "schedule": {"mon": [["09:00", "17:00"]]}}
    rule = {"conditions": {}, "candidates": {}, "strategy": "load_balanced"}
    made = {
        "groups": lambda: Group.create(names | {"member_ids": [], "lead_id": None}, by=boss),
        "skills": lambda: Skill.create(names, by=boss),
        "categories": lambda: Category.create(names, by=boss),
        "calendars": lambda: Calendar.create(names | week, by=boss),
        "policies": lambda: Policy.create(names | DEMAND, by=boss), "rules": lambda: Rule.create(names | rule, by=boss),
        "canned": lambda: CannedReply.create(names | {"body_en": "Hello"}, by=boss, owner_id=boss.id, group_id=None),
        "macros": lambda: Macro.create(names | {"deeds": STEPS}, by=boss, owner_id=boss.id, group_id=None),
    }  # fmt: skip
    return made[section]().id


def links(answer):
    main = next(one for one in read(answer).all("main"))
    return {link["href"]: link.text for link in main.all("a")}


@pytest.mark.parametrize("words", ["doi tra", "ĐỔI TRẢ", "đổi trả", "doi  tra", "returns", "exch"])
def test_Q_5_things_are_found_by_either_name_with_or_without_marks(world, mai, words):
    with world.inside():
        mai_user = world.user("Mai")
        made = Category.create({"name_en": "Returns and exchanges", "name_vi": "Đổi trả hàng"}, by=mai_user)
        made_id = made.id
    assert f"/settings/categories/{made_id}" in links(mai.get(f"/settings/search?q={words}"))


def test_Q_5_stores_forms_people_and_macros_are_found_by_their_names(world, mai):
    with world.inside():
        boss, store = world.user("Mai"), world.one(Merchant, prefix="ACME")
        steps = {"name_en": "Đóng nhanh", "name_vi": "", "deeds": [{"kind": "priority", "value": "LOW"}]}
        macro = Macro.create(steps, by=boss, owner_id=boss.id, group_id=None)
        form = FormKey.create(store, "Wholesale", by=boss)
        pages = {
            "dong nhanh": [f"/settings/macros/{macro.id}"],
            "wholesale": [f"/settings/merchants/{store.id}/forms/{form.id}"],
            store.name: [f"/settings/merchants/{store.id}", f"/settings/templates/sender/{store.id}"],
            "gus": [f"/settings/agents/{world.user('Gus').id}", f"/settings/users/{world.user('Gus').id}"],
        }
    for words, wanted in pages.items():
        assert set(wanted) <= set(links(mai.get("/settings/search", q=words)))


@pytest.mark.parametrize("words", ["nhom", "Nhóm", "teams", "TEAM"])
@pytest.mark.parametrize("code", ["en", "vi"])
def test_Q_5_sections_are_found_in_both_languages(mai, words, code):
    assert "/settings/groups" in links(mai.get(f"/settings/search?q={words}&lang={code}"))


@pytest.mark.parametrize("words", ["", "  ", "\u202e", "\x00", "<b>", "x" * 5000, "\ud800", "%", "🙂"])
def test_what_finds_nothing_says_so(mai, words):
    answer = mai.client.get("/settings/search", query_string={"q": words.encode("utf-8", "surrogatepass")})
    assert answer.status_code == 200
    assert "Nothing in the settings" in answer.text or "Type what you look for" in answer.text


def test_Q_1_the_search_finds_nothing_of_a_neighbour_or_of_managers_for_an_agent(world, mai):
    with world.inside("globex"):
        Category.create({"name_en": "Secret plans", "name_vi": ""}, by=world.user("Gil"))
    with world.inside():
        Category.create({"name_en": "Secret returns", "name_vi": ""}, by=world.user("Mai"))
    found = links(mai.get("/settings/search?q=secret"))
    assert [words for words in found.values() if "Secret" in words] == ["Secret returns"]
    gus = Seat(world, "Gus")
    assert not [href for href in links(gus.get("/settings/search?q=secret")) if "categories" in href]


def test_an_agent_finds_the_canned_replies_that_he_may_use(world):
    with world.inside():
        gus, linh = world.user("Gus"), world.user("Linh")
        words = {"name_en": "Greeting", "body_en": "Hello"}
        own = CannedReply.create(words, by=gus, owner_id=gus.id, group_id=None).id
        other = CannedReply.create(
            words | {"name_en": "Greeting 2"}, by=linh, owner_id=linh.id, group_id=None
        ).id
    found = links(Seat(world, "Gus").get("/settings/search?q=greeting"))
    assert f"/settings/canned/{own}" in found
    assert f"/settings/canned/{other}" not in found


def test_a_page_says_who_changed_it_last(world, mai):
    with world.inside():
        ada, names = world.user("Ada"), {"name_vi": "", "member_ids": [], "lead_id": None}
        first, second = group(world), Group.create(names | {"name_en": "Second"}, by=world.user("Mai"))
        first_id, second_id = first.id, second.id
        first.change({**first.values, "name_en": "Renamed"}, by=ada)
    for path, who in (("", "Ada"), (f"/{first_id}", "Ada"), (f"/{second_id}", "Mai")):
        assert f"{who} changed this at" in read(mai.get(f"/settings/groups{path}")).text
    assert "changed this at" not in mai.get("/settings/groups/new").text
    assert "changed this at" not in mai.get("/settings/skills").text
    with world.app.app_context(), speaking("vi"):
        assert "Ada sửa lúc" in read(mai.get("/settings/groups?lang=vi")).text


def test_Q_5_a_list_is_narrowed_to_what_is_not_fully_translated(world, mai):
    assert "untranslated" not in mai.get("/settings/groups").text
    with world.inside():
        boss, none = world.user("Mai"), {"member_ids": [], "lead_id": None}
        whole = Group.create({"name_en": "Whole", "name_vi": "Đủ"} | none, by=boss).id
        half = Group.create({"name_en": "Half", "name_vi": ""} | none, by=boss).id
    assert (
        links(mai.get("/settings/groups"))["/settings/groups?untranslated"].strip()
        == "1 is not fully translated"
    )
    narrowed = links(mai.get("/settings/groups?untranslated"))
    assert f"/settings/groups/{half}" in narrowed
    assert f"/settings/groups/{whole}" not in narrowed
    assert narrowed["/settings/groups"] == "Show all"


@pytest.mark.parametrize(
    "section", ["groups", "skills", "categories", "calendars", "policies", "rules", "canned", "macros"]
)
def test_Q_5_every_list_of_texts_in_pairs_has_the_filter(world, mai, section):
    with world.inside():
        ident = half(world, section)
    assert "Vietnamese missing" in read(mai.get(f"/settings/{section}")).text
    assert f"/settings/{section}?untranslated" in links(mai.get(f"/settings/{section}"))
    shown = {
        href for href in links(mai.get(f"/settings/{section}?untranslated")) if href.split("/")[-1].isdigit()
    }
    assert shown == {f"/settings/{section}/{ident}"}


def test_Q_5_a_macro_that_sends_a_reply_in_one_language_is_not_fully_translated(world, mai):
    with world.inside():
        boss, whole = world.user("Mai"), {"name_en": "Greeting", "name_vi": "Lời chào"}
        kept = {"by": boss, "owner_id": boss.id, "group_id": None}
        bodies = [{"body_en": "Hello", "body_vi": ""}, {"body_en": "Hello", "body_vi": "Xin chào"}]
        replies = [CannedReply.create(whole | body, **kept).id for body in bodies]
        half, full = (
            Macro.create(whole | {"deeds": [*STEPS, {"kind": "reply", "value": value}]}, **kept).id
            for value in (f"{replies[0]}:RESOLVED", str(replies[1]))
        )
    assert "“Greeting” that it sends is not fully translated" in read(mai.get("/settings/macros")).text
    assert "/settings/macros?untranslated" in links(mai.get("/settings/macros"))
    narrowed = links(mai.get("/settings/macros?untranslated"))
    assert f"/settings/macros/{half}" in narrowed
    assert f"/settings/macros/{full}" not in narrowed


def test_Q_5_mails_written_anew_in_one_language_only_are_not_fully_translated(world, mai):
    assert "untranslated" not in mai.get("/settings/templates").text
    with world.inside():
        boss, both, one = world.user("Mai"), "ticket.closed.customer", "ticket.created.customer"
        for kind, languages in ((both, ("en", "vi")), (one, ("en",))):
            own = {f"subject_{code}": f"{{{{ticket_number}}}} {code}" for code in languages}
            MailTemplate.change(kind, MailTemplate.of(kind).parts | own, by=boss)
    found = links(mai.get("/settings/templates"))
    assert found["/settings/templates?untranslated"].strip() == "1 is not fully translated"
    assert f"/settings/templates/{both}" in found
    narrowed = mai.get("/settings/templates?untranslated")
    kinds = {href for href in links(narrowed) if href.endswith((".customer", ".user"))}
    assert kinds == {f"/settings/templates/{one}"}
    assert "English: own words" in read(narrowed).text
    assert "Vietnamese: still as shipped" in read(narrowed).text
    assert links(narrowed)["/settings/templates"] == "Show all"


def test_Q_5_a_mail_that_lost_a_text_is_not_fully_translated(world, mai):
    """What a page never saves, an update of the product can leave: a text that lacks what it has to say today."""
    kind = "ticket.replied.customer"
    with world.inside():
        own = {"subject_en": "{{ticket_number}} en", "subject_vi": "{{ticket_number}} vi"}
        MailTemplate.change(
            kind, MailTemplate.of(kind).parts | own, by=world.user("Mai")
        ).body_vi = "Says nothing"
    narrowed = mai.get("/settings/templates?untranslated")
    assert f"/settings/templates/{kind}" in links(narrowed)
    assert "Vietnamese: incomplete" in read(narrowed).text


def test_CAT_002_a_category_says_what_those_below_take_over(world, mai):
    with world.inside():
        boss = world.user("Mai")
        top = Category.create({"name_en": "Top", "name_vi": "", "default_priority": "HIGH"}, by=boss)
        own = {"name_en": "Own", "name_vi": "", "default_priority": "LOW"}
        Category.create({"name_en": "Taking", "name_vi": ""}, parent=top, by=boss)
        Category.create(own, parent=top, by=boss)
        top_id = top.id
    rows = read(mai.get(f"/settings/categories/{top_id}")).all("dl", class_="facts")
    words = " ".join(one.text for one in rows)
    assert "Taking Default priority" in words
    assert "Own nothing" in words
