"""The process that libgammu lives in: what is sent to it, what it reads in the trail, and how it ends."""

import os
import pickle
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import gammu
import pytest

from modem import errors
from modem.driver.gammu import GammuDriver
from modem.driver.gammu_process.child import Answer, Call, Child, Traffic
from modem.driver.gammu_process.phone import Phone
from modem.driver.gammu_process.trail import Passage, modem_error
from modem.driver.interface.protocol import PortLost
from modem.errors import (
    CmeError,
    CmsError,
    CommandError,
    ModemError,
    ModemTimeout,
    PortGone,
    ProtocolError,
    SubmitUnconfirmed,
)
from tests.contract.bench import ANNA, PIN, Bench, Keeper, nothing, part, within
from tests.simulator.faults import Faults

ERRORS = (
    CmsError("AT+CMGS", 38),
    CmeError("AT+CPIN?", 14),
    CommandError("AT+CMGF"),
    ModemTimeout("AT+CMGS (prompt)"),
    PortGone("ttyUSB2 is gone"),
    ProtocolError("no sense"),
    errors.PortBusy("ttyUSB2", "minicom (pid 7)"),
    errors.PinRequired("the SIM asks for its PIN", 3),
    errors.SimMissing("no SIM in the modem"),
    errors.PduError("no PDU"),
)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_arrives_as_it_was_raised(error):
    arrived = pickle.loads(pickle.dumps(Answer(None, error))).error
    assert (type(arrived), str(arrived), vars(arrived)) == (type(error), str(error), vars(error))


def test_secrets_are_in_no_repr():
    secret = (Call("enter_pin", ("4711",)), Call("submit", (part("Essai", number=ANNA), "")), Answer("Essai"))
    for message in (*secret, Traffic("sent", b"4711")):
        assert not any(word in repr(message) for word in ("4711", "Essai", ANNA))


@pytest.mark.parametrize("name", [name for name in dir(gammu) if name.startswith("ERR_")])
def test_every_refusal_is_one_of_our_errors(name):
    error = modem_error(getattr(gammu, name)({"Where": "SendSMS"}), Passage(""))
    assert isinstance(error, ModemError)
    assert "SendSMS" in str(error)


ECHO, PROMPT = '1 "AT+CMGS=22"\n', '2 "> 0791"\n'
STARTED = ECHO + '2 "> "\nChecking line: > \nSending SMS\n'
NO_PROMPT = "Waiting for modem prompt\nEscaping SMS mode\n"


class Written(Phone):
    """An AT phone whose trail is written beforehand: a passage for SendSMS, and one for each wait."""

    def __init__(self, *passages, error=None):
        self._passages = [Passage(text) for text in passages]
        self._error = error

    def _call(self, name, message):
        self.passage = self._passages.pop(0)
        if self._error:
            raise self._error
        return -1

    def wait(self):
        self.passage = self._passages.pop(0)


TIMEOUT, GONE = ModemTimeout("SendSMS"), PortGone("SendSMS")


@pytest.mark.parametrize(
    ("passages", "error", "outcome"),
    [
        ([STARTED + ECHO + PROMPT + '3 "+CMGS: 7"\n4 "OK"\n'], None, 7),
        # python-gammu says -1 for these: a line between, the echo twice, a URC before it
        ([STARTED + ECHO + PROMPT + '3 "+CMGS: 7"\n4 "*RADIOPOWER: 1"\n5 "OK"\n'], None, 7),
        ([STARTED + ECHO + '2 "AT+CMGS=22"\n3 "> 0791"\n4 "+CMGS: 7"\n5 "OK"\n'], None, 7),
        ([STARTED + '1 "+CREG: 1"\n' + ECHO + PROMPT + '3 "+CMGS: 7"\n4 "OK"\n1 "+CDS: 25"\n2 "07"\n'], None, 7),
        # it stops waiting after a hundred reads
        ([STARTED, "", ECHO + PROMPT + '3 "+CMGS: 255"\n4 "OK"\n'], TIMEOUT, 255),
        # the result of the one before, and then ours
        ([STARTED + ECHO + '2 "+CMGS: 6"\n3 "OK"\n', '1 "> 0791"\n2 "+CMGS: 7"\n3 "OK"\n'], None, 7),
        ([STARTED + ECHO + PROMPT + '3 "+CMS ERROR: 38"\n'], CommandError("SendSMS"), (CmsError, 38)),
        ([STARTED, ECHO + PROMPT + '3 "+CMS ERROR: 500"\n'], TIMEOUT, (CmsError, 500)),
        ([STARTED + ECHO + PROMPT + '3 "ERROR"\n'], CommandError("SendSMS"), (CommandError, None)),
        ([STARTED + ECHO + PROMPT + '3 "OK"\n'], None, (ProtocolError, None)),
        ([STARTED + ECHO + PROMPT + '3 "+CMGS: 256"\n4 "OK"\n'], None, (ProtocolError, None)),
        ([NO_PROMPT], TIMEOUT, (ModemTimeout, None)),
        ([ECHO + '2 "+CMS ERROR: 310"\n'], CmsError("SendSMS", 310), (CmsError, 310)),
        ([NO_PROMPT], GONE, (PortGone, None)),
    ],
)  # fmt: skip
def test_the_result_is_what_stands_behind_the_prompt(passages, error, outcome):
    phone = Written(*passages, error=error)
    if isinstance(outcome, int):
        assert phone.submit(part(), "") == outcome
    else:
        with pytest.raises(ModemError) as raised:
            phone.submit(part(), "")
        assert (type(raised.value), getattr(raised.value, "code", None)) == outcome


class Trailing(Phone):
    """A phone whose SendSMS fails as `error` tells, and whose trail says `text`."""

    def __init__(self, error, text):
        self._machine = SimpleNamespace(SendSMS=Mock(side_effect=error))
        self._taken = iter([Passage(text)]).__next__


@pytest.mark.parametrize(
    ("error", "told"), [(gammu.ERR_TIMEOUT({"Where": "SendSMS"}), ModemTimeout), (ValueError(), ProtocolError)]
)
def test_a_call_that_fails_keeps_what_was_said_meanwhile(error, told):
    phone = Trailing(error, STARTED)
    with pytest.raises(told):
        phone._call("SendSMS", {})
    assert phone.passage.handed_over


def test_passage():
    listing = '1 "AT+CMGL=4"\n2 "+CMGL: 1,0,,53"\n3 "0791"\nChecking\n4 "OK"\n'
    passage = Passage("noise\n" + listing + '1 "+CMTI: "ME",1"\n1 "AT"\n2 "+CME ERROR: 14"\n')
    assert list(passage.frames) == [
        ("AT+CMGL=4", "+CMGL: 1,0,,53", "0791", "OK"),
        ('+CMTI: "ME",1',),
        ("AT", "+CME ERROR: 14"),
    ]
    assert (passage.refusal.kind, passage.refusal.code) == ("CME", 14)
    assert not passage.handed_over
    assert Passage("").refusal is None


@pytest.fixture
def gammu_bench(tmp_path):
    """`gammu_bench(**arguments)` → a Bench of the gammu driver."""
    made = []

    def make(**arguments):
        made.append(Bench("gammu", tmp_path / "modem", **arguments).__enter__())
        return made[-1]

    yield make
    for bench in made:
        bench.__exit__(None, None, None)


def processes(of="self"):
    """Children; among this process's own, other tests of the same run may have left a browser or a server."""
    tasks = Path(f"/proc/{of}/task").iterdir()
    return {int(pid) for task in tasks for pid in (task / "children").read_text().split()}


def ended(pid):
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True


@pytest.mark.slow
def test_nothing_secret_leaves_it(gammu_bench):
    told = []
    bench = gammu_bench(sim="SIM PIN", pin=Keeper(), on_traffic=lambda direction, data: told.append(data))
    before = processes()
    bench.driver.open()
    (pid,) = processes() - before
    arguments = [b"-m", b"modem.driver.gammu_process", bench.host.device.encode()]
    assert Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[1:-1] == arguments
    assert os.readlink(f"/proc/{pid}/fd/2") == "/dev/null"
    assert PIN.encode() not in b"".join(data for data in told if b"CPIN" in data)


@pytest.mark.slow
def test_it_ends_from_one_moment_to_the_next(gammu_bench):
    """As libgammu does when something comes in and nobody has a callback."""
    bench = gammu_bench()
    before = processes()
    bench.driver.open()
    (pid,) = processes() - before
    os.kill(pid, signal.SIGKILL)
    assert bench.event(PortLost) == PortLost()
    with pytest.raises(PortGone):
        bench.driver.submit(part(), pytest.fail)
    bench.driver.open()
    assert bench.driver.submit(part(), nothing) == 0


@pytest.mark.slow
def test_it_outlives_the_thread_that_opened_it(gammu_bench):
    bench = gammu_bench()
    opener = threading.Thread(target=bench.driver.open)
    opener.start()
    opener.join()
    bench.driver.probe()


PARENT = """
import sys
from datetime import timedelta
from modem.daemon.drivers import DRIVERS
from modem.sms.message import OutgoingPart
driver = DRIVERS["gammu"](sys.argv[1], on_event=lambda: None)
driver.open()
print("open", flush=True)
if sys.argv[2] == "idle":
    sys.stdin.read()
driver.submit(OutgoingPart("+32470000002", "Essai", "gsm7", 1, 1, 0, timedelta(hours=4)), lambda: None)
"""


@pytest.mark.slow
@pytest.mark.parametrize("state", ["idle", "submitting"])
def test_it_dies_with_its_driver(gammu_bench, state):
    bench = gammu_bench(faults=["unanswered@=1"] if state == "submitting" else [])
    command = [sys.executable, "-c", PARENT, bench.host.device, state]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout.readline() == b"open\n"
        if state == "submitting":
            within(5, lambda: bench.network.tpdus.lines)
        (pid,) = processes(parent.pid)
        parent.kill()
    within(2, lambda: ended(pid))
    bench.driver.open()
    bench.driver.submit(part(), nothing)


def test_the_other_end_is_watched_while_bytes_wait():
    reading, writing = os.pipe()
    os.write(writing, b"not read")
    code = "import sys, time; from modem.driver.gammu_process.__main__ import _exit_at_hang_up as watch; watch(0); "
    command = [sys.executable, "-c", code + "sys.stdout.write('.'); sys.stdout.flush(); time.sleep(60)"]
    with subprocess.Popen(command, stdin=reading, stdout=subprocess.PIPE) as watching:
        os.close(reading)
        assert watching.stdout.read(1) == b"."
        assert watching.poll() is None
        os.close(writing)
        assert watching.wait(5) == 0


@pytest.mark.slow
@pytest.mark.parametrize(("error", "cause"), [(PortGone, PortGone), (ProtocolError, type(None))])
def test_where_a_message_is_in_doubt_it_is_unconfirmed(gammu_bench, monkeypatch, error, cause):
    bench = gammu_bench()
    bench.driver.open()
    ask = Child.ask

    def refused(child, call, timeout_s):
        if call.method == "submit":
            raise error("SendSMS")
        return ask(child, call, timeout_s)

    monkeypatch.setattr(Child, "ask", refused)
    with pytest.raises(SubmitUnconfirmed) as unconfirmed:
        bench.driver.submit(part(), nothing)
    assert isinstance(unconfirmed.value.__cause__, cause)


@pytest.mark.slow
def test_what_is_no_tty_is_said(tmp_path):
    (tmp_path / "file").touch()
    for device, error in ((tmp_path, errors.PortError), (tmp_path / "file", errors.PortError), ("nowhere", PortGone)):
        driver = GammuDriver(str(device), on_event=nothing)
        with pytest.raises(error):
            driver.open()


def test_it_cannot_be_started(gammu_bench, monkeypatch):
    def fails(*_, **__):
        raise OSError("no memory")

    monkeypatch.setattr("modem.driver.gammu_process.child.subprocess.Popen", fails)
    with pytest.raises(ModemError):
        gammu_bench().driver.open()


@pytest.mark.slow
def test_service_centre_of_the_section(gammu_bench):
    told = []
    bench = gammu_bench(smsc="+32475161616", on_traffic=lambda direction, data: told.append(data))
    bench.driver.open()
    bench.driver.submit(part(), nothing)
    assert b"> 07912374151616F6" in b"".join(told)
    assert bench.sent == ["Essai é€"]


@pytest.mark.slow
def test_no_service_centre(gammu_bench):
    bench = gammu_bench(faults=["refuse:+CSCA"])
    assert bench.driver.open().smsc is None
    assert not bench.driver.restore_smsc()
    with pytest.raises(CmsError) as raised:
        bench.driver.submit(part(), pytest.fail)
    assert raised.value.code == 330
    bench.host.modem.phone.faults = Faults()
    assert bench.driver.restore_smsc()
    bench.host.modem.phone.faults = Faults(["refuse:+CSCA"])
    assert bench.driver.restore_smsc()  # as it told before
    bench.driver.submit(part(), nothing)


def test_the_wheel_brings_its_own_library():
    assert gammu.Version()[0] == gammu.Version()[2]
