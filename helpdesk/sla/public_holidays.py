"""Public holidays by country, from the library that is kept up to date for the whole world.

The library is large and is loaded when the first calendar asks, not when the helpdesk starts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from babel import Locale

from helpdesk.core.fulltext import folded

ENGLISH, VIETNAMESE = "en_US", "vi"  # as the library calls them


@dataclass(frozen=True)
class PublicHolidays:
    """The public holidays of a country or of a part of it."""

    country: str  # ISO 3166 alpha-2
    subdivision: str | None = None  # as the library calls it; None: those of the whole country

    @staticmethod
    def countries(code: str) -> list[tuple[str, str]]:
        """(ISO code, name in the language `en` or `vi`) of every country that is known, by name."""
        names = Locale(code).territories
        found = [(country, names.get(country, country)) for country in _codes()]
        return sorted(found, key=lambda each: folded(each[1]))

    @property
    def is_known(self) -> bool:
        """Whether there are such a country and such a part of it."""
        if self.country not in _codes():
            return False
        return not self.subdivision or self.subdivision in dict(self.subdivisions)

    @cached_property
    def subdivisions(self) -> list[tuple[str, str]]:
        """(code, name) of the parts of the country that have days of their own."""
        if self.country not in _codes():
            return []
        kind = type(_library(self.country))
        names = {code: name for name, code in reversed(getattr(kind, "subdivisions_aliases", {}).items())}
        found = [(code, names.get(code, code)) for code in kind.subdivisions]
        return sorted(found, key=lambda each: folded(each[1]))

    def days(self, years: Iterable[int]) -> list[dict[str, str]]:
        """[{"date", "name_en", "name_vi"}] in order. A language that the library does not have stays empty.

        None of a country or region that is not known.
        """
        if not self.is_known:
            return []
        wanted = sorted(years)
        english = self._names(wanted, ENGLISH) or self._names(wanted, None)
        vietnamese = self._names(wanted, VIETNAMESE)
        return [
            {"date": day, "name_en": english[day], "name_vi": vietnamese.get(day, "")} for day in sorted(english)
        ]  # fmt: skip

    def _names(self, years: list[int], wanted: str | None) -> dict[str, str]:
        """ISO date → name in a language of the library; None is the country's own."""
        known = _library(self.country)
        if wanted and wanted not in known.supported_languages:
            return {}
        inner = [year for year in years if known.start_year <= year <= known.end_year]
        found = _library(self.country, subdiv=self.subdivision, years=inner, language=wanted) if inner else {}
        return {day.isoformat(): name for day, name in found.items()}


def _library(country: str, **options: Any) -> Any:
    import holidays  # a hundred milliseconds that nothing else needs

    return holidays.country_holidays(country, **options)


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    from holidays.registry import COUNTRIES  # without loading two hundred modules

    return frozenset(alpha_2 for _, alpha_2, *_ in COUNTRIES.values())
