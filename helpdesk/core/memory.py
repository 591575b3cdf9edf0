"""What is asked again and again while nothing of it changes: it is asked once, and forgotten at the end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_memory: ContextVar[dict[Any, Any] | None] = ContextVar("memory", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """What is asked with `once` is asked once in here: for work that changes none of it. Within another, its part."""
    known = _memory.get()
    memory = _memory.set({} if known is None else known)
    try:
        yield
    finally:
        _memory.reset(memory)


def once(key: Any, find: Callable[[], Any]) -> Any:
    """What is asked again and again is asked once where somebody is `remembering`. Elsewhere it is asked each time."""
    memory = _memory.get()
    if memory is None:
        return find()
    if key not in memory:
        memory[key] = find()
    return memory[key]


def foreknow(found: dict[Any, Any]) -> None:
    """What `once` will be asked for, found for many at once."""
    memory = _memory.get()
    if memory is not None:
        memory.update(found)
