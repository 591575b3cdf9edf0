"""What is compiled once for all applications of a run, though each test has an application of its own.

Templates, SQL statements and the builders of addresses depend on nothing that a test changes; to compile them anew
was two thirds of what an ordinary test cost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


class _Compiled(BytecodeCache):
    """Every template is compiled once for all applications of a run."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


_templates = _Compiled()
_statements: dict[str, tuple[Any, Any]] = {}
_builders: dict[Any, Callable[..., tuple[str, str]]] = {}
_compile_builder = Rule._compile_builder


def share_compiled(app: Flask) -> None:
    """Templates, and statements per kind of database.

    Compiled statements are kept per dialect object, so all applications of a run share that as well.
    """
    from helpdesk.core.db import db

    app.jinja_env.bytecode_cache = _templates
    with app.app_context():
        engine = db.engine
        own = (engine.dialect, engine._compiled_cache)
        engine.dialect, engine._compiled_cache = _statements.setdefault(engine.dialect.name, own)


def _shared_builder(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    """The function that builds a rule's addresses; it gets the rule, and asks that for its converters."""
    if rule.defaults:  # these are written into the function
        return _compile_builder(rule, append_unknown)
    key = (rule.rule, tuple(rule._trace), append_unknown)
    if key not in _builders:
        _builders[key] = _compile_builder(rule, append_unknown)
    return _builders[key]


Rule._compile_builder = _shared_builder  # type: ignore[method-assign]
