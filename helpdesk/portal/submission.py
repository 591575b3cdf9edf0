"""What a visitor sent: a customer and a ticket are made of it, once."""

import hashlib
from dataclasses import dataclass, replace

from helpdesk.accounts.customer import Customer
from helpdesk.organizers.form_key import FormKey
from helpdesk.portal.form_token import FormToken
from helpdesk.portal.forms import TicketForm
from helpdesk.portal.queries import opening_of
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
        ticket = Ticket.create(self.form_key.merchant, customer, opening, by=sender)
        if not ticket.was_there or self._says_the_same(ticket, customer):
            return ticket
        if identity:  # his token makes one
            return None
        return Ticket.create(
            self.form_key.merchant, customer, replace(opening, key=self._key(customer)), by=sender
        )

    def _says_the_same(self, made: Ticket, customer: Customer) -> bool:
        """Whether it says again what made a ticket; its files may be gone from the form, but there is no new one."""
        opening, form = opening_of(made.id), self.form
        if (
            opening is None or opening.created_at != made.created_at
        ):  # removed, or moved: nobody can tell any more
            return True
        said = (form.subject.data, form.description.data)
        is_same = made.customer_id == customer.id and said == (made.subject, opening.body)
        return is_same and self._files <= {file.name for file in opening.attachments}

    def _key(self, customer: Customer) -> str:
        """Of what somebody wrote who went back and wrote something else in the form that he had sent."""
        said = repr((customer.id, self.form.subject.data, self.form.description.data, sorted(self._files)))
        return f"{self.token.key}-{hashlib.sha256(said.encode()).hexdigest()[:24]}"

    @property
    def _files(self) -> set[str]:
        return {file.name for file in self.form.files.data}

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
