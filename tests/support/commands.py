"""`run(app, "audit", "verify")`: a command as an operator types it, on an application of a test."""

from __future__ import annotations

from contextvars import Context

from click.testing import CliRunner, Result
from flask import Flask
from flask.cli import FlaskGroup


def run(app: Flask, *words: str) -> Result:
    """What came of it: `.exit_code`, `.output`."""
    group = FlaskGroup(create_app=lambda: app, add_default_commands=False, add_version_option=False)
    return Context().run(CliRunner().invoke, group, words)
