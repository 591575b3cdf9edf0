"""What the editor of a rule accepts."""

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length, StopValidation

from helpdesk.assignment.rule_choices import RuleChoices
from helpdesk.assignment.rule_words import SOURCES, WHOLE_DAY
from helpdesk.assignment.strategy import STRATEGIES
from helpdesk.core.forms import UNKNOWN, Form, NamedForm, line, one_line
from helpdesk.core.i18n import LANGUAGES
from helpdesk.core.i18n import lazy as _
from helpdesk.core.week import DAYS
from helpdesk.core.zone import zone_names
from helpdesk.tickets.lifecycle import Priority

_AMOUNT = re.compile(r"\d{1,12}([.,]\d{1,2})?", re.ASCII)
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)|24:00", re.ASCII)
NO_ZONE = _("There is no such time zone. Choose one of the list, like Asia/Ho_Chi_Minh.")
EMPTY: dict[str, Any] = {
    "name_en": "", "name_vi": "", "merchant_id": None, "conditions": {}, "candidates": {"category_skills": True},
    "strategy": "load_balanced",
}  # fmt: skip
EXAMPLES: dict[str, dict[str, Any]] = {  # to begin with
    "language": EMPTY | {
        "name_en": "Vietnamese tickets", "name_vi": "Phiếu tiếng Việt",
        "purpose": _("Tickets in Vietnamese go to who speaks it, the least loaded first."),
        "conditions": {"languages": ["vi"]}, "candidates": {"category_skills": True, "language": True},
    },
    "vip": EMPTY | {
        "name_en": "VIP customers", "name_vi": "Khách VIP",
        "purpose": _("VIP customers get whoever keeps his promises best."),
        "conditions": {"vip": True}, "strategy": "best_record",
    },
    "known": EMPTY | {
        "name_en": "Same agent as last time", "name_vi": "Cùng nhân viên như lần trước",
        "purpose": _("Whoever helped a customer before helps him again, if he is there."),
        "strategy": "last_agent",
    },
}  # fmt: skip


def read_amount(words: str | None) -> Decimal | None:
    """An amount as people type it; None for nothing. StopValidation for what could mean two amounts, or none."""
    if not words:
        return None
    if not _AMOUNT.fullmatch(words):
        raise StopValidation(_("Enter an amount without thousands separators, like 1500000 or 99.50."))
    return Decimal(words.replace(",", "."))


def read_zone(words: str | None) -> str:
    """A zone of the list, however it is written. StopValidation for any other."""
    wanted = (words or "").replace(" ", "_").casefold()
    found = next((name for name in zone_names() if name.casefold() == wanted), None)
    if found is None:
        raise StopValidation(NO_ZONE)
    return found


class ManyField(SelectMultipleField):
    """Several of a list, each once and in the order of the list; empty values are left out."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """What was sent."""
        self.data = list(dict.fromkeys(value for value in valuelist if value))


class RuleForm(NamedForm):
    """A rule's values; what is empty asks for nothing. What can be chosen is set by `offer`."""

    merchant_id = SelectField(default="")
    categories = ManyField(default=list)
    priorities = ManyField(choices=[each.value for each in Priority], default=list)
    languages = ManyField(choices=list(LANGUAGES), default=list)
    tags = line(1000)
    sources = ManyField(choices=list(SOURCES), default=list)
    vip = BooleanField(default=False)
    amount_from = line(40)
    amount_to = line(40)
    time_from = line(40)
    time_to = line(40)
    days = ManyField(choices=list(DAYS), default=list)
    zone = line(64)
    strategy = SelectField(choices=list(STRATEGIES), validators=[DataRequired(UNKNOWN)])
    fixed = SelectField(default="")
    group = SelectField(default="")
    users = ManyField(default=list)
    skills = ManyField(default=list)  # "skill:level"
    category_skills = BooleanField(default=False)
    language = BooleanField(default=False)

    _read_tags: Callable[[str], tuple[list[int], list[str]]]

    def offer(self, choices: RuleChoices) -> "RuleForm":
        """Say what there is to choose from."""
        people = [one.id for one in choices.people]
        self.merchant_id.choices = ["", *_words(choices.merchants)]
        self.categories.choices = _words(option.id for option in choices.categories)
        self.group.choices = ["", *_words(row.id for row in choices.groups)]
        self.users.choices, self.fixed.choices = _words(people), ["", *_words(people)]
        self.skills.choices = [f"{row.id}:{level}" for row in choices.skills for level in range(1, 6)]
        self._read_tags = choices.read_tags
        return self

    def validate_tags(self, field: StringField) -> None:
        """Tags that there are."""
        unknown = self._read_tags(field.data or "")[1]
        if unknown:
            raise StopValidation(_("There is no tag “%(name)s” in use.") % {"name": unknown[0]})

    def validate_amount_from(self, field: StringField) -> None:
        """A number."""
        read_amount(field.data)

    def validate_amount_to(self, field: StringField) -> None:
        """A number, and not less than the other one."""
        most = read_amount(field.data)
        try:
            least = read_amount(self.amount_from.data)
        except StopValidation:
            return  # that is said there
        if least is not None and most is not None and least > most:
            raise StopValidation(_("The second amount is smaller than the first."))

    def validate_time_from(self, field: StringField) -> None:
        """A time of day."""
        if field.data and (not _TIME.fullmatch(field.data) or field.data == WHOLE_DAY[1]):
            raise StopValidation(_("Enter a time like 18:00."))
        if not field.data and self.time_to.data:
            raise StopValidation(_("Enter both times, or neither."))

    def validate_time_to(self, field: StringField) -> None:
        """Another time of day; the next day's where it is earlier."""
        if field.data and not _TIME.fullmatch(field.data):
            raise StopValidation(_("Enter a time like 18:00."))
        if not field.data and self.time_from.data:
            raise StopValidation(_("Enter both times, or neither."))
        if field.data and _clock(field.data) == _clock(self.time_from.data or ""):
            raise StopValidation(_("The two times are the same. For the whole day leave both empty."))

    def validate_zone(self, field: StringField) -> None:
        """Where these times are."""
        if field.data or self.time_from.data or self.days.data:
            field.data = read_zone(field.data)

    def validate_skills(self, field: ManyField) -> None:
        """Each at one level."""
        ids = [word.partition(":")[0] for word in field.data]
        if len(ids) != len(set(ids)):
            raise StopValidation(_("Choose one level for each skill."))

    def validate_fixed(self, field: SelectField) -> None:
        """Somebody, where it is one person who gets everything."""
        if self.strategy.data == "fixed" and not field.data:
            raise StopValidation(_("Choose the person who gets these tickets."))

    @property
    def values(self) -> dict[str, Any]:
        """As a rule takes them."""
        return {
            "name_en": self.name_en.data or "", "name_vi": self.name_vi.data or "",
            "merchant_id": int(self.merchant_id.data) if self.merchant_id.data else None,
            "conditions": _said(
                categories=_ids(self.categories), priorities=_in_order(self.priorities),
                languages=_in_order(self.languages), tags=self._read_tags(self.tags.data or "")[0],
                sources=_in_order(self.sources), vip=bool(self.vip.data),
                amount_from=_plain(self.amount_from.data), amount_to=_plain(self.amount_to.data), time=self._time,
            ),
            "candidates": self._candidates, "strategy": self.strategy.data,
        }  # fmt: skip

    @property
    def _candidates(self) -> dict[str, Any]:
        needs = _said(
            skills=[{"skill": int(id_), "level": int(level)} for id_, level in sorted(
                (word.split(":") for word in self.skills.data or ()), key=lambda pair: int(pair[0])
            )],
            category_skills=bool(self.category_skills.data), language=bool(self.language.data),
        )  # fmt: skip
        if self.strategy.data == "fixed":
            return {"fixed": int(self.fixed.data), **needs}
        group = int(self.group.data) if self.group.data else None
        return _said(group=group, users=_ids(self.users)) | needs

    @property
    def _time(self) -> dict[str, Any] | None:
        start, end = (_clock(field.data or "") for field in (self.time_from, self.time_to))
        days = _in_order(self.days) if len(self.days.data or ()) < len(DAYS) else []
        if not start and not days:
            return None
        if not start:
            start, end = WHOLE_DAY
        return {"zone": self.zone.data, "from": start, "to": end} | _said(days=days)

    @classmethod
    def holding(cls, values: dict[str, Any], choices: RuleChoices, *, zone: str, **more: Any) -> "RuleForm":
        """Filled with a rule's values; the zone for one that says no time."""
        kept, who = values["conditions"] or {}, values["candidates"] or {}
        time = kept.get("time") or {}
        is_whole = (time.get("from"), time.get("to")) == WHOLE_DAY
        shown = {
            "merchant_id": str(values["merchant_id"] or ""), "categories": _words(kept.get("categories") or ()),
            "tags": choices.tag_line(kept.get("tags") or ()), "vip": bool(kept.get("vip")),
            "time_from": "" if is_whole else time.get("from", ""), "time_to": "" if is_whole else time.get("to", ""),
            "days": time.get("days") or [], "zone": time.get("zone") or zone, "fixed": str(who.get("fixed") or ""),
            "group": str(who.get("group") or ""), "users": _words(who.get("users") or ()),
            "skills": [f"{one['skill']}:{one['level']}" for one in who.get("skills") or ()],
            "category_skills": bool(who.get("category_skills")), "language": bool(who.get("language")),
        }  # fmt: skip
        same = {name: kept.get(name) or [] for name in ("priorities", "languages", "sources")}
        amounts = {name: kept.get(name) or "" for name in ("amount_from", "amount_to")}
        return cls(data=values | shown | same | amounts | more)


def _words(ids: Iterable[int]) -> list[str]:
    return [str(id_) for id_ in ids]


def _ids(field: ManyField) -> list[int]:
    return sorted(int(word) for word in field.data or ())


def _in_order(field: ManyField) -> list[str]:
    return [str(choice) for choice in field.choices or () if choice in (field.data or ())]


def _said(**values: Any) -> dict[str, Any]:
    """What is left out asks for nothing."""
    return {name: value for name, value in values.items() if value}


def _plain(words: str | None) -> str | None:
    found = read_amount(words)
    return None if found is None else format(found, "f")


def _clock(words: str) -> str:
    """`8:00` is 08:00."""
    hours, colon, minutes = words.partition(":")
    return f"{hours:0>2}:{minutes}" if colon else ""


class OrderForm(Form):
    """One place up or down, or the place that it was dragged to, counted from 1."""

    direction = SelectField(choices=["", "up", "down"], default="")
    place = HiddenField(filters=[one_line], validators=[Length(max=6)])


class SwitchForm(Form):
    """On or off."""

    to = SelectField(choices=["on", "off"])
