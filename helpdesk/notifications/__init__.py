"""Notifications: everybody hears by mail what concerns him, in his language, once.

Nouns: Delivery (one mail to one recipient about one event; trait: sending), Audience (who hears of an event, and
why), MailKind (the catalogue), MailTemplate, Letter, MailPreference. Records nothing; hears `ticket.created`,
`ticket.assigned`, `ticket.replied`, `ticket.noted`, `ticket.resolved`, `ticket.reopened`, `ticket.closed`,
`escalation.raised` and `link.renewed`. Start reading at `delivery.py`, then `audience.py`.
"""
