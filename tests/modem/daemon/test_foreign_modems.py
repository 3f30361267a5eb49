"""Modems as sources that are not ours describe them (`tests/modem/sim/foreign`): a worker sends, and hears what comes.

The simulator does as those say: what it lists, what it refuses all the same, what it wants acknowledged.
"""

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from base.settings.values import ModemSettings
from db.alerts.progress.progress import progress
from db.engine.clock import utc_now
from db.models.modem_records import InboundMessage
from db.modems.status import beat
from modem.daemon.worker.worker import ModemWorker
from modem.driver.at import AtDriver
from modem.sim.identity import Identity
from tests.simulator import phone
from tests.simulator.base.network import Network
from tests.simulator.dialects import profile_in
from tests.simulator.faults import Faults
from tests.simulator.modem import SimModem
from tests.simulator.phone import Phone
from tests.simulator.profile import Profile
from tests.support.people import order, person
from tests.support.simulator import RunningHost

FOREIGN = [profile_in(file) for file in sorted((Path(__file__).parents[1] / "sim" / "foreign").glob("*.toml"))]
# As another program left a modem that is otherwise as usual.
LEFT = {"ATV0": "left:V0", "ATQ1": "left:Q1", "AT+CFUN=5": "radio-off:5", "AT+CFUN=7": "radio-off:7"}
# Of a modem that wants its pause before it has said who it is.
USB_IDS = {"telit": "1bc7:1201"}
SENDER = "+32470000999"
PEOPLE, TEXTS = 20, 5
# Each storage is looked through once in five minutes: what comes so soon was told of by the modem.
SOON_S = 20.0
PATIENCE_S = 60.0

pytestmark = [pytest.mark.processes, pytest.mark.slow, pytest.mark.usefixtures("database")]


@dataclass
class Box:
    """A worker with our AT driver at a simulated modem, and the thread of the daemon around it."""

    folder: Path
    profile: Profile
    fault: str = ""
    submit_s: float = 0.01
    wake: threading.Event = field(default_factory=threading.Event)

    def __enter__(self):
        link = self.folder / "tty"
        self.network = Network()
        made = Phone(Identity.derive(self.profile.name), self.network, self.profile)
        modem = SimModem(made, Faults([self.fault]), submit_s=self.submit_s, link_s=0.0, reset_s=0.0)
        self.host = RunningHost(modem, link)
        self.host.__enter__()
        self.driver = AtDriver(str(link), on_event=self.wake.set, usb_id=USB_IDS.get(self.profile.name))
        settings = ModemSettings("a", "sim", messages_per_minute=0, urgent_messages_per_minute=0)
        self.worker = ModemWorker("box", settings, self.driver, lambda: True, utc_now, lambda write: write())
        return self

    def __exit__(self, *error):
        self.worker.close()
        self.host.__exit__(*error)

    def until(self, condition):
        """Seconds that it took."""
        began = time.monotonic()
        while not condition():
            assert time.monotonic() < began + PATIENCE_S, (self.worker.status.state, self.worker.status.sentence)
            if not self.worker.step(utc_now()) and not condition():
                self.wake.wait(self.worker.idle_s(utc_now()))
                self.wake.clear()
        return time.monotonic() - began


def sent(box, people):
    """An alert to so many is taken by the network; what asks for its counts."""
    for number in range(people):
        person(number, utc_now())
    beat("box", "modem", 1, utc_now())
    placed = order(utc_now())

    def counts():
        return progress(placed.id, utc_now()).counts

    box.until(lambda: counts()["sent"] + counts()["delivered"] == people)
    assert len({line["to"] for line in box.network.messages.lines}) == len(box.network.messages.lines) == people
    return counts


def heard_s(box):
    """The seconds until each of some texts is stored."""
    for number in range(TEXTS):
        before = InboundMessage.select().count()
        box.host.order(f"inbound {SENDER} Réponse {number}")
        yield box.until(lambda: InboundMessage.select().count() > before)  # noqa: B023


def works(box):
    """20 of 20 are sent and reported on, and each text is there soon."""
    ready_s = box.until(lambda: box.worker.status.state == "ready")
    counts = sent(box, PEOPLE)
    reported_s = box.until(lambda: counts()["delivered"] == PEOPLE)
    longest_s = max(heard_s(box))
    print(f"ready after {ready_s:.1f} s, reports {reported_s:.2f} s, texts {longest_s:.2f} s")
    assert max(reported_s, longest_s) < SOON_S


@pytest.mark.parametrize("profile", FOREIGN, ids=lambda profile: profile.name)
def test_a_modem_that_others_describe_sends_and_hears(tmp_path, profile):
    with Box(tmp_path, profile) as box:
        works(box)


@pytest.mark.parametrize("fault", LEFT.values(), ids=LEFT.keys())
def test_a_modem_that_another_program_left_otherwise_sends_and_hears(tmp_path, fault):
    with Box(tmp_path, next(profile for profile in FOREIGN if profile.name == "huawei"), fault) as box:
        works(box)


def test_a_submit_that_outlasts_the_acknowledgement_ends_no_routing(tmp_path, monkeypatch):
    """A report comes while the modem is busy with the next submit: it gives up routing, and is told to begin again."""
    profile = next(profile for profile in FOREIGN if profile.name == "phase-2-plus")
    with Box(tmp_path, profile, submit_s=0.5) as box:
        box.until(lambda: box.worker.status.state == "ready")
        with monkeypatch.context() as impatient:
            impatient.setattr(phone, "ACKNOWLEDGE_S", 0.2)
            sent(box, 3)
        box.until(lambda: not box.driver._open_port.routing.owes)
        assert max(heard_s(box)) < SOON_S
