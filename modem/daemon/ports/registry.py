"""Which seat has which port and which modem: no tty is opened twice, no stick sits on two seats.

A seat is one modem of the configuration, or one that was found plugged in. The scout tells what it saw; the seats'
threads take ports, say who answered there, and leave them. All methods may be called from any thread.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from modem.daemon.ports.requests import PortKey, Wish, port_key
from modem.daemon.records.status import STARTING, NoPort, Standing
from modem.errors import PortGone
from plp.rules.numbers import half_masked
from plp.rules.sentences import Sentence, coded, together

# A seat that may take any modem waits for its own so long before it takes another: a reset takes up to a minute.
GRACE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class SeenPort:
    """A tty that the scout looked at.

    place    where it is plugged in: the folder of its USB device, "" where there is none
    on_bus   the table of models knows it, so `auto` may take it
    fits     the seats whose path or pattern it is
    imei     who answered; None: nobody was asked yet, or `trouble` says why not
    silent   asked, and nothing answered: the seat that had it may try what helps silent modems
    locked   it tells who it is only once its card is open
    """

    key: PortKey
    place: str = ""
    on_bus: bool = False
    fits: frozenset[str] = frozenset()
    imei: str | None = None
    trouble: Standing | None = None
    silent: bool = False
    locked: bool = False


class Seating:
    """`remembered` is the IMEI that each seat had last."""

    def __init__(self, remembered: Mapping[str, str]) -> None:
        self._lock = threading.RLock()
        self._wishes: dict[str, Wish] = {}
        self._remembered = dict(remembered)
        self._seen: tuple[SeenPort, ...] = ()
        self._notices: tuple[Sentence, ...] = ()
        self._held: dict[str, tuple[PortKey, str]] = {}
        self._last_place: dict[str, str] = {}
        self._missed_at: dict[str, datetime] = {}
        self._here: dict[str, str] = {}
        self._doubles: dict[PortKey, tuple[str, str]] = {}
        self._corrected: dict[PortKey, str] = {}

    # -- for the scout and the daemon --------------------------------------------------------------------------

    def wishes(self) -> list[Wish]:
        """What all the seats ask for."""
        with self._lock:
            return list(self._wishes.values())

    def add(self, wish: Wish) -> None:
        """One more seat."""
        with self._lock:
            self._wishes[wish.name] = wish

    def taken(self) -> frozenset[str]:
        """The ttys that seats have."""
        with self._lock:
            return frozenset(key.path for key, _ in self._held.values())

    def saw(self, ports: Sequence[SeenPort], notices: Sequence[Sentence]) -> None:
        """What is plugged in; `notices` tell what cannot be used."""
        with self._lock:
            self._seen, self._notices = tuple(ports), tuple(notices)
            there = {port.key for port in self._seen}
            self._corrected = {key: imei for key, imei in self._corrected.items() if key in there}

    def newcomers(self) -> list[str]:
        """The IMEIs of known modems that are plugged in and have no seat."""
        with self._lock:
            seated = {wish.imei for wish in self._wishes.values()}
            found = (self._imei(port) for port in self._seen if port.on_bus)
            return sorted({imei for imei in found if imei and imei not in seated})

    # -- for the seats -----------------------------------------------------------------------------------------

    def take(self, name: str, now: datetime) -> str:
        """The path to open, which is this seat's until `leave`. Raises PortGone, NoPort."""
        with self._lock:
            if name in self._held:
                key, path = self._held[name]
                if port_key(path) == key:
                    return path
                self.leave(name)
            wish = self._wishes[name]
            key, path, place = self._named(wish) if wish.kind == "path" else self._chosen(wish, now)
            self._held[name] = key, path
            self._missed_at.pop(name, None)
            if place:
                self._last_place[name] = place
            return path

    def met(self, name: str, imei: str) -> None:
        """Who answered at the port that the seat took. Raises NoPort when it may not have that modem."""
        with self._lock:
            key, path = self._held[name]
            wish = self._wishes[name]
            self._corrected[key] = imei
            if wish.imei not in (None, imei):
                raise NoPort("faulty", _another(path, imei, wish.imei or ""))
            for other, of_other in self._here.items():
                if other != name and of_other == imei:
                    self._doubles[key] = other, imei
                    raise NoPort("faulty", coded("same_modem", other=other))
            self._here[name] = self._remembered[name] = imei

    def leave(self, name: str) -> None:
        """Give the port back; harmless when there is none."""
        with self._lock:
            self._held.pop(name, None)
            self._here.pop(name, None)

    # -- which port --------------------------------------------------------------------------------------------

    def _named(self, wish: Wish) -> tuple[PortKey, str, str]:
        """The one path of a section."""
        key = port_key(wish.device)
        if key is None:
            raise PortGone(f"{wish.device} is not there")
        if owner := self._owner(key) or self._named_before(wish, key):
            raise NoPort("faulty", coded("port_taken", owner=owner))
        if double := self._double_of(key):
            raise NoPort("faulty", coded("same_modem", other=double))
        seen = next((port for port in self._seen if port.key == key), None)
        if wish.imei is not None:
            imei = self._imei(seen) if seen else None
            if imei not in (None, wish.imei):
                raise NoPort("faulty", _another(wish.device, imei or "", wish.imei))
            if imei is None and not (seen and (seen.silent or seen.locked)):
                raise NoPort(*(seen.trouble if seen and seen.trouble else STARTING))
        return key, wish.device, seen.place if seen else ""

    def _chosen(self, wish: Wish, now: datetime) -> tuple[PortKey, str, str]:
        """One of those that fit: its own modem, else (when the section names none) a free one."""
        fitting = [port for port in self._seen if self._fits(port, wish) and self._is_free(port.key)]
        own = wish.imei or self._remembered.get(wish.name)
        for port in fitting:
            if own and self._imei(port) == own:
                return port.key, port.key.path, port.place
        for port in fitting:
            if (port.silent or port.locked) and port.place and port.place == self._last_place.get(wish.name):
                return port.key, port.key.path, port.place
        locked = [port for port in fitting if port.locked and self._imei(port) is None]
        if len(locked) == 1 and not self._is_wanted_by_others(locked[0], wish):
            return locked[0].key, locked[0].key.path, locked[0].place
        if wish.imei is None and self._may_take_another(wish.name, own, now):
            claimed = self._claimed_by_others(wish.name)
            for port in fitting:
                imei = self._imei(port)
                if imei and imei not in claimed:
                    return port.key, port.key.path, port.place
        raise self._nothing(wish, fitting)

    def _is_wanted_by_others(self, port: SeenPort, wish: Wish) -> bool:
        """A PIN goes into the card of whoever cannot be told from another only where there is no other."""
        others = (other for name, other in self._wishes.items() if name != wish.name and name not in self._held)
        return any(self._fits(port, other) for other in others)

    def _may_take_another(self, name: str, own: str | None, now: datetime) -> bool:
        if own is None:
            return True
        since = self._missed_at.setdefault(name, now)
        return not timedelta() <= now - since < GRACE

    def _claimed_by_others(self, name: str) -> set[str]:
        claims = {wish.imei for wish in self._wishes.values()} | {
            imei for other, imei in self._remembered.items() if other in self._wishes
        }
        own = {self._wishes[name].imei, self._remembered.get(name)}
        return {imei for imei in claims - own if imei}

    def _nothing(self, wish: Wish, fitting: Sequence[SeenPort]) -> PortGone:
        if trouble := next((port.trouble for port in fitting if port.trouble and self._imei(port) is None), None):
            return NoPort(*trouble)
        if any(port.imei is None and port.trouble is None for port in fitting):
            return NoPort(*STARTING)
        if wish.kind == "glob" and wish.imei is None:
            return PortGone(f"{wish.device} fits nothing that is free")
        missing = coded("imei_missing", imei=half_masked(wish.imei)) if wish.imei else coded("none_free")
        return NoPort("absent", together(missing, *self._notices))

    def _double_of(self, key: PortKey) -> str | None:
        """The seat that has the modem of this port by another of its ports, also while it comes back from a reset."""
        other, imei = self._doubles.get(key, ("", ""))
        if not other:
            return None
        if self._remembered.get(other) == imei and (other in self._held or self._wishes[other].matches()):
            return other
        del self._doubles[key]
        return None

    def _fits(self, port: SeenPort, wish: Wish) -> bool:
        return port.on_bus if wish.kind == "auto" else wish.name in port.fits

    def _is_free(self, key: PortKey) -> bool:
        """False also for a tty that went, or came anew, since the scout saw it."""
        return self._owner(key) is None and port_key(key.path) == key

    def _owner(self, key: PortKey) -> str | None:
        return next((name for name, (held, _) in self._held.items() if held.path == key.path), None)

    def _named_before(self, wish: Wish, key: PortKey) -> str | None:
        """The section further up in config.ini that names the same tty: it is that one's, whoever comes first."""
        for other in self._wishes.values():
            if other is wish:
                return None
            if other.kind == "path" and port_key(other.device) == key and other.imei in (None, wish.imei):
                return other.name
        return None

    def _imei(self, port: SeenPort) -> str | None:
        """Who answered there last, to the scout or to a seat."""
        return self._corrected.get(port.key, port.imei)


def _another(path: str, found: str, wanted: str) -> Sentence:
    return coded("other_imei", path=path, found=half_masked(found), wanted=half_masked(wanted))
