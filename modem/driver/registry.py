"""The drivers that config.ini can name."""

from typing import Final, Protocol, Unpack

from modem.driver.at import AtDriver
from modem.driver.gammu import GammuDriver
from modem.driver.interface.protocol import ModemDriver, Wiring
from modem.driver.modemmanager import ModemManagerDriver


class Constructor(Protocol):
    """Makes a driver for the port `device`, which is not touched before `open`."""

    def __call__(self, device: str, **wiring: Unpack[Wiring]) -> ModemDriver: ...


# Keys: `driver =` in a modem's section of config.ini.
DRIVERS: Final[dict[str, Constructor]] = {"at": AtDriver, "gammu": GammuDriver, "modemmanager": ModemManagerDriver}
