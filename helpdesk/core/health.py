"""Whether this process lives, and whether it can do its work."""

from flask import Blueprint, Flask, Response, jsonify
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from helpdesk.core.access import allow, anyone
from helpdesk.core.broker import broker
from helpdesk.core.db import db

bp = Blueprint("health", __name__)


def init_app(app: Flask) -> None:
    """Register the two addresses."""
    app.register_blueprint(bp)


@bp.get("/healthz")
@allow(anyone)
def healthz() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
@allow(anyone)
def readyz() -> tuple[Response, int]:
    """The database answers (503 if not). Without Redis pages still work, so it is only reported."""
    parts = {"database": _database(), "redis": _redis()}
    ready = parts["database"]
    said = {name: "ok" if fine else "away" for name, fine in parts.items()}
    return jsonify(status="ok" if ready else "unavailable", **said), 200 if ready else 503


def _database() -> bool:
    try:
        db.session.execute(text("SELECT 1"))
        return True
    except SQLAlchemyError:
        return False


def _redis() -> bool:
    try:
        return bool(broker().ping())
    except RedisError:
        return False
