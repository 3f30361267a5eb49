"""What the flight recorder writes plays as a modem that the driver takes for the same one."""

from datetime import timedelta
from pathlib import Path

import pytest

from modem.daemon.records.flight_recorder import FlightRecorder
from modem.driver.at import AtDriver
from modem.driver.base.interface import ModemIdentity
from modem.sim.identity import Identity
from modem.sms.message import OutgoingPart
from tests.simulator.base.network import Network
from tests.simulator.dialects import PROFILES
from tests.simulator.faults import Faults
from tests.simulator.modem import SimModem
from tests.simulator.phone import Phone
from tests.simulator.profile import Profile
from tests.simulator.script import Script
from tests.support.simulator import RunningHost

PART = OutgoingPart("+32470000002", "Essai é€", "gsm7", 1, 1, 0, timedelta(hours=4))


def dialogue(folder: Path, profile: Profile, script: Script | None = None) -> tuple[ModemIdentity, str]:
    """The driver opens, sends and closes; who answered, and the recording."""
    recorder = FlightRecorder("box", "a")
    phone = Phone(Identity.derive("recording"), Network(), profile)
    modem = SimModem(phone, Faults(), submit_s=0.0, script=script)
    with RunningHost(modem, folder / "modem") as host:
        driver = AtDriver(host.device, on_event=lambda: None, on_traffic=recorder.hear)
        identity = driver.open()
        assert driver.registration().registered
        assert driver.submit(PART, lambda: None) == 0
        driver.close()
    assert [line["text"] for line in phone.network.messages.lines] == ["Essai é€"]
    return identity, recorder.script()


# a bare prompt and ends of CR CR LF are not in a recording: what plays it says them in the usual way
@pytest.mark.slow
@pytest.mark.parametrize("profile", PROFILES)
def test_a_recording_plays_as_the_modem_that_was_recorded(tmp_path: Path, profile: str) -> None:
    identity, recording = dialogue(tmp_path, PROFILES[profile])
    script = Script.parse(recording)
    again, _ = dialogue(tmp_path, script.profile(), script)
    assert again == identity
