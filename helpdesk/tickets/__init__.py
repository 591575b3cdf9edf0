"""The ticket: its life, its thread, its record.

Nouns: Ticket (traits: lifecycle, assigning, conversation, closing), Message, Attachment, Category, Tag,
CannedReply, Draft, ReadingMark, TicketRelation, CustomerLink, SearchDocument. Records `ticket.created assigned
replied noted commented transitioned resolved reopened closed reprioritised rated`; hears none.
Calls down: `sla` for the clocks, `agents` for the load.
Start reading at `lifecycle.py` (which moves there are), then `ticket.py`.
"""
