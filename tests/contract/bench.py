"""One driver at one simulated modem, and what the tests of the contract do to both."""

import itertools
import os
import threading
import time
from datetime import timedelta

from modem.daemon.drivers import DRIVERS
from modem.driver.base.interface import StoredEvent
from modem.sim.identity import Identity
from modem.sms.message import OutgoingPart, StatusReport
from tests.simulator.base.arrivals import Stored
from tests.simulator.base.network import Network
from tests.simulator.dialects import PROFILES
from tests.simulator.faults import Faults
from tests.simulator.modem import SimModem
from tests.simulator.phone import Phone
from tests.support.modemmanager import until
from tests.support.simulator import RunningHost

ANNA, BERT, CARL = "+32470000002", "+32470000003", "+32470000009"
PIN = "0000"
CAPABILITIES = {name: make("", on_event=lambda: None).capabilities for name, make in DRIVERS.items()}


def part(text="Essai é€", encoding="gsm7", number=ANNA, validity=timedelta(hours=4), **place):
    place = {"seq": 1, "total": 1, "reference": 0} | place
    return OutgoingPart(number, text, encoding, validity=validity, **place)


def nothing():
    """The database's commit of PDU_STARTED."""


class Keeper:
    """A PinKeeper that gives `pin` once, and says what it was told."""

    def __init__(self, pin=PIN):
        self.pin, self.told = pin, []

    def take(self, card, tries_left):
        self.told.append(("take", card, tries_left))
        pin, self.pin = self.pin, None
        return pin

    def accepted(self, card, *before):
        self.told.append(("accepted", card, *before))

    def refused(self, card):
        self.told.append(("refused", card))

    def at_most(self, card):
        return 2 if ("refused", card) in self.told else None


class Bench:
    """`wiring` goes to the driver; `sim` is the state of the card at start, `profile` one of ours or its name.

    `manager` is the ModemManager that has the modem; None where the driver has its port.
    """

    _sockets = itertools.count()

    def __init__(self, driver, link, manager=None, profile="default", faults=(), sim="READY", submit_s=0.0, **wiring):
        self.name = driver
        self.manager = manager
        self.socket = f"abstract:plp{os.getpid()}-{next(self._sockets)}"
        self.identity = Identity.derive(self.socket if manager else "contract")
        self.network = Network()
        profile = PROFILES[profile] if isinstance(profile, str) else profile
        self.phone = Phone(self.identity, self.network, profile, report_s=0.0, sim=sim, pin=PIN)
        modem = SimModem(self.phone, Faults(faults), submit_s=submit_s, link_s=0.0)
        self.host = RunningHost(modem, link, socket=self.socket if manager else None)
        self.heard = threading.Event()
        self.driver = DRIVERS[driver](self.socket if manager else str(link), on_event=self.heard.set, **wiring)
        self.events = []

    def __enter__(self):
        self.host.__enter__()
        if self.manager:
            self.plug_in()
        return self

    def plug_in(self):
        """ModemManager meets the modem; it is told of it once for each of its lives."""
        self.manager.plug("generic", self.socket, self.socket.replace(":", "-"))
        until(lambda: self.manager.has(self.socket))

    def __exit__(self, *error):
        self.driver.close()
        self.host.__exit__(*error)

    @property
    def sent(self):
        """What the network took, in order."""
        return [message["text"] for message in self.network.messages.lines]

    def event(self, kind):
        """The first event of this kind, within 5 s; those of other kinds wait for their turn."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            self.heard.clear()
            self.events += self.driver.drain_events()
            for event in self.events:
                if isinstance(event, kind):
                    self.events.remove(event)
                    return event
            self.heard.wait(deadline - time.monotonic())
        raise AssertionError(f"no {kind}")

    def report(self):
        """The first status report, however it came."""
        event = self.event((StatusReport, StoredEvent))
        if isinstance(event, StoredEvent):
            event = self.driver.read_stored(event)
        return event

    def say(self, *lines):
        """The modem says lines that nobody asked for."""
        os.write(self.host._master, "".join(f"\r\n{line}\r\n" for line in lines).encode())

    def put(self, storage, pdu, kind="deliver"):
        """Something waits at a place of the storage; returns its index."""
        return self.phone.storages[storage].put(Stored(kind, 2 if kind == "submit" else 0, bytes.fromhex(pdu)))


def within(seconds, condition):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.005)
