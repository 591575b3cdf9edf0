"""The rules tried on a ticket: what the worker does, and what a dry run shows. Changes nothing."""

from dataclasses import dataclass, field
from typing import Any

from helpdesk.assignment.candidate import Candidate
from helpdesk.assignment.facts import Facts
from helpdesk.assignment.rule import Rule
from helpdesk.assignment.staff import Staff


@dataclass
class Trial:
    """The first rule that fits and has an eligible agent, whom it could choose, and why the rules before it did not.

    Where none has one, `rule` is the last that fits (None: none does), and nobody is eligible.
    """

    rule: Rule | None = None
    best: Candidate | None = None  # who gets it
    candidates: list[Candidate] = field(default_factory=list)
    passes: list[dict[str, Any]] = field(
        default_factory=list
    )  # {"rule": id, "called": {en, vi}, "why": code, "kept": [candidate]}
    in_doubt: int | None = (
        None  # the agent on whom it hangs, and to whom another worker gives a ticket just now
    )
    looks: dict[int, list[Candidate]] = field(default_factory=dict)  # rule → whom it saw; not kept

    @classmethod
    def of(cls, facts: Facts, rules: list[Rule], staff: Staff | None = None) -> "Trial":
        """Try rules in their order."""
        trial, staff = cls(), staff or Staff(facts)
        for rule in rules:
            why = rule.failing(facts)
            if why is None:
                trial.rule, trial.candidates = rule, staff.for_rule(rule)
                trial.looks[rule.id] = trial.candidates
                trial.best = next(iter(rule.way.order(trial.candidates)), None)
                if trial.best:
                    return trial
                why = "nobody"
            seen = [one.as_kept() for one in trial.looks.get(rule.id, ())]
            trial.passes.append({"rule": rule.id, "called": rule.names, "why": why, "kept": seen})
        return trial
