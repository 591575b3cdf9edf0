"""What makes a fresh installation worth looking at: demo accounts, a shop that embeds the form, the local mailbox.

Nouns: KeptMail (a mail of the local mailbox), ShopServer (the merchant's own server). The pages exist in demo mode
only; `load.py` makes a large organizer for measuring. Records no events and hears none. Start reading at `seed.py`,
then `views.py`.
"""
