"""The agents' live desk: the queue with its views, and the ticket's page with everything about it.

Nouns: View, Filters, Presence, TicketPage, Search, Hit, Record, Change, Shortcut, Command,
SettingHit. Records no events; hears
`ticket.* message.* reply.* sla.* escalation.* mail.*` and shows them to who looks.
Start reading at `queries.py` (what a view holds), then `views.py`.
"""
