"""Who sent a request by the form, and on whose word: what he typed is not taken for what is known of a customer."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from helpdesk.accounts.customer import Customer

if TYPE_CHECKING:
    from helpdesk.tickets.ticket import Ticket

UNPROVEN = "none"  # anybody may type an address
BY_MAIL = "mail"  # he came by the link that was mailed there
BY_SHOP = "shop"  # the merchant's own server said so


@dataclass(frozen=True)
class Sender:
    """The customer of a ticket as its readers may take him; while nobody vouches for him, only what he typed."""

    customer: Customer
    proof: str | None = None  # None: staff opened it, or he wrote on his own page
    name: str = ""
    phone: str = ""
    vouched: tuple[str, ...] = ()  # which of the facts the shop signed

    @classmethod
    def of(cls, ticket: "Ticket") -> "Sender":
        """Of a ticket as it is now."""
        said = ticket.sender_said or {}
        return cls(
            ticket.customer, ticket.sender_proof, said.get("name", ""), said.get("phone", ""),
            tuple(said.get("vouched", ())),
        )  # fmt: skip

    @property
    def is_proven(self) -> bool:
        """Whether the address is known to be his."""
        return self.proof != UNPROVEN

    @property
    def is_vip(self) -> bool:
        """Nobody becomes one by typing a VIP's address."""
        return self.is_proven and self.customer.is_vip

    @property
    def shown_name(self) -> str:
        """The customer's name; of an unproven sender, what he calls himself."""
        return self.called(self.proof, {"name": self.name}, self.customer.name, self.customer.email)

    @staticmethod
    def called(proof: str | None, said: dict[str, Any] | None, name: str | None, email: str) -> str:
        """The same of what a ticket keeps, and of the customer's name and address."""
        return (name if proof != UNPROVEN else (said or {}).get("name")) or email

    @property
    def shown_phone(self) -> str:
        """The same for his telephone."""
        return (self.customer.phone if self.is_proven else self.phone) or ""

    @property
    def typed_aside(self) -> list[str]:
        """What he typed where something else is known of him: noted beside it, for agents, and taken over by nobody."""
        typed = ((self.name, self.customer.name), (self.phone, self.customer.phone))
        return [said for said, known in typed if self.is_proven and said and said != (known or "")]

    @property
    def external_id(self) -> str:
        """The shop's number of the customer."""
        return (self.customer.external_id or "") if self.is_proven else ""

    @property
    def actor(self) -> dict[str, Any]:
        """How events and messages name him."""
        return {"kind": "customer", "id": self.customer.id, "name": self.shown_name}

    @property
    def said(self) -> dict[str, Any] | None:
        """What the ticket keeps of it."""
        facts = {"name": self.name, "phone": self.phone, "vouched": list(self.vouched)}
        return {name: value for name, value in facts.items() if value} or None
