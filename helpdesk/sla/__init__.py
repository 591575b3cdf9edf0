"""Service levels: business-time arithmetic, policies in versions, one tracker per ticket with its clocks.

Nouns: Hours (pure), Calendar, CalendarVersion, Policy, PolicyVersion, Tracker, Clock. Records `sla.warned`,
`sla.critical`, `sla.breached`, `sla.met`, `calendar.created`, `calendar.changed`, `calendar.archived`,
`calendar.restored`; hears none. Start reading at `clock.py`: a clock is a stored next instant.
"""
