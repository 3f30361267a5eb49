"""Boxes that end with the test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.box import Box


@pytest.fixture
def make_box(tmp_path: Path) -> Iterator[Callable[..., Box]]:
    """`make_box("a", "b")` writes a configuration with these modems and creates the database."""
    boxes: list[Box] = []

    def make(*modems: str, **options: str) -> Box:
        box = Box(tmp_path, modems, **options)
        boxes.append(box)
        box.plp("migrate")
        return box

    yield make
    for box in boxes:
        box.close()
