import threading
from datetime import timedelta

import pytest

from modem.driver.at import AtDriver
from modem.sms import OutgoingPart
from tests.driver.peer import Peer


@pytest.fixture
def part():
    return OutgoingPart("+32470000002", "Essai", "gsm7", 1, 1, 0, timedelta(hours=4))


@pytest.fixture
def open_driver():
    """`open_driver(peer, **arguments)` → an open driver, whose `heard` event is set when it has something."""
    drivers = []

    def opened(peer: Peer, **arguments) -> AtDriver:
        heard = threading.Event()
        driver = AtDriver(peer.device, on_event=heard.set, clock=peer.clock, **arguments)
        driver.heard = heard
        drivers.append(driver)
        driver.open()
        return driver

    yield opened
    for driver in drivers:
        driver.close()


@pytest.fixture(autouse=True)
def no_thread_is_left():
    before = set(threading.enumerate())
    yield
    left = [thread.name for thread in set(threading.enumerate()) - before if thread.name.startswith("reader")]
    assert left == []
