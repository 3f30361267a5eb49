"""The driver that a section asks for, with the PIN's keeper and the flight recorder."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from base.settings.reading import load_settings
from base.settings.values import ModemSettings
from db.engine.clock import utc_now
from modem.daemon.ports.driver_proxy import MakeDriver
from modem.daemon.records.status import CardPin
from modem.driver.at import AtDriver
from modem.driver.base.interface import Direction, ModemDriver
from modem.driver.modemmanager import ModemManagerDriver
from rules.refusals import Refusal

Traffic = Callable[[Direction, bytes], None]

# Keys: `driver =` in a modem's section of config.ini.
DRIVERS: Final[dict[str, type[AtDriver] | type[ModemManagerDriver]]] = {
    "at": AtDriver,
    "modemmanager": ModemManagerDriver,
}


def driver_maker(
    settings: ModemSettings, on_event: Callable[[], None], on_traffic: Traffic, config: Path | None = None
) -> MakeDriver:
    """`on_event`, `on_traffic`: from any thread. `config`: config.ini, read again whenever a card asks for its PIN."""
    pin = None
    if config or settings.pin_file:
        pin = CardPin(lambda: _pin_file(settings, config), utc_now, settings.name)

    def make(tty: str, usb_id: str | None) -> ModemDriver:
        return DRIVERS[settings.driver](
            tty,
            on_event=on_event,
            usb_id=usb_id,
            pin=pin,
            smsc=settings.smsc,
            submit_timeout_s=settings.submit_timeout_s,
            on_traffic=on_traffic,
        )

    return make


def _pin_file(settings: ModemSettings, config: Path | None) -> Path | None:
    """As the section is now; as it was at the start while somebody is in the middle of writing it."""
    if config is None:
        return settings.pin_file
    try:
        sections = load_settings(config, strict=False).modems
    except Refusal:
        return settings.pin_file
    return next((section.pin_file for section in sections if section.name == settings.name), None)
