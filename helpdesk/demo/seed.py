"""The demo organizers: accounts and forms, no tickets. The first request of a visitor becomes ACME-1."""

from dataclasses import dataclass

from sqlalchemy import select

from helpdesk.accounts.user import User
from helpdesk.agents.agent import Agent
from helpdesk.core.db import db, transaction
from helpdesk.core.tenancy import inside
from helpdesk.organizers.form_key import FormKey
from helpdesk.organizers.merchant import Merchant
from helpdesk.organizers.organizer import Organizer
from helpdesk.tickets.category import Category

PASSWORD = "demo-helpdesk"  # noqa: S105 - public by purpose


@dataclass(frozen=True)
class Account:
    """Somebody who can sign in to the demo; `speaks` makes him an agent."""

    name: str
    email: str
    role: str
    language: str = "en"
    speaks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shop:
    """A merchant of the demo."""

    name: str
    prefix: str
    key: str
    colour: str
    language: str = "en"


ACME = (
    Account("Ada Nguyen", "admin@acme.example", "admin"),
    Account("Mai Tran", "mai@acme.example", "manager"),
    Account("Gus Holt", "gus@acme.example", "agent", "en", ("en",)),
    Account("Linh Pham", "linh@acme.example", "agent", "vi", ("vi", "en")),
)
GLOBEX = (
    Account("Gina Ross", "admin@globex.example", "admin"),
    Account("Gil Berg", "gil@globex.example", "agent", "en", ("en",)),
)
ACME_SHOPS = (
    Shop("Acme Outdoor", "ACME", "demo-acme", "#1f6f54"),
    Shop("Beta Home", "BETA", "demo-beta", "#7a3b9e", "vi"),
)
GLOBEX_SHOPS = (Shop("Globex", "GLOB", "demo-globex", "#b5482a"),)
CATEGORIES = (
    ("Delivery", "Giao hàng"),
    ("Payment and invoices", "Thanh toán và hóa đơn"),
    ("Returns and exchanges", "Đổi trả hàng"),
    ("Product question", "Câu hỏi về sản phẩm"),
    ("Something else", "Chuyện khác"),
)


def is_empty() -> bool:
    """Whether there is no organizer yet."""
    return db.session.scalar(select(Organizer.id).limit(1)) is None


def has_demo() -> bool:
    """Whether the demo accounts are there."""
    return _has("acme")


def seed_demo() -> None:
    """Make sure that both demo organizers are there. Twice changes nothing."""
    _seed("Acme Commerce", "acme", ACME_SHOPS, ACME)
    _seed("Globex", "globex", GLOBEX_SHOPS, GLOBEX)


def _has(slug: str) -> bool:
    return db.session.scalar(select(Organizer.id).where(Organizer.slug == slug)) is not None


def _seed(name: str, slug: str, shops: tuple[Shop, ...], accounts: tuple[Account, ...]) -> None:
    with transaction():
        if _has(slug):
            return
        organizer = Organizer(name=name, slug=slug)
        db.session.add(organizer)
        db.session.flush()
        with inside(organizer.id):
            merchants = [_open(shop) for shop in shops]
            for account in accounts:
                _hire(account, merchants)
            for position, (en, vi) in enumerate(CATEGORIES):
                db.session.add(Category(name_en=en, name_vi=vi, position=position))


def _open(shop: Shop) -> Merchant:
    merchant = Merchant(
        name=shop.name,
        prefix=shop.prefix,
        default_language=shop.language,
        brand_colour=shop.colour,
        last_serial=0,
    )
    db.session.add(merchant)
    db.session.flush()
    secret = f"{shop.key}-signs-with-this-and-nobody-should"
    db.session.add(FormKey(key=shop.key, merchant=merchant, secret=secret, allowed_origins=[]))
    return merchant


def _hire(account: Account, merchants: list[Merchant]) -> None:
    user = User.create(
        name=account.name,
        email=account.email,
        password=PASSWORD,
        role=account.role,
        language=account.language,
    )
    for merchant in merchants:
        user.works_for(merchant)
    if account.speaks:
        db.session.add(Agent(user_id=user.id, languages=list(account.speaks)))
