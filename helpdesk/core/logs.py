"""Logs: one JSON object per line with the request's id; never what people wrote, nor their addresses."""

import json
import logging
import re
import secrets
import sys
from time import perf_counter
from typing import Any

from flask import Flask, Response, g, has_request_context, request

from helpdesk.core import clock

log = logging.getLogger("helpdesk.request")
_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """Records as JSON; line breaks in values are escaped by that."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        line: dict[str, Any] = {
            "at": clock.now().isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if has_request_context() and "request_id" in g:
            line["request"] = g.request_id
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info and record.exc_info[0]:
            line["exception"] = record.exc_info[0].__name__
            line["trace"] = self._places(record)
        return json.dumps(line, default=str)

    def _places(self, record: logging.LogRecord) -> list[str]:
        """Files and lines of a traceback, without the exception's text, which may quote a customer."""
        trace, places = record.exc_info[2] if record.exc_info else None, []
        while trace:
            code = trace.tb_frame.f_code
            places.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
            trace = trace.tb_next
        return places[-15:]


def init_app(app: Flask) -> None:
    """Log to standard error, and give each request an id that the answer repeats."""
    root = logging.getLogger()
    if not any(isinstance(handler.formatter, JsonLines) for handler in root.handlers):
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonLines())
        root.addHandler(handler)
        root.setLevel(logging.INFO)
        for noisy in ("rq.worker", "rq_scheduler.scheduler", "werkzeug", "alembic", "flask-limiter"):
            logging.getLogger(noisy).setLevel(logging.WARNING)
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if re.fullmatch(r"[A-Za-z0-9_-]{8,64}", given) else secrets.token_hex(8)
    g.request_began = perf_counter()


def _end(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.get("request_id", "")
    if request.endpoint not in ("static", "health.healthz", None) or response.status_code >= 400:
        rule = str(request.url_rule) if request.url_rule else "none"  # the path itself may hold a token
        elapsed = round((perf_counter() - g.get("request_began", perf_counter())) * 1000, 1)
        log.info(
            "request",
            extra={"method": request.method, "route": rule, "status": response.status_code, "ms": elapsed},
        )
    return response
