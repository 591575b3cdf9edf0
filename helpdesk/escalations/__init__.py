"""Escalations: a ticket needs more people to know of it. The ladder climbs until somebody acknowledges.

Nouns: Escalation, LadderStep. Records `escalation.raised`, `escalation.acknowledged`; hears `sla.breached`,
`assignment.failed`, `ticket.merged` and `ticket.deleted`. Start reading at `escalation.py`.
"""
