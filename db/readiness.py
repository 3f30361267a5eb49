"""Can an alert go out now? What the daemons last said of their modems, in words."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from db.models import Heartbeat, Modem

# The daemon writes its heartbeat every five seconds; three missed ones mean that it is gone.
FRESH = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Readiness:
    """`sentence` is French. `can_take_orders` is also true while modems that are plugged in start.

    `simulated`: whatever is plugged in is a simulator, so no SMS leaves.
    """

    ready: bool
    can_take_orders: bool
    sentence: str
    modems_ready: int
    simulated: bool


def readiness(now: datetime) -> Readiness:
    """The one answer that the light, the send button, the API and `plp check` share."""
    hosts = live_hosts(now)
    if not hosts:
        return Readiness(False, False, "Pas prêt : le service des modems ne tourne pas.", 0, False)
    modems = list(Modem.select().where(Modem.host.in_(hosts)).order_by(Modem.host, Modem.name))
    ready = [modem for modem in modems if modem.state == "ready"]
    simulated = bool(modems) and all(modem.simulated for modem in modems)
    if ready:
        return Readiness(True, True, f"Prêt : {_counted(ready, simulated)}.", len(ready), simulated)
    starting = any(modem.state == "starting" for modem in modems)
    return Readiness(False, starting, f"Pas prêt : {_why_not(modems)}", 0, simulated)


def _counted(ready: list[Modem], simulated: bool) -> str:
    """`2 modems`; where real and simulated ones are mixed, how many do not reach anybody."""
    count = f"{len(ready)} modem{'s' if len(ready) > 1 else ''}"
    false = sum(modem.simulated for modem in ready)
    return count if simulated or not false else f"{count}, dont {false} simulé{'s' if false > 1 else ''}"


def live_hosts(now: datetime) -> list[str]:
    """The hosts whose modem daemon gave a sign of life."""
    fresh = Heartbeat.select().where(Heartbeat.process == "modem", Heartbeat.seen_at > now - FRESH)
    return [row.host for row in fresh]


def all_simulated(now: datetime) -> bool:
    """True when whatever can send now is a simulator."""
    ready = Modem.select().where(Modem.host.in_(live_hosts(now)), Modem.state.in_(["ready", "starting"]))
    states = [modem.simulated for modem in ready]
    return bool(states) and all(states)


def _why_not(modems: list[Modem]) -> str:
    if not modems:
        return "aucun modem n'est branché."
    if any(modem.state == "starting" for modem in modems):
        return "les modems démarrent."
    first = modems[0]
    why = first.sentence.rstrip(".") or first.state
    others = f" (et {len(modems) - 1} autre{'s' if len(modems) > 2 else ''})" if len(modems) > 1 else ""
    return f"modem {first.name} : {why}{others}."
