"""A list of the queue: a view, narrowed and ordered, at its own address or at that of somebody's saved view."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from helpdesk.desk.filters import Filters
from helpdesk.desk.queries import View
from helpdesk.desk.saved_view import SavedView


@dataclass(frozen=True)
class Listing:
    """What somebody looks at. One list has one address, whichever way it was reached."""

    view: View
    filters: Filters
    saved: SavedView | None = None

    @classmethod
    def of_saved(cls, saved: SavedView, asked: Filters, *, is_asked: bool) -> "Listing":
        """A saved view as it is, or as it was changed in the address but not saved."""
        return cls(saved.base, asked if is_asked else replace(saved.filters, size=asked.size), saved)

    @property
    def is_changed(self) -> bool:
        """Whether it is other than what was saved."""
        return self.saved is not None and self.filters.to_keep != self.saved.filters.to_keep

    @property
    def label(self) -> str:
        """What it is called."""
        return self.saved.name if self.saved else str(self.view.label)

    @property
    def place(self) -> str:
        """Its address without a query."""
        return f"/queue/saved/{self.saved.id}" if self.saved else self.view.address

    @property
    def query(self) -> str:
        """What is kept when it is saved."""
        return as_query(self.filters.to_keep)

    @property
    def rows(self) -> str:
        """The same of its rows alone."""
        return f"/queue/saved/{self.saved.id}/rows" if self.saved else f"/queue/{self.view.key}/rows"

    def address(self, place: str = "", **more: str) -> str:
        """Its address, or that of its rows; `more` is where in the list."""
        is_own = self.saved is not None and not self.is_changed
        said = {"size": self.filters.size} if is_own and self.filters.size else self.filters.said
        query = as_query(({} if is_own and not self.filters.size else said) | more)
        return f"{place or self.place}{'?' if query else ''}{query}"

    def narrowed(self, filters: Filters) -> str:
        """The address of the same with other filters; without any, it is no saved view any more."""
        saved = self.saved if filters.to_keep else None
        return replace(self, filters=filters, saved=saved).address()

    def sized(self, size: int) -> str:
        """The address of the same in pages of another size, from the beginning on."""
        return replace(self, filters=Filters.of(self.filters.said | {"size": str(size)})).address()


def as_query(said: dict[str, str]) -> str:
    """As it stands in an address."""
    return urlencode(said, safe=",/:@")
