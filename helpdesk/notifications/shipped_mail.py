"""The texts that every organizer has without any set-up."""

import re
from dataclasses import dataclass
from textwrap import dedent


@dataclass(frozen=True)
class ShippedMail:
    """One kind of mail in both languages."""

    kind: str
    subject_en: str
    subject_vi: str
    body_en: str
    body_vi: str


def _mail(kind: str, subject_en: str, subject_vi: str, body_en: str, body_vi: str) -> ShippedMail:
    return ShippedMail(kind, subject_en, subject_vi, _unwrapped(body_en), _unwrapped(body_vi))


def _unwrapped(body: str) -> str:
    """Paragraphs on one line each; they are wrapped here for whoever reads the code."""
    return re.sub(r"(?<!\n)\n(?!\n)", " ", dedent(body).strip())


SHIPPED = (
    # Goes to an address that nobody has verified: not one word of whoever filled in the form.
    _mail(
        "ticket.created.customer",
        "[{{ticket_number}}] We have received your request",
        "[{{ticket_number}}] Chúng tôi đã nhận được yêu cầu của bạn",
        """
        Hello,

        {{merchant_name}} has received your request. Its number is {{ticket_number}}.

        We will write to you at this address as soon as there is an answer. You can follow the request and add
        to it on its own page.

        If you did not send a request, you need not do anything.
        """,
        """
        Chào bạn,

        {{merchant_name}} đã nhận được yêu cầu của bạn. Mã yêu cầu là {{ticket_number}}.

        Chúng tôi sẽ gửi email cho bạn ngay khi có câu trả lời. Bạn có thể theo dõi và bổ sung thông tin trên
        trang của yêu cầu này.

        Nếu bạn không gửi yêu cầu nào, bạn không cần làm gì cả.
        """,
    ),
    _mail(
        "ticket.replied.customer",
        "[{{ticket_number}}] A reply to “{{ticket_subject}}”",
        "[{{ticket_number}}] Trả lời cho “{{ticket_subject}}”",
        """
        Hello,

        {{actor_name}} from {{merchant_name}} has replied to your request {{ticket_number}}:

        {{message_text}}

        To answer, open the page of your request.
        """,
        """
        Chào bạn,

        {{actor_name}} từ {{merchant_name}} đã trả lời yêu cầu {{ticket_number}} của bạn:

        {{message_text}}

        Để trả lời, hãy mở trang yêu cầu của bạn.
        """,
    ),
    _mail(
        "ticket.resolved.customer",
        "[{{ticket_number}}] Your request “{{ticket_subject}}” is resolved",
        "[{{ticket_number}}] Yêu cầu “{{ticket_subject}}” đã được giải quyết",
        """
        Hello,

        {{merchant_name}} has resolved your request {{ticket_number}}:

        {{resolution_note}}

        Did that help? Please tell us on the page of your request. If you still need help, you can say so there,
        and we will go on with it.

        If we hear nothing from you by {{auto_close_at}}, we will close the request.
        """,
        """
        Chào bạn,

        {{merchant_name}} đã giải quyết yêu cầu {{ticket_number}} của bạn:

        {{resolution_note}}

        Vấn đề của bạn đã được giải quyết chưa? Hãy cho chúng tôi biết trên trang yêu cầu của bạn. Nếu bạn vẫn
        cần hỗ trợ, bạn có thể báo tại đó và chúng tôi sẽ tiếp tục.

        Nếu bạn không trả lời trước {{auto_close_at}}, chúng tôi sẽ đóng yêu cầu.
        """,
    ),
    _mail(
        "ticket.closed.customer",
        "[{{ticket_number}}] Your request “{{ticket_subject}}” is closed",
        "[{{ticket_number}}] Yêu cầu “{{ticket_subject}}” đã được đóng",
        """
        Hello,

        Your request {{ticket_number}} to {{merchant_name}} is closed now. You can still read everything on its
        page, and we would be glad if you rated our support there.

        If you need help again, please send us a new request.
        """,
        """
        Chào bạn,

        Yêu cầu {{ticket_number}} của bạn gửi đến {{merchant_name}} đã được đóng. Bạn vẫn có thể xem lại toàn bộ
        trao đổi trên trang của yêu cầu, và chúng tôi rất mong nhận được đánh giá của bạn tại đó.

        Nếu bạn cần hỗ trợ thêm, hãy gửi cho chúng tôi một yêu cầu mới.
        """,
    ),
    _mail(
        "link.renewed.customer",
        "[{{ticket_number}}] A new link to your request",
        "[{{ticket_number}}] Liên kết mới đến yêu cầu của bạn",
        """
        Hello,

        Here is the link to your request {{ticket_number}} to {{merchant_name}}. Use this one: older links may
        not work any more.

        If you did not ask for it, you need not do anything.
        """,
        """
        Chào bạn,

        Đây là liên kết đến yêu cầu {{ticket_number}} mà bạn đã gửi cho {{merchant_name}}. Hãy dùng liên kết này,
        vì các liên kết cũ có thể không còn dùng được.

        Nếu bạn không yêu cầu liên kết này, bạn không cần làm gì cả.
        """,
    ),
    _mail(
        "ticket.assigned.user",
        "[{{ticket_number}}] Assigned to you: {{ticket_subject}}",
        "[{{ticket_number}}] Đã giao cho bạn: {{ticket_subject}}",
        """
        The ticket {{ticket_number}} of {{customer_name}} ({{merchant_name}}) is yours now.

        Priority: {{priority}}

        Assigned by: {{actor_name}}
        """,
        """
        Phiếu {{ticket_number}} của {{customer_name}} ({{merchant_name}}) đã được giao cho bạn.

        Mức độ ưu tiên: {{priority}}

        Người giao: {{actor_name}}
        """,
    ),
    _mail(
        "ticket.replied.user",
        "[{{ticket_number}}] {{customer_name}} replied: {{ticket_subject}}",
        "[{{ticket_number}}] {{customer_name}} đã trả lời: {{ticket_subject}}",
        """
        {{customer_name}} has replied to the ticket {{ticket_number}} ({{merchant_name}}):

        {{message_text}}
        """,
        """
        {{customer_name}} đã trả lời phiếu {{ticket_number}} ({{merchant_name}}):

        {{message_text}}
        """,
    ),
    _mail(
        "ticket.noted.user",
        "[{{ticket_number}}] {{actor_name}} mentioned you: {{ticket_subject}}",
        "[{{ticket_number}}] {{actor_name}} đã nhắc đến bạn: {{ticket_subject}}",
        """
        {{actor_name}} has mentioned you in an internal note on the ticket {{ticket_number}} ({{merchant_name}}).

        Notes are read at the desk only; open the ticket to see it.
        """,
        """
        {{actor_name}} đã nhắc đến bạn trong một ghi chú nội bộ của phiếu {{ticket_number}} ({{merchant_name}}).

        Ghi chú nội bộ chỉ xem được trong hệ thống; hãy mở phiếu để đọc.
        """,
    ),
    _mail(
        "ticket.reopened.user",
        "[{{ticket_number}}] Reopened: {{ticket_subject}}",
        "[{{ticket_number}}] Đã mở lại: {{ticket_subject}}",
        """
        {{actor_name}} has reopened the ticket {{ticket_number}} ({{merchant_name}}). It is with you again.
        """,
        """
        {{actor_name}} đã mở lại phiếu {{ticket_number}} ({{merchant_name}}). Phiếu lại do bạn phụ trách.
        """,
    ),
    _mail(
        "escalation.raised.user",
        "[{{ticket_number}}] Escalation, level {{escalation_level}}: {{ticket_subject}}",
        "[{{ticket_number}}] Chuyển cấp trên, cấp {{escalation_level}}: {{ticket_subject}}",
        """
        The ticket {{ticket_number}} of {{customer_name}} ({{merchant_name}}) needs attention, level
        {{escalation_level}}.

        Why: {{escalation_trigger}}

        {{escalation_reason}}

        Priority: {{priority}}

        Raised by: {{actor_name}}

        Please look at it and acknowledge the escalation on its page.
        """,
        """
        Phiếu {{ticket_number}} của {{customer_name}} ({{merchant_name}}) cần được chú ý, cấp {{escalation_level}}.

        Lý do: {{escalation_trigger}}

        {{escalation_reason}}

        Mức độ ưu tiên: {{priority}}

        Người chuyển: {{actor_name}}

        Hãy xem và xác nhận trên trang của phiếu.
        """,
    ),
    _mail(
        "ticket.created.user",
        "[{{ticket_number}}] New for your team: {{ticket_subject}}",
        "[{{ticket_number}}] Phiếu mới cho nhóm của bạn: {{ticket_subject}}",
        "{{customer_name}} sent the ticket {{ticket_number}}; nobody has it yet.\n\nPriority: {{priority}}",
        "{{customer_name}} đã gửi phiếu {{ticket_number}}; chưa ai phụ trách.\n\nMức độ ưu tiên: {{priority}}",
    ),
    _mail(
        "sla.warned.user",
        "[{{ticket_number}}] A deadline comes near: {{ticket_subject}}",
        "[{{ticket_number}}] Sắp đến hạn: {{ticket_subject}}",
        "A deadline of the ticket {{ticket_number}} of {{customer_name}} comes near.\n\n{{sla_clock}}: {{due_at}}",
        "Phiếu {{ticket_number}} của {{customer_name}} sắp đến hạn.\n\n{{sla_clock}}: {{due_at}}",
    ),
    _mail(
        "sla.critical.user",
        "[{{ticket_number}}] A deadline is very near: {{ticket_subject}}",
        "[{{ticket_number}}] Rất gần đến hạn: {{ticket_subject}}",
        "A deadline of the ticket {{ticket_number}} of {{customer_name}} is very near.\n\n{{sla_clock}}: {{due_at}}",
        "Phiếu {{ticket_number}} của {{customer_name}} đã rất gần đến hạn.\n\n{{sla_clock}}: {{due_at}}",
    ),
    _mail(
        "sla.breached.user",
        "[{{ticket_number}}] A deadline was missed: {{ticket_subject}}",
        "[{{ticket_number}}] Đã quá hạn: {{ticket_subject}}",
        "A deadline of the ticket {{ticket_number}} of {{customer_name}} was missed.\n\n{{sla_clock}}: {{due_at}}",
        "Phiếu {{ticket_number}} của {{customer_name}} đã quá hạn.\n\n{{sla_clock}}: {{due_at}}",
    ),
    _mail(
        "batch.customer",
        "[{{ticket_number}}] News about your request",
        "[{{ticket_number}}] Tin mới về yêu cầu của bạn",
        "Hello,\n\nthere is news from {{merchant_name}}:\n\n{{news}}\n\nTo answer, open the page of your request.",
        "Chào bạn,\n\n{{merchant_name}} có tin mới cho bạn:\n\n{{news}}\n\nĐể trả lời, hãy mở trang yêu cầu của bạn.",
    ),
    _mail(
        "batch.user",
        "[{{ticket_number}}] What happened on your tickets",
        "[{{ticket_number}}] Diễn biến trên các phiếu của bạn",
        "This is what happened meanwhile:\n\n{{news}}",
        "Trong thời gian qua:\n\n{{news}}",
    ),
)
