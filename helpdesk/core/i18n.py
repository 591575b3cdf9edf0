"""Languages: which one the reader gets, and texts that are kept in both."""

from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.core import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from babel.support import NullTranslations
from flask import Flask, Response, g, has_request_context, request
from flask_babel import Babel, get_domain, get_locale
from flask_babel import force_locale as speaking
from flask_babel.speaklater import LazyString
from flask_login import current_user
from jinja2 import pass_context, pass_eval_context
from jinja2.nodes import EvalContext
from jinja2.runtime import Context
from markupsafe import Markup

from helpdesk.config import ROOT, current_config
from helpdesk.core import access

__all__ = [
    "LANGUAGES", "Localized", "_", "days", "in_names", "init_app", "instant", "language", "lazy", "ngettext",
    "speaking", "tongue",
]  # fmt: skip

LANGUAGES = ("en", "vi")
COOKIE = "lang"
OF_PAGE = "X-Page-Language"
_DAY = {"en": "d MMM yyyy", "vi": "dd/MM/yyyy"}
_INSTANT = {"en": "d MMMM yyyy, HH:mm '(UTC)'", "vi": "HH:mm 'ngày' dd/MM/yyyy '(UTC)'"}


_catalogues: dict[str, NullTranslations] = {}  # by language


class Localized:
    """A text that managers keep in both languages: reads `<name>_en`, `<name>_vi`, whichever the reader wants.

    A missing half falls back to the other. `name = Localized("name")` beside the two columns.
    """

    def __init__(self, attribute: str) -> None:
        self.attribute = attribute

    def __get__(self, row: Any, owner: type | None = None) -> Any:
        return self if row is None else in_language(row, self.attribute, language())


def in_language(row: Any, attribute: str, wanted: str) -> str:
    """One half of a `{en, vi}` pair; the other where it is missing; empty when both are."""
    other = "en" if wanted == "vi" else "vi"
    return getattr(row, f"{attribute}_{wanted}") or getattr(row, f"{attribute}_{other}") or ""


def tongue(row: Any, attribute: str = "name") -> Markup:
    """The `lang` of an element that shows such a pair, where it is not the reader's: its half is missing."""
    other = "en" if language() == "vi" else "vi"
    missing = not getattr(row, f"{attribute}_{language()}") and getattr(row, f"{attribute}_{other}")
    return Markup(' lang="{}"').format(other) if missing else Markup("")


def in_names(names: dict[str, str]) -> str:
    """A pair as events and decisions keep it, `{"en": …, "vi": …}`, for the reader."""
    return names.get(language()) or names.get("en") or names.get("vi") or ""


def instant(at: datetime, code: str) -> str:
    """An instant for a customer to read. He has no time zone of his own, so it is named."""
    return format_datetime(at, _INSTANT[code], locale=code)


def _locale() -> Locale | None:
    """As `get_locale()`, which looks for where it keeps it at each of a page's thousand texts. It keeps none where
    somebody spoke another language before the first of them.
    """
    try:
        known = g._flask_babel.babel_locale
    except (RuntimeError, AttributeError):
        known = None
    return known or get_locale()


def _catalogue() -> NullTranslations:
    """The reader's, as flask-babel finds it; it is asked once for each language, for a page has a thousand texts."""
    locale = _locale()
    if locale is None:
        return get_domain().get_translations()
    if locale.language not in _catalogues:
        _catalogues[locale.language] = get_domain().get_translations()
    return _catalogues[locale.language]


def _(text: str, /, **values: Any) -> str:
    """A text in the reader's language, with values where it names them: `%(name)s`."""
    said = str(_catalogue().ugettext(text))
    return said % values if values else said


def lazy(text: str, /, **values: Any) -> LazyString:
    """The same, translated when it is shown."""
    return LazyString(_, text, **values)


@pass_eval_context
def _gettext(place: EvalContext, text: str, /, **values: Any) -> str:
    """The same in a template, which escapes the values; a `%` in the text is always written `%%` there."""
    said = _catalogue().ugettext(text)
    if place.autoescape:
        said = Markup(said)  # noqa: S704 – ours, or a translator's
    return said % values if values or "%" in said else said


@lru_cache(maxsize=4096)
def _written(at: datetime, pattern: str, code: str) -> str:
    return str(format_datetime(at, pattern, locale=code))


def _to_minute(at: datetime, pattern: str) -> str:
    """An instant in UTC, by a pattern of Babel's without seconds; a list says the same ones again and again."""
    return _written(at.replace(second=0, microsecond=0), pattern, language())


def ngettext(singular: str, plural: str, n: int, /, **values: Any) -> str:
    """Words for a count; `num` in them is written as the reader writes numbers: `1,234`, in Vietnamese `1.234`."""
    said = _catalogue().ungettext(singular, plural, n)
    return str(said % ({"num": format_decimal(n, locale=language())} | values))


def days(first: date | str, last: date | str) -> str:
    """From one day to another as the reader writes them: `5 Nov 2026 – 7 Nov 2026`; only one where they are the same.

    Events keep days as ISO strings; what is none stays as it is.
    """
    said = list(dict.fromkeys(_day(one) for one in (first, last)))
    return " – ".join(said)


def _day(day: date | str) -> str:
    try:
        there = day if isinstance(day, date) else date.fromisoformat(day)
    except (TypeError, ValueError):
        return str(day)
    return format_date(there, _DAY[language()], locale=language())


def language() -> str:
    """The reader's language, `en` or `vi`."""
    locale = _locale()
    return locale.language if locale and locale.language in LANGUAGES else "en"


def wanted_language() -> str:
    """The page's own choice, else the reader's setting, else his cookie, else his browser's, else English."""
    if g.get("language") in LANGUAGES:
        return g.language
    if not has_request_context():
        return "en"
    asked = [
        *_chosen(),
        current_user.language if current_user and current_user.is_authenticated else None,
    ]
    known = next((code for code in asked if code in LANGUAGES), None) or browser_language()
    g.is_language_guessed = known is None  # error pages speak both then
    return known or "en"


def _chosen() -> tuple[str | None, ...]:
    """What was chosen here: by the address, by the page of which a part asks, by the browser's last choice.

    A page stays in its language, whatever another tab has chosen meanwhile.
    """
    return request.args.get("lang"), request.headers.get(OF_PAGE), request.cookies.get(COOKIE)


def browser_language() -> str | None:
    """The first of the browser's languages that we speak, whichever country it is from (`vi-VN`); None for none."""
    spoken = (code[:2].lower() for code, quality in request.accept_languages if quality > 0)
    return next((code for code in spoken if code in LANGUAGES), None)


def speak_to(code: str) -> None:
    """Speak the language of somebody who is known though not signed in, unless this browser has chosen one."""
    if not set(_chosen()) & set(LANGUAGES):
        g.language = code


def keep(response: Response, code: str) -> None:
    """Remember a choice in this browser for a year."""
    secure = current_config().is_https
    response.set_cookie(COOKIE, code, max_age=31_536_000, samesite="Lax", httponly=True, secure=secure)


def _keep_asked(response: Response) -> Response:
    """A page asked for with `?lang=` stays in that language, its live parts and later fragments included.

    Not where anybody may come in: a form in a merchant's page sets no cookie.
    """
    code, rule = request.args.get("lang"), access.present_rule()
    known = rule is not None and rule.name != access.anyone.name
    if known and request.method == "GET" and code in LANGUAGES and code != request.cookies.get(COOKIE):
        keep(response, code)
    return response


def init_app(app: Flask) -> None:
    """Set up Babel with our catalogues. Instants stay UTC on the server; browsers show them in their zone."""
    Babel(
        app,
        default_translation_directories=str(ROOT / "translations"),
        locale_selector=wanted_language,
        timezone_selector=lambda: ZoneInfo("UTC"),
    )
    app.after_request(_keep_asked)
    counted = app.jinja_env.globals["ngettext"]

    @pass_context
    def in_templates(context: Context, singular: str, plural: str, n: int, /, **values: Any) -> str:
        """The same there."""
        return counted(context, singular, plural, n, **{"num": format_decimal(n, locale=language())} | values)

    app.jinja_env.globals.update(_=_gettext, gettext=_gettext, ngettext=in_templates)
    app.jinja_env.filters["instant_to_minute"] = _to_minute
