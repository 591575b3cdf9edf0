"""The ticket: its life, its thread, its record.

Nouns: Ticket (traits: lifecycle, assigning, conversation, closing, classifying), Message, Attachment, Category with
its tree, Tag, CannedReply, Draft, ReadingMark, TicketRelation, CustomerLink. Records `ticket.created assigned replied
noted commented transitioned resolved reopened closed reprioritised recategorised tagged rated`, and of the settings
`category.created changed moved archived restored`, `tag.renamed merged archived restored`,
`canned.created changed archived restored`; hears none.
Calls down: `sla` for the clocks, `agents` for the load.
Start reading at `lifecycle.py` (which moves there are), then `ticket.py`.
"""
