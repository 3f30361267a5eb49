"""A pty on which a SimModem answers, with the link that clients open; it may be unplugged and plugged in again."""

import contextlib
import fcntl
import math
import os
import pty
import selectors
import termios
import time
import tty
from collections.abc import Callable
from pathlib import Path

from modem.sim.commands.modem import SimModem
from modem.sim.host.control import AbstractSocket, ControlSocket
from modem.sim.host.orders import obey

Clock = Callable[[], float]
_IDLE_S = 0.5


def steady_clock() -> Clock:
    """Seconds since the epoch that never go back, whatever happens to the host's clock."""
    epoch = time.time() - time.monotonic()
    return lambda: epoch + time.monotonic()


class PtyHost:
    """Runs one modem on a pty, in the calling thread.

    `link` becomes a symbolic link to the slave, else `device` is the slave. `control` is the path of a unix socket (see
    modem.sim.host.orders). A client of `socket`, an abstract address, has the port instead of the pty. Raises OSError.
    """

    def __init__(
        self,
        modem: SimModem,
        link: Path | None = None,
        control: Path | None = None,
        clock: Clock | None = None,
        socket: str | None = None,
    ) -> None:
        self.modem = modem
        self.link = link
        self._reading = False
        self._due: float | None = 0.0  # when the modem next has something to do
        self._return_at = math.inf  # when it plugs itself in again
        self.clock = clock or steady_clock()
        self._master = self._slave = -1
        self._slave_name = ""
        self._selector = selectors.DefaultSelector()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._selector.register(self._wake, selectors.EVENT_READ, lambda: os.eventfd_read(self._wake))
        self._control: ControlSocket | None = None
        self._socket: AbstractSocket | None = None
        self._stopping = False
        try:
            # the link comes last: whoever sees it may use both
            if control:
                self._control = ControlSocket(control, self._selector, lambda line: obey(self, line))
            if socket:
                self._socket = AbstractSocket(socket, self._selector, self._hear)
            self.plug_in(warm=True)
        except BaseException:
            self._close()
            os.close(self._wake)
            raise

    @property
    def device(self) -> str:
        return str(self.link) if self.link else self._slave_name

    @property
    def plugged(self) -> bool:
        return self._master >= 0

    def plug_in(self, *, warm: bool = False) -> None:
        """A new pty and the link to it; the modem starts anew (`warm`: it is on already and only met now). The loop's
        own thread only, as for `unplug`. Raises OSError, and stays unplugged.
        """
        if self.link and self.link.exists() and not self.link.is_symlink():
            raise FileExistsError(f"{self.link} exists and is not a link.")
        self._return_at = math.inf
        self._master, self._slave = pty.openpty()
        # The slave stays open here: the pty then outlives its clients. Raw: cooked it would echo what the modem says.
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._slave_name = os.ttyname(self._slave)
        self.modem.power_on(self.clock(), warm=warm)
        self._follow()
        try:
            self._make_link()
        except OSError:
            self.unplug()
            raise

    def _make_link(self) -> None:
        """In one step: whoever opens the link finds the old pty or this one."""
        if self.link:
            fresh = self.link.with_name(f".{self.link.name}.{os.getpid()}")
            fresh.unlink(missing_ok=True)
            fresh.symlink_to(self._slave_name)
            fresh.replace(self.link)

    @property
    def hung(self) -> bool:
        """It neither reads nor writes; what was written to it meanwhile is found when it goes on."""
        return self.plugged and self.modem.power.hung

    def unplug(self) -> None:
        """The link goes, and clients see a hang-up."""
        self._return_at = math.inf
        if self._socket:
            self._socket.hang_up()
        if not self.plugged:
            return
        if self.link and self.link.is_symlink() and os.readlink(self.link) == self._slave_name:
            self.link.unlink()
        self._read_on(False)
        os.close(self._master)
        os.close(self._slave)
        self._master = self._slave = -1

    def stop(self) -> None:
        """End `run`; from any thread or a signal handler."""
        self._stopping = True
        os.eventfd_write(self._wake, 1)

    def run(self) -> None:
        """Until `stop`; everything is closed and the link is gone afterwards."""
        try:
            while not self._stopping:
                self._turn()
        finally:
            self._close()

    def _turn(self) -> None:
        due = self._due if self.plugged else self._return_at
        wait = _IDLE_S if due is None else min(_IDLE_S, max(0.0, due - self.clock()))
        for key, _ in self._selector.select(wait):
            key.data()
        if self.plugged:
            self._due = self.modem.due()
            if self._due is not None and self._due <= self.clock():
                self.say()
                self._due = self.modem.due()
            self._follow()
        elif self._return_at <= self.clock():
            self.plug_in()
            self._due = self.modem.due()

    def _follow(self) -> None:
        """Do what the modem's state asks of its port."""
        absence_s = self.modem.power.absence_s
        if absence_s is not None:
            self.unplug()
            self._return_at = self.clock() + absence_s
            return
        self._read_on(not self.hung)
        if self.hung:
            return
        # A port forgets TIOCEXCL with its last close. This one is never closed, so a killed client would lock
        # everybody out who is not root: it is taken back here. flock, the lock of the daemons, is not touched.
        fcntl.ioctl(self._slave, termios.TIOCNXCL)

    def _read_on(self, reading: bool) -> None:
        if reading == self._reading:
            return
        self._reading = reading
        if reading:
            self._selector.register(self._master, selectors.EVENT_READ, self._read)
        else:
            self._selector.unregister(self._master)

    def _read(self) -> None:
        if not self._reading:  # any more, by a command that came in the same turn
            return
        try:
            data = os.read(self._master, 65536)
        except BlockingIOError:
            return
        self._hear(data)

    def _hear(self, data: bytes) -> None:
        self._write(self.modem.feed(data, self.clock()))

    def say(self) -> None:
        """Write the modem's unsolicited lines, after its world changed."""
        if self.plugged:
            self._write(self.modem.poll(self.clock()))

    def _write(self, data: bytes) -> None:
        if self._socket and self._socket.connected:
            self._socket.write(data)
            return
        # nobody reads and the pty is full: lost, as on a port that nobody has open
        with contextlib.suppress(BlockingIOError):
            while data:
                data = data[os.write(self._master, data) :]

    def _close(self) -> None:
        self.unplug()
        if self._control:
            self._control.close()
        if self._socket:
            self._socket.close()
        self._selector.close()
