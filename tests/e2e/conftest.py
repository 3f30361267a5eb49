"""Boxes that end with the test."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.box import Box
from tests.plp.jobs.smtp.server import PostOffice


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder `var` as `plp migrate` makes it."""
    box = Box(tmp_path_factory.mktemp("migrated"), ())
    box.plp("migrate")
    return box.folder / "var"


@pytest.fixture
def make_box(tmp_path: Path, migrated: Path) -> Iterator[Callable[..., Box]]:
    """`make_box("a", "b")` writes a configuration with these modems, and has a database as `plp migrate` makes it."""
    boxes: list[Box] = []

    def make(*modems: str, folder: Path = tmp_path, **options: str) -> Box:
        box = Box(folder, modems, **options)
        boxes.append(box)
        shutil.copytree(migrated, folder / "var", dirs_exist_ok=True)
        return box

    yield make
    for box in boxes:
        box.close()


@pytest.fixture
def office() -> Iterator[PostOffice]:
    """A mail server that takes everything."""
    office = PostOffice()
    office.start()
    yield office
    office.stop()
