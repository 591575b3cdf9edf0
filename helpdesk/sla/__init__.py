"""Service levels: business-time arithmetic, policies in versions, one tracker per ticket with its clocks.

Nouns: Hours (pure), Calendar, Policy, their versions, Tracker, Clock, Effects (pure). Records `sla.warned`, `sla.critical`,
`sla.breached`, `sla.met`; hears none. Start reading at `clock.py`: a clock is a stored next instant.
"""
