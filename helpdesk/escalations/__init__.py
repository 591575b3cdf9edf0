"""Escalations: a ticket needs more people to know of it. The ladder climbs until somebody acknowledges.

Nouns: Escalation (traits: raising, climbing), LadderStep, Ladder (what managers edit), Incident. Records
`escalation.planned raised acknowledged ended` and `ladder.changed`; hears `sla.breached`, `assignment.failed`,
`customer.changed confirmed` and `ticket.created assigned reprioritised recategorised resolved closed merged deleted`.
Start reading at `escalation.py`, then `ladder_step.py`.
"""
