"""Notifications: everybody hears by mail what concerns him, in his language, once.

Nouns: Delivery (one mail to one recipient about one event; trait: sending), Audience (who hears of an event, and
why), MailKind (the catalogue), MailTemplate and its versions, MailSender (how a store signs), Letter, MailPreference,
Specimen and MailTest (trying a mail out). Records `template.changed`, `template.reset` and `sender.changed`; hears
`ticket.created`, `ticket.assigned`, `ticket.replied`, `ticket.noted`, `ticket.resolved`, `ticket.reopened`,
`ticket.closed`, `escalation.raised` and `link.renewed`. Start reading at `delivery.py`, then `audience.py`; what a
mail says begins at `mail_template.py` and `written_mail.py`.
"""
