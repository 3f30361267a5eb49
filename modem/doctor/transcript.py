"""The transcript of one modem as a file: from its daemon, else from the modem; with a head that says what it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from db.engine.clock import utc_now
from db.modems.readiness import live_hosts
from db.modems.status import ModemCard, modem_cards
from db.operations.installation import Installation
from modem.daemon.recording import Recording, record, transcripts_of
from modem.daemon.records.operators import operator_name
from modem.daemon.records.status import trouble
from modem.discovery.bus import bus_verdicts
from modem.doctor import machine
from modem.doctor.gathering import open_database
from modem.doctor.targets import Candidate, candidates
from plp.rules.refusals import Refusal

_PORT_MISSING: Final = "Le modem {name} n'est pas là : branchez-le, ou vérifiez « device » dans config.ini."


@dataclass(frozen=True, slots=True)
class TranscriptFile:
    """`text` is what `python -m modem.sim --script` plays. `trouble` is French, "" where the dialogue was whole."""

    text: str
    trouble: str = ""

    @property
    def lines(self) -> int:
        """Lines of dialogue."""
        return sum(line.startswith(("> ", "< ")) for line in self.text.splitlines())


def transcript(installation: Installation, name: str, by: str) -> TranscriptFile:
    """Of the modem of that name, or at that path where no daemon has it. Raises Refusal."""
    with open_database(installation) as database:
        now = utc_now()
        if database == "current" and (card := _running(name, installation.settings().host, now)):
            return _from_daemon(card, by, now)
        chosen = candidates(installation.settings(), bus_verdicts() or (), name)[0]
        return _from_modem(chosen, now, keeps_pins=database == "current")


def _running(name: str, host: str, now: datetime) -> ModemCard | None:
    """The modem of that name that a daemon has now; this machine's before another's."""
    hosts = live_hosts(now)
    cards = [card for card in modem_cards(now) if card.host in hosts and name in (card.name, card.device)]
    return min(cards, key=lambda card: card.host != host, default=None)


def _from_daemon(card: ModemCard, by: str, now: datetime) -> TranscriptFile:
    saved = transcripts_of(card.host, [card.name], by).get(card.name)
    if saved is None:
        raise Refusal("Le service n'a encore rien échangé avec le modem {name}.", name=card.name)
    return TranscriptFile(_head(card.model, "", card.operator, card.technology, now) + saved.lines)


def _from_modem(chosen: Candidate, now: datetime, keeps_pins: bool) -> TranscriptFile:
    seen = machine.port(chosen.path) if chosen.path else None
    if seen is None or not seen.exists:
        raise Refusal(_PORT_MISSING, name=chosen.name)
    if seen.holder:
        raise Refusal("Le port du modem {name} est tenu par {holder}.", name=chosen.name, holder=seen.holder)
    told = record(seen.path, chosen.asked_for(keeps_pins))
    if not told.script:
        raise Refusal("Le modem {name} n'a rien dit. {why}", name=chosen.name, why=_why(told))
    identity, registration = told.identity, told.registration
    head = _head(
        f"{identity.manufacturer} {identity.model}".strip() if identity else "",
        identity.revision if identity else "",
        operator_name(registration.operator) if registration else None,
        registration.technology if registration else None,
        now,
    )
    return TranscriptFile(head + told.script, _why(told))


def _why(told: Recording) -> str:
    return f"Le dialogue s'est arrêté avant la fin. {trouble(told.error)[1]}" if told.error else ""


def _head(model: str, firmware: str, operator: str | None, technology: str | None, now: datetime) -> str:
    """The head that docs/hardware.md asks for, as far as it is known."""
    network = " ".join(word for word in (operator, technology) if word)
    told = {"model": model, "firmware": firmware, "network": network, "recorded": f"{now:%Y-%m-%d}"}
    return "".join(f"{name}: {value}\n" for name, value in told.items() if value)
