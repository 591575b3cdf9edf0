"""The signed link by which a customer follows one ticket: revocable, limited in time, one per ticket."""

import hmac
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, lazyload, mapped_column, relationship

from helpdesk.accounts.customer import Customer
from helpdesk.accounts.user import User
from helpdesk.core import clock, live
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.events import record
from helpdesk.core.memory import foreknow, once
from helpdesk.core.signing import sign, unsign
from helpdesk.core.tenancy import Tenanted, at_the_door, enter
from helpdesk.organizers.organizer import Organizer
from helpdesk.tickets.ticket import Ticket

PURPOSE = "customer-link"
COOKIE_PURPOSE = "customer-cookie"
LIFE = timedelta(days=180)
MOST_MAILED = 5  # at once, to who has lost his links
READING = timedelta(minutes=10)  # a letter is written by then


class CustomerLink(Tenanted, Model):
    """Opens one ticket's page to its customer. The nonce (128 bit) makes old links worthless after a renewal."""

    __tablename__ = "customer_links"

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"), index=True)
    customer_id: Mapped[int] = mapped_column(BigId, ForeignKey("customers.id"))
    nonce: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    ticket: Mapped[Ticket] = relationship(lazy="joined", innerjoin=True, viewonly=True)
    customer: Mapped[Customer] = relationship(lazy="joined", innerjoin=True, viewonly=True)
    # It comes along, so that no page asks for its settings again.
    organizer: Mapped[Organizer] = relationship(lazy="joined", innerjoin=True, viewonly=True)

    @classmethod
    def of(cls, ticket: Ticket, *, good_for: timedelta = timedelta(0)) -> "CustomerLink":
        """The ticket's living link; a new one where there is none, or none that lives for so long yet."""
        now = clock.now()
        living = select(cls).where(
            cls.ticket_id == ticket.id, cls.revoked_at.is_(None), cls.expires_at > now + good_for
        )
        link = db.session.scalar(living.order_by(cls.id.desc()).limit(1))
        if link is None:
            link = cls(
                ticket_id=ticket.id,
                customer_id=ticket.customer_id,
                nonce=secrets.token_hex(16),
                expires_at=now + LIFE,
            )
            db.session.add(link)
            db.session.flush()
        return link

    @classmethod
    def living_of(cls, ticket: Ticket | None) -> "CustomerLink | None":
        """The link that a ticket has; nothing is written for it. None where there is none, or no ticket."""
        if ticket is None:
            return None
        living = select(cls).where(
            cls.ticket_id == ticket.id, cls.revoked_at.is_(None), cls.expires_at > clock.now()
        )
        return db.session.scalar(living.order_by(cls.id.desc()).limit(1))

    @classmethod
    def known_of(cls, ticket: Ticket) -> "CustomerLink":
        """The same, for who writes many letters."""
        return once((cls, ticket.id), lambda: cls.of(ticket))

    @classmethod
    def foresee(cls, ticket_ids: Collection[int]) -> None:
        """Look up the living links of these tickets."""
        living = select(cls).where(
            cls.ticket_id.in_(ticket_ids), cls.revoked_at.is_(None), cls.expires_at > clock.now()
        )
        plain = living.options(lazyload("*")).order_by(cls.id)
        foreknow({(cls, link.ticket_id): link for link in db.session.scalars(plain)})

    @classmethod
    def see_to(cls, ticket_ids: Collection[int]) -> None:
        """Make sure that each of these tickets has a living link: whoever writes a letter only reads."""
        living = select(cls.ticket_id).where(
            cls.ticket_id.in_(ticket_ids), cls.revoked_at.is_(None), cls.expires_at > clock.now() + READING
        )
        for ticket_id in sorted(set(ticket_ids) - set(db.session.scalars(living))) if ticket_ids else ():
            cls.of(db.session.get_one(Ticket, ticket_id), good_for=READING)

    @classmethod
    def find(cls, token: str, purpose: str = PURPOSE) -> "CustomerLink | None":
        """The link behind a token or a cookie, expired or revoked ones included; None if we did not make it."""
        said = unsign(purpose, token)
        if not (isinstance(said, list) and len(said) == 2 and isinstance(said[0], int)):
            return None
        link = at_the_door(select(cls).where(cls.id == said[0]))
        return link if link and hmac.compare_digest(link.nonce, str(said[1])) else None

    @property
    def token(self) -> str:
        """What stands in the address."""
        return sign(PURPOSE, [self.id, self.nonce])

    @property
    def cookie(self) -> str:
        """What the browser keeps instead; good for nothing in an address."""
        return sign(COOKIE_PURPOSE, [self.id, self.nonce])

    @property
    def is_live(self) -> bool:
        """Not revoked, not expired, and its ticket is still there."""
        return self.revoked_at is None and self.expires_at > clock.now() and self.ticket.deleted_at is None

    @classmethod
    def ask_for(cls, email: str, number: str = "") -> None:
        """Mail their links to whoever has this address: of one request by its number, else of his newest ones.

        The address is on the mails' way, whoever asks; nothing is said about what there is. Of several organizers
        it is the one whom he wrote to last; a number says which is meant.
        """
        own = select(Ticket).join(Customer, Ticket.customer_id == Customer.id)
        own = own.where(Customer.email == email, Ticket.deleted_at.is_(None), Ticket.merged_into_id.is_(None))
        own = own.where(Ticket.number == number) if number else own
        newest_first = own.order_by(Ticket.id.desc())
        newest = at_the_door(newest_first.limit(1))
        if newest is None:
            return
        enter(newest.organizer_id)
        for ticket in db.session.scalars(newest_first.limit(MOST_MAILED)).all():
            record("link.renewed", on=ticket, by=ticket.customer)

    @classmethod
    def revoke_all(cls, ticket: Ticket, *, by: User) -> None:
        """End every way in by a link. Where there is none, nothing happens."""
        if cls._end_all(ticket):
            record("link.revoked", on=ticket, by=by)

    @classmethod
    def renew(cls, ticket: Ticket, *, by: User) -> None:
        """End the old ones, and mail a new one to the address on file."""
        cls._end_all(ticket)
        record("link.renewed", on=ticket, by=by)

    @classmethod
    def _end_all(cls, ticket: Ticket) -> int:
        living = select(cls).where(cls.ticket_id == ticket.id, cls.revoked_at.is_(None))
        links = db.session.scalars(living.where(cls.expires_at > clock.now())).all()
        for link in links:
            link.revoke()
        return len(links)

    def revoke(self) -> None:
        """End it, and every page that was opened with it."""
        self.revoked_at = clock.now()
        live.rights_changed("link", self.id)


@live.identity("link")
def _listener(link_id: int) -> CustomerLink | None:
    link = db.session.get(CustomerLink, link_id)
    return link if link and link.revoked_at is None and link.expires_at > clock.now() else None


@live.may_join("request")
def _own_request(link: CustomerLink, ticket_id: int) -> bool:
    """A customer's page hears its own ticket, in the customers' words."""
    return isinstance(link, CustomerLink) and link.ticket_id == ticket_id and link.is_live
