"""The one judgement of whether an alert can go out now, for pages, commands, the API and the alarms."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from rules.collation import folded
from rules.sentences import NOTHING, Sentence, coded

PROCESSES: Final = ("console", "modem", "jobs")
# One that ends before this and is begun again and again gives no sign of life, so it counts as missing.
SETTLED_S: Final = 10.0


class Code(StrEnum):
    """State of sending. If no modem is ready, the state of the most informative one."""

    READY = "ready"
    PARTLY = "partly"  # some modems send, others that should do not
    UNWRITABLE = "unwritable"
    NO_SERVICE = "no_service"
    NO_MODEM = "no_modem"
    STARTING = "starting"
    PAUSED = "paused"
    SUSPENDED = "suspended"
    NOT_REGISTERED = "not_registered"
    NO_SIM = "no_sim"
    PIN = "pin"
    QUARANTINED = "quarantined"
    ABSENT = "absent"
    FAULTY = "faulty"
    OUT_OF_SERVICE = "out_of_service"


# More names than this no header has room for; the modems' page shows them all.
MOST_NAMED = 2
# The line of the zone's directory that says whom to call when nothing can be sent, in the country's languages.
_TECHNICIAN = re.compile(r"\btechni(?:ci|cus|ker)")
# Where the kernel sees a USB device: the row of something that is plugged in and is no modem that we can use.
_USB_PLACE = re.compile(r"\d+-\d+(\.\d+)*")
# Modems that come by themselves within minutes: an order waits for them.
SOON = (Code.STARTING, Code.PAUSED)


class Trouble(Protocol):
    """The trouble that keeps all from writing: `why` for an officer, `inside` as part of a sentence."""

    @property
    def why(self) -> Sentence: ...
    @property
    def inside(self) -> Sentence: ...


@dataclass(frozen=True, slots=True)
class SeenModem:
    """A modem as its daemon reported it, or `absent`; `is_modem` is False for what is plugged in and cannot be used."""

    host: str
    name: str
    state: str
    sentence: Sentence = NOTHING
    simulated: bool = False
    is_modem: bool = True
    next_try_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """A process without a sign of life since then, while others of the installation live."""

    host: str
    process: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Judgement:
    """`trouble` keeps all from writing; `urgent_waits`: an alert is queued; `technician` is (service, contact).
    `missing`: processes that should run, and of which alerts may need one tomorrow.
    """

    code: Code
    modems: tuple[SeenModem, ...] = ()
    trouble: Trouble | None = None
    urgent_waits: bool = False
    technician: tuple[str, str] | None = None
    missing: tuple[Missing, ...] = ()

    @property
    def ready(self) -> bool:
        return self.code in (Code.READY, Code.PARTLY)

    @property
    def can_take_orders(self) -> bool:
        """Also True while modems will soon be ready: orders wait for them."""
        soon = any(modem.state in SOON for modem in self.modems)
        return self.ready or (soon and self.code not in (Code.UNWRITABLE, Code.NO_SERVICE))

    @property
    def can_take_urgent(self) -> bool:
        """As `can_take_orders`, and while a SIM is suspended: it is tried again every 30 s while an alert waits."""
        retried = any(modem.state == Code.SUSPENDED for modem in self.modems)
        return self.can_take_orders or (retried and self.code not in (Code.UNWRITABLE, Code.NO_SERVICE))

    @property
    def stands_still(self) -> bool:
        """An alert waits and nothing can send it."""
        return self.urgent_waits and not self.ready

    @property
    def simulated(self) -> bool:
        """True where every modem is a simulator, so that no SMS leaves."""
        return bool(self.modems) and all(modem.simulated for modem in self.modems)

    @property
    def modems_ready(self) -> int:
        return sum(modem.state == Code.READY for modem in self.modems) if self.ready else 0

    @property
    def sentence(self) -> Sentence:
        """For people who look after the modems."""
        if self.ready:
            return _counted(self)
        if self.trouble is not None:
            return coded("not_ready", why=self.trouble.inside)
        if self.code in (Code.NO_SERVICE, Code.NO_MODEM, Code.STARTING):
            return self.plain
        return _why_not(self)

    def told(self, plain: bool = False) -> Sentence:
        """`sentence`, or `plain`, and behind it the missing processes, but those that it is about."""
        sentence = self.plain if plain else self.sentence
        others = [gone for gone in self.missing if (gone.process, self.code) != ("modem", Code.NO_SERVICE)]
        which = tuple(coded(f"missing_{gone.process}", host=gone.host) for gone in others)
        code = "ready_and_missing" if self.ready else "not_ready_and_missing"
        return coded(code, ready=sentence, which=which) if others else sentence

    @property
    def plain(self) -> Sentence:
        """For officers, who cannot repair a modem: its state. `advice` follows it."""
        if self.ready:
            return _counted(self)
        if self.trouble is not None:
            return Sentence("Pas prêt : enregistrement impossible, {why}.", {"why": self.trouble.why})
        return coded(f"not_ready_{self.code}")

    @property
    def advice(self) -> Sentence:
        """Advice to an officer meanwhile, or whom to call; empty when something can be sent."""
        if self.ready:
            return NOTHING
        if self.code in SOON:  # once an alert waits, its page says so
            waits = Sentence("L'alerte sera mise en attente, puis envoyée dès qu'un modem sera prêt.")
            return NOTHING if self.urgent_waits else waits
        if self.can_take_urgent and not self.can_take_orders:
            return Sentence(
                "L'alerte sera mise en attente : la carte SIM est réessayée toutes les 30 secondes. {whom}",
                {"whom": self._whom},
            )
        return self._whom

    @property
    def _whom(self) -> Sentence:
        if self.technician is None:
            return Sentence("Prévenez le technicien.")
        service, contact = self.technician
        return Sentence("À prévenir : {service}, {contact}.", {"service": service, "contact": contact.rstrip(".")})


def judge(
    modems: Sequence[SeenModem],
    *,
    alive: bool,
    trouble: Trouble | None = None,
    urgent_waits: bool = False,
    missing: tuple[Missing, ...] = (),
) -> Judgement:
    """`modems` are those of all daemons that should run; `alive`: one of these does."""
    usable = tuple(modem for modem in modems if modem.is_modem)
    if trouble is not None:
        code = Code.UNWRITABLE
    elif not alive:
        code, usable = Code.NO_SERVICE, ()
    elif any(modem.state == Code.READY for modem in usable):
        code = Code.READY if all(modem.state == Code.READY for modem in usable) else Code.PARTLY
    else:
        usable = usable or tuple(modems)
        code = _code(_telling(usable).state) if usable else Code.NO_MODEM
    return Judgement(code, usable, trouble, urgent_waits, missing=missing)


# Of one modem among others, in the words of the modems' page.
_STATES = {
    Code.STARTING: "démarre",
    Code.PAUSED: "en pause",
    Code.SUSPENDED: "suspendu",
    Code.NOT_REGISTERED: "cherche le réseau",
    Code.NO_SIM: "sans carte SIM",
    Code.PIN: "code PIN demandé",
    Code.QUARANTINED: "carte SIM à autoriser",
    Code.ABSENT: "débranché",
    Code.FAULTY: "en panne",
    Code.OUT_OF_SERVICE: "hors service",
    Code.READY: "simulé",
}


def _code(state: str) -> Code:
    return Code(state) if state in set(Code) else Code.FAULTY


def _telling(modems: Sequence[SeenModem]) -> SeenModem:
    """The modem that will be ready first on its own, else the most informative one: an absent one is only absent."""
    return min(
        modems, key=lambda modem: (modem.state != Code.STARTING, modem.state not in SOON, modem.state == Code.ABSENT)
    )


def _counted(judgement: Judgement) -> Sentence:
    """Whole sentences, so that they can be translated; simulated modems are counted apart from real ones."""
    ready, every = judgement.modems_ready, len(judgement.modems)
    false = 0 if judgement.simulated else sum(modem.simulated for modem in judgement.modems if modem.state == "ready")
    values: dict[str, object] = {"ready": ready, "all": every, "false": false}
    if judgement.code == Code.PARTLY:
        noted = [modem for modem in judgement.modems if modem.state != "ready" or (false and modem.simulated)]
        if len(noted) > MOST_NAMED:
            return Sentence("Prêt : 1 modem sur {all}." if ready == 1 else "Prêt : {ready} modems sur {all}.", values)
        states = ((_named(modem, judgement.modems), Sentence(_STATES[_code(modem.state)])) for modem in noted)
        values["noted"] = tuple(Sentence("modem {name} : {state}", {"name": n, "state": state}) for n, state in states)
        if ready == 1:
            return Sentence("Prêt : 1 modem sur {all} ({noted}).", values)
        return Sentence("Prêt : {ready} modems sur {all} ({noted}).", values)
    if not false:
        return Sentence("Prêt : {ready} modems." if ready > 1 else "Prêt : 1 modem.", values)
    if ready == 1:
        return Sentence("Prêt : 1 modem, dont 1 simulé.")
    if false == 1:
        return Sentence("Prêt : {ready} modems, dont 1 simulé.", values)
    return Sentence("Prêt : {ready} modems, dont {false} simulés.", values)


def _named(modem: SeenModem, modems: Sequence[SeenModem]) -> str:
    return modem.name if all(other.host == modem.host for other in modems) else f"{modem.name} ({modem.host})"


def _why_not(judgement: Judgement) -> Sentence:
    first, others = _telling(judgement.modems), len(judgement.modems) - 1
    why, name = first.sentence or f"{first.state}.", _named(first, judgement.modems)
    if not others:
        return coded("not_ready_modem", name=name, why=why)
    code = "not_ready_modem_and_1" if others == 1 else "not_ready_modem_and_more"
    return coded(code, name=name, why=why, others=others)


def silence_of(gone: Missing, since: str) -> Sentence:
    """The sentence of its incident."""
    return coded("process_silent", name=coded(f"process_{gone.process}"), host=gone.host, since=since)


def is_modem(device: str) -> bool:
    """False for what is plugged in and cannot be used: a daemon listens to no request for it."""
    return not _USB_PLACE.fullmatch(device)


def technician_in(directory: Iterable[tuple[str, str]]) -> tuple[str, str] | None:
    """The technician among the (service, contact) of the zone's directory."""
    return next((line for line in directory if _TECHNICIAN.search(folded(line[0]))), None)
