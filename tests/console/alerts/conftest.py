"""A house with people, one modem, and an officer at the console."""

from collections.abc import Callable

import pytest

from tests.console.alerts import scene
from tests.console.conftest import Browser


@pytest.fixture
def officer(ready_modem: Callable[..., None], sign_in: Callable[..., Browser]) -> Browser:
    ready_modem()
    scene.people()
    return sign_in("officer")
