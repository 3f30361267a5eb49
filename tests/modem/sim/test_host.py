"""The pty, its link and the control commands, with the loop in a thread of this process."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from modem.sim.identity import Identity
from tests.modem.sim.desk import ANNA, command, pdus
from tests.modem.sim.terminal import HungUp, Terminal
from tests.simulator.base.network import Network
from tests.simulator.dialects import PROFILES
from tests.simulator.faults import Faults
from tests.simulator.modem import SimModem
from tests.simulator.phone import Phone
from tests.support.simulator import RunningHost

pytestmark = pytest.mark.processes

(PDU,) = pdus("Bonjour é€")


def make_modem() -> SimModem:
    return SimModem(Phone(Identity.derive(1), Network(), PROFILES["default"], report_s=0.0))


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline


@pytest.fixture
def host(tmp_path: Path) -> Iterator[RunningHost]:
    with RunningHost(make_modem(), tmp_path / "modem") as running:
        yield running


def test_who_sees_the_link_may_use_the_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link, control = tmp_path / "modem", tmp_path / "control"
    plug_in, stood = RunningHost.plug_in, []

    def watched(host: RunningHost, **how: bool) -> None:
        stood.append(control.is_socket())
        plug_in(host, **how)

    monkeypatch.setattr(RunningHost, "plug_in", watched)
    with RunningHost(make_modem(), link, control):
        assert stood == [True]
    assert not control.exists()


def test_what_is_no_link_is_not_replaced_and_no_socket_is_left(tmp_path: Path) -> None:
    link, control = tmp_path / "modem", tmp_path / "control"
    link.write_text("a file")
    with pytest.raises(FileExistsError):
        RunningHost(make_modem(), link, control)
    assert not control.exists()


def test_a_client_sends_and_hears_the_report(host: RunningHost) -> None:
    with Terminal(host.device) as client:
        client.ask("AT+CNMI=2,1,0,1,0")
        assert "+CMGS: 0" in client.send(PDU)
        assert "+CDS: " in client.read_until(b"00\r\n").decode()
    assert host.order("stats")["reports"] == 1


def test_the_link_is_there_while_it_runs_and_gone_afterwards(tmp_path: Path) -> None:
    link = tmp_path / "modem"
    with RunningHost(make_modem(), link) as host:
        assert os.readlink(link).startswith("/dev/pts/")
        assert host.device == str(link)
    assert not link.is_symlink()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("sim ")]


def test_a_stale_link_is_replaced_and_a_file_is_not(tmp_path: Path) -> None:
    link, file = tmp_path / "link", tmp_path / "file"
    link.symlink_to("/dev/pts/gone")
    file.write_text("precious")
    with RunningHost(make_modem(), link) as host, Terminal(host.device) as client:
        client.ask("AT")
    with pytest.raises(FileExistsError, match="not a link"):
        RunningHost(make_modem(), file)
    assert file.read_text() == "precious"


def test_without_a_link_the_device_is_the_slave() -> None:
    with RunningHost(make_modem()) as host, Terminal(host.device) as client:
        assert host.device.startswith("/dev/pts/")
        client.ask("AT")


@pytest.mark.parametrize("left", [b"AT+CM", command(PDU), command(PDU) + b"0011000B91"])
def test_clients_come_and_go_in_the_middle_of_a_dialogue(host: RunningHost, left: bytes) -> None:
    with Terminal(host.device) as killed:
        killed.ask("AT")
        killed.write(left)
        killed.read_until(b"> " if left.startswith(b"AT+CMGS") else left)
    with Terminal(host.device) as client:
        client.write(b"\x1b")
        client.ask("ATE0")
        assert "+CMGS: 0" in client.send(PDU)


def test_unplug_hangs_up_and_replug_on_another_path_is_the_same_modem(host: RunningHost, tmp_path: Path) -> None:
    with Terminal(host.device) as client:
        imei = client.ask("AT+CGSN")
        client.ask("ATE0")
        assert host.order("unplug")["ok"]
        with pytest.raises(HungUp):
            client.read_until(b"never")
    assert not (tmp_path / "modem").is_symlink()
    assert host.order("unplug") == {"ok": False, "error": "It is unplugged already."}
    assert host.order(f"replug {tmp_path}/other")["link"] == f"{tmp_path}/other"
    with Terminal(tmp_path / "other") as client:
        assert client.ask("AT+CGSN") == imei  # with the echo on again


def test_a_hung_modem_says_nothing_and_goes_on_where_it_stood(host: RunningHost) -> None:
    with Terminal(host.device) as client:
        client.ask("ATE0")
        host.order("hang")
        client.write(b"AT\r")
        with pytest.raises(TimeoutError):
            client.read_until(b"OK\r\n", timeout_s=0.005)
        assert host.order("stats")["hung"]
        host.order("resume")
        client.read_until(b"OK\r\n")


def test_a_hung_modem_can_be_unplugged_and_lives_when_plugged_in(host: RunningHost) -> None:
    host.order("hang")
    host.order("unplug")
    host.order("replug")
    with Terminal(host.device) as client:
        client.ask("AT")


def test_a_link_that_cannot_be_made_leaves_it_unplugged(host: RunningHost, tmp_path: Path) -> None:
    host.order("unplug")
    assert "No such file" in host.order(f"replug {tmp_path}/no/where")["error"]
    assert not host.order("stats")["plugged"]
    assert host.order(f"replug {tmp_path}/modem")["ok"]


def test_the_world_around_it_changes(host: RunningHost) -> None:
    with Terminal(host.device) as client:
        client.ask("ATE0")
        client.ask("AT+CREG=1;+CNMI=2,1")
        assert host.order(f"inbound {ANNA} Merci 🚨") == {"ok": True, "parts": 1}
        client.read_until(b'+CMTI: "SM",1\r\n')
        host.order("network off")
        client.read_until(b"+CREG: 0\r\n")
        host.order("network on")
        client.read_until(b"+CREG: 1\r\n")
        host.order("csq 7")
        assert "+CSQ: 7,99" in client.ask("AT+CSQ")
        host.order("sim out")
        client.read_until(b"+CREG: 2\r\n")
        client.ask("AT+CPIN?", b"ERROR\r\n")


@pytest.mark.parametrize(
    "line", ["", "boom", "network maybe", "sim", "inbound +32470000001", "inbound Zoë ça", "csq 40", "csq x", "replug"]
)
def test_a_command_that_cannot_be_done_says_why(host: RunningHost, line: str) -> None:
    answer = host.order(line)
    assert not answer["ok"]
    assert answer["error"].endswith(".")


def test_a_client_that_never_reads_does_not_stop_it(host: RunningHost) -> None:
    with Terminal(host.device) as deaf:
        deaf.ask("AT+CNMI=2,2")
        for _ in range(60):
            host.order(f"inbound {ANNA} {'x' * 1500}")
    assert host.order("stats")["inbound"] == 600


def test_a_restart_takes_the_port_away_and_brings_it_back(tmp_path: Path) -> None:
    phone = Phone(Identity.derive(1), Network(), PROFILES["ec25"])
    link = tmp_path / "modem"
    with RunningHost(SimModem(phone, reset_s=0.0), link):
        with Terminal(link) as client:
            client.ask("AT+CFUN=1,1")
            with pytest.raises(HungUp):
                client.read_until(b"never")
        until(link.is_symlink)
        with Terminal(link) as client:
            assert "+CPIN: READY" in client.ask("AT+CPIN?")


def test_an_unplug_in_the_middle_of_a_submit_ends_by_itself(tmp_path: Path) -> None:
    phone = Phone(Identity.derive(1), Network(), PROFILES["default"])
    link = tmp_path / "modem"
    with RunningHost(SimModem(phone, Faults(["unplug:taken/0.01@=1"])), link) as host:
        with Terminal(link) as client:
            client.ask("ATE0")
            client.ask(f"AT+CMGS={len(PDU) - 1}", b"> ")
            client.write(PDU.hex().encode() + b"\x1a")
            with pytest.raises(HungUp):
                client.read_until(b"never")
        until(lambda: host.order("stats")["plugged"])
        with Terminal(link) as client:
            client.ask("ATE0")
            assert "+CMGS: 1" in client.send(PDU)


def test_a_hang_by_fault_reads_nothing_until_it_is_over(tmp_path: Path) -> None:
    phone = Phone(Identity.derive(1), Network(), PROFILES["default"])
    modem = SimModem(phone, Faults(["hang:taken/0.005@=1"]))
    with RunningHost(modem, tmp_path / "modem") as host, Terminal(host.device) as client:
        client.ask("ATE0")
        assert "+CMGS: 0" in client.send(PDU)


def test_orders_that_move_the_port(host: RunningHost, tmp_path: Path) -> None:
    with Terminal(host.device) as client:
        assert host.order("vanish 0.001")["ok"]
        with pytest.raises(HungUp):
            client.read_until(b"never")
    until(lambda: host.order("stats")["plugged"])
    with Terminal(host.device) as client:
        client.ask("AT")


def test_who_connects_to_the_socket_has_the_port_until_it_is_unplugged(tmp_path: Path) -> None:
    name = f"plp sim {os.getpid()}"
    with (
        RunningHost(make_modem(), tmp_path / "modem", socket=name) as host,
        Terminal(host.device) as terminal,
        socket.socket(socket.AF_UNIX) as client,
        client.makefile("rwb") as wire,
    ):
        client.settimeout(5)
        client.connect(f"\0{name}")
        wire.write(b"AT+CPIN?\r")
        wire.flush()
        assert [wire.readline() for _ in range(4)][1::2] == [b"+CPIN: READY\r\n", b"OK\r\n"]
        host.order("ring +32470000002")
        assert [wire.readline() for _ in range(2)] == [b"\r\n", b"RING\r\n"]
        host.order("unplug")
        assert wire.read() == b""
        with pytest.raises(HungUp):  # which had read nothing of all that
            terminal.read_until(b"RING")


def test_without_its_client_the_port_is_the_ptys_again(tmp_path: Path) -> None:
    name = f"plp sim {os.getpid()}"
    with RunningHost(make_modem(), tmp_path / "modem", socket=name) as host, Terminal(host.device) as terminal:
        for _ in range(2):
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(5)
                client.connect(f"\0{name}")
                client.sendall(b"AT\r")
                assert client.recv(1) == b"A"
        for _ in range(2):  # the second is answered in a turn that began after the hang-up
            host.order("stats")
        assert "OK" in terminal.ask("AT")


def test_a_socket_that_is_taken_is_told(tmp_path: Path) -> None:
    name = f"plp sim {os.getpid()}"
    with RunningHost(make_modem(), socket=name), pytest.raises(OSError, match="in use"):
        RunningHost(make_modem(), tmp_path / "modem", tmp_path / "control", socket=name)
    assert not (tmp_path / "control").exists()
