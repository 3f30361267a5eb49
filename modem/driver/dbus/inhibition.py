"""Modems with an AT port that the host's ModemManager holds: we want it to leave them to us."""

import os
import threading

from modem.driver.dbus.bus import ROOT, Bus
from modem.errors import ModemError, PortBusy


class Inhibition:
    """ModemManager leaves what was taken alone until `close`, or until this process ends. From any thread."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._bus: Bus | None = None

    def take(self, tty: str, busy: PortBusy) -> bool:
        """True when ModemManager had the modem of this tty and lets go of it now (`InhibitDevice`, 1.10 and later).

        False where it has no such modem, does not run, or does not listen to this user. Where it has it and stays,
        `busy` names it: a service's user does not see what another user's process has open.
        """
        port = os.path.basename(os.path.realpath(tty))
        with self._lock:
            try:
                self._bus = self._bus or Bus(lambda signal: None, lambda: None)
                held = (modem for modem in self._bus.modems().values() if port in (name for name, _ in modem["Ports"]))
                modem = next(held, None)
                if modem is None:
                    return False
                busy.holder = busy.holder or "ModemManager"
                self._bus.call(ROOT, "", "InhibitDevice", "sb", modem["Device"], True)
                return True
            except ModemError:
                self.close()
                return False

    def close(self) -> None:
        """ModemManager may have them again."""
        with self._lock:
            bus, self._bus = self._bus, None
            if bus:
                bus.close()
