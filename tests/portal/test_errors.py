"""C6: error pages on the customers' side speak his language, or both, and lead on."""

from __future__ import annotations

import pytest
from flask import abort, request

from helpdesk.core.access import allow, anyone
from tests.support.page import read

CODES = (400, 403, 404, 410, 413, 429, 500, 503)


@pytest.fixture
def failing(app):
    """A door that fails as it is told."""
    app.add_url_rule("/fails", "portal.fails", allow(anyone)(lambda: abort(int(request.args["code"]))))
    return app.test_client()


@pytest.mark.parametrize("code", CODES)
def test_Q_5_a_reader_of_whom_nothing_is_known_is_told_in_both(failing, code):
    answer = failing.get(f"/fails?code={code}")
    assert answer.status_code == code
    page = read(answer)
    [twin] = [element for element in page.with_attribute("lang") if element["lang"] == "vi"]
    assert "error-twin" in twin["class"]
    assert len(twin.text) > 20
    assert next(page.all("html"))["lang"] == "en"


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize(("language", "other"), [("vi", "en"), ("en", "vi")])
def test_Q_5_whose_language_is_known_is_told_once(failing, code, language, other):
    answer = failing.get(f"/fails?code={code}", headers={"Accept-Language": language})
    page = read(answer)
    assert next(page.all("html"))["lang"] == language
    assert "error-twin" not in answer.text


@pytest.mark.parametrize("code", CODES)
def test_Q_5_an_error_on_the_customers_side_leads_on(failing, code):
    links = [a["href"] for a in read(failing.get(f"/fails?code={code}")).all("a")]
    assert "/find" in links


def test_a_wrong_link_and_a_missing_page_read_the_same(world, client):
    pages = [
        client.get(address, headers={"Accept-Language": "en"})
        for address in ("/t/nonsense", "/requests/99999")
    ]
    bodies = {page.text.split("<main")[1] for page in pages}
    assert {page.status_code for page in pages} == {404}
    assert len(bodies) == 1


def test_Q_2_from_an_error_at_a_form_one_comes_back_to_it(client):
    answer = client.post("/embed/form-acme", data={"form_token": "nonsense", "description": "My long story."})
    assert answer.status_code == 400
    assert "/embed/form-acme" in [a["href"] for a in read(answer).all("a")]
    assert "My long story." in answer.text, "what was written is given back"


def test_the_desks_errors_do_not_send_agents_to_the_customers(world):
    links = [a["href"] for a in read(world.sign_in("Gus").get("/tickets/ACME-99")).all("a")]
    assert "/find" not in links
    assert "/" in links
