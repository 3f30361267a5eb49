"""The drivers that config.ini can name, each imported only when a modem wants it."""

from collections.abc import Callable
from typing import Final, Protocol, TypedDict, Unpack

from modem.driver.interface.protocol import Direction, ModemDriver, PinKeeper


class Wiring(TypedDict, total=False):
    """Settings for any driver, each tells what it makes of it. `usb_id` is `vendor:product`."""

    pin: PinKeeper | None
    smsc: str | None
    submit_timeout_s: float
    on_traffic: Callable[[Direction, bytes], None] | None
    usb_id: str | None


class Constructor(Protocol):
    """Makes a driver for the port `device`, which is not touched before `open`."""

    def __call__(self, device: str, *, on_event: Callable[[], None], **wiring: Unpack[Wiring]) -> ModemDriver: ...


def _at(device: str, *, on_event: Callable[[], None], **wiring: Unpack[Wiring]) -> ModemDriver:
    from modem.driver.at import AtDriver

    return AtDriver(device, on_event=on_event, **wiring)


def _gammu(device: str, *, on_event: Callable[[], None], **wiring: Unpack[Wiring]) -> ModemDriver:
    from modem.driver.gammu import GammuDriver

    return GammuDriver(device, on_event=on_event, **wiring)


def _modemmanager(device: str, *, on_event: Callable[[], None], **wiring: Unpack[Wiring]) -> ModemDriver:
    from modem.driver.modemmanager import ModemManagerDriver

    return ModemManagerDriver(device, on_event=on_event, **wiring)


# Keys: `driver =` in a modem's section of config.ini.
DRIVERS: Final[dict[str, Constructor]] = {"at": _at, "gammu": _gammu, "modemmanager": _modemmanager}
