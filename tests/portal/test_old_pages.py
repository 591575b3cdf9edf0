"""A request page that was opened before something else happened: in another tab, or at the desk."""

import json

import pytest

from helpdesk.tickets.ticket import Ticket
from tests.portal.test_request import page
from tests.support.page import form, read


@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize("how", ["spam", "resolved"])
def test_MSG_006_who_asks_for_more_attention_on_what_came_to_an_end_keeps_his_words(
    world, bea, ticket, how, htmx
):
    filled = form(page(bea, ticket), "/escalation")
    with world.inside():
        row, mai = Ticket.for_deed(ticket), world.user("Mai")
        row.close(by=mai, reason="spam") if how == "spam" else row.resolve(by=mai, note_en="A", note_vi="A")
    late = filled.send(bea, htmx, reason="Nobody answers.")
    assert late.status_code == 422
    section = next(one for one in read(late).all("section", class_="escalate"))
    assert "hidden" not in section.attributes
    assert "This request is not open any more." in section.text
    assert "Nobody answers." in section.text
    assert not list(section.all("button")), "it would be refused again"


def test_Q_5_a_page_stays_in_its_language_whatever_another_tab_chooses(bea, ticket):
    here = read(bea.get(f"/requests/{ticket}?lang=vi"))
    headers = json.loads(next(iter(here.all("body")))["hx-headers:inherited"]) | {"HX-Request": "true"}
    filled = form(page(bea, ticket), "/replies")
    assert "Your reply" in page(bea, ticket).text, "the other tab, with the same cookies"
    refused = bea.post(filled.action, data=filled.fields, headers=headers)
    assert refused.status_code == 422
    assert "Câu trả lời của bạn" in refused.text
    assert "Your reply" not in refused.text
    changes = bea.get(f"/requests/{ticket}/changes", headers=headers)
    assert "Chúng tôi đang xử lý" in changes.text
    assert '<html lang="en"' in bea.get(f"/requests/{ticket}").text, (
        "whoever opens a page has the last choice"
    )
