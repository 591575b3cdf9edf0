"""What a form asks, and of whom: its categories, the fields that some of them want, their order, its colour."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from helpdesk.notifications.brand_colour import WORDS, BrandColour, contrast
from helpdesk.organizers.form_key import FormKey
from helpdesk.tickets.category import Category
from helpdesk.tickets.category_tree import CategoryOption, CategoryTree
from helpdesk.tickets.lifecycle import Priority

WANTED = ("order", "phone")  # the fields that are asked always, for some categories, or never
FEW = 5  # as many categories are all seen at once
LETTERS = "#ffffff"


@dataclass(frozen=True)
class Questions:
    """Of one form, as it is saved or as it is being edited."""

    form: FormKey
    tree: CategoryTree
    asked_colour: str = ""  # by the page around it

    @classmethod
    def of(cls, form: FormKey, asked_colour: str = "") -> "Questions":
        """With the categories as they stand."""
        return cls(form, Category.tree(), asked_colour)

    @cached_property
    def categories(self) -> list[CategoryOption]:
        """What a request can be about here."""
        chosen = set(self.form.category_ids or [])
        merchant_id = self.form.merchant.id
        return [one for one in self.tree.on_form(merchant_id) if not chosen or one.id in chosen]

    @property
    def are_few(self) -> bool:
        """Whether the categories stand side by side instead of in a list that opens."""
        return len(self.categories) <= FEW

    @property
    def priorities(self) -> list[str]:
        """What a customer may choose, least first (CAT-004)."""
        every = list(Priority)
        return [one.value for one in every[: every.index(Priority(self.form.highest_priority)) + 1]]

    def wants(self, field: str) -> str:
        """`always`, `some` or `never`. Where nothing can be chosen, some are none."""
        said = getattr(self.form, f"{field}_asked")
        return "never" if said == "some" and not self.wanting(field) else said

    def wanting(self, field: str) -> list[int]:
        """The categories that want a field: those that are named, and what is below them."""
        named = set(getattr(self.form, f"{field}_category_ids") or [])
        return [one.id for one in self.categories if named & {each.id for each in one.line}]

    @property
    def unasked(self) -> list[str]:
        """Fields that this form does not have."""
        return [field for field in WANTED if self.wants(field) == "never"]

    @property
    def colour(self) -> str:
        """Of the button: the page's own wish, else the form's, where white letters can be read on it."""
        return next((one for one in (self.asked_colour, self.form.colour or "") if is_readable(one)), "")

    @property
    def sheet_url(self) -> str:
        """The style sheet that says so; the same address, with the hash in it, is the same sheet for ever."""
        said = {"colour": self.colour.removeprefix("#")} if self.colour else {}
        for field in WANTED:
            if self.wants(field) == "some":
                said[field] = ".".join(map(str, self.wanting(field)))
        wanting = {field: self.wanting(field) for field in WANTED if field in said}
        return f"/embed.css?{urlencode(said | {'v': hash_of(sheet(self.colour, wanting))})}" if said else ""


def is_readable(colour: str) -> bool:
    """Whether a colour is one, and white letters on it have a contrast of 4.5 to 1."""
    wanted = colour.lower()
    return BrandColour.of(wanted).value == wanted and contrast(wanted, LETTERS) >= WORDS


def hash_of(sheet: str) -> str:
    """What stands in a sheet's address, so that a release that writes other rules has another address."""
    return hashlib.sha256(sheet.encode()).hexdigest()[:12]


def sheet(colour: str, wanting: dict[str, list[int]]) -> str:
    """The rules for a form's button, and for the fields that only some categories want."""
    rules = [_button(BrandColour(colour))] if colour else []
    rules += [_shown_for(field, ids) for field, ids in wanting.items() if ids]
    return "@layer rooms {\n" + "\n".join(rules) + "\n}\n"


def _button(colour: BrandColour) -> str:
    button, dark = ".framed .button-primary", f"--bd: {colour.dark_edge};"
    over = f"color-mix(in oklab, {colour.value} 88%, #000)"
    return "\n".join((
        f"{button} {{ --bg: {colour.value}; --bd: {colour.edge}; --fg: {LETTERS}; --bg-over: {over}; }}",
        "@media screen and (prefers-color-scheme: dark) {"
        f" :root:not([data-theme=light]) {button} {{ {dark} }} }}",
        f":root[data-theme=dark] {button} {{ {dark} }}",
    ))  # fmt: skip


def _shown_for(field: str, ids: list[int]) -> str:
    """Out of sight until one of these is chosen; in sight everywhere in browsers that cannot tell."""
    chosen = ", ".join(
        f'[name=category][value="{one}"]:checked, option[value="{one}"]:checked' for one in ids
    )
    place = f'[data-asked-for="{field}"]'
    return f"@supports selector(:has(*)) {{ #request-form:not(:has({chosen})) {place} {{ display: none; }} }}"
