"""The demo: its accounts, the shop that embeds the form, the local mailbox."""

from email.message import EmailMessage

import pytest
from flask_migrate import upgrade

from helpdesk.accounts.user import User
from helpdesk.agents.agent import Agent
from helpdesk.config import ROOT
from helpdesk.core.db import db
from helpdesk.core.seeds import seed_shipped
from helpdesk.core.tenancy import inside
from helpdesk.demo.seed import PASSWORD, has_demo, is_empty, seed_demo
from helpdesk.organizers.form_key import FormKey
from helpdesk.organizers.organizer import Organizer
from helpdesk.portal.vouched_identity import VouchedIdentity
from helpdesk.tickets.ticket import Ticket
from tests.portal.test_form import GIVEN
from tests.support.page import form, read

CONTRACT = {
    "admin@acme.example": "admin", "mai@acme.example": "manager", "gus@acme.example": "agent",
    "linh@acme.example": "agent", "admin@globex.example": "admin", "gil@globex.example": "agent",
}  # fmt: skip


@pytest.fixture
def demo(make_app_on, database_url):
    """The application on a database with nothing but the demo."""
    app = make_app_on(database_url)
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        seed_shipped()
        assert is_empty()
        seed_demo()
        seed_demo()
        assert has_demo()
        assert not is_empty()
    return app


def test_Q_6_the_demo_has_the_accounts_of_the_contract(demo):
    with demo.app_context():
        for email, role in CONTRACT.items():
            user = User.authenticate(email, PASSWORD)
            assert user, email
            assert user.role == role


def test_Q_6_the_demo_agents_work_for_both_shops(demo):
    with demo.app_context():
        acme = db.session.query(Organizer).filter_by(slug="acme").one()
        with inside(acme.id):
            languages = {agent.user.email: agent.languages for agent in db.session.query(Agent)}
            assert languages == {"gus@acme.example": ["en"], "linh@acme.example": ["vi", "en"]}
            for agent in db.session.query(Agent):
                assert len(db.session.scalars(agent.user.merchant_ids()).all()) == 2


def test_Q_6_the_first_request_of_a_visitor_is_ACME_1(demo):
    client = demo.test_client()
    for key, number in (("demo-acme", "ACME-1"), ("demo-beta", "BETA-1"), ("demo-globex", "GLOB-1")):
        with demo.app_context():
            form_key = FormKey.find(key)
            assert form_key
            assert len(form_key.secret) >= 32
            with inside(form_key.organizer_id):
                assert db.session.query(Ticket).filter_by(merchant_id=form_key.merchant_id).count() == 0
        sent = form(client.get(f"/embed/{key}?lang=en"), "/embed/").send(client, **GIVEN)
        assert number in client.get(sent.headers["Location"]).text


def test_TKT_002_the_shop_is_another_site(make_app_on, demo, database_url):
    app = make_app_on(database_url, shop_port=8001)
    client = app.test_client()
    moved = client.get("/dev/shop", base_url="http://127.0.0.1:8000")
    assert moved.headers["Location"] == "http://127.0.0.1:8001/dev/shop"
    moved = client.get("/dev/shop?lang=vi", base_url="http://127.0.0.1:8000")
    assert moved.headers["Location"] == "http://127.0.0.1:8001/dev/shop?lang=vi"
    shop = client.get("/dev/shop", base_url="http://127.0.0.1:8001")
    policy = shop.headers["Content-Security-Policy"]
    assert "script-src 'self' http://127.0.0.1:8000;" in policy
    assert "frame-src http://127.0.0.1:8000" in policy
    keys = [element["data-helpdesk-form"] for element in read(shop).with_attribute("data-helpdesk-form")]
    assert keys == ["demo-acme", "demo-beta"]
    assert 'src="http://127.0.0.1:8000/embed.js?v=' in shop.text
    signed = client.get("/dev/shop?customer=1", base_url="http://127.0.0.1:8001")
    token = next(one for one in read(signed).with_attribute("data-token"))["data-token"]
    with demo.app_context():
        found = FormKey.find("demo-acme")
        vouched = found.by_secret(lambda secret: VouchedIdentity.of_token(token, secret, ("demo-acme",)))
    assert (vouched.name, vouched.order["id"]) == ("Trần Thu Hà", "DH-10042")
    for address in ("/", "/login", "/queue", "/embed/demo-acme", "/dev/mail", "/embed.js", "/nothing"):
        assert client.get(address, base_url="http://127.0.0.1:8001").status_code == 404, address


def test_Q_6_without_demo_there_is_nothing_of_it(make_app):
    client = make_app(demo=False).test_client()
    for address in ("/dev/shop", "/dev/mail"):
        assert client.get(address).status_code == 404


@pytest.fixture
def kept(tmp_path):
    """A mail in the local mailbox, with everything in it that a page must not believe."""
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = (
        "<b>Chào</b> bạn",
        "Helpdesk <h@x.example>",
        "bea@mail.example",
    )
    mail.set_content("Follow it here: http://127.0.0.1:8000/t/abc")
    html = '<script>alert(1)</script><a href="/t/abc">x</a>'
    mail.add_alternative(html, subtype="html")
    folder = tmp_path / "mail"
    folder.mkdir(exist_ok=True)
    head = b"X-Envelope-To: real@mail.example\r\n"
    (folder / "20261124T000000.000000001Z-abcdef.eml").write_bytes(head + mail.as_bytes())
    return "20261124T000000.000000001Z-abcdef"


def test_Q_6_the_local_mailbox_lists_and_shows(client, kept):
    answer = client.get("/dev/mail")
    assert "&lt;b&gt;Chào&lt;/b&gt; bạn" in answer.text
    assert "real@mail.example" in answer.text
    shown = client.get(f"/dev/mail/{kept}")
    assert 'href="http://127.0.0.1:8000/t/abc"' in shown.text
    frame = next(read(shown).all("iframe"))
    assert "allow-scripts" not in frame["sandbox"]
    client.looks = False
    html = client.get(frame["src"])
    assert "sandbox" in html.headers["Content-Security-Policy"]
    assert "default-src 'none'" in html.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in html.headers["Content-Security-Policy"]


@pytest.mark.parametrize("key", ["..", "../x", "%2e%2e%2fsecret_key", "x", "a\x00b", "nothing.eml"])
def test_Q_2_the_mailbox_shows_no_other_file(client, kept, key):
    assert client.get(f"/dev/mail/{key}").status_code == 404
    assert client.get(f"/dev/mail/{key}/html").status_code == 404
