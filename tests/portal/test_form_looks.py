"""What a form's settings become: its style sheet, and the words in which they are told."""

from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.core.i18n import speaking
from helpdesk.organizers.merchant import Merchant
from helpdesk.portal import plain_views, questions
from helpdesk.portal.form_words import FormWords
from helpdesk.tickets.category import Category
from tests.portal.test_merchant_pages import MERCHANTS, edit
from tests.support.page import read


def sheet_of(client, query=""):
    links = read(client.get(f"/embed/form-acme{query}")).all("link")
    return next(link["href"] for link in links if "embed.css" in link["href"])


def test_M9_a_forms_sheet_is_new_with_a_release_and_kept_for_a_year_until_then(
    world, mai, page, client, monkeypatch
):
    assert edit(mai, page, colour="#1f6f54").status_code == 303
    address = sheet_of(client)
    kept = client.get(address)
    assert "max-age=31536000" in kept.headers["Cache-Control"]
    assert "immutable" in kept.headers["Cache-Control"]
    written = questions.sheet
    monkeypatch.setattr(questions, "sheet", lambda *what: written(*what) + "/* of the next release */")
    monkeypatch.setattr(plain_views, "sheet", questions.sheet)
    new = sheet_of(client)
    assert new != address
    assert "next release" in client.get(new).text
    for old in (address, address.partition("&v=")[0]):
        answer = client.get(old)
        assert "next release" in answer.text
        assert "max-age=300" in answer.headers["Cache-Control"]
        assert "immutable" not in answer.headers["Cache-Control"]


def test_Q_5_what_a_form_offers_is_said_in_whole_words(world, mai, page):
    with world.inside():
        delivery = db.session.scalars(select(Category).order_by(Category.id)).first().id
        words = FormWords(Category.tree())
        with speaking("vi"):
            assert words.word("category_ids", []) == "Mọi danh mục"
            assert words.word("category_ids", [delivery, 999]) == "Giao hàng, một danh mục không còn"
            assert words.labels["category_ids"] == "Danh mục được chọn"
            assert words.word("order_category_ids", []) == "", (
                "never all: the field is asked always, or never"
            )
        with speaking("en"):
            assert words.word("category_ids", []) == "All topics"
    assert edit(mai, page, category_ids=[str(delivery)]).status_code == 303
    history = mai.get(f"{page}?lang=en").text
    assert "<del>All topics</del>" in history
    assert "<ins>Delivery</ins>" in history


def test_Q_5_a_stores_numbers_are_told_in_whole_sentences_in_vietnamese(world, ada):
    world.ticket()
    with world.inside():
        place = f"{MERCHANTS}/{world.one(Merchant, prefix='ACME').id}"
    told = read(ada.get(f"{place}?lang=vi")).text
    assert "Số phiếu của cửa hàng: 1, trong đó đang mở: 1. Số khách hàng: 1." in told
    assert "Mã phiếu của cửa hàng bắt đầu bằng tiền tố này, ví dụ ACME-42." in told
