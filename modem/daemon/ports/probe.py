"""The probe: finds plugged-in devices and asks unknown modems for their IMEI, so that workers open only their own.

One thread, one question at a time. Ports that another program holds are left alone, and so is every port that neither
the table of models nor a section names.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from base.watchdog import alive, watched
from modem.daemon.ports.registry import PortRegistry, SeenPort
from modem.daemon.ports.requests import PortKey
from modem.daemon.ports.targets import Target, targets
from modem.daemon.records.status import STARTING, trouble
from modem.discovery.verdicts import Verdict
from modem.driver.base.port import in_use_by, reset_usb, usb_place
from modem.driver.dialogue.setup import introduction
from modem.errors import ModemError, ModemTimeout, PinRequired, PortBusy, PortGone
from rules.sentences import Sentence, coded

_log = logging.getLogger(__name__)

EVERY_S: Final = 0.5
LIST_EVERY_S: Final = 5.0
# Before the second, third … question to a modem that did not answer: it may boot for a minute, or never answer.
RETRIES_S: Final = (1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 5.0, 5.0, 10.0, 10.0, 30.0, 60.0)
TRIES_PER_PORT: Final = 2
# So many questions long a silent modem is said to start.
BOOTING_TRIES: Final = 4
# A known modem that answered none of the RETRIES_S has its USB device reset, so often until one answers at that place.
RESETS: Final = 3
# A stick is switched from CD-ROM to modem, and gets its ttys, within seconds.
_SOON_OVER: Final = ("unswitched", "portless")


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that is plugged in and cannot be used; `place` as the kernel names it."""

    place: str
    names: str
    sentence: Sentence
    state: str = "faulty"


@dataclass(slots=True)
class _Asked:
    """The results of one target so far: `seen` is the one port that answered, or was tried last."""

    seen: SeenPort
    tries: int = 0
    due_s: float = 0.0


class PortProbe:
    """`look` gives the devices on the bus; `on_change` is called when something is new for the workers."""

    def __init__(
        self,
        registry: PortRegistry,
        look: Callable[[], list[Verdict]],
        on_change: Callable[[], None],
        introduce: Callable[[str, float], str] = introduction,
    ) -> None:
        self._registry, self._look_at_bus, self._on_change, self._introduce = registry, look, on_change, introduce
        self._resets: dict[str, int] = {}
        self._verdicts: tuple[Verdict, ...] = ()
        self._list_at_s = 0.0
        self._asked: dict[tuple[PortKey, ...], _Asked] = {}
        self._told: tuple[list[SeenPort], list[Notice]] | None = None
        self.notices: tuple[Notice, ...] = ()

    def run(self, stop: threading.Event) -> None:
        with watched():
            while not stop.is_set():
                alive()
                try:
                    busy = self.step(time.monotonic())
                except Exception:  # noqa: BLE001  (whatever a bus or a port does, the workers have a probe)
                    _log.exception("unexpected; the probe goes on")
                    busy = False
                if not busy:
                    stop.wait(EVERY_S)

    def step(self, now_s: float) -> bool:
        """Look, and ask at most one modem; True when it did. `now_s` is monotonic."""
        if now_s >= self._list_at_s:
            self._list_at_s = now_s + LIST_EVERY_S
            self._verdicts = tuple(self._look_at_bus())
            if any(verdict.kind in _SOON_OVER for verdict in self._verdicts):
                self._list_at_s = now_s + EVERY_S
        present = targets(self._registry.requests(), self._verdicts)
        self._asked = {
            target.ports: self._asked.get(target.ports) or _Asked(SeenPort(target.ports[0], target))
            for target in present
        }
        self._tell(present)
        taken = self._registry.taken()
        for target in present:
            results = self._asked[target.ports]
            if (
                results.seen.imei is None
                and results.due_s <= now_s
                and not taken & {port.path for port in target.ports}
            ):
                self._ask(target, results, now_s)
                self._tell(present)
                return True
        return False

    def _tell(self, present: Sequence[Target]) -> None:
        ports = [results.seen for results in self._asked.values()]
        is_managed = any(request.managed for request in self._registry.requests())
        notices = [
            Notice(verdict.device.place, verdict.names, verdict.reason)
            for verdict in self._verdicts
            if verdict.reason and not (verdict.kind == "managed" and is_managed)
        ]
        notices += self._without_worker(present)
        if (ports, notices) == self._told:
            return
        self._told = ports, notices
        self.notices = tuple(notices)
        self._registry.saw(ports, [notice.sentence for notice in notices])
        self._on_change()

    def _without_worker(self, present: Sequence[Target]) -> list[Notice]:
        """Known modems that no worker can take: one says no IMEI, or that of one before it, as some cheap ones do."""
        places: dict[str, str] = {}
        notices = []
        for target in present:
            if not target.on_bus:
                continue
            seen, place = self._asked[target.ports].seen, target.place.rpartition("/")[2]
            if seen.imei is not None:
                if places.setdefault(seen.imei, target.place) != target.place:
                    notices.append(Notice(place, target.names, coded("same_imei", names=target.names)))
            elif seen.trouble and seen.trouble[0] != "starting":
                why = coded("modem_named", names=target.names, why=seen.trouble[1])
                notices.append(Notice(place, target.names, why, "pin" if seen.locked else "faulty"))
        return notices

    def _ask(self, target: Target, results: _Asked, now_s: float) -> None:
        port = target.ports[results.tries // TRIES_PER_PORT % len(target.ports)]
        results.seen = replace(results.seen, key=port)
        results.due_s = now_s + RETRIES_S[-1]  # whatever goes wrong here, the others come next
        try:
            if owner := in_use_by(port.path):  # also where the other program did not lock the tty
                raise PortBusy(os.path.basename(port.path), owner)
            imei = self._introduce(port.path, target.settle_s if results.tries == 0 else 0.0)
        except PortGone:
            results.due_s = now_s + EVERY_S
        except ModemError as error:
            results.due_s = now_s + RETRIES_S[min(results.tries, len(RETRIES_S) - 1)]
            if isinstance(error, PortBusy) and self._registry.inhibition.take(port.path, error):
                results.due_s = now_s + EVERY_S
            results.tries += 1
            silent, locked = isinstance(error, ModemTimeout), isinstance(error, PinRequired)
            why = STARTING if silent and results.tries <= BOOTING_TRIES else trouble(error)
            results.seen = replace(results.seen, trouble=why, silent=silent, locked=locked)
            _log.info("%s does not say who it is: %s", port.path, error)
            if silent and target.on_bus and results.tries % len(RETRIES_S) == 0:
                self._reset(target, port)
        else:
            self._resets.pop(target.place, None)
            results.seen = SeenPort(port, target, imei)
            _log.info("%s says who it is", port.path)

    def _reset(self, target: Target, port: PortKey) -> None:
        """Reset a stick as if it were unplugged: no worker has it, so no worker's recovery does this."""
        place = usb_place(port.path)
        if place is None or self._resets.get(target.place, 0) >= RESETS:
            return
        self._resets[target.place] = self._resets.get(target.place, 0) + 1
        try:
            reset_usb(place)
        except ModemError as error:
            _log.warning("%s: could not reset its USB device: %s", target.names, error)
        else:
            _log.warning("%s: reset its USB device, because it never answered", target.names)
