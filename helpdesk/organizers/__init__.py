"""The tenants: an organizer runs support for one or more merchants, whose forms have public keys.

Nouns: Organizer, Merchant, FormKey. Records `organizer.changed`, hears none.
Start reading at `organizer.py`.
"""
