"""People: users who sign in, customers who do not, and the sessions of the former.

Nouns: User, Membership, Customer, UserSession. Records `customer.changed` and `user.changed`, hears none.
Start reading at `user.py`, then `user_session.py` (signing in and out) and `roles.py` (who may come in).
"""
