"""Search of the desk. The customer's side has none."""

from typing import Any

from flask import Response, redirect, request, url_for

from helpdesk.accounts.roles import agent, viewer
from helpdesk.core.access import allow
from helpdesk.core.pages import page
from helpdesk.desk.filters import Filters
from helpdesk.desk.frame_views import asked, bp, filter_bar
from helpdesk.desk.search import Results, Search

FILTERS = ("status", "priority", "assignee")


@bp.get("/search")
@allow(agent)
def search_show() -> Response:
    """What was found; a ticket's number leads to the ticket itself."""
    after = request.args.get("after", "")
    search = Search.of(viewer(), request.args.get("q", ""), chosen())
    ticket = None if after else search.named()
    if ticket:
        return redirect(url_for("desk.ticket_show", number=ticket.number), 302)
    return page(
        "desk/search.html", **found(search, search.results(after)), filters=filter_bar(search.filters)
    )


def chosen() -> Filters:
    """Some of the queue's filters, as they stand in the address."""
    return Filters(**{name: value for name, value in asked().said.items() if name in FILTERS})


def found(search: Search, results: Results) -> dict[str, Any]:
    """What the page shows of a search."""
    same = {"q": search.text} | {name: value for name, value in vars(search.filters).items() if value}
    return {
        "question": search.text, "has_words": bool(search.question.words), "hits": results.hits,
        "is_first": not request.args.get("after"), "first_url": url_for("desk.search_show", **same),
        "next_url": results.after and url_for("desk.search_show", **same, after=results.after),
        "without_filters_url": url_for("desk.search_show", q=search.text),
    }  # fmt: skip
