"""Notifications: everybody hears by mail and on the screen what concerns him, in his language, once.

Nouns: PreferenceTopic (the catalogue of who is told of what, and how), Audience (who that is), Preference with its
PreferenceTimes (what a user wants, and when), Announcement (of some events, to all of them), Notification (what one
user is told on the screen), Bell and NotificationGroup (how he sees it), Delivery (what is mailed to one recipient;
traits: sending, retrying), Suppression (an address that takes nothing), Batch (what leaves together), MailKind,
MailTemplate and its versions, MailSender (how a store signs), MailServer (its own one), Lane (one mail server and
what goes by it), Outgoing (a page of mails on their way), Letter, BatchLetter, MailPreference (unsubscribed by link),
Specimen and MailTest (trying a mail out), AccountMail (a link to set a password). Records `template.changed`,
`template.reset`, `sender.changed`, `server.changed`, `mail.failed` and `mail.retried`;
hears `ticket.created`, `ticket.assigned`, `ticket.replied`,
`ticket.noted`, `ticket.resolved`, `ticket.reopened`, `ticket.closed`, `ticket.woken`, `sla.warned critical breached`,
`escalation.raised`, `mail.failed`, `link.renewed`, `user.invited` and
`user.password_forgotten`. Start reading at `delivery.py`, then `preference_topic.py` and
`audience.py`; the screen begins at `notification.py`, how a mail leaves is in `lane.py` and `outgoing.py`, what it
says in `mail_template.py` and `written_mail.py`.
"""
