"""A rule in words, in the reader's language: for the list, for conflicts and for what is wrong with it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from babel.dates import get_day_names
from babel.lists import format_list
from babel.numbers import format_decimal

from helpdesk.assignment.reasons import LANGUAGE_NAMES
from helpdesk.assignment.rule_choices import RuleChoices
from helpdesk.assignment.strategy import STRATEGIES
from helpdesk.core.i18n import _, language, lazy
from helpdesk.core.week import DAYS
from helpdesk.tickets.lifecycle import PRIORITY_LABELS, Priority

SOURCES = {
    "form": lazy("Web form"), "agent": lazy("Written down by an agent"), "portal": lazy("Continues a closed ticket"),
}  # fmt: skip
WHOLE_DAY = ("00:00", "24:00")


def some_of(words: Iterable[object]) -> str:
    """`Delivery, Payment or Returns`."""
    return format_list([str(word) for word in words], style="or", locale=language())


def all_of(words: Iterable[object]) -> str:
    """`Delivery, Payment and Returns`."""
    return format_list([str(word) for word in words], locale=language())


def amount(value: str | None) -> str:
    """An amount as it is written in the reader's language; empty for none."""
    return str(format_decimal(Decimal(value), locale=language())) if value else ""


@dataclass(frozen=True)
class RuleWords:
    """`values` are those of a `Rule`."""

    values: dict[str, Any]
    choices: RuleChoices

    @property
    def conditions(self) -> dict[str, Any]:
        """What it keeps."""
        return self.values["conditions"] or {}

    @property
    def who(self) -> dict[str, Any]:
        """Whom it is about, as it keeps it."""
        return self.values["candidates"] or {}

    @property
    def sentence(self) -> str:
        """Which tickets it takes, whom it is about, and how it chooses."""
        clauses, way = list(self._clauses()), STRATEGIES[self.values["strategy"]].sentence
        if not clauses:
            return _("Every ticket goes to %(people)s. %(way)s", people=self.people, way=way)
        return _(
            "If %(conditions)s, it goes to %(people)s. %(way)s",
            conditions=all_of(clauses), people=self.people, way=way,
        )  # fmt: skip

    def _clauses(self) -> Iterator[str]:
        kept = self.conditions
        if self.values["merchant_id"]:
            yield _("the store is %(name)s", name=self.store)
        if kept.get("categories"):
            yield _("the category is %(names)s or below it", names=some_of(self.categories))
        if kept.get("priorities"):
            yield _("the priority is %(names)s", names=some_of(self.priorities))
        if kept.get("languages"):
            yield _("the language is %(names)s", names=some_of(self.languages))
        if kept.get("tags"):
            yield _("it has the tag %(names)s", names=some_of(self.tags))
        if kept.get("sources"):
            yield _("it came by “%(names)s”", names=some_of(self.sources))
        if kept.get("vip"):
            yield _("the customer is a VIP")
        if kept.get("amount_from"):
            yield _("the order is %(amount)s or more", amount=amount(kept["amount_from"]))
        if kept.get("amount_to"):
            yield _("the order is %(amount)s or less", amount=amount(kept["amount_to"]))
        if kept.get("time"):
            yield self.time

    @property
    def store(self) -> str:
        """Whose it is; empty for everybody's."""
        merchant_id = self.values["merchant_id"]
        row = self.choices.all_merchants.get(merchant_id) if merchant_id else None
        return row.name if row else "?" if merchant_id else ""

    @property
    def categories(self) -> list[str]:
        """Names of its categories, from the root on."""
        tree, known = self.choices.tree, self.choices.tree.by_id
        lines = [
            tree.line(known[id_]) if id_ in known else () for id_ in self.conditions.get("categories") or ()
        ]
        return [" › ".join(one.name for one in line) or "?" for line in lines]

    @property
    def priorities(self) -> list[str]:
        """Names of its priorities, the least first."""
        return [
            str(PRIORITY_LABELS[one]) for one in Priority if one in (self.conditions.get("priorities") or ())
        ]

    @property
    def languages(self) -> list[str]:
        """Names of its languages."""
        return [str(LANGUAGE_NAMES.get(code, code)) for code in self.conditions.get("languages") or ()]

    @property
    def tags(self) -> list[str]:
        """Names of its tags."""
        tags = self.choices.tags
        return [tags[id_].name if id_ in tags else "?" for id_ in self.conditions.get("tags") or ()]

    @property
    def sources(self) -> list[str]:
        """The ways of its tickets."""
        return [str(SOURCES.get(name, name)) for name in self.conditions.get("sources") or ()]

    @property
    def time(self) -> str:
        """Its time of day; empty for any."""
        time = self.conditions.get("time")
        if not time:
            return ""
        names = get_day_names("abbreviated", locale=language())
        days = all_of(names[DAYS.index(day)] for day in DAYS if day in (time.get("days") or DAYS))
        said = {"start": time["from"], "end": time["to"], "days": days, "zone": time["zone"]}
        if (time["from"], time["to"]) == WHOLE_DAY:
            return _("the day is %(days)s (%(zone)s)", **said)
        if time.get("days"):
            return _("the time is %(start)s to %(end)s on %(days)s (%(zone)s)", **said)
        return _("the time is %(start)s to %(end)s (%(zone)s)", **said)

    @property
    def people(self) -> str:
        """Whom it is about, with what they need."""
        whom, needs = self._whom, list(self._needs())
        return (
            _("%(people)s, provided that they %(needs)s", people=whom, needs=all_of(needs)) if needs else whom
        )

    @property
    def _whom(self) -> str:
        if self.values["strategy"] == "fixed":
            return self.fixed or "?"
        if self.team and self.users:
            return _(
                "somebody of the team “%(name)s”, or %(names)s", name=self.team, names=some_of(self.users)
            )
        if self.team:
            return _("somebody of the team “%(name)s”", name=self.team)
        return some_of(self.users) or _("somebody who works for the store")

    @property
    def team(self) -> str:
        """Its team; empty for none."""
        row = self.choices.all_groups.get(self.who.get("group") or 0)
        return row.name if row else "?" if self.who.get("group") else ""

    @property
    def users(self) -> list[str]:
        """Names of its people."""
        return [self._name(id_) for id_ in self.who.get("users") or ()]

    @property
    def fixed(self) -> str:
        """The one person; empty for none."""
        return self._name(self.who["fixed"]) if self.who.get("fixed") else ""

    def _name(self, user_id: int) -> str:
        person = self.choices.all_people.get(user_id)
        return person.name if person else "?"

    @property
    def skills(self) -> list[str]:
        """`Repairs (level 3 or higher)`."""
        known = self.choices.all_skills
        return [
            _("“%(name)s” at level %(level)s or higher", name=known[one["skill"]].name, level=one["level"])
            for one in self.who.get("skills") or () if one["skill"] in known
        ]  # fmt: skip

    def _needs(self) -> Iterator[str]:
        if self.skills:
            yield _("have the skills %(names)s", names=all_of(self.skills))
        if self.who.get("category_skills"):
            yield _("have the skills that the category asks for")
        if self.who.get("language"):
            yield _("speak the customer's language")

    def warnings(self) -> Iterator[str]:
        """What keeps it from working, in a sentence each."""
        choices = self.choices
        team_id, store = self.who.get("group"), choices.all_merchants.get(self.values["merchant_id"] or 0)
        if store and store.deleted_at:
            yield _("The store “%(name)s” is closed.", name=self.store)
        known = choices.tree.by_id if self.conditions.get("categories") else {}
        for one in (known.get(id_) for id_ in self.conditions.get("categories") or ()):
            if one and one.archived_at:
                yield _("The category “%(name)s” is archived.", name=one.name)
        for tag in (choices.tags.get(id_) for id_ in self.conditions.get("tags") or ()):
            if tag and tag.archived_at:
                yield _("The tag “%(name)s” is archived.", name=tag.name)
        if team_id and self.values["strategy"] != "fixed":
            team = choices.all_groups.get(team_id)
            if team and team.archived_at:
                yield _("The team “%(name)s” is archived.", name=team.name)
            if team_id not in choices.staffed:
                yield _("Nobody in the team “%(name)s” can be given work.", name=self.team)
        for one in (choices.all_skills.get(each["skill"]) for each in self.who.get("skills") or ()):
            if one and one.archived_at:
                yield _("The skill “%(name)s” is archived.", name=one.name)
        yield from self._absent()

    def _absent(self) -> Iterator[str]:
        named = [self.who.get("fixed")] if self.values["strategy"] == "fixed" else self.who.get("users") or ()
        for user_id in named:
            person = self.choices.all_people.get(user_id)
            if person is None or not person.is_able:
                yield _("%(name)s cannot be given work: no profile, or not active.", name=self._name(user_id))

    def lines(self) -> list[tuple[str, str]]:
        """Field by field: (what it is about, what it says), always the same fields in the same order."""
        kept, who, words = self.conditions, self.who, STRATEGIES[self.values["strategy"]].label
        yes = {True: _("Yes"), False: _("No")}
        return [
            (_("Name in English"), self.values["name_en"]), (_("Name in Vietnamese"), self.values["name_vi"]),
            (_("Store"), self.store or _("Every store")), (_("Categories"), some_of(self.categories)),
            (_("Priorities"), some_of(self.priorities)), (_("Languages"), some_of(self.languages)),
            (_("Tags"), some_of(self.tags)), (_("How it came"), some_of(self.sources)),
            (_("Only VIP customers"), yes[bool(kept.get("vip"))]),
            (_("Order amount from"), amount(kept.get("amount_from"))),
            (_("Order amount to"), amount(kept.get("amount_to"))), (_("Time of day"), self.time),
            (_("How one is chosen"), str(words)), (_("The person"), self.fixed), (_("Team"), self.team),
            (_("People"), some_of(self.users)), (_("Skills"), all_of(self.skills)),
            (_("Skills that the category asks for"), yes[bool(who.get("category_skills"))]),
            (_("Speaks the customer's language"), yes[bool(who.get("language"))]),
        ]  # fmt: skip
