"""Settings of the web server: one thread for every open page, and an end that tells the pages to come back."""

import os
import signal
import threading
from pathlib import Path
from types import FrameType

from flask import Flask
from gunicorn.workers.base import Worker

from helpdesk.launch import preflight

bind = os.environ["HELPDESK_BIND"].split(",")  # this and what follows is set by web_server.environment
workers = int(os.environ["HELPDESK_WEB_PROCESSES"])
worker_class = "gthread"
# A live page holds a thread for as long as it is open. The hub refuses sockets when 16 threads are left, so that
# plain requests are answered even then. Threads are made as needed.
threads = int(os.environ["HELPDESK_WEB_THREADS"])
worker_connections = threads * 2
preload_app = False  # the hub's listener and the pools belong to one process each
timeout = 60
# Under `up` everything is gone within five seconds; behind a proxy a slow answer may finish.
graceful_timeout = int(os.environ["HELPDESK_GRACE_SECONDS"])
keepalive = 20
limit_request_line = 8190  # the address of a form may carry a signed order of 4,000 characters
accesslog = None  # the application writes one structured line per request
errorlog = "-"
loglevel = "warning"
forwarded_allow_ips = ""  # the application reads proxy headers itself, from HELPDESK_TRUSTED_PROXIES
forwarder_headers = ""
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - heartbeat, not data
CLOSING_SECONDS = 1.0
gate = os.environ.get("HELPDESK_GATE")  # of `up`: open once the database is migrated


def post_worker_init(worker: Worker) -> None:
    """Close the live sockets first on SIGTERM (their threads would hold the worker); wait for the gate.

    The application is loaded by now.
    """
    usual = signal.getsignal(signal.SIGTERM)

    def close_then_stop(number: int, frame: FrameType | None) -> None:
        # In a thread: the handler interrupts the main thread, which may hold a lock that closing needs.
        closing = threading.Thread(target=_close_sockets, args=[worker.wsgi], daemon=True)
        closing.start()
        closing.join(CLOSING_SECONDS)
        if callable(usual):
            usual(number, frame)

    signal.signal(signal.SIGTERM, close_then_stop)
    preflight.keep_what_is_loaded()
    if gate:
        os.read(int(gate), 1)  # nobody writes: it returns when the other end is closed


def _close_sockets(app: Flask) -> None:
    from helpdesk.core import live

    with app.app_context():
        live.close_all()
