"""A driver at the port where its modem is plugged in now, so that a worker needs one only, wherever that is."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from modem.daemon.ports.registry import PortRegistry
from modem.driver.base import hub_power, port
from modem.driver.base.interface import Before, Capability, ModemDriver, ModemEvent, ModemIdentity, PortLost
from modem.errors import PortBusy, PortGone

# (tty, `vendor:product` where it is known) → a driver for it, not yet open.
MakeDriver = Callable[[str, str | None], ModemDriver]


class DriverProxy:
    """`ModemDriver`, by a cast, at the port that `registry` gives to `name`. Used by one worker thread."""

    def __init__(self, registry: PortRegistry, name: str, clock: Callable[[], datetime], make: MakeDriver) -> None:
        self._registry, self._name, self._clock, self._make = registry, name, clock, make
        self._driver: ModemDriver | None = None
        self._made_for: tuple[str, str | None] | None = None
        self._usb: port.UsbPlace | None = None
        # Of the driver before: a result that it heard before it was closed is not lost.
        self._heard: list[ModemEvent] = []

    def is_there(self) -> bool:
        """True: a port is known, and it is this worker's until `close`. Raises PortGone, NoPort (with the reason)."""
        self._take()
        return True

    def reset_usb(self) -> bool:
        """Reset the USB device where the modem was plugged in last; False when it is on none. Raises PortError."""
        if self._usb is None:
            return False
        port.reset_usb(self._usb)
        return True

    def power_cycle(self) -> bool:
        """Switch the port of its hub off and on; False where that cannot be done. Raises PortError."""
        return self._usb is not None and hub_power.power_cycle(self._usb)

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self._driver.capabilities if self._driver else frozenset()

    def open(self, before: Before | None = None) -> ModemIdentity:
        """As `ModemDriver.open`; also raises NoPort, when the modem that answers belongs to another worker."""
        tty = self._take()
        self._usb = port.usb_place(tty)
        try:
            driver = self._driver_for(tty, self._usb.usb_id if self._usb else None)
            identity = self._opened(driver, tty, before)
            self._registry.met(self._name, identity.imei)
        except BaseException:
            self.close()
            raise
        return identity

    def _opened(self, driver: ModemDriver, tty: str, before: Before | None) -> ModemIdentity:
        try:
            return driver.open(before)
        except PortBusy as busy:
            if not self._registry.inhibition.take(tty, busy):
                raise
            return driver.open(before)

    def close(self) -> None:
        """As `ModemDriver.close`; the port is anybody's then."""
        try:
            if self._driver is not None:
                self._driver.close()
        finally:
            self._registry.leave(self._name)

    def hold_link(self, hold: bool) -> None:
        if self._driver is not None:
            self._driver.hold_link(hold)

    def reset(self) -> None:
        """As `ModemDriver`, at the port where it was last; PortGone if that is no longer this worker's."""
        driver = self._driver_at_port()
        if self._made_for is None or self._take() != self._made_for[0]:
            raise PortGone("the modem is not where it was")
        driver.reset()

    def drain_events(self) -> list[ModemEvent]:
        heard, self._heard = self._heard, []
        return heard + (self._driver.drain_events() if self._driver else [])

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """All other methods of `ModemDriver` are the driver's at the port; they raise PortGone where none was open."""
        return lambda *arguments: getattr(self._driver_at_port(), name)(*arguments)

    def _take(self) -> str:
        return self._registry.take(self._name, self._clock())

    def _driver_at_port(self) -> ModemDriver:
        if self._driver is None:
            raise PortGone("the modem was never opened")
        return self._driver

    def _driver_for(self, tty: str, usb_id: str | None) -> ModemDriver:
        """The driver for this port: the previous one if it was the same port, because it knows its modem."""
        if self._driver is None or self._made_for != (tty, usb_id):
            if self._driver is not None:
                # The loss of the port before is not the new one's.
                self._heard += [event for event in self._driver.drain_events() if not isinstance(event, PortLost)]
                self._driver.close()
            self._driver, self._made_for = self._make(tty, usb_id), (tty, usb_id)
        return self._driver
