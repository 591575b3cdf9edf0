"""Assignment: the right agent within a second, never above a cap, and it says why.

Nouns: Rule, Candidate (pure), Decision. Records `assignment.failed` (the ticket itself records
`ticket.assigned`); hears `ticket.created`, `ticket.reopened`, `ticket.restored`,
`ticket.regrouped`, `ticket.transitioned`. Start at `decision.py`.
"""
