"""Assignment: the right agent within a second, never above a cap, and it says why.

Nouns: Rule with its Conditions, Facts (what they look at), Staff, Candidate and Strategy (pure), Trial (the rules tried
on a ticket), Decision (kept), Backlog, LoadCheck, Reasons; for the settings RuleChoices and RuleWords (what a rule can
name, and what it says), Hits and DryRun. Records `assignment.failed`, `agent.load_corrected` and
`rule.created changed archived restored` (the ticket itself records `ticket.assigned`).
Hears what makes a ticket wait: `ticket.created reopened restored regrouped transitioned`; what makes room, or makes it
look different to the rules: `ticket.resolved closed merged deleted assigned recategorised reprioritised tagged`; and
what makes somebody able to take one: `agent.availability_changed changed load_corrected stayed_away`,
`group.changed created restored`, `rule.changed created restored`. Start at `decision.py`.
"""
