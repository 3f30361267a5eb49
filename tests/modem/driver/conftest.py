import threading
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from modem.driver.at import AtDriver
from modem.driver.dialogue import dialogue
from modem.sms.message import OutgoingPart
from tests.modem.driver.peer import Peer


@dataclass
class Keeper:
    """A PinKeeper that gives its PIN whenever it is asked; `calls` is what it was told."""

    pin: str | None = "0000"
    calls: list[tuple] = field(default_factory=list)

    def take(self, card: str, tries_left: int | None) -> str | None:
        self.calls.append(("take", card, tries_left))
        return self.pin

    def accepted(self, card: str, *before: str) -> None:
        self.calls.append(("accepted", card, *before))

    def refused(self, card: str) -> None:
        self.calls.append(("refused", card))

    def at_most(self, card: str) -> int | None:
        return None


@pytest.fixture(autouse=True)
def _owes_for_a_moment(monkeypatch):
    """What a peer owes it says at once; the pause is real time."""
    monkeypatch.setattr(dialogue, "OWED_S", 0.02)


@pytest.fixture
def keeper():
    return Keeper()


@pytest.fixture
def part():
    return OutgoingPart("+32470000002", "Essai", "gsm7", 1, 1, 0, timedelta(hours=4))


@pytest.fixture
def open_driver():
    """`open_driver(peer, **arguments)` → an open driver.

    Its `heard` event is set when it has something, its `identity` is what `open` returned.
    """
    drivers = []

    def opened(peer: Peer, **arguments) -> AtDriver:
        heard = threading.Event()
        driver = AtDriver(peer.device, on_event=heard.set, clock=peer.clock, **arguments)
        driver.heard = heard
        drivers.append(driver)
        driver.identity = driver.open()
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
