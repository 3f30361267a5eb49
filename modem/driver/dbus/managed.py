"""One modem of ModemManager's: met, started with its card open, and questioned about its standing; and modems with an
AT port that it holds, and is to leave to us.
"""

import os
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, Literal

from modem import errors
from modem.driver.base.interface import ModemIdentity, PinKeeper, Registration, Technology
from modem.driver.dbus.bus import CALL_TIMEOUT_S, ROOT, Bus
from modem.driver.dialogue.unlock import enter_pin

# It starts the modem's radio and reads its storages.
ENABLE_TIMEOUT_S: Final = 60.0
# It says "registered" soon after it enabled a modem that is; a worker asks again anyway.
REGISTER_WAIT_S: Final = 2.0
_LOOK_S: Final = 0.05
# MMModemState, MMModemStateFailedReason, MMModemLock, MMModem3gppRegistrationState.
_FAILED, _INITIALIZING, _LOCKED, _ENABLED, _REGISTERED = -1, 1, 2, 6, 8
_NO_SIM: Final = 2
# MMModemPortType.
_QMI_OR_MBIM: Final = frozenset({6, 7})
_PIN, _PUK = 2, 4
_ON_A_NETWORK: Final = (1, 5, 6, 7, 9, 10)
_UNREGISTERED: Final[dict[int, Literal["denied", "searching"]]] = {2: "searching", 3: "denied"}
# MMModemAccessTechnology, the newest first. 5G has no word yet.
_TECHNOLOGIES: Final[tuple[tuple[int, Technology], ...]] = ((0x34000, "4G"), (0x3FE0, "3G"), (0x1E, "2G"))


def find(bus: Bus, device: str) -> str:
    """The path of the modem with this IMEI or port, for `auto` of the only one. Raises NotManaged, PortError."""
    modems = bus.modems()
    port = os.path.basename(os.path.realpath(device)) if os.path.exists(device) else device
    for path, modem in modems.items():
        if device == modem["EquipmentIdentifier"] or port in (name for name, _ in modem["Ports"]):
            return path
    if device == "auto" and len(modems) == 1:
        return next(iter(modems))
    if device == "auto" and modems:
        raise errors.PortError("ModemManager has several modems: name one by its imei or its port")
    raise errors.NotManaged("ModemManager has no such modem")


class Managed:
    """The modem at `path`. Every method raises as `Bus.call`."""

    def __init__(self, bus: Bus, path: str) -> None:
        self.path = path
        # Over AT it reads what is announced while it reads another one never (1.24); QMI and MBIM have no such lock.
        self.misses_bursts = False
        self.bus = bus
        # (interface, method, signature, *arguments, timeout_s=…): a call of one of the modem's interfaces.
        self.call = partial(bus.call, path)
        self._sim = ""

    def properties(self, timeout_s: float = CALL_TIMEOUT_S) -> Mapping[str, Any]:
        return self.bus.properties(self.path, ".Modem", timeout_s)

    def start(self, keeper: PinKeeper | None) -> None:
        """Open its card and enable it. Also raises SimError."""
        modem = self.properties()
        self.misses_bursts = not _QMI_OR_MBIM & {kind for _, kind in modem["Ports"]}
        if modem["State"] == _FAILED:
            if modem["StateFailedReason"] == _NO_SIM:
                raise errors.SimMissing("no SIM in the modem")
            raise errors.SimError(f"failed, reason {modem['StateFailedReason']}")
        if modem["State"] == _LOCKED:
            self._unlock(modem, keeper)
        elif keeper:
            keeper.accepted(self._card(modem))
        if self.properties()["State"] < _ENABLED:
            self.enable(True)
            self._await(lambda state: state >= _REGISTERED, REGISTER_WAIT_S)

    def enable(self, on: bool) -> None:
        """Enabled, it reads all that waits in its storages."""
        self.call(".Modem", "Enable", "b", on, timeout_s=ENABLE_TIMEOUT_S)

    def is_registered(self) -> bool:
        """As ModemManager last heard."""
        return int(self.properties()["State"]) >= _REGISTERED

    def identity(self, smsc: str | None) -> ModemIdentity:
        modem = self.properties()
        card = self._sim_properties(modem)
        return ModemIdentity(
            manufacturer=modem["Manufacturer"],
            model=modem["Model"],
            revision=modem["Revision"],
            imei=modem["EquipmentIdentifier"],
            imsi=card["Imsi"] or None,
            iccid=card["SimIdentifier"] or None,
            smsc=smsc,
            lacks=("at",),
        )

    def registration(self) -> Registration:
        """Also raises SimMissing, and PortGone if the card is not the one that `identity` read."""
        modem = self.properties()
        if modem["State"] == _FAILED and modem["StateFailedReason"] == _NO_SIM:
            raise errors.SimMissing("no SIM in the modem")
        if modem["Sim"] != self._sim or modem["State"] < _ENABLED:
            raise errors.PortGone("ModemManager set the modem up anew")
        network = self.bus.properties(self.path, ".Modem.Modem3gpp")
        state, technologies = network["RegistrationState"], modem["AccessTechnologies"]
        return Registration(
            registered=state in _ON_A_NETWORK,
            technology=next((name for bits, name in _TECHNOLOGIES if technologies & bits), None),
            operator=network["OperatorCode"] or None,
            unregistered=_UNREGISTERED.get(state, ""),
        )

    def signal_dbm(self) -> int | None:
        """ModemManager gives a percentage: 0 is -113 dBm, 100 is -51 dBm."""
        percent: int = self.properties()["SignalQuality"][0]
        return None if percent == 0 else -113 + round(percent * 62 / 100)

    def _unlock(self, modem: Mapping[str, Any], keeper: PinKeeper | None) -> None:
        """Once per card and PIN (27.007 § 8.3)."""
        if modem["UnlockRequired"] == _PUK:
            raise errors.PukRequired("the SIM is blocked and asks for its PUK")
        if modem["UnlockRequired"] != _PIN:
            raise errors.SimError(f"the SIM asks for lock {modem['UnlockRequired']}")
        card = self._card(modem)
        tries_left = modem["UnlockRetries"].get(_PIN)
        enter_pin(keeper, card, tries_left, lambda pin: self.bus.call(modem["Sim"], ".Sim", "SendPin", "s", pin))
        if not self._await(lambda state: state not in (_INITIALIZING, _LOCKED), ENABLE_TIMEOUT_S):
            raise errors.ModemTimeout("SendPin")

    def _await(self, wanted: Callable[[int], bool], patience_s: float) -> bool:
        until = time.monotonic() + patience_s
        while not (reached := wanted(self.properties()["State"])) and time.monotonic() < until:
            time.sleep(_LOOK_S)
        return reached

    def _card(self, modem: Mapping[str, Any]) -> str:
        return str(self._sim_properties(modem).get("SimIdentifier") or modem["EquipmentIdentifier"])

    def _sim_properties(self, modem: Mapping[str, Any]) -> Mapping[str, Any]:
        self._sim = str(modem["Sim"])
        if self._sim == "/":
            raise errors.SimMissing("no SIM in the modem")
        return self.bus.properties(self._sim, ".Sim")


class Inhibition:
    """ModemManager leaves the modems taken alone until `close`, or until this process ends. From any thread."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._bus: Bus | None = None

    def take(self, tty: str, busy: errors.PortBusy) -> bool:
        """True if ModemManager had the modem of this tty and now releases it (`InhibitDevice`, 1.10 and later). False
        if it has no such modem, does not run, or refuses this user. If it keeps the modem, `busy` names it: a service's
        user does not see what another user's process has open.
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
            except errors.ModemError:
                self.close()
                return False

    def close(self) -> None:
        """ModemManager may have them again."""
        with self._lock:
            bus, self._bus = self._bus, None
            if bus:
                bus.close()
