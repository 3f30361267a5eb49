"""The process that libgammu lives in: what is said to it, what it reads in the trail, and how it ends."""

import dataclasses
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from modem.driver.gammu_process import messages
from modem.driver.gammu_process.messages import Reason, Refused, Submit, Unlock, heard, line, parse
from modem.driver.gammu_process.port import watch_hang_up
from modem.driver.gammu_process.refusals import Refusal, modem_error
from modem.driver.gammu_process.submitting import submit
from modem.driver.gammu_process.trail import Passage
from modem.driver.interface.protocol import PortLost, Receipt
from modem.errors import CmsError, CommandError, ModemError, PortGone, ProtocolError
from modem.sim.network.faults import Faults
from tests.contract.bench import ANNA, PIN, Bench, Keeper, nothing, part, within

MADE = {"str": "é\"'\u2028", "int": 7, "bool": True, "float": 1.5, "float | None": None}
KINDS = messages.Message.__args__


def made(kind):
    """One of the kind, with a value of its type in each field."""
    return kind(**{field.name: MADE.get(str(field.type), MADE["str"]) for field in dataclasses.fields(kind)})


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_what_is_said_arrives(kind):
    message = made(kind)
    said = line(message)
    assert said.endswith(b"\n")
    assert said.count(b"\n") == 1
    assert parse(said) == message


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b'{"": "Submit"}', b'{"": "Nothing"}', b'{"": "Done", "x": 1}', b"\xff"]
)
def test_what_makes_no_sense_is_not_shown(data):
    with pytest.raises(ProtocolError) as raised:
        parse(data)
    assert raised.value.__cause__ is None
    assert "Nothing" not in str(raised.value)


def test_secrets_are_in_no_repr():
    for message in (Unlock("4711"), Submit.of(part("Essai", number=ANNA))):
        assert not any(secret in repr(message) for secret in ("4711", "Essai", ANNA))


def test_a_part_comes_back_as_it_was():
    for one in (part(), part(validity=None), part("ê~", "ucs2", seq=2, total=3, reference=255)):
        assert parse(line(Submit.of(one))).part == one


def test_the_longest_message_fits_into_one_write():
    """Two threads of the process write; a pipe keeps 4096 octets together."""
    longest = messages.Text("SM", 10**6, "+" * 21, "\u20ac" * 160, "2026-11-24T20:25:15+00:00", 65535, 255, 255)
    assert len(line(longest)) < 4096
    assert len(line(messages.Traffic("read", "\xff" * 512))) < 4096
    assert len(line(messages.Pdu("SM", 1, False, "FF" * 180))) < 4096


def test_what_comes_by_itself():
    assert heard(messages.Pdu("", 0, True, "00"))
    assert not heard(messages.Pdu("SM", 1, True, "00"))
    assert heard(messages.Arrived("SM", 1, False))
    assert not heard(messages.Done())


@pytest.mark.parametrize("reason", Reason.__args__)
def test_every_refusal_is_one_of_our_errors(reason):
    error = modem_error(Refused(reason, "SendSMS", 38, "minicom (pid 7)"))
    assert isinstance(error, ModemError)
    assert "SendSMS" in str(error) or reason in ("no_sim", "locked")


ECHO, PROMPT = '1 "AT+CMGS=22"\n', '2 "> 0791"\n'
STARTED = ECHO + '2 "> "\nChecking line: > \nSending SMS\n'
NO_PROMPT = "Waiting for modem prompt\nEscaping SMS mode\n"


class Phone:
    """An AT phone whose trail is written beforehand: a passage for SendSMS, and one for each wait."""

    is_at = True

    def __init__(self, *passages, error=None):
        self._passages = [Passage(text) for text in passages]
        self._error = error
        self.passage = None

    def call(self, name, message):
        self.passage = self._passages.pop(0)
        if self._error:
            raise self._error
        return -1

    def wait(self):
        self.passage = self._passages.pop(0)


def refusal(reason, code=None):
    return Refusal(Refused(reason, "SendSMS", code))


@pytest.mark.parametrize(
    ("passages", "error", "outcome"),
    [
        ([STARTED + ECHO + PROMPT + '3 "+CMGS: 7"\n4 "OK"\n'], None, 7),
        # python-gammu says -1 for these: a line between, the echo twice, a URC before it
        ([STARTED + ECHO + PROMPT + '3 "+CMGS: 7"\n4 "*RADIOPOWER: 1"\n5 "OK"\n'], None, 7),
        ([STARTED + ECHO + '2 "AT+CMGS=22"\n3 "> 0791"\n4 "+CMGS: 7"\n5 "OK"\n'], None, 7),
        ([STARTED + '1 "+CREG: 1"\n' + ECHO + PROMPT + '3 "+CMGS: 7"\n4 "OK"\n1 "+CDS: 25"\n2 "07"\n'], None, 7),
        # it stops waiting after a hundred reads
        ([STARTED, "", ECHO + PROMPT + '3 "+CMGS: 255"\n4 "OK"\n'], refusal("timeout"), 255),
        # the result of the one before, and then ours
        ([STARTED + ECHO + '2 "+CMGS: 6"\n3 "OK"\n', '1 "> 0791"\n2 "+CMGS: 7"\n3 "OK"\n'], None, 7),
        ([STARTED + ECHO + PROMPT + '3 "+CMS ERROR: 38"\n'], refusal("ERROR"), ("CMS", 38)),
        ([STARTED, ECHO + PROMPT + '3 "+CMS ERROR: 500"\n'], refusal("timeout"), ("CMS", 500)),
        ([STARTED + ECHO + PROMPT + '3 "ERROR"\n'], refusal("ERROR"), ("ERROR", None)),
        ([STARTED + ECHO + PROMPT + '3 "OK"\n'], None, ("protocol", None)),
        ([STARTED + ECHO + PROMPT + '3 "+CMGS: 256"\n4 "OK"\n'], None, ("protocol", None)),
        ([NO_PROMPT], refusal("timeout"), ("timeout", None)),
        ([ECHO + '2 "+CMS ERROR: 310"\n'], refusal("CMS", 310), ("CMS", 310)),
        ([NO_PROMPT], refusal("gone"), ("gone", None)),
    ],
)  # fmt: skip
def test_the_result_is_what_stands_behind_the_prompt(passages, error, outcome):
    phone = Phone(*passages, error=error)
    if isinstance(outcome, int):
        assert submit(phone, Submit.of(part()), "") == outcome
    else:
        with pytest.raises(Refusal) as raised:
            submit(phone, Submit.of(part()), "")
        assert (raised.value.refused.reason, raised.value.refused.code) == outcome


@pytest.mark.parametrize(("reason", "told"), [("timeout", "gone"), ("ERROR", "ERROR"), ("gone", "gone")])
def test_phone_without_a_trail(reason, told):
    phone = Phone("", error=refusal(reason))
    phone.is_at = False
    with pytest.raises(Refusal) as raised:
        submit(phone, Submit.of(part()), "")
    assert raised.value.refused.reason == told


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
    assert Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[1:-1] == [b"-m", b"modem.driver.gammu_process"]
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
    assert bench.driver.submit(part(), nothing) == Receipt(0)


@pytest.mark.slow
def test_it_outlives_the_thread_that_opened_it(gammu_bench):
    """Linux sends the death signal at the end of a thread, not of a process."""
    bench = gammu_bench()
    opener = threading.Thread(target=bench.driver.open)
    opener.start()
    opener.join()
    bench.driver.probe()


PARENT = """
import sys
from datetime import timedelta
from modem.driver.registry import DRIVERS
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


def test_the_other_end_of_a_pipe_is_watched_while_bytes_wait():
    reading, writing = os.pipe()
    os.write(writing, b"not read")
    told = threading.Event()
    watch_hang_up(reading, told.set)
    assert not told.wait(0.01)
    os.close(writing)
    assert told.wait(5)
    os.close(reading)


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
    bench.host.modem.faults = Faults()
    assert bench.driver.restore_smsc()
    bench.host.modem.faults = Faults(["refuse:+CSCA"])
    assert bench.driver.restore_smsc()  # as it told before
    bench.driver.submit(part(), nothing)


def test_the_errors_are_those_of_the_contract():
    assert isinstance(modem_error(Refused("CMS", "AT+CMGS", 38)), CmsError)
    assert type(modem_error(Refused("ERROR", "AT+CMGS"))) is CommandError
