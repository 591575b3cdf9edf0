"""Law: two desks, two drawers. One file loads messages, and the customer's side cannot load a note at all.

In nearly every product that leaked its notes the page was right and a second path was not: a mail, a
socket, a preview, a search. So there is no second path: whoever wants messages asks the file that knows who
may see them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.support.inspect import ROOT, Module, Offence, files, judged, modules, plant

GUARDED = {"Message", "Attachment"}
LOADERS = {
    "select",
    "get",
    "get_one",
    "query",
    "join",
    "outerjoin",
    "exists",
    "aliased",
    "select_from",
    "selectinload",
}
DRAWERS = {"messages", "all_messages"}  # relationships that would hand out notes as well
CUSTOMERS_SIDE = "helpdesk/portal/"
OWN_ROOM = "helpdesk/tickets/"

# path → why it may know them outside their room; path::loads → why it may load them past their nouns
EXCEPTED: dict[str, str] = {
    "helpdesk/demo/load.py": "writes threads for measuring, and reads none",
}


def names(node: ast.expr) -> set[str]:
    """The first words of what is named in an argument: `Message.id` → `Message`."""
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def loads(module: Module) -> Iterator[Offence]:
    """Places where messages are asked for, past the nouns that know who may see them."""
    key, advice = f"{module.path}::loads", "ask thread(), which knows who may see them"
    for call, name in module.calls():
        word = name.rpartition(".")[2]
        if word in LOADERS and any(names(argument) & GUARDED for argument in call.args):
            yield module.offence(call, f"{word}() of messages: {advice}", key)
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Attribute):
            continue
        if node.attr == "query" and names(node.value) & GUARDED:
            yield module.offence(node, f"Message.query: {advice}", key)
        if node.attr in DRAWERS and isinstance(node.ctx, ast.Load) and ast.unparse(node.value) != "self":
            yield module.offence(node, f".{node.attr} holds notes too: {advice}", key)


def reaches(module: Module) -> Iterator[Offence]:
    """Imports of the agents' messages outside their room."""
    for node, target in module.imports():
        if target.startswith("helpdesk.tickets.") and target.rpartition(".")[2] in GUARDED:
            yield module.offence(
                node, f"imports {target}, which holds notes: PublicMessage is all it may know"
            )


def offences(root: Path, excepted: Mapping[str, str] = EXCEPTED) -> list[str]:
    """Messages loaded outside their drawers, in Python or a template; notes within reach of the customer."""
    found: list[Offence] = []
    for module in modules(root, "helpdesk", "worker.py"):
        found += loads(module)
        if not module.path.startswith(OWN_ROOM):
            found += reaches(module)
    for file in files(root, "templates", "*"):
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            if re.search(r"\.(all_)?messages\b", line):
                path = file.relative_to(root).as_posix()
                found.append(Offence(path, number, "a template takes messages out of a ticket by itself"))
    return judged(found, excepted)


def test_the_house_has_two_drawers_of_messages() -> None:
    assert offences(ROOT) == []


def test_no_exception_is_made_for_the_customers_side() -> None:
    assert not [path for path in EXCEPTED if path.startswith(CUSTOMERS_SIDE)]


def test_a_second_path_to_messages_is_seen(tmp_path: Path) -> None:
    code = """
        select(Ticket)
        select(Message)
        select(Ticket).join(Message, Message.ticket_id == 1)
        db.session.get(Message, 1)
        Message.query.all()
        ticket.messages
        Message(body="x")
    """
    tree = plant(
        tmp_path,
        {
            "helpdesk/notifications/delivery.py": code,
            "helpdesk/tickets/queries.py": code,
            "templates/desk/_row.html": "{{ messages }}\n{{ ticket.messages[0] }}",
        },
    )
    reasons = {"helpdesk/tickets/queries.py::loads": "the drawers"}
    assert [line.split(": ")[0] for line in offences(tree, reasons)] == [
        *(f"helpdesk/notifications/delivery.py:{line}" for line in (2, 3, 4, 5, 6)),
        "templates/desk/_row.html:2",
    ]


def test_a_portal_that_knows_notes_is_seen(tmp_path: Path) -> None:
    tree = plant(
        tmp_path,
        {
            "helpdesk/portal/views.py": "from helpdesk.tickets.message import Message, PublicMessage",
        },
    )
    assert [line.split(": ")[0] for line in offences(tree, {})] == ["helpdesk/portal/views.py:1"]
