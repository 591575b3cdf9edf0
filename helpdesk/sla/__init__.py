"""Service levels: calendars and policies in versions, one tracker per ticket with its clocks.

Nouns: Calendar, Policy, their versions, Demand (what a version asks for), Tracker, Clock, Effects (what another
version would come to). Time is counted by the calculator in `core/hours.py`. Records `sla.warned`, `sla.critical`,
`sla.breached`, `sla.met`, and of the settings `policy.created changed archived restored defaulted`,
`calendar.created changed archived restored`; hears none.
Start reading at `clock.py`: a clock is a stored next instant.
"""
