"""Assignment: the right agent within a second, never above a cap, and it says why.

Nouns: Rule with its Conditions, Facts (what they look at), Staff, Candidate and Strategy (pure), Trial (the rules tried
on a ticket), Decision (kept), Backlog, LoadCheck, Reasons; for the settings RuleChoices and RuleWords (what a rule can
name, and what it says), Hits and DryRun. Records `assignment.failed`, `agent.load_corrected` and
`rule.created changed archived restored` (the ticket itself records `ticket.assigned`); hears what makes a ticket wait
(`ticket.created` and so on), and what makes somebody able to take one (`agent.availability_changed`, `ticket.resolved`
and so on). Start at `decision.py`.
"""
