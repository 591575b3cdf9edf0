"""What a visitor sent: a customer and a ticket are made of it, once."""

from dataclasses import dataclass

from helpdesk.accounts.customer import Customer
from helpdesk.organizers.form_key import FormKey
from helpdesk.portal.form_token import FormToken
from helpdesk.portal.forms import TicketForm
from helpdesk.portal.sent_from import SentFrom
from helpdesk.portal.used_token import UsedToken
from helpdesk.portal.vouched_identity import order_of
from helpdesk.tickets.opening import Opening
from helpdesk.tickets.sender import BY_SHOP, UNPROVEN, Sender
from helpdesk.tickets.ticket import Ticket

NOWHERE = SentFrom()


@dataclass(frozen=True)
class Submission:
    """A valid form with its token. Where the merchant vouches for somebody, his word stands above what was typed."""

    form_key: FormKey
    form: TicketForm
    token: FormToken
    language: str
    sent_from: SentFrom = NOWHERE

    def accept(self) -> Ticket | None:
        """The ticket; the same one when the same form comes again. None if the merchant's token is used up."""
        identity, form = self.token.identity, self.form
        if identity and not UsedToken.use(self.form_key, identity.jti, self.token.nonce):
            return None
        customer = self._customer()
        sender = self._sender(customer)
        opening = Opening(
            subject=form.subject.data,
            body=form.description.data,
            priority=form.priority.data,
            highest=self.form_key.highest_priority,
            category_id=int(form.category.data) if form.category.data else None,
            language=self.language,
            order=(identity and identity.order) or order_of(form.order.data),
            files=form.files.data,
            key=self.token.key,
            sent_from=self.sent_from.as_json,
            sender=sender,
        )
        return Ticket.create(self.form_key.merchant, customer, opening, by=sender)

    def _sender(self, customer: Customer) -> Sender:
        """On whose word he is who he says he is. What he typed beside the shop's word is still only typed."""
        identity, form = self.token.identity, self.form
        name, phone = form.name.data, form.phone.data or ""
        if identity is None:
            return Sender(customer, UNPROVEN, name, phone)
        return Sender(customer, BY_SHOP, name, phone, vouched=tuple(sorted(identity.claimed)))

    def _customer(self) -> Customer:
        """Found by address. Only what the merchant vouches for changes somebody who is known already.

        What anybody may type is kept with the request alone until he proves that the address is his.
        """
        identity, form = self.token.identity, self.form
        vouched = {"name": identity.name, "external_id": identity.external_id} if identity else {}
        said = {"name": vouched.get("name") or form.name.data, "phone": form.phone.data or None}
        customer = Customer.find_or_create(
            self.form_key.merchant, email=form.email.data, language=self.language,
            external_id=vouched.get("external_id"), **said,
        )  # fmt: skip
        if identity:
            customer.learn(phone=customer.phone or said["phone"], **vouched)
        if identity and identity.vip is not None:
            customer.is_now_vip(identity.vip)
        return customer
