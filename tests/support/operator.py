"""What an operator sees of a running product: its database, and its commands."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import datetime

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from tests.support.process import ROOT, HelpdeskProcess


class Operator:
    """Reads the database beside the running processes."""

    def __init__(self, product: HelpdeskProcess) -> None:
        self.product = product
        kept = f"sqlite:///{product.data_dir / 'helpdesk.sqlite3'}"
        self.url = getattr(product, "database_url", None) or kept
        self.engine: Engine = create_engine(self.url, poolclass=NullPool)

    def events(self, number: str) -> list[str]:
        """Names of what happened on a ticket, in order."""
        asked = text(
            "SELECT name FROM events JOIN tickets ON tickets.id = events.ticket_id"
            " WHERE number = :number ORDER BY events.id"
        )
        with self.engine.connect() as connection:
            return list(connection.execute(asked, {"number": number}).scalars())

    def wait_for(self, number: str, name: str, seconds: float = 40) -> None:
        """Return once an event happened on a ticket."""
        until = time.monotonic() + seconds
        while name not in self.events(number):
            said = f"{name} did not happen on {number}: {self.events(number)}\n{self.product.logs()}"
            assert time.monotonic() < until, said
            time.sleep(0.1)

    def seconds_to_assign(self, number: str) -> float:
        """From the ticket's creation to its assignment, by the product's clock."""
        with self.engine.connect() as connection:
            row = connection.execute(
                text("SELECT created_at, assigned_at FROM tickets WHERE number = :number"), {"number": number}
            ).one()
        created, assigned = (v if isinstance(v, datetime) else datetime.fromisoformat(str(v)) for v in row)
        return (assigned - created).total_seconds()

    def uncertain(self) -> set[str]:
        """Addresses of mails of which nobody knows whether the server had taken them already."""
        with self.engine.connect() as connection:
            return set(
                connection.execute(text("SELECT address FROM deliveries WHERE is_uncertain")).scalars()
            )

    def verify(self) -> tuple[int, str]:
        """`helpdesk audit verify`: exit status and what it says."""
        command = (
            "import sys; from helpdesk.cli import main; sys.argv[:] = ['helpdesk', 'audit', 'verify']; main()"
        )
        env = os.environ | {
            "HELPDESK_DATA_DIR": str(self.product.data_dir),
            "HELPDESK_DATABASE_URL": self.url,
        }
        done = subprocess.run(
            [sys.executable, "-c", command], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, check=False
        )
        return done.returncode, done.stdout

    def change_an_event_by_hand(self) -> int:
        """Drop the trigger and rewrite history; the id of the event."""
        table = " ON events" if self.engine.dialect.name == "postgresql" else ""
        with self.engine.begin() as connection:
            connection.execute(text(f"DROP TRIGGER events_keep_update{table}"))
            id_ = connection.execute(
                text("SELECT min(id) FROM events WHERE name = 'ticket.assigned'")
            ).scalar_one()
            connection.execute(text("UPDATE events SET name = 'ticket.noted' WHERE id = :id"), {"id": id_})
        return int(id_)
