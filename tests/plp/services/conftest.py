"""The console over a real database, as its own tests use it: the page and the API are two of the doors."""

from tests.console.conftest import (  # noqa: F401 - fixtures
    app,
    built,
    client,
    compiled,
    ready_modem,
    settings,
    sign_in,
)
from tests.plp.services.doors import house  # noqa: F401 - fixture
