"""The tty: taken alone, named when taken, noticed when gone."""

import errno
import os
import pty
import subprocess
import sys
import termios
import threading
import tty

import pytest

from modem.driver.base.port import Port, _program, holder, own_service
from modem.errors import ModemTimeout, PortBusy, PortError, PortGone

pytestmark = pytest.mark.processes

HOLD = """
import fcntl, os, sys
fd = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
fcntl.flock(fd, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def line():
    """A pty: (master, path of the slave)."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    yield master, os.ttyname(slave)
    for fd in (master, slave):
        try:
            os.close(fd)
        except OSError:
            continue


@pytest.fixture
def port(line):
    port = Port(line[1])
    yield port
    port.close()


def test_reads_writes_and_is_raw(line, port):
    os.write(line[0], b"\r\n\x11\x13\x03\xff")
    assert port.read() == b"\r\n\x11\x13\x03\xff"
    port.write(b"AT\r\x1a")
    assert os.read(line[0], 100) == b"AT\r\x1a"
    assert termios.tcgetattr(port._fd)[4] == termios.B115200


def test_wake_ends_every_read(port):
    port.wake()
    assert port.read() is None
    assert port.read() is None


def test_link(line, tmp_path):
    link = tmp_path / "modem"
    link.symlink_to(line[1])
    Port(str(link)).close()
    link.unlink()
    with pytest.raises(PortGone):
        Port(str(link))


def test_hang_up(line, port):
    os.close(line[0])
    with pytest.raises(PortGone):
        port.read()
    with pytest.raises(PortGone):
        port.write(b"AT\r")


def test_nobody_takes_what_is_written(line, port, monkeypatch):
    monkeypatch.setattr("modem.driver.base.port.WRITE_TIMEOUT_S", 0.001)
    with pytest.raises(ModemTimeout):
        port.write(b"0" * 1_000_000)


def test_wake_ends_a_write_that_nobody_takes(port):
    waker = threading.Timer(0.01, port.wake)
    waker.start()
    with pytest.raises(PortGone, match="closed"):
        port.write(b"0" * 1_000_000)
    waker.join()


def test_close_drops_what_nobody_took(line, monkeypatch):
    """Closing a USB tty waits 30 s for a hung modem to take the rest; a pty never waits, so this looks at the call."""
    dropped = []
    port = Port(line[1])
    monkeypatch.setattr("modem.driver.base.port.termios.tcflush", lambda fd, queue: dropped.append((fd, queue)))
    port.close()
    assert dropped == [(port._fd, termios.TCOFLUSH)]


def test_busy_port_names_its_holder(line, tmp_path):
    link = tmp_path / "modem"
    link.symlink_to(line[1])
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, line[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(PortBusy) as raised:
            Port(str(link))
        assert raised.value.holder.endswith(f"(pid {other.pid})")
        other.stdin.close()
        other.wait()
    Port(str(link)).close()


@pytest.mark.parametrize("words", [["plp", "modem"], ["-m", "plp", "--config", "c.ini", "modem"]])
def test_the_modems_own_service_is_known_by_what_it_runs(words, tmp_path):
    (tmp_path / "plp").write_text("import sys; print('up', flush=True); sys.stdin.read()")
    (tmp_path / "plp.py").write_text("import sys; print('up', flush=True); sys.stdin.read()")
    with subprocess.Popen(
        [sys.executable, *words], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as service:
        assert service.stdout.readline() == b"up\n"
        assert _program(service.pid) == f"plp-modem (pid {service.pid})"
        assert own_service().startswith("plp-modem (pid ")
        service.stdin.close()
        service.wait()
    assert not _program(os.getpid()).startswith("plp-modem")


def test_second_port_of_this_program_is_busy_too(line, port):
    with pytest.raises(PortBusy):
        Port(line[1])


def test_nobody_holds(line):
    assert holder(line[1]) is None


# Opens ptys of its own /dev/pts until one has the name that is given, and keeps it open until its input ends.
CONTAINER = """
import fcntl, os, sys
os.system("mount -t devpts -o newinstance,ptmxmode=0666 devpts /dev/pts")
opened = []
while True:
    master = os.open("/dev/pts/ptmx", os.O_RDWR | os.O_NOCTTY)
    fcntl.ioctl(master, 0x40045431, b"\\0" * 4)
    opened += [master, os.open(f"/dev/pts/{len(opened) // 2}", os.O_RDWR | os.O_NOCTTY)]
    if os.readlink(f"/proc/self/fd/{opened[-1]}") == sys.argv[1]:
        break
print("open", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="a mount namespace of one's own needs root")
def test_a_container_s_pty_of_the_same_name_is_another_one(line):
    command = ["unshare", "--mount", sys.executable, "-c", CONTAINER, os.path.realpath(line[1])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as container:
        assert container.stdout.readline() == "open\n"
        assert holder(line[1]) is None
        container.stdin.close()


@pytest.mark.parametrize("device", ["/dev/null", "/nowhere/tty", "/dev/null/tty"])
def test_what_is_no_tty(device):
    with pytest.raises(PortError):
        Port(device)


@pytest.mark.parametrize("step", ["tcgetattr", "tcsetattr", "tcflush"])
@pytest.mark.parametrize(("code", "error"), [(errno.EIO, ModemTimeout), (errno.ENODEV, PortGone), (25, PortError)])
def test_what_fails_while_it_is_opened_is_one_of_our_errors(line, monkeypatch, step, code, error):
    """A tty that is there and gives EIO has something behind it that crashed: the recovery ladder is for that."""

    def fail(*_):
        raise termios.error(code, os.strerror(code))

    with monkeypatch.context() as patched:
        patched.setattr(f"serial.serialposix.termios.{step}", fail)
        with pytest.raises(error) as raised:
            Port(line[1])
    assert type(raised.value) is error
    Port(line[1]).close()  # nothing holds it
