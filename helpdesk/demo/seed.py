"""The demo organizers: accounts, forms and settings, no tickets. The first request of a visitor becomes ACME-1."""

from dataclasses import dataclass

from sqlalchemy import select

from helpdesk.accounts.user import User
from helpdesk.agents.agent import Agent
from helpdesk.agents.agent_skill import AgentSkill
from helpdesk.agents.group import Group, GroupMember
from helpdesk.agents.skill import Skill
from helpdesk.assignment.rule import Rule
from helpdesk.core.db import db, transaction
from helpdesk.core.tenancy import inside
from helpdesk.organizers.form_key import FormKey
from helpdesk.organizers.merchant import Merchant
from helpdesk.organizers.organizer import Organizer
from helpdesk.sla.calendar import Calendar
from helpdesk.tickets.canned_reply import CannedReply
from helpdesk.tickets.category import Category
from helpdesk.tickets.tag import Tag

PASSWORD = "demo-helpdesk"  # noqa: S105 - public by purpose
MAIL_WINDOW_SECONDS = 3  # who tries it waits for the mail


@dataclass(frozen=True)
class Account:
    """Somebody who can sign in to the demo; `speaks` makes him an agent, always on shift."""

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
    takes_plain: bool = False  # a form of its own making, too


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
    Shop("Beta Home", "BETA", "demo-beta", "#7a3b9e", "vi", takes_plain=True),
)
GLOBEX_SHOPS = (Shop("Globex", "GLOB", "demo-globex", "#b5482a"),)
CATEGORIES = (
    ("Delivery", "Giao hàng"),
    ("Payment and invoices", "Thanh toán và hóa đơn"),
    ("Returns and exchanges", "Đổi trả hàng"),
    ("Product question", "Câu hỏi về sản phẩm"),
    ("Something else", "Chuyện khác"),
)


BELOW_DELIVERY = (
    ("Late", "Giao trễ", "HIGH"),
    ("Damaged", "Hàng bị hỏng", None),
    ("Wrong address", "Sai địa chỉ", None),
)
OFFICE = [["08:00", "12:00"], ["13:00", "17:30"]]
CALENDAR = {
    "name_en": "Business hours", "name_vi": "Giờ làm việc", "zone": "Asia/Ho_Chi_Minh", "country": "VN",
    "subdivision": None, "closures": [], "schedule": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), OFFICE),
}  # fmt: skip
GROUPS = (
    ("Delivery team", "Nhóm giao hàng", ("gus@acme.example", "linh@acme.example")),
    ("Vietnamese desk", "Nhóm tiếng Việt", ("linh@acme.example",)),
)
SKILLS = (  # name in both languages, and who has it at which level
    ("Repairs", "Sửa chữa", {"gus@acme.example": 4, "linh@acme.example": 2}),
    ("Invoices", "Hóa đơn", {"linh@acme.example": 5}),
    ("Carriers", "Đơn vị vận chuyển", {"gus@acme.example": 3, "linh@acme.example": 3}),
)
TAGS = ("gift", "vip", "quà-tặng", "warranty", "bảo-hành")
CANNED = (  # shortcut, name and text in both languages; the last is a group's, the others are everybody's
    (
        "hello", "First answer", "Câu trả lời đầu tiên",
        "Hello {{customer_name}},\n\nthank you for writing to {{merchant_name}}. We are looking into {{ticket_number}} "
        "and will be back today.\n\n{{agent_name}}",
        "Chào {{customer_name}},\n\ncảm ơn bạn đã liên hệ {{merchant_name}}. Chúng tôi đang kiểm tra yêu cầu "
        "{{ticket_number}} và sẽ trả lời bạn trong hôm nay.\n\n{{agent_name}}",
    ),
    (
        "photo", "Ask for a photo", "Xin ảnh sản phẩm",
        "Could you send us a photo of the item from order {{order_id}}? It helps us to find out what went wrong.",
        "Bạn gửi giúp chúng tôi ảnh sản phẩm của đơn hàng {{order_id}} nhé? Ảnh giúp chúng tôi tìm ra nguyên nhân.",
    ),
    (
        "late", "The parcel is late", "Đơn hàng giao trễ",
        "We are sorry that order {{order_id}} is late. The carrier promised us to deliver it within two days.",
        "Rất tiếc đơn hàng {{order_id}} bị giao trễ. Đơn vị vận chuyển hứa sẽ giao trong vòng hai ngày.",
    ),
)  # fmt: skip


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
        organizer = Organizer(name=name, slug=slug, mail_window_seconds=MAIL_WINDOW_SECONDS)
        db.session.add(organizer)
        db.session.flush()
        with inside(organizer.id):
            merchants = [_open(shop) for shop in shops]
            for account in accounts:
                _hire(account, merchants)
            for position, (en, vi) in enumerate(CATEGORIES):
                db.session.add(Category(name_en=en, name_vi=vi, position=position))
            if slug == "acme":
                _classify()
                _train()
                mai = db.session.scalars(select(User).where(User.email == ACME[1].email)).one()
                Calendar.create(CALENDAR, by=mai)
                _rule(mai)


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
    form = FormKey(
        key=shop.key, merchant=merchant, secret=secret, allowed_origins=[], takes_plain=shop.takes_plain
    )
    db.session.add(form)
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


def _classify() -> None:
    """A small tree with a default priority, teams, tags, and texts that everybody can use."""
    delivery = db.session.scalars(select(Category).where(Category.name_en == CATEGORIES[0][0])).one()
    teams = [_team(*team) for team in GROUPS]
    delivery.group_id = teams[0].id
    delivery.incident_tickets, delivery.incident_minutes = 5, 30
    for position, (en, vi, priority) in enumerate(BELOW_DELIVERY):
        row = Category(
            name_en=en, name_vi=vi, parent_id=delivery.id, position=position, default_priority=priority
        )
        db.session.add(row)
    db.session.add_all(Tag(name=name) for name in TAGS)
    for place, (shortcut, *texts) in enumerate(CANNED):
        name_en, name_vi, body_en, body_vi = texts
        group_id = teams[0].id if place == len(CANNED) - 1 else None
        db.session.add(CannedReply(
            shortcut=shortcut, name_en=name_en, name_vi=name_vi, body_en=body_en, body_vi=body_vi, group_id=group_id,
        ))  # fmt: skip


def _train() -> None:
    """Skills with their levels; and the two agents stand in for each other."""
    agents = {agent.user.email: agent for agent in db.session.scalars(select(Agent).order_by(Agent.user_id))}
    levels: dict[str, dict[int, int]] = {email: {} for email in agents}
    for name_en, name_vi, held in SKILLS:
        skill = Skill(name_en=name_en, name_vi=name_vi)
        db.session.add(skill)
        db.session.flush()
        for email, level in held.items():
            levels[email][skill.id] = level
    for email, own in levels.items():
        AgentSkill.set(agents[email].user_id, own)
    first, second = agents.values()
    first.substitute_id, second.substitute_id = second.user_id, first.user_id


def _rule(mai: User) -> None:
    """Rules of their own. Whom they do not find, the shipped rule does, at any hour.

    The first shop's tickets go to anybody: who tries the demo out signs in as whoever he likes.
    """
    desk = db.session.scalars(select(Group).where(Group.name_en == GROUPS[1][0])).one()
    beta = db.session.scalars(select(Merchant).where(Merchant.prefix == ACME_SHOPS[1].prefix)).one()
    wanted = {"group": desk.id, "language": True, "category_skills": True}
    common = {"merchant_id": None, "candidates": {"category_skills": True}}
    Rule.create(common | {
        "name_en": "VIP customers", "name_vi": "Khách VIP", "conditions": {"vip": True}, "strategy": "best_record",
    }, by=mai)  # fmt: skip
    Rule.create(common | {
        "name_en": "Vietnamese tickets", "name_vi": "Phiếu tiếng Việt", "merchant_id": beta.id,
        "conditions": {"languages": ["vi"]}, "candidates": wanted, "strategy": "load_balanced",
    }, by=mai)  # fmt: skip


def _team(name_en: str, name_vi: str, emails: tuple[str, ...]) -> Group:
    people = db.session.scalars(select(User).where(User.email.in_(emails)).order_by(User.id)).all()
    group = Group(name_en=name_en, name_vi=name_vi, lead_id=people[0].id)
    db.session.add(group)
    db.session.flush()
    db.session.add_all(GroupMember(group_id=group.id, user_id=user.id) for user in people)
    return group
