"""How a fault is planted: names of the product, and prepared queries, are replaced for the length of a block."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import wraps
from types import FunctionType, ModuleType
from typing import Any
from unittest.mock import patch

Place = tuple[ModuleType | type, str]


@dataclass(frozen=True)
class Planted:
    """A fault: `changes` are names with what stands there instead; nights of its `kind` meet it."""

    name: str
    kind: str
    changes: tuple[tuple[Place, Any], ...]

    @contextmanager
    def in_place(self) -> Iterator[list[str]]:
        """The product has this fault during the block; yields the names that were called, as often as they were."""
        called: list[str] = []
        with ExitStack() as patches:
            for (owner, name), instead in self.changes:
                noted = _noted(instead, name, called) if isinstance(instead, FunctionType) else instead
                patches.enter_context(patch.object(owner, name, noted))
            yield called


def _noted(instead: Callable[..., Any], name: str, called: list[str]) -> Callable[..., Any]:
    @wraps(instead)
    def note(*given: object, **named: object) -> Any:
        called.append(name)
        return instead(*given, **named)

    return note


class Table:
    """The faults of one subject, in order of their writing, most of them met by nights of one `kind`."""

    def __init__(self, kind: str) -> None:
        self.faults: list[Planted] = []
        self._kind = kind

    def plant(self, name: str, *changes: tuple[ModuleType | type, str, Any], kind: str = "") -> None:
        """`changes`: owner, name, and what stands there instead."""
        places = tuple(((owner, attribute), instead) for owner, attribute, instead in changes)
        self.faults.append(Planted(name, kind or self._kind, places))


class Always:
    """In place of a prepared query: one answer, whatever is asked."""

    def __init__(self, row: Any = None) -> None:
        self._row = row

    def first(self, **_values: object) -> Any:
        return self._row

    def rows(self, **_values: object) -> list[Any]:
        return [] if self._row is None else [self._row]

    def change(self, **_values: object) -> int:
        return 1


def nothing(result: Any = None) -> Callable[..., Any]:
    """A function that does nothing and returns this."""
    return lambda *_given, **_named: result
