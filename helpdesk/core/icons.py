"""The small pictures beside words.

Their shapes are written into the page. A `<use>` of another file would be shorter, but when two frames of a shop's
page ask for that file at once, Chromium may leave one of them loading for ever, and the shop's own page with it.
"""

import re
from functools import cache

from markupsafe import Markup

from helpdesk.config import ROOT

SHAPES = re.compile(r'<symbol id="([a-z0-9-]+)"[^>]*>(.*?)</symbol>', re.DOTALL)


@cache
def _all() -> dict[str, Markup]:
    """The drawings by name, read once per process; raises OSError when the file is not there."""
    drawn = (ROOT / "static/icons/sprite.svg").read_text(encoding="utf-8")
    return {name: Markup(shapes) for name, shapes in SHAPES.findall(drawn)}  # noqa: S704 – our own file


def icon_shapes(name: str) -> Markup:
    """What an icon is drawn of, on a field of 24 by 24; raises KeyError for one that nobody has drawn."""
    return _all()[name]
