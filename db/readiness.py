"""Can an alert go out now? What the daemons last said of their modems, in words, for whoever reads them."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from db.folding import folded
from db.models import DirectoryEntry, Heartbeat, Modem
from db.writability import WriteTrouble, write_trouble

# The daemon writes its heartbeat every five seconds; three missed ones mean that it is gone.
FRESH = timedelta(seconds=15)
# One missed: the daemon is gone, or it cannot write.
SUSPICIOUS = timedelta(seconds=10)
# Modems that come by themselves within minutes: an order waits for them.
SOON = ("starting", "paused")
# The line of the zone's directory that says whom to call when nothing can be sent, in the country's languages.
_TECHNICIAN = re.compile(r"\btechni(?:ci|cus|ker)")
_IT_WAITS = "Une alerte envoyée maintenant attend, et part toute seule dès qu'un modem est prêt."


@dataclass(frozen=True, slots=True)
class Readiness:
    """`sentence` is French, for whoever looks after the modems. Officers, who cannot mend one, read `plain`, and then
    `advice`: what to do meanwhile, or whom to call; empty when nothing is wrong.

    `can_take_orders` is also true while modems will be ready by themselves: what is ordered waits for them.
    `simulated`: whatever is plugged in is a simulator, so no SMS leaves.
    """

    ready: bool
    can_take_orders: bool
    sentence: str
    plain: str
    advice: str
    modems_ready: int
    simulated: bool


def readiness(now: datetime) -> Readiness:
    """The one answer that the light, the send button, the API and `plp check` share. Outside transactions."""
    hosts = live_hosts(now)
    modems = list(Modem.select().where(Modem.host.in_(hosts)).order_by(Modem.host, Modem.name)) if hosts else []
    # A daemon that cannot write is silent too: that it does not run would be the wrong thing to say.
    if trouble := write_trouble(thorough=not live_hosts(now, SUSPICIOUS)):
        return _unwritable(trouble, modems)
    if not hosts:
        return _not_ready("Pas prêt : le service des modems ne tourne pas.", [])
    ready = [modem for modem in modems if modem.state == "ready"]
    if not ready:
        return _not_ready(f"Pas prêt : {_why_not(modems)}", modems)
    simulated = all(modem.simulated for modem in modems)
    sentence = _counted(len(ready), 0 if simulated else sum(modem.simulated for modem in ready))
    return Readiness(True, True, sentence, sentence, "", len(ready), simulated)


def live_hosts(now: datetime, within: timedelta = FRESH) -> list[str]:
    """The hosts whose modem daemon gave a sign of life."""
    fresh = Heartbeat.select().where(Heartbeat.process == "modem", Heartbeat.seen_at > now - within)
    return [row.host for row in fresh]


def all_simulated(now: datetime) -> bool:
    """True when whatever can send now, or will by itself, is a simulator."""
    useful = Modem.select().where(Modem.host.in_(live_hosts(now)), Modem.state.in_(["ready", *SOON]))
    states = [modem.simulated for modem in useful]
    return bool(states) and all(states)


def _not_ready(sentence: str, modems: list[Modem]) -> Readiness:
    states = {modem.state for modem in modems}
    simulated = _all_simulated(modems)
    plain, advice = _plain(states)
    return Readiness(False, bool(states.intersection(SOON)), sentence, plain, advice, 0, simulated)


def _unwritable(trouble: WriteTrouble, modems: list[Modem]) -> Readiness:
    plain = f"Pas prêt : rien ne peut être enregistré, {trouble.why}."
    return Readiness(
        ready=False,
        can_take_orders=False,
        sentence=f"Pas prêt : {trouble.sentence}",
        plain=plain,
        advice=_whom_to_call(),
        modems_ready=0,
        simulated=_all_simulated(modems),
    )


def _all_simulated(modems: list[Modem]) -> bool:
    return bool(modems) and all(modem.simulated for modem in modems)


def _counted(ready: int, false: int) -> str:
    """Whole sentences, so that each can be translated; where real and simulated modems are mixed, how many of `false`
    ones do not reach anybody."""
    if not false:
        return f"Prêt : {ready} modems." if ready > 1 else "Prêt : 1 modem."
    if ready == 1:
        return "Prêt : 1 modem, dont 1 simulé."
    return f"Prêt : {ready} modems, dont {false} simulés." if false > 1 else f"Prêt : {ready} modems, dont 1 simulé."


def _why_not(modems: list[Modem]) -> str:
    """The modem that comes first by itself, else the one that tells most: an absent one only says that it is absent."""
    if not modems:
        return "aucun modem n'est branché."
    if any(modem.state == "starting" for modem in modems):
        return "les modems démarrent."
    first = min(modems, key=lambda modem: (modem.state not in SOON, modem.state == "absent"))
    why = first.sentence.rstrip(".") or first.state
    if len(modems) == 1:
        return f"modem {first.name} : {why}."
    if len(modems) == 2:
        return f"modem {first.name} : {why} (et 1 autre)."
    return f"modem {first.name} : {why} (et {len(modems) - 1} autres)."


def _plain(states: set[str]) -> tuple[str, str]:
    """For officers: how it stands, and what to do."""
    if "starting" in states:
        return "Pas encore prêt : les modems démarrent.", _IT_WAITS
    if "paused" in states:
        return "Pas prêt : le réseau refuse les SMS ; nouvel essai dans quelques minutes.", _IT_WAITS
    return "Pas prêt : aucun SMS ne peut partir.", _whom_to_call()


def _whom_to_call() -> str:
    """The directory's technician with the way to reach them, where the zone's directory has one."""
    for entry in DirectoryEntry.select().order_by(DirectoryEntry.position, DirectoryEntry.id):
        if _TECHNICIAN.search(folded(entry.service)):
            return f"À prévenir : {entry.service}, {entry.contact.rstrip('.')}."
    return "Prévenez le technicien."
