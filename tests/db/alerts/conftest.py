"""The modem of these tests."""

import pytest

from db.alerts.values import Sender
from tests.db.alerts.reporting import A
from tests.support.people import ready_modem


@pytest.fixture
def modem(now) -> Sender:
    """Ready, with the SIM A."""
    return ready_modem("a", now, A)
