"""A pty on which a SimModem answers, with the link that clients open; and what neighbours send to its number."""

import contextlib
import fcntl
import os
import pty
import selectors
import socket
import termios
import time
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

from modem.sim.modem import SimModem

Clock = Callable[[], float]
IDLE_S = 0.5
LONGEST_TPDU = 256


def steady_clock() -> Clock:
    """Seconds since the epoch that never go back, whatever happens to the host's clock."""
    epoch = time.time() - time.monotonic()
    return lambda: epoch + time.monotonic()


class Letterbox:
    """The socket of a modem number (E.164), in a folder, for what its neighbours there send to it."""

    def __init__(self, folder: Path, number: str) -> None:
        """Raises OSError."""
        self._path = _letterbox(folder, number)
        self._path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            with _address(self._path) as address:
                self._socket.bind(address)
        except OSError:
            self._socket.close()
            raise
        self.fileno = self._socket.fileno

    def take(self) -> bytes:
        return self._socket.recv(LONGEST_TPDU)

    def close(self) -> None:
        self._path.unlink(missing_ok=True)
        self._socket.close()


def _letterbox(folder: Path, number: str) -> Path:
    return folder / f"{number}.letterbox"


@contextlib.contextmanager
def _address(path: Path) -> Iterator[str]:
    """Of a socket, by its folder's descriptor: unix(7) takes 107 octets, and a path may be longer. Raises OSError."""
    descriptor = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{path.name}"
    finally:
        os.close(descriptor)


def carry(folder: Path, number: str, tpdu: bytes) -> None:
    """Hand an SMS-DELIVER to the modem with this number; nothing happens where none has it."""
    with (
        contextlib.suppress(OSError),
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire,
        _address(_letterbox(folder, number)) as address,
    ):
        wire.setblocking(False)
        wire.sendto(tpdu, address)


class PtyHost:
    """Runs one modem on a pty, in the calling thread; `link` becomes a symbolic link to it. In `neighbours`, a folder,
    the modem's number has a letterbox for what other modems send to it. Raises OSError.
    """

    def __init__(self, modem: SimModem, link: Path, neighbours: Path | None = None) -> None:
        if link.exists() and not link.is_symlink():
            raise FileExistsError(f"{link} exists and is not a link.")
        self._modem, self._link, self._clock = modem, link, steady_clock()
        self._stopping = False
        self._selector = selectors.DefaultSelector()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._selector.register(self._wake, selectors.EVENT_READ, lambda: os.eventfd_read(self._wake))
        self._letterbox: Letterbox | None = None
        self._master, self._slave = pty.openpty()
        # The slave stays open here: the pty then outlives its clients. Raw: cooked it would echo what the modem says.
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._selector.register(self._master, selectors.EVENT_READ, self._read)
        try:
            if neighbours and modem.number:
                self._letterbox = letterbox = Letterbox(neighbours, modem.number)
                bring = modem.bring
                self._selector.register(letterbox, selectors.EVENT_READ, lambda: bring(letterbox.take(), self._clock()))
            # Last, as whoever sees it may use all; in one step: who opens it finds the pty of before or this one.
            fresh = link.with_name(f".{link.name}.{os.getpid()}")
            fresh.unlink(missing_ok=True)
            fresh.symlink_to(os.ttyname(self._slave))
            fresh.replace(link)
        except BaseException:
            self._close()
            raise

    def stop(self) -> None:
        """End `run`; from any thread or a signal handler."""
        self._stopping = True
        os.eventfd_write(self._wake, 1)

    def run(self) -> None:
        """Run until `stop`; afterwards everything is closed and the link removed."""
        try:
            while not self._stopping:
                due = self._modem.due()
                wait_s = IDLE_S if due is None else min(IDLE_S, max(0.0, due - self._clock()))
                for key, _ in self._selector.select(wait_s):
                    key.data()
                self._write(self._modem.poll(self._clock()))
                # A port forgets TIOCEXCL with its last close. This one is never closed, so a killed client would lock
                # everybody out who is not root: it is taken back here. flock, the lock of the daemons, is not touched.
                fcntl.ioctl(self._slave, termios.TIOCNXCL)
        finally:
            self._close()

    def _read(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._write(self._modem.feed(os.read(self._master, 65536), self._clock()))

    def _write(self, data: bytes) -> None:
        # nobody reads and the pty is full: lost, as on a port that nobody has open
        with contextlib.suppress(BlockingIOError):
            while data:
                data = data[os.write(self._master, data) :]

    def _close(self) -> None:
        if self._link.is_symlink() and os.readlink(self._link) == os.ttyname(self._slave):
            self._link.unlink()
        if self._letterbox:
            self._letterbox.close()
        self._selector.close()
        for descriptor in (self._master, self._slave, self._wake):
            os.close(descriptor)
