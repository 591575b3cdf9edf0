"""Where the settings show what events are about, as far as it is still there."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import literal, select, union_all

from helpdesk.accounts.user import User
from helpdesk.agents.agent import Agent
from helpdesk.agents.group import Group
from helpdesk.agents.skill import Skill
from helpdesk.assignment.rule import Rule
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.notifications.mail_kind import KINDS as MAILS
from helpdesk.organizers.form_key import FormKey
from helpdesk.organizers.merchant import Merchant
from helpdesk.sla.calendar import Calendar
from helpdesk.sla.policy import Policy
from helpdesk.tickets.canned_reply import CannedReply
from helpdesk.tickets.category import Category
from helpdesk.tickets.macro import Macro
from helpdesk.tickets.tag import Tag


class Place(NamedTuple):
    """Of a kind of thing: what is asked for its id, what events call that id, and the address of its page."""

    id: Any
    key: str
    path: str
    there: tuple[Any, ...] = ()  # what holds of those that have a page


_STORE = (Merchant.deleted_at.is_(None),)
_FORM = FormKey.merchant_id.in_(select(Merchant.id).where(*_STORE))
PLACES = {  # the first word of an event's name →
    "merchant": Place(Merchant.id, "merchant", "/settings/merchants/{merchant}", _STORE),
    "form": Place(FormKey.id, "form", "/settings/merchants/{merchant}/forms/{form}", (_FORM,)),
    "sender": Place(Merchant.id, "merchant", "/settings/templates/sender/{merchant}", _STORE),
    "server": Place(Merchant.id, "merchant", "/settings/templates/sender/{merchant}", _STORE),
    "agent": Place(Agent.user_id, "user", "/settings/agents/{user}", (Agent.relieved_at.is_(None),)),
    "user": Place(User.id, "user", "/settings/users/{user}"),
    "group": Place(Group.id, "group", "/settings/groups/{group}"),
    "skill": Place(Skill.id, "skill", "/settings/skills/{skill}"),
    "category": Place(Category.id, "category", "/settings/categories/{category}"),
    "tag": Place(Tag.id, "tag", "/settings/tags/{tag}", (Tag.merged_into_id.is_(None),)),
    "calendar": Place(Calendar.id, "calendar", "/settings/calendars/{calendar}"),
    "policy": Place(Policy.id, "policy", "/settings/policies/{policy}"),
    "ladder": Place(Policy.id, "policy", "/settings/policies/{policy}/ladder", (Policy.deleted_at.is_(None),)),
    "rule": Place(Rule.id, "rule", "/settings/rules/{rule}"),
    "canned": Place(CannedReply.id, "canned", "/settings/canned/{canned}"),
    "macro": Place(Macro.id, "macro", "/settings/macros/{macro}"),
}  # fmt: skip


@dataclass(frozen=True)
class Whereabouts:
    """Of what the events of one page are about; asked for in one question."""

    known: frozenset[tuple[str, int]]  # word and id

    @classmethod
    def of(cls, events: Iterable[Event]) -> "Whereabouts":
        """What of it is still there."""
        asked: dict[str, set[int]] = defaultdict(set)
        for event in events:
            word, id_ = _about(event)
            if id_ is not None:
                asked[word].add(id_)
        parts = [
            select(literal(word), PLACES[word].id).where(PLACES[word].id.in_(ids), *PLACES[word].there)
            for word, ids in asked.items()
        ]
        found = db.session.execute(union_all(*parts)).all() if parts else ()
        return cls(frozenset((word, id_) for word, id_ in found))

    def url(self, event: Event) -> str:
        """The address of the page of what an event is about; empty where there is none, or none any more."""
        word, id_ = _about(event)
        if word == "template":
            kind = event.data.get("kind")
            return f"/settings/templates/{kind}" if kind in MAILS else ""
        if word == "ladder" and event.data.get("policy") is None:
            return "/settings/ladder"
        return PLACES[word].path.format(**event.data) if (word, id_) in self.known else ""


def _about(event: Event) -> tuple[str, int | None]:
    word = event.name.partition(".")[0]
    id_ = event.data.get(PLACES[word].key) if word in PLACES else None
    return word, id_ if isinstance(id_, int) else None
