"""A box's database each half second, as it was: its doors are asked later, at the clock of that moment."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from db.engine.clock import utc_now
from db.engine.connection import bind
from tests.e2e.box import Box

EVERY_S = 0.5


@dataclass(frozen=True)
class Sample:
    """A copy of the database, its moment, and what `outside` counted right after it."""

    file: Path
    at: datetime
    outside: Any


@contextmanager
def sampling(box: Box, outside: Callable[[], Any]) -> Iterator[list[Sample]]:
    """During the block a thread adds a sample every half second; the last one is of its end."""
    samples: list[Sample] = []
    over = Event()

    def take() -> None:
        file = box.folder / "var" / f"sample-{len(samples)}.db"
        live, copy = sqlite3.connect(box.folder / "var/plp.db"), sqlite3.connect(file)
        live.backup(copy)
        at = utc_now()
        live.close()
        copy.close()
        samples.append(Sample(file, at, outside()))

    def take_each() -> None:
        while not over.wait(EVERY_S):
            take()

    thread = Thread(target=take_each)
    thread.start()
    try:
        yield samples
    finally:
        over.set()
        thread.join()
    take()


@contextmanager
def as_it_was(sample: Sample) -> Iterator[None]:
    """During the block the console of this process shows that moment; the copy is gone afterwards."""

    class Then(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return sample.at.astimezone(tz)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("db.engine.clock.datetime", Then)
        bind(f"sqlite:///{sample.file.relative_to(sample.file.parents[1])}", sample.file.parents[1])
        yield
    for part in sample.file.parent.glob(f"{sample.file.name}*"):
        part.unlink()
