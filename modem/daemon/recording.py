"""Transcripts on demand: from the daemon's flight recorder, or, where no daemon runs, by asking the modem itself."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from db.engine.clock import utc_now
from db.modems import commands
from db.modems.commands import ModemAnswer, answer_to
from modem.daemon.drivers import driver_maker
from modem.daemon.records.flight_recorder import FlightRecorder
from modem.daemon.records.status import Status
from modem.driver.base.interface import ImsState, ModemDriver, ModemIdentity, Registration, StorageUse
from modem.driver.base.port import in_use_by, usb_place
from modem.errors import ModemError, PortBusy
from plp.settings.values import ModemSettings

DAEMON_PATIENCE_S: Final = 5.0
# After its set-up a modem finds its network within so long, or something is wrong.
NETWORK_PATIENCE_S: Final = 20.0
_LOOK_EVERY_S: Final = 0.05
_SLOW_LOOK_S: Final = 1.0
_MOMENTS: Final = 3

Sleep = Callable[[float], None]


def transcript_of(
    host: str, modem: str, by: str, sleep: Sleep = time.sleep, clock: Callable[[], datetime] = utc_now
) -> ModemAnswer | None:
    """The modem's transcript by the daemon of `host`: the saved one after five busy seconds, None where none was."""
    requested_at = clock()
    commands.ask(host, modem, "transcript", by, requested_at)
    until = requested_at + timedelta(seconds=DAEMON_PATIENCE_S)
    while timedelta() <= until - clock() <= until - requested_at:
        saved = answer_to(host, modem, "transcript")
        if saved is not None and saved.answered_at >= requested_at:
            return saved
        sleep(_LOOK_EVERY_S)
    return answer_to(host, modem, "transcript")


@dataclass(slots=True)
class Recording:
    """One dialogue with a modem that nobody else uses, and what a daemon would write of the modem. `error` ended it too
    early; `script` is masked.
    """

    status: Status
    script: str = ""
    error: ModemError | None = None
    firmware: str = ""
    ims: ImsState = ""
    storages: tuple[StorageUse, ...] = ()


def record(tty: str, settings: ModemSettings, sleep: Sleep = time.sleep) -> Recording:
    """Set the modem up as the daemon would, including its PIN, query network and storages, and release it. Sends
    nothing, and never raises a ModemError. A port that another program has is left alone.
    """
    recorder = FlightRecorder("", settings.name)
    place = usb_place(tty)
    driver = driver_maker(settings, lambda: None, recorder.hear)(tty, place.usb_id if place else None)
    status = Status(settings.device, simulated=settings.device == "sim")
    recording = Recording(status)
    try:
        if settings.driver == "at" and (owner := in_use_by(tty)):
            raise PortBusy(tty, owner)
        identity = _opened(driver, sleep)
        status.identify(identity)
        recording.firmware = identity.revision
        registration = _registration(driver, sleep)
        status.register(registration)
        status.state = "ready" if registration.registered else "not_registered"
        status.signal_dbm, recording.ims = driver.signal_dbm(), driver.ims().state
        recording.storages = tuple(driver.storage_use())
    except ModemError as error:
        recording.error = error
        status.fail(error)
    finally:
        driver.close()
    recording.script = recorder.script()
    return recording


def _opened(driver: ModemDriver, sleep: Sleep) -> ModemIdentity:
    """A port without a visible holder may be used for a moment by a program that identifies it; then it is free."""
    for _ in range(_MOMENTS):
        try:
            return driver.open()
        except PortBusy as busy:
            if busy.holder:
                raise
        sleep(_SLOW_LOOK_S)
    return driver.open()


def _registration(driver: ModemDriver, sleep: Sleep) -> Registration:
    """As it is once the modem had time to find its network."""
    waited_s = 0.0
    while not (registration := driver.registration()).registered and waited_s < NETWORK_PATIENCE_S:
        sleep(_SLOW_LOOK_S)
        waited_s += _SLOW_LOOK_S
    return registration
