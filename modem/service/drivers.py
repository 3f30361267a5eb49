"""The driver that a section asks for, with the PIN's keeper and the flight recorder."""

from collections.abc import Callable

from db.clock import utc_now
from db.settings import ModemSettings
from modem.driver.protocol import Direction, ModemDriver
from modem.driver.registry import DRIVERS
from modem.service.pins import CardPin
from modem.service.seated import MakeDriver

Traffic = Callable[[Direction, bytes], None]


def driver_maker(settings: ModemSettings, on_event: Callable[[], None], on_traffic: Traffic) -> MakeDriver:
    """`on_event` and `on_traffic` may be called from any thread."""
    pin = CardPin(settings.pin_file, utc_now) if settings.pin_file else None

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
