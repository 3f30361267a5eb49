"""What the tests with clients from Debian share."""

from collections.abc import Callable

import pytest

from tests.modem.sim.process import must_have


@pytest.fixture
def needs() -> Callable[[str, str], None]:
    """Skips, loudly, where the program of a Debian package is not installed; in CI it must be."""
    return must_have
