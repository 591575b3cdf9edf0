"""The web server's process: its command line, what it is told, and whether it answers."""

import http.client
import sys
from pathlib import Path

from helpdesk.config import Config

SPARE_THREADS = 16  # of a web process, for plain requests while every live page holds a thread


def command() -> list[str]:
    """The command line."""
    conf = Path(__file__).with_name("gunicorn_conf.py")
    return [sys.executable, "-m", "gunicorn", "--config", str(conf), "helpdesk:create_app()"]


def environment(
    config: Config, descriptors: list[int], grace: int, gate: int | None = None
) -> dict[str, str]:
    """Listening sockets and limits, for `gunicorn_conf.py`.

    `grace`: seconds for answers that are under way when it ends. `gate`: a pipe; nothing is answered before it
    is closed at the other end.
    """
    return {
        "HELPDESK_BIND": ",".join(f"fd://{number}" for number in descriptors),
        "HELPDESK_GATE": "" if gate is None else str(gate),
        "HELPDESK_WEB_PROCESSES": str(config.web_processes),
        "HELPDESK_WEB_THREADS": str(config.sockets + SPARE_THREADS),
        "HELPDESK_GRACE_SECONDS": str(grace),
    }


def is_ready(host: str, port: int) -> bool:
    """Whether the server that listens there can do its work."""
    anywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read, not bound
    connection = http.client.HTTPConnection(anywhere.get(host, host), port, timeout=2)
    try:
        connection.request("GET", "/readyz", headers={"Connection": "close"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
