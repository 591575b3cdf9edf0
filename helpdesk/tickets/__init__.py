"""The ticket: its life, its thread, its record.

Nouns: Ticket (traits: lifecycle, assigning, conversation, closing), Message, Mention, Attachment, Category, Tag,
CannedReply, Draft, ReadingMark, TicketRelation, CustomerLink, SearchDocument. Records `ticket.created assigned replied
noted commented transitioned resolved reopened closed reprioritised rated merged absorbed continued deleted restored
related unrelated`, `reply.held withdrawn`, `message.removed restored`; hears `ticket.created`.
Calls down: `sla` for the clocks, `agents` for the load.
Start reading at `lifecycle.py` (which moves there are), then `ticket.py`.
"""
