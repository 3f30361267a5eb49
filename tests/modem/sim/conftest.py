"""What the tests with clients from Debian share."""

import os
import shutil
from collections.abc import Callable

import pytest

from tests.modem.sim.process import ENVIRONMENT


@pytest.fixture
def needs() -> Callable[[str, str], None]:
    """Skips, loudly, where the program of a Debian package is not installed; in CI it must be."""

    def check(program: str, package: str) -> None:
        if shutil.which(program, path=ENVIRONMENT["PATH"]):
            return
        if os.environ.get("CI"):
            pytest.fail(f"{program} not found: apt-get install {package}")
        pytest.skip(f"apt-get install {package}")

    return check
