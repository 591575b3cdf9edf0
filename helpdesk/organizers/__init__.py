"""The tenants: an organizer runs support for one or more merchants, whose forms have public keys.

Nouns: Organizer, Merchant, FormKey (a form; trait: rotating), Site (where a form may stand). Records
`organizer.changed`, `merchant.created changed archived restored auto_reply_changed`,
`form.created changed archived restored key_rotated key_retired secret_rotated secret_retired`; hears none.
Start reading at `organizer.py`, then `form_key.py`.
"""
