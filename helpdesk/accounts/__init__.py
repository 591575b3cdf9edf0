"""People: users who sign in, customers who do not, and the sessions of the former.

Nouns: User, Employment (what managers and admins do with one), Membership, Customer, UserSession, Device
(what a session says of its browser), AccountLink (sets a password by mail), Password (what is good enough),
SecondFactor and Totp (its codes). Records `customer.changed` and `user.changed invited withdrawn joined deactivated
reactivated password_forgotten password_changed signed_out factor_set factor_removed factor_reset`, hears none.
Start reading at `user.py` and `employment.py`, then `user_session.py` (signing in and out) and `roles.py` (who may
come in).
"""
