"""A process whose mail leaves as the zone's."""

from collections.abc import Iterator

import pytest

from db.mail import send_as
from tests.mail.letters import settings


@pytest.fixture(autouse=True)
def posting() -> Iterator[None]:
    send_as(settings())
    yield
    send_as(None)
