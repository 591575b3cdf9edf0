"""AGT-005: the demo has rules of its own, and they leave nobody's ticket waiting."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from helpdesk.accounts.customer import Customer
from helpdesk.assignment.decision import Decision
from helpdesk.core.db import db, transaction
from helpdesk.core.tenancy import inside
from helpdesk.organizers.merchant import Merchant
from helpdesk.organizers.organizer import Organizer
from helpdesk.tickets.ticket import Opening, Ticket
from tests.demo.test_demo import demo  # noqa: F401


@pytest.mark.parametrize("shop,language,vip,rule,chosen", [
    ("BETA", "vi", False, "Vietnamese tickets", {"Linh Pham"}), ("BETA", "en", False, None, {"Gus Holt", "Linh Pham"}),
    ("ACME", "vi", False, None, {"Gus Holt", "Linh Pham"}),
    ("ACME", "en", True, "VIP customers", {"Gus Holt", "Linh Pham"}),
])  # fmt: skip
def test_AGT_005_the_demos_rules(demo, shop, language, vip, rule, chosen):  # noqa: F811
    with demo.app_context():
        acme = db.session.scalars(select(Organizer.id).where(Organizer.slug == "acme")).one()
    with demo.app_context(), inside(acme), transaction():
        merchant = db.session.scalars(select(Merchant).where(Merchant.prefix == shop)).one()
        customer = Customer.find_or_create(merchant, email="a@mail.example", name="A", language=language)
        customer.is_vip = vip
        said = Opening("Hello", "Hello", language=language)
        made = Ticket.create(merchant, customer, said, by=customer).id
        decision = Decision.make(made)
        db.session.flush()
        assert (decision.rule_name_en == rule) if rule else decision.rule_name_en.startswith("Whoever")
        assert db.session.get_one(Ticket, made).assignee.name in chosen
