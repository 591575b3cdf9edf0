"""The agents' live desk: the queue with its views, and the ticket's page with everything about it.

Nouns: View, Filters, Listing, SavedView and its Place, Presence, TicketPage, Search, Hit, Record, Change, Shortcut,
Command, SettingHit. Records `view.created changed archived restored`; hears `ticket.* message.* reply.* sla.*
escalation.* mail.* view.* customer.confirmed` and shows them to who looks.
Start reading at `queries.py` (what a view holds), then `listing_views.py`.
"""
