"""The building's services: transactions, tenancy, access, events, jobs, live pages, mail, storage, time, languages.

Knows no word of the desk (no ticket, no agent, no SLA). Start reading at `db.py` (the request is the
transaction), then `events.py` (what happened is written down, everything outside starts from it) and
`tenancy.py` (a query without a tenant is refused).
"""
