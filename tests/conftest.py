"""What every test may use: a fresh database made by the migrations, and a fixed moment."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from db import schema, zone
from db.connection import bind, connected
from db.settings import ZoneSettings

# In CI the same examples each time, so that a red run is about the change; on a slow machine nothing is too slow.
settings.register_profile("ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci" if os.environ.get("CI") else "default")


@pytest.fixture
def now() -> datetime:
    """A Tuesday evening in Brussels."""
    return datetime(2026, 11, 24, 20, 40, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Path]:
    """A database with the schema and the seed; yields its file."""
    opened = bind("sqlite:///plp.db", tmp_path)
    with connected():
        schema.upgrade(opened)
        zone.seed(ZoneSettings(name="Police locale Seraing/Neupré", code="5278", phone="04/330 40 00"))
        yield tmp_path / "plp.db"
