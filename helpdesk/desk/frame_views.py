"""The desk's blueprint, and what the header of each of its pages shows."""

from typing import Any

from flask import Blueprint

from helpdesk.accounts.roles import viewer
from helpdesk.agents.agent import Agent

bp = Blueprint("desk", __name__)


def frame() -> dict[str, Any]:
    """What the header of every page of the desk shows."""
    profile = Agent.of(viewer().id)
    return {"availability": profile.availability if profile else None}
