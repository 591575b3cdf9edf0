"""The settings of stores and of their forms."""

from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.organizers.form_key import FormKey
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.category import Category
from tests.support.page import form, read

MERCHANTS = "/settings/merchants"


def edit(client, page, **values):
    """Change the form and say what came of it."""
    return form(client.get(page), page).send(client, **values)


def happened(world):
    """The settings' events, oldest first."""
    with world.inside():
        told = select(Event).where(Event.ticket_id.is_(None)).order_by(Event.id)
        return [(event.name, event.data) for event in db.session.scalars(told)]


def test_Q_5_a_manager_sees_the_stores_with_their_forms(mai):
    listed = mai.get(f"{MERCHANTS}?lang=en").text
    assert "Acme Shop" in listed
    assert "Beta Shop" in listed
    assert "form-acme" in listed
    assert "Glob" not in listed
    assert "/settings/merchants/new" not in listed, "only an administrator makes stores"


def test_Q_5_an_administrator_makes_a_store_and_its_form(world, ada):
    new = form(ada.get(f"{MERCHANTS}/new"), MERCHANTS)
    assert new.send(ada, name="Gamma", prefix="gam", contact_en="Call 1900 1234").status_code == 303
    with world.inside():
        shop = world.one(Merchant, prefix="GAM")
        assert (shop.name, shop.default_language, shop.contact_vi) == ("Gamma", "en", None)
    place = f"{MERCHANTS}/{shop.id}"
    made = form(ada.get(place), f"{place}/forms").send(ada, name="Help page")
    assert made.status_code == 303
    with world.inside():
        found = world.one(FormKey, merchant_id=shop.id)
        assert not found.is_on
        assert found.key.startswith("gam-")
    assert edit(ada, made.headers["Location"], is_on="y").status_code == 303
    assert ada.get(f"/embed/{found.key}").status_code == 200
    assert [name for name, _ in happened(world)] == ["merchant.created", "form.created", "form.changed"]


@pytest.mark.parametrize("prefix", ["", "A", "ACME", "1ST", "TOOLONGPREFIX", "Đ1", "A B", "A-B"])
def test_Q_5_a_prefix_is_short_plain_and_nobody_elses(ada, world, prefix):
    sent = form(ada.get(f"{MERCHANTS}/new"), MERCHANTS).send(ada, name="Gamma", prefix=prefix)
    assert sent.status_code == (409 if prefix == "ACME" else 422)
    assert 'value="Gamma"' in sent.text
    with world.inside():
        assert world.count(Merchant) == 2


def test_TKT_008_two_managers_do_not_overwrite_each_others_store(world, mai):
    with world.inside():
        place = f"{MERCHANTS}/{world.one(Merchant, prefix='ACME').id}"
    mine, theirs = form(mai.get(place), place), form(mai.get(place), place)
    assert theirs.send(mai, name="Acme Outdoor").status_code == 303
    clash = mine.send(mai, name="Acme Garden")
    assert clash.status_code == 409
    assert "Acme Outdoor" in clash.text
    assert "Acme Garden" in clash.text
    assert form(clash, place).send(mai).status_code == 303


def test_CAT_005_an_archived_store_takes_nothing_new_and_keeps_what_it_has(world, ada, client):
    number = world.ticket()
    with world.inside():
        shop = world.one(Merchant, prefix="ACME")
        shop.contact_en = "Call 1900 1234 or write to help@acme.example"
    place = f"{MERCHANTS}/{shop.id}"
    shown = ada.get(f"{place}?lang=en").text
    assert (
        "Tickets of it: 1, of these open: 1. Its customers: 1. People of yours who work for it: 4." in shown
    )
    form(ada.get(place), f"{place}/archival").send(ada)
    closed = client.get("/embed/form-acme?lang=en")
    assert closed.status_code == 403
    assert "Call 1900 1234" in closed.text
    assert 'href="mailto:help@acme.example"' in closed.text
    assert ada.get("/tickets/ACME-1").status_code == 200
    assert number
    offered = [option.text for option in read(ada.get("/tickets/new")).all("option")]
    assert "Beta Shop" in offered
    assert "Acme Shop" not in offered
    form(ada.get(place), f"{place}/restoration").send(ada)
    assert client.get("/embed/form-acme").status_code == 200
    assert [name for name, _ in happened(world)] == ["merchant.archived", "merchant.restored"]


def test_Q_2_allowed_sites_are_origins_and_each_wrong_line_is_named(world, mai, page, client):
    wrong = "https://shop.example\nshop.example\nhttps://a.example/path\nhttps://*.example\njavascript:alert(1)\nhttps://x:99999"
    sent = edit(mai, page, sites=wrong)
    assert sent.status_code == 422
    for said in ("Line 2, “shop.example”", "Line 3", "Line 4", "Line 5", "Line 6"):
        assert said in sent.text, said
    assert "Line 1" not in sent.text
    assert "https://*.example" in sent.text, "what was typed is there still"
    fine = (
        "HTTPS://Shop.Example/\n\n https://shop.example:443 \nhttp://127.0.0.1:5000\nhttps://bücher.example"
    )
    assert edit(mai, page, sites=fine).status_code == 303
    policy = client.get("/embed/form-acme").headers["Content-Security-Policy"]
    assert (
        "frame-ancestors https://shop.example http://127.0.0.1:5000 https://xn--bcher-kva.example 'self'"
        in policy
    )


def test_M9_a_colour_must_carry_white_letters(mai, page, client):
    light = edit(mai, page, colour="#ffcc00")
    assert light.status_code == 422
    assert "contrast of 1.5 to 1; 4.5 is needed" in light.text
    for nonsense in ("red", "#12345", "#12345g", "url(x)"):
        assert edit(mai, page, colour=nonsense).status_code == 422
    assert edit(mai, page, colour="#1F6F54").status_code == 303
    sheet = next(
        link["href"]
        for link in read(client.get("/embed/form-acme")).all("link")
        if "embed.css" in link["href"]
    )
    assert "--bg: #1f6f54" in client.get(sheet).text
    assert "embed.css" in client.get("/embed/form-beta?colour=%231f6f54").text
    for passed_over in ("%23ffcc00", "red;}body{display:none", "1f6f54"):
        assert "embed.css" not in client.get(f"/embed/form-beta?colour={passed_over}").text


def test_M9_texts_and_fields_are_the_forms_own(world, mai, page, client):
    with world.inside():
        delivery, payment = (one.id for one in db.session.scalars(select(Category).order_by(Category.id)))
    values = {
        "title_en": "Talk to us", "title_vi": "Nói với chúng tôi", "intro_en": "We read all.", "thanks_vi": "Cảm ơn!",
        "order_asked": "some", "order_category_ids": str(delivery), "phone_asked": "never", "highest_priority": "LOW",
        "category_ids": [str(delivery), str(payment)], "person_first": "y",
    }  # fmt: skip
    assert edit(mai, page, **values).status_code == 303
    shown = client.get("/embed/form-acme?lang=vi")
    assert "Nói với chúng tôi" in shown.text
    assert 'lang="en">We read all.' in shown.text
    names = [
        field["name"]
        for field in read(shown).with_attribute("name")
        if field.tag in ("input", "textarea", "select")
    ]
    assert "phone" not in names
    assert "priority" not in names
    assert names.index("email") < names.index("subject")
    sheet = next(link["href"] for link in read(shown).all("link") if "embed.css" in link["href"])
    assert f'[name=category][value="{delivery}"]:checked' in client.get(sheet).text
    given = {
        "name": "Bea",
        "email": "bea@mail.example",
        "subject": "Late",
        "description": "Very.",
        "phone": "x",
    }
    sent = form(shown, "/embed/form-acme").send(client, **given)
    assert sent.status_code == 303, "what is not asked is not looked at"
    assert "Cảm ơn!" in client.get(sent.headers["Location"]).text
    empty = edit(mai, page, order_asked="some", order_category_ids=[])
    assert empty.status_code == 422


def test_M9_the_preview_shows_what_is_not_saved(world, mai, page):
    shown = form(mai.get(page), page)
    before = shown.fields | {"title_vi": "Chưa lưu", "colour": "#ffcc00", "preview_language": "vi"}
    answer = mai.post(f"{page}/preview", data=before)
    assert answer.status_code == 200
    assert "Chưa lưu" in answer.text
    assert "Bạn gặp vấn đề gì?" in answer.text
    assert "script-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    with world.inside():
        assert world.one(FormKey, key="form-acme").title_vi is None
        assert world.count(FormKey) == 2
    assert happened(world) == []


def test_TKT_008_a_form_that_somebody_changed_meanwhile_is_compared_field_by_field(world, mai, page):
    mine, theirs = form(mai.get(page), page), form(mai.get(page), page)
    assert theirs.send(mai, title_en="Theirs", sites="https://a.example").status_code == 303
    clash = mine.send(mai, title_en="Mine")
    assert clash.status_code == 409
    assert "Theirs" in clash.text
    assert "Mine" in clash.text
    assert "https://a.example" in clash.text
    assert form(clash, page).send(mai).status_code == 303
    history = mai.get(f"{page}?lang=en").text
    assert "<del>Theirs</del>" in history
    assert "<ins>Mine</ins>" in history


@pytest.mark.parametrize("bad", ["\x00", "\ud800", "\u202egnp", "x" * 400_000, "<b>", "🦊", "e\u0301"])
def test_Q_2_strange_texts_are_cleaned_or_refused(mai, page, bad):
    typed = form(mai.get(page), page).fields | {"title_en": bad, "sites": "https://ok.example"}
    body = urlencode(typed, doseq=True, errors="surrogatepass")
    sent = mai.post(page, data=body, content_type="application/x-www-form-urlencoded")
    assert sent.status_code == (422 if len(bad) > 200 else 303)
    kept = form(mai.get(page), page).fields["title_en"]
    assert kept == {"<b>": "<b>", "🦊": "🦊", "e\u0301": "é", "\u202egnp": "gnp", "\ud800": "%ED%A0%80"}.get(
        bad, ""
    )


def test_Q_1_the_settings_of_stores_are_for_managers_of_this_organizer(world, page):
    for name, wanted in (("Gus", 403), ("Gil", 403)):
        assert world.sign_in(name).get(MERCHANTS).status_code == wanted
        assert world.sign_in(name).get(page).status_code == wanted
    with world.inside("globex"):
        theirs = world.one(FormKey, key="form-glob")
        far = f"{MERCHANTS}/{theirs.merchant_id}/forms/{theirs.id}"
    with world.inside():
        mixed = f"{MERCHANTS}/{world.one(Merchant, prefix='BETA').id}/forms/{page.rsplit('/', 1)[1]}"
    mai = world.sign_in("Mai")
    for address in (far, mixed, f"{MERCHANTS}/999999999999999999", f"{MERCHANTS}/{'9' * 30}"):
        assert mai.get(address).status_code == 404, address
