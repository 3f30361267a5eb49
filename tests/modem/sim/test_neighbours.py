"""Two simulated modems: what one sends to the other's number comes in there, unless a fault has it otherwise."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from modem.sim.identity import Identity
from modem.sim.pty_host import carry
from tests.modem.sim.desk import ANNA, BERT, Desk, desk, pdus
from tests.modem.sim.terminal import Terminal
from tests.simulator.base.network import Network
from tests.simulator.base.tpdu import make_address
from tests.simulator.dialects import PROFILES
from tests.simulator.faults import Faults
from tests.simulator.modem import SimModem
from tests.simulator.phone import Phone
from tests.support.simulator import RunningHost

pytestmark = pytest.mark.processes


@pytest.fixture
def bert(tmp_path: Path) -> Iterator[RunningHost]:
    phone = Phone(Identity.derive(2), Network(), PROFILES["default"], number=BERT)
    with RunningHost(SimModem(phone), tmp_path / "bert", neighbours=tmp_path) as host:
        yield host


def anna(folder: Path, faults: str = "") -> Desk:
    at = desk(faults=faults, number=ANNA, report_s=0.0)
    at.modem.phone.carry = partial(carry, folder)
    at.at("AT+CNMI=2,2,0,1,0")
    return at


def test_it_comes_in_as_a_text_of_the_other_number(tmp_path: Path, bert: RunningHost) -> None:
    with Terminal(tmp_path / "bert") as client:
        client.ask("AT+CNMI=2,2,0,0,0")
        assert "+CMGS" in anna(tmp_path).send(pdus("Bonjour é", BERT)[0])
        client.read_until(b"+CMT: ,")
        length, pdu = (client.read_until(b"\r\n").strip().decode() for _ in range(2))
    assert len(pdu) // 2 - 8 == int(length)
    assert make_address(ANNA).hex().upper() in pdu
    assert bert.order("stats")["inbound"] == 1


@pytest.mark.parametrize(("faults", "came"), [("", 1), ("untaken", 0), ("noreport", 1)])
def test_a_sim_that_silently_stopped(tmp_path: Path, bert: RunningHost, faults: str, came: int) -> None:
    at = anna(tmp_path, faults)
    said = at.send(pdus("x", BERT)[0]) + at.wait(60)
    assert "+CMGS: 0" in said
    assert ("+CDS" in said) == (faults == "")
    bert.order("csq 20")  # in the loop of the host, after the text
    assert bert.order("stats")["inbound"] + bert.order("stats")["waiting"] == came


def test_a_folder_may_have_a_path_longer_than_a_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 60) / ("b" * 60)
    deep.mkdir(parents=True)
    phone = Phone(Identity.derive(2), Network(), PROFILES["default"], number=BERT)
    with RunningHost(SimModem(phone), tmp_path / "bert", neighbours=deep) as host:
        anna(deep).send(pdus("x", BERT)[0])
        host.order("csq 20")
        assert host.order("stats")["inbound"] + host.order("stats")["waiting"] == 1
    assert list(deep.iterdir()) == []


def test_delivered_and_never_shown() -> None:
    for faults, number, there in (("inbound-lost", ANNA, 0), (f"number:{BERT}=inbound-lost", ANNA, 1)):
        at = desk(faults=faults, number=number, report_s=0.0)
        at.at("AT+CNMI=2,2,0,1,0")
        said = at.send(pdus("x", number)[0]) + at.wait(60)
        assert said.count("+CDS") == 1
        assert said.count("+CMT") == there


def test_a_folder_far_down_is_no_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / ("a" * 60) / ("b" * 60)
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    modem = SimModem(Phone(Identity.derive(2), Network(), PROFILES["default"], number=BERT), Faults())
    with RunningHost(modem, deep / "bert", neighbours=deep) as host:
        anna(deep).send(pdus("x", BERT)[0])
        host.order("csq 20")
        assert host.order("stats")["inbound"] + host.order("stats")["waiting"] == 1


def test_nobody_has_the_number(tmp_path: Path) -> None:
    assert "+CMGS: 0" in anna(tmp_path).send(pdus("x", BERT)[0])
