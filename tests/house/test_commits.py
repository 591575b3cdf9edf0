"""Law: the request is the transaction, and so is the job. Nobody outside `core/` commits or rolls back.

A transaction of one's own (`with transaction():`) is for what is neither; who opens one is listed with the reason.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path

from tests.support.inspect import ROOT, judged, modules, plant

# path → why it ends a transaction by itself
EXCEPTED: dict[str, str] = {
    "helpdesk/cli.py": "a command is neither a request nor a job",
    "helpdesk/demo/seed.py": "runs at the start of the program",
    "helpdesk/demo/load.py": "a command that writes 100,000 tickets in batches",
    "helpdesk/accounts/roles.py": "that a session is in use is noted after the answer, for a GET never writes",
    "helpdesk/assignment/backlog.py": "each ticket is assigned in a transaction of its own",
    "helpdesk/notifications/jobs.py": "what is still to be sent is put at the end of the queue",
    "helpdesk/escalations/climbing.py": "each climb is a transaction of its own: one that goes wrong holds no other",
    "helpdesk/reports/agent_credit.py": "each agent is checked in a transaction of its own: none waits for all",
    "helpdesk/tickets/bulk_work.py": "each ticket of a run is a transaction of its own",
    "helpdesk/tickets/jobs.py": "what is left of a run is put at the end of the queue",
    "helpdesk/notifications/outgoing.py": "mails are taken, sent and marked; no transaction waits for SMTP",
    "helpdesk/notifications/mail_server.py": "what a server says is noted between them",
    "helpdesk/notifications/mail_test.py": "the same for a mail to oneself",
}


def offences(root: Path, excepted: Mapping[str, str] = EXCEPTED) -> list[str]:
    """Calls of `.commit()` and `.rollback()` outside `core/`."""
    found = []
    for module in modules(root, "helpdesk", "worker.py"):
        if module.path.startswith("helpdesk/core/"):
            continue
        for call, name in module.calls():
            if isinstance(call.func, ast.Attribute) and call.func.attr in ("commit", "rollback"):
                found.append(
                    module.offence(call, f".{call.func.attr}(): the request or the job is the transaction")
                )
            if name.endswith("db.transaction"):
                found.append(module.offence(call, "transaction(): the request or the job is one already"))
    return judged(found, excepted)


def test_the_house_commits_in_one_place() -> None:
    assert offences(ROOT) == []


def test_a_commit_in_a_room_is_seen(tmp_path: Path) -> None:
    tree = plant(
        tmp_path,
        {
            "helpdesk/sla/clock.py": "db.session.commit()\ncommit = 1",
            "helpdesk/sla/jobs.py": "from helpdesk.core.db import transaction\nwith transaction(): ...",
            "helpdesk/desk/views.py": "session().rollback()",
            "helpdesk/core/db.py": "db.session.commit()",
        },
    )
    assert [line.split(": ")[0] for line in offences(tree, {})] == [
        "helpdesk/desk/views.py:1",
        "helpdesk/sla/clock.py:1",
        "helpdesk/sla/jobs.py:2",
    ]
