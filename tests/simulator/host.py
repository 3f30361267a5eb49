"""A pty that may be unplugged and plugged in again, with the control socket of its modem and a socket as its port."""

import math
from pathlib import Path

from modem.sim.pty_host import Clock
from tests.simulator.base import host
from tests.simulator.control import AbstractSocket, ControlSocket
from tests.simulator.modem import SimModem
from tests.simulator.orders import obey


class PtyHost(host.PtyHost):
    """`control` is the path of a unix socket (see tests.simulator.orders). A client of `socket`, an abstract address,
    has the port instead of the pty. Raises OSError.
    """

    def __init__(
        self,
        modem: SimModem,
        link: Path | None = None,
        control: Path | None = None,
        clock: Clock | None = None,
        socket: str | None = None,
        neighbours: Path | None = None,
    ) -> None:
        self.modem: SimModem
        self._reading = False
        self._return_at = math.inf  # when it plugs itself in again
        self._sockets = control, socket
        self._control: ControlSocket | None = None
        self._socket: AbstractSocket | None = None
        super().__init__(modem, link, neighbours, clock)

    def _listen(self, neighbours: Path | None) -> None:
        control, socket = self._sockets
        if control:
            self._control = ControlSocket(control, self._selector, lambda line: obey(self, line))
        if socket:
            self._socket = AbstractSocket(socket, self._selector, self._hear)
        super()._listen(neighbours)

    def plug_in(self, *, warm: bool = False) -> None:
        self._return_at = math.inf
        self._reading = True
        super().plug_in(warm=warm)
        self._follow()

    @property
    def hung(self) -> bool:
        """It neither reads nor writes; what was written to it meanwhile is found when it goes on."""
        return self.plugged and self.modem.power.hung

    def unplug(self) -> None:
        self._return_at = math.inf
        if self._socket:
            self._socket.hang_up()
        super().unplug()

    def _stop_reading(self) -> None:
        self._read_on(False)

    def _next_turn_at(self) -> float | None:
        return self._due if self.plugged else self._return_at

    def _go_on(self) -> None:
        if self.plugged:
            super()._go_on()
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

    def _read_on(self, reading: bool) -> None:
        if reading == self._reading:
            return
        self._reading = reading
        if reading:
            self._selector.register(self._master, host.selectors.EVENT_READ, self._read)
        else:
            self._selector.unregister(self._master)

    def _read(self) -> None:
        if self._reading:  # still, after a command that came in the same turn
            super()._read()

    def _write(self, data: bytes) -> None:
        if self._socket and self._socket.connected:
            self._socket.write(data)
        else:
            super()._write(data)

    def _close(self) -> None:
        if self._control:
            self._control.close()
        if self._socket:
            self._socket.close()
        super()._close()
