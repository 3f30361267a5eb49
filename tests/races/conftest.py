"""The modem of these tests, and the database where each actor is a process of its own."""

import pytest

from db.alerts.values import Sender
from tests.support.people import ready_modem


@pytest.fixture
def modem(database, now) -> Sender:
    """Ready, with a card of its own."""
    return ready_modem("a", now)
