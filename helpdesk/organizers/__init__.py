"""The tenants: an organizer runs support for one or more merchants, whose forms have public keys.

Nouns: Organizer, Merchant, FormKey. Records `organizer.changed merchant.auto_reply_changed`, hears none.
Start reading at `organizer.py`.
"""
