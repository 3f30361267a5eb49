"""What an installed package has: one kind of modem, without anything of tests/simulator. Our driver drives it."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from modem.driver.at import AtDriver
from modem.driver.base.interface import StoredEvent
from modem.sim import __main__
from modem.sim.identity import Identity
from modem.sim.modem import SimModem
from modem.sim.network import Network
from modem.sim.pty_host import PtyHost, carry
from modem.sms.composition import compose
from modem.sms.message import Deliver, OutgoingPart, StatusReport
from modem.sms.submit import encode_submit

pytestmark = pytest.mark.processes

OWN, OTHER = "+32470000001", "+32470000002"


class Running:
    """A modem of the product alone in a thread, and our driver at it."""

    def __init__(self, folder: Path, number: str) -> None:
        self.network = Network()
        times = {"submit_s": 0.001, "report_s": 0.0}
        bring = partial(carry, folder)
        modem = SimModem(Identity.derive(number), self.network, number=number, carry=bring, **times)
        self.host = PtyHost(modem, folder / number, folder)
        self.thread = threading.Thread(target=self.host.run)
        self.driver = AtDriver(str(folder / number), on_event=lambda: None)
        self.thread.start()

    def close(self) -> None:
        self.driver.close()
        self.host.stop()
        self.thread.join()

    def send(self, number: str, text: str) -> int:
        part = OutgoingPart(number, text, "gsm7", validity=timedelta(hours=4), seq=1, total=1, reference=0)
        return self.driver.submit(part, lambda: None)

    def hear(self, kind: type) -> object:
        """The first event of this kind; a text is read where it is stored."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            for event in self.driver.drain_events():
                content = self.driver.read_stored(event) if isinstance(event, StoredEvent) else event
                if isinstance(content, kind):
                    return content
            time.sleep(0.005)
        raise AssertionError(f"no {kind}")


@pytest.fixture
def modems(tmp_path: Path) -> Iterator[tuple[Running, Running]]:
    running = Running(tmp_path, OWN), Running(tmp_path, OTHER)
    yield running
    for modem in running:
        modem.close()


def test_our_driver_sets_it_up_sends_and_hears(modems: tuple[Running, Running]) -> None:
    modem, _ = modems
    identity = modem.driver.open()
    assert (identity.model, identity.imsi[:5], len(identity.iccid or "")) == ("SimModem", "00101", 19)
    assert modem.driver.registration().registered
    assert modem.driver.signal_dbm() == -73
    assert modem.driver.ims() == "sms"
    assert (modem.send(OTHER, "Essai é€"), modem.send(OTHER, "Deux")) == (0, 1)
    assert [line["text"] for line in modem.network.messages.lines] == ["Essai é€", "Deux"]
    assert modem.hear(StatusReport).status == 0
    assert modem.driver.ussd("*100#").startswith("Solde")
    assert modem.driver.ring(OTHER, 0.01, lambda: True) == "rang"


@pytest.mark.parametrize(("sender", "recipient"), [(0, 0), (0, 1)])
def test_what_is_sent_to_a_number_comes_in_there(modems: tuple[Running, Running], sender: int, recipient: int) -> None:
    for modem in modems:
        modem.driver.open()
    modems[sender].send((OWN, OTHER)[recipient], "Retour")
    text = modems[recipient].hear(Deliver)
    assert (text.sender, text.text) == (OWN, "Retour")


def test_it_restarts_and_is_set_up_anew(modems: tuple[Running, Running]) -> None:
    modem, _ = modems
    modem.driver.open()
    modem.driver.reset()
    modem.driver.open()
    assert modem.send(OTHER, "Après") == 0


def test_a_long_text_is_one_message(modems: tuple[Running, Running]) -> None:
    modem, _ = modems
    modem.driver.open()
    text = "Essai ê 😀 " * 12
    composed = compose(text)
    for seq, segment in enumerate(composed.segments, 1):
        part = OutgoingPart(OTHER, segment, "ucs2", seq, len(composed.segments), 7, timedelta(hours=4))
        modem.driver.submit(part, lambda: None)
    (line,) = modem.network.messages.lines
    assert (line["text"], line["encoding"], line["parts"]) == (composed.text, "ucs2", len(composed.segments))
    assert line["references"] == list(range(len(composed.segments)))


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        (b"AT\r", "OK"),
        (b"noise AT+CGMM\r", "SimModem OK"),
        (b"AT+CREG=2\r", "OK"),
        (b"AT+CMGR=1\r", "ERROR"),
        (b"AT+XYZ?\r", "ERROR"),
        (b"hello\r", "ERROR"),
        (b"AT+CMGS=20\r\x1b", "> OK"),
        (b"AT+CMGS=20\r00\x1a", "> +CMS ERROR: 304"),
        (b"AT+CMGS=2\r000011\x1a", "> +CMS ERROR: 304"),
        (b"AT+CMGS=9\rxx\x1aAT\r", "> +CMS ERROR: 304 OK"),
        (b'AT+CUSD=1,"00230031",15\r', "OK +CUSD: 4"),
        (b"A" * 100_000, ""),
    ],
)
def test_what_is_typed_is_answered(typed: bytes, answer: str) -> None:
    modem = SimModem(Identity.derive(0), Network())
    assert " ".join(modem.feed(typed, 0.0).decode().split()) == answer
    assert modem.due() is None


@pytest.mark.parametrize("typed", [b"AT\r\n", b"\x1b"])
def test_what_comes_in_waits_for_no_line_that_nobody_began(typed: bytes) -> None:
    modem = SimModem(Identity.derive(0), Network())
    modem.feed(typed, 0.0)
    modem.bring(b"\x00", 1.0)
    assert modem.due() == 1.0
    assert modem.poll(1.0).startswith(b"\r\n+CMT: ")


def test_a_slow_submit_is_answered_when_it_is_due() -> None:
    network = Network()
    modem = SimModem(Identity.derive(0), network, submit_s=2.0, report_s=3.0)
    pdu = encode_submit(OutgoingPart(OTHER, "Essai", "gsm7", 1, 1, 0, timedelta(hours=4)))
    modem.feed(f"AT+CMGS={len(pdu) // 2 - 1}\r{pdu}\x1aAT\r".encode(), 10.0)
    assert (modem.due(), modem.poll(11.9), network.messages.lines) == (12.0, b"", [])
    assert modem.poll(12.0).decode().split() == ["+CMGS:", "0", "OK", "OK"]
    assert modem.due() == 15.0
    assert modem.poll(15.0).startswith(b"\r\n+CDS: ")


def test_nothing_is_left_of_it(tmp_path: Path) -> None:
    Running(tmp_path, OWN).close()
    assert list(tmp_path.iterdir()) == []


def test_an_installed_one_knows_neither_faults_nor_profiles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(__main__, "_CHECKOUT", tmp_path)
    with pytest.raises(SystemExit) as usage:
        __main__.main(["--link", str(tmp_path / "m"), "--log", str(tmp_path / "log"), "--fault", "error"])
    assert usage.value.code == 2
    assert "--fault" in capsys.readouterr().err


@pytest.mark.slow
def test_a_checkout_has_them_wherever_it_is_started(tmp_path: Path) -> None:
    told = subprocess.run([sys.executable, "-m", "modem.sim", "--help"], cwd=tmp_path, capture_output=True, text=True)
    assert "sim7670g" in told.stdout
    assert "--control" in told.stdout
