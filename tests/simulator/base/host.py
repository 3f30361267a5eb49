"""A pty on which a SimModem answers, with the link that clients open; it may be unplugged and plugged in again."""

import contextlib
import fcntl
import os
import pty
import selectors
import termios
import tty
from pathlib import Path

from modem.sim.pty_host import IDLE_S, Clock, Letterbox, steady_clock
from tests.simulator.base.modem import SimModem


class PtyHost:
    """Runs one modem on a pty, in the calling thread.

    `link` becomes a symbolic link to the slave, else `device` is the slave. In `neighbours`, a folder, the modem's
    number has a letterbox for what other modems send to it. Raises OSError.
    """

    def __init__(
        self, modem: SimModem, link: Path | None = None, neighbours: Path | None = None, clock: Clock | None = None
    ) -> None:
        self.modem = modem
        self.link = link
        self._due: float | None = 0.0  # when the modem next has something to do
        self.clock = clock or steady_clock()
        self._master = self._slave = -1
        self._slave_name = ""
        self._selector = selectors.DefaultSelector()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._selector.register(self._wake, selectors.EVENT_READ, lambda: os.eventfd_read(self._wake))
        self._letterbox: Letterbox | None = None
        self._stopping = False
        try:
            self._listen(neighbours)
            self.plug_in(warm=True)  # the link comes last: whoever sees it may use all
        except BaseException:
            self._close()
            os.close(self._wake)
            raise

    def _listen(self, neighbours: Path | None) -> None:
        if neighbours and self.modem.number:
            self._letterbox = Letterbox(neighbours, self.modem.number)
            self._selector.register(self._letterbox, selectors.EVENT_READ, self._take_letter)

    def _take_letter(self) -> None:
        if self._letterbox:
            self.modem.bring(self._letterbox.take(), self.clock())
            self.say()

    @property
    def device(self) -> str:
        return str(self.link) if self.link else self._slave_name

    def plug_in(self, *, warm: bool = False) -> None:
        """A new pty and the link to it; the modem restarts (`warm`: it is already on and only connected now). The
        loop's own thread only, as for `unplug`. Raises OSError, and stays unplugged.
        """
        if self.link and self.link.exists() and not self.link.is_symlink():
            raise FileExistsError(f"{self.link} exists and is not a link.")
        self._master, self._slave = pty.openpty()
        # The slave stays open here: the pty then outlives its clients. Raw: cooked it would echo what the modem says.
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._slave_name = os.ttyname(self._slave)
        self._selector.register(self._master, selectors.EVENT_READ, self._read)
        self.modem.power_on(self.clock(), warm=warm)
        try:
            self._make_link()
        except OSError:
            self.unplug()
            raise

    def _make_link(self) -> None:
        """In one step: a program that opens the link finds the old pty or this one."""
        if self.link:
            fresh = self.link.with_name(f".{self.link.name}.{os.getpid()}")
            fresh.unlink(missing_ok=True)
            fresh.symlink_to(self._slave_name)
            fresh.replace(self.link)

    @property
    def plugged(self) -> bool:
        return self._master >= 0

    def unplug(self) -> None:
        """The link is removed, and clients see a hang-up."""
        if not self.plugged:
            return
        if self.link and self.link.is_symlink() and os.readlink(self.link) == self._slave_name:
            self.link.unlink()
        self._stop_reading()
        os.close(self._master)
        os.close(self._slave)
        self._master = self._slave = -1

    def _stop_reading(self) -> None:
        self._selector.unregister(self._master)

    def stop(self) -> None:
        """End `run`; from any thread or a signal handler."""
        self._stopping = True
        os.eventfd_write(self._wake, 1)

    def run(self) -> None:
        """Run until `stop`; afterwards everything is closed and the link removed."""
        try:
            while not self._stopping:
                self._turn()
        finally:
            self._close()

    def _turn(self) -> None:
        due = self._next_turn_at()
        wait = IDLE_S if due is None else min(IDLE_S, max(0.0, due - self.clock()))
        for key, _ in self._selector.select(wait):
            key.data()
        self._go_on()

    def _next_turn_at(self) -> float | None:
        return self._due

    def _go_on(self) -> None:
        """Say what is due."""
        self._due = self.modem.due()
        if self._due is not None and self._due <= self.clock():
            self.say()
            self._due = self.modem.due()
        # A port forgets TIOCEXCL with its last close. This one is never closed, so a killed client would lock
        # everybody out who is not root: it is taken back here. flock, the lock of the daemons, is not touched.
        fcntl.ioctl(self._slave, termios.TIOCNXCL)

    def _read(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._hear(os.read(self._master, 65536))

    def _hear(self, data: bytes) -> None:
        self._write(self.modem.feed(data, self.clock()))

    def say(self) -> None:
        """Write the modem's unsolicited lines, after its world changed."""
        if self.plugged:
            self._write(self.modem.poll(self.clock()))

    def _write(self, data: bytes) -> None:
        # nobody reads and the pty is full: lost, as on a port that nobody has open
        with contextlib.suppress(BlockingIOError):
            while data:
                data = data[os.write(self._master, data) :]

    def _close(self) -> None:
        self.unplug()
        if self._letterbox:
            self._letterbox.close()
        self._selector.close()
