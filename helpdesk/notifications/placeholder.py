"""The placeholders: what templates may say, what each stands for, and what is put in to try one out."""

from dataclasses import dataclass
from typing import Any

from helpdesk.core.i18n import lazy
from helpdesk.notifications.mail_kind import MailKind


@dataclass(frozen=True)
class Placeholder:
    """A name between two pairs of braces. `sample` is {en, vi}: what somebody might have written."""

    name: str
    meaning: Any
    sample_en: str
    sample_vi: str

    @property
    def mark(self) -> str:
        """As it stands in a text."""
        return f"{{{{{self.name}}}}}"

    def sample(self, language: str) -> str:
        """What it becomes where there is no ticket."""
        return self.sample_vi if language == "vi" else self.sample_en


def _all(*every: Placeholder) -> dict[str, Placeholder]:
    return {one.name: one for one in every}


PLACEHOLDERS: dict[str, Placeholder] = _all(
    Placeholder("ticket_number", lazy("The number of the ticket"), "SHOP-1042", "SHOP-1042"),
    Placeholder(
        "ticket_subject", lazy("The subject of the ticket"),
        "The lamp came with a broken shade", "Đèn giao đến bị vỡ chụp",
    ),
    Placeholder("merchant_name", lazy("The store's name"), "Lantern & Oak", "Lantern & Oak"),
    Placeholder("customer_name", lazy("The customer's name"), "Bình Nguyễn", "Bình Nguyễn"),
    Placeholder("actor_name", lazy("The name of who did it"), "Lan Trần", "Lan Trần"),
    Placeholder("priority", lazy("The priority of the ticket"), "High", "Cao"),
    Placeholder(
        "auto_close_at", lazy("When the ticket closes by itself"),
        "5 November 2026, 16:07 (UTC)", "16:07 ngày 05/11/2026 (UTC)",
    ),
    Placeholder(
        "resolution_note", lazy("The note with which the ticket was resolved"),
        "A new shade left our store today. You do **not** have to send the old one back.",
        "Hôm nay chúng tôi đã gửi chụp đèn mới. Bạn **không** cần gửi lại chiếc cũ.",
    ),
    Placeholder(
        "message_text", lazy("What was written, as a block of its own"),
        "I am sorry about that! We can\n\n- send a new shade, or\n- take the lamp back.\n\nWhich do you prefer?",
        "Rất xin lỗi bạn! Chúng tôi có thể\n\n- gửi chụp đèn mới, hoặc\n- nhận lại chiếc đèn.\n\nBạn muốn cách nào?",
    ),
    Placeholder("escalation_level", lazy("The level of the escalation"), "2", "2"),
    Placeholder("escalation_trigger", lazy("What raised the escalation"), "A deadline was missed", "Đã quá hạn"),
    Placeholder(
        "escalation_reason", lazy("What was given as the reason, if anything was"),
        "The customer has called twice.", "Khách hàng đã gọi hai lần.",
    ),
    Placeholder("sla_clock", lazy("Which deadline it is about"), "First response", "Phản hồi đầu tiên"),
    Placeholder(
        "due_at", lazy("Until when something was promised"),
        "5 November 2026, 16:07 (UTC)", "16:07 ngày 05/11/2026 (UTC)",
    ),
    Placeholder(
        "news", lazy("What was gathered: a part for each ticket, as a block of its own"),
        "**SHOP-1042** · The lamp came with a broken shade\n\nLan Trần replied:\n\n> A new one left our store today.",
        "**SHOP-1042** · Đèn giao đến bị vỡ chụp\n\nLan Trần đã trả lời:\n\n> Hôm nay chúng tôi đã gửi chiếc mới.",
    ),
)  # fmt: skip


def offered(kind: MailKind) -> list[Placeholder]:
    """What the templates of a kind can say, in the order of the list."""
    return [one for name, one in PLACEHOLDERS.items() if name in kind.placeholders]
