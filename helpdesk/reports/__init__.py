"""Figures: health of the parts, counters for Prometheus, agents' performance.

Nouns: AgentCredit (what was counted for an agent on a ticket), Merit (what should be; pure), Recount (of tickets from
before), Scope (which figures a page shows), Performance, Figure, Chart, Sheet (pure). The sums are kept below, in
`agents` (AgentDay). Records `performance.corrected`; hears `ticket.replied`, `ticket.resolved`, `ticket.reopened`,
`ticket.rated`, `ticket.merged`, `ticket.deleted`, `ticket.restored`, `sla.met` and `sla.breached`.
Start reading at `agent_credit.py` and `merit.py` (what counts for whom), then `performance_views.py`.
"""
