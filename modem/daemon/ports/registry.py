"""The ports and modems of the workers: no tty is opened twice, no modem is driven by two workers.

A worker is for one modem of the configuration, or for one that was plugged in. The probe reports what it saw; workers'
threads take ports, report which modem answered, and release them. All methods may be called from any thread.
Decision: docs/adr/0009.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from modem.daemon.ports.requests import PortKey, PortRequest, port_key
from modem.daemon.ports.targets import Target
from modem.daemon.records.status import STARTING, NoPort, Standing
from modem.driver.dbus.managed import Inhibition
from modem.errors import PortGone
from rules.numbers import half_masked
from rules.sentences import Sentence, coded, together

# A worker that may take any modem waits for its own so long before it takes another: a reset takes up to a minute.
GRACE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class SeenPort:
    """A tty of `target` that the probe looked at.

    imei     of the modem; None: it did not say so yet, or `trouble` says why not
    silent   nothing answered: the worker that had it may try what helps silent modems
    locked   it tells its IMEI only once its card is open
    """

    key: PortKey
    target: Target
    imei: str | None = None
    trouble: Standing | None = None
    silent: bool = False
    locked: bool = False


class PortRegistry:
    """`remembered` is the IMEI that a worker had last, by its name."""

    def __init__(self, remembered: Mapping[str, str]) -> None:
        self.inhibition = Inhibition()
        self._lock = threading.RLock()
        self._requests: dict[str, PortRequest] = {}
        self._remembered = dict(remembered)
        self._seen: tuple[SeenPort, ...] = ()
        self._notices: tuple[Sentence, ...] = ()
        self._held: dict[str, tuple[PortKey, str]] = {}
        self._last_place: dict[str, str] = {}
        self._missed_at: dict[str, datetime] = {}
        self._here: dict[str, str] = {}
        self._doubles: dict[PortKey, tuple[str, str]] = {}
        self._corrected: dict[PortKey, str] = {}

    # -- for the probe and the daemon --------------------------------------------------------------------------

    def requests(self) -> list[PortRequest]:
        with self._lock:
            return list(self._requests.values())

    def add(self, request: PortRequest) -> None:
        with self._lock:
            self._requests[request.name] = request

    def taken(self) -> frozenset[str]:
        with self._lock:
            return frozenset(key.path for key, _ in self._held.values())

    def saw(self, ports: Sequence[SeenPort], notices: Sequence[Sentence]) -> None:
        """Take the ports that are present; `notices` are about unusable devices."""
        with self._lock:
            self._seen, self._notices = tuple(ports), tuple(notices)
            present = {port.key for port in self._seen}
            self._corrected = {key: imei for key, imei in self._corrected.items() if key in present}

    def newcomers(self) -> list[str]:
        """The IMEIs of known modems that are plugged in and have no worker."""
        with self._lock:
            known = {request.imei for request in self._requests.values()}
            plugged = (self._imei(port) for port in self._seen if port.target.on_bus)
            return sorted({imei for imei in plugged if imei and imei not in known})

    # -- for the workers ---------------------------------------------------------------------------------------

    def take(self, name: str, now: datetime) -> str:
        """The path to open, which is this worker's until `leave`. Raises PortGone, NoPort."""
        with self._lock:
            if name in self._held:
                key, path = self._held[name]
                if port_key(path) == key:
                    return path
                self.leave(name)
            request = self._requests[name]
            if request.kind == "managed":
                return request.imei or request.device
            if request.kind == "path":
                key, path, place = self._named(request)
            else:
                port = self._chosen(request, now)
                key, path, place = port.key, port.key.path, port.target.place
            self._held[name] = key, path
            self._missed_at.pop(name, None)
            if place:
                self._last_place[name] = place
            return path

    def met(self, name: str, imei: str) -> None:
        """The modem at the port that the worker took. Raises NoPort if the worker may not use that modem."""
        with self._lock:
            request = self._requests[name]
            key, path = self._held.get(name) or (PortKey(request.device, 0, 0), request.device)
            self._corrected[key] = imei
            if request.imei not in (None, imei):
                raise NoPort("faulty", _another(path, imei, request.imei or ""))
            for other, of_other in self._here.items():
                if other != name and of_other == imei:
                    self._doubles[key] = other, imei
                    raise NoPort("faulty", coded("same_modem", other=other))
            self._here[name] = self._remembered[name] = imei

    def leave(self, name: str) -> None:
        """Give the port back; harmless without one."""
        with self._lock:
            self._held.pop(name, None)
            self._here.pop(name, None)

    # -- which port --------------------------------------------------------------------------------------------

    def _named(self, request: PortRequest) -> tuple[PortKey, str, str]:
        key = port_key(request.device)
        if key is None:
            raise PortGone(f"{request.device} is missing")
        if owner := self._owner(key):
            raise NoPort("faulty", coded("port_taken", owner=owner))
        if double := self._double_of(key):
            raise NoPort("faulty", coded("same_modem", other=double))
        seen = next((port for port in self._seen if port.key == key), None)
        if request.imei is not None:
            imei = self._imei(seen) if seen else None
            if imei not in (None, request.imei):
                raise NoPort("faulty", _another(request.device, imei or "", request.imei))
            if imei is None and not (seen and (seen.silent or seen.locked)):
                raise NoPort(*(seen.trouble if seen and seen.trouble else STARTING))
        return key, request.device, seen.target.place if seen else ""

    def _chosen(self, request: PortRequest, now: datetime) -> SeenPort:
        """One of those that fit: its own modem, else (when the section names none) a free one."""
        fitting = [port for port in self._seen if self._fits(port, request) and self._owner(port.key) is None]
        # Nor one that disappeared, or returned, since the probe saw it.
        fitting = [port for port in fitting if port_key(port.key.path) == port.key]
        own, place = request.imei or self._remembered.get(request.name), self._last_place.get(request.name)
        mine = [port for port in fitting if own and self._imei(port) == own]
        back = [port for port in fitting if (port.silent or port.locked) and place and port.target.place == place]
        if mine or back:
            return (mine or back)[0]
        locked = [port for port in fitting if port.locked and self._imei(port) is None]
        if len(locked) == 1 and not self._is_wanted_by_others(locked[0], request):
            return locked[0]
        waits = own is not None and timedelta() <= now - self._missed_at.setdefault(request.name, now) < GRACE
        if request.imei is None and not waits:
            claimed = self._claimed_by_others(request.name)
            for port in fitting:
                imei = self._imei(port)
                if imei and imei not in claimed:
                    return port
        raise self._nothing(request, fitting)

    def _is_wanted_by_others(self, port: SeenPort, request: PortRequest) -> bool:
        """True when it may be another worker's too: no PIN is entered into a card that may be somebody else's."""
        others = (other for name, other in self._requests.items() if name != request.name and name not in self._held)
        return any(self._fits(port, other) for other in others)

    def _claimed_by_others(self, name: str) -> set[str]:
        claims = {request.imei for request in self._requests.values()} | {
            imei for other, imei in self._remembered.items() if other in self._requests
        }
        own = {self._requests[name].imei, self._remembered.get(name)}
        return {imei for imei in claims - own if imei}

    def _nothing(self, request: PortRequest, fitting: Sequence[SeenPort]) -> PortGone:
        if trouble := next((port.trouble for port in fitting if port.trouble and self._imei(port) is None), None):
            return NoPort(*trouble)
        if any(port.imei is None and port.trouble is None for port in fitting):
            return NoPort(*STARTING)
        if request.kind == "glob" and request.imei is None:
            return PortGone(f"{request.device} fits nothing that is free")
        missing = coded("imei_missing", imei=half_masked(request.imei)) if request.imei else coded("none_free")
        return NoPort("absent", together(missing, *self._notices))

    def _double_of(self, key: PortKey) -> str | None:
        """The worker that uses the modem of this port by another of its ports, also while it returns from a reset."""
        other, imei = self._doubles.get(key, ("", ""))
        if not other:
            return None
        if self._remembered.get(other) == imei and (other in self._held or self._requests[other].matches()):
            return other
        del self._doubles[key]
        return None

    def _fits(self, port: SeenPort, request: PortRequest) -> bool:
        return port.target.on_bus if request.kind == "auto" else request.name in port.target.fits

    def _owner(self, key: PortKey) -> str | None:
        return next((name for name, (held, _) in self._held.items() if held.path == key.path), None)

    def _imei(self, port: SeenPort) -> str | None:
        """The modem that answered at that port last, to the probe or to a worker."""
        return self._corrected.get(port.key, port.imei)


def _another(path: str, answered: str, wanted: str) -> Sentence:
    return coded("other_imei", path=path, found=half_masked(answered), wanted=half_masked(wanted))
