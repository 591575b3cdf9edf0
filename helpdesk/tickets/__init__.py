"""The ticket: its life, its thread, its record.

Nouns: Ticket (traits: lifecycle, assigning, conversation, closing, classifying), Message, Mention, Attachment, Upload,
Category with its tree, Tag, CannedReply and Macro (trait: sharing), CannedUse, Draft, ReadingMark, Follower, Snooze,
TicketRelation, CustomerLink, Sender, SearchDocument; TicketDeed (what bulk changes and macros are made of), BulkRun
with its BulkItems, Standing (how a ticket was before); of policies PolicyChoice, PolicyUse, Remeasuring. Records
`ticket.created assigned replied noted commented transitioned resolved reopened closed reprioritised recategorised
remeasured tagged rated merged absorbed continued deleted restored related unrelated regrouped snoozed
woken renamed`,
`reply.held withdrawn`,
`message.removed restored`, `customer.confirmed`, `link.renewed revoked`, and of the settings
`category.created changed moved archived restored`,
`tag.renamed merged archived restored`, `canned.created changed archived restored`,
`macro.created changed archived restored`; hears `ticket.created`,
`tag.renamed`, `tag.merged`, `customer.changed`, `policy.changed`,
`calendar.changed`.
Calls down: `sla` for the clocks, `agents` for the load.
Start reading at `lifecycle.py` (which moves there are), then `ticket.py`.
"""
