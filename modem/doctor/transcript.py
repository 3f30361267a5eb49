"""The transcript of one modem as a file: its daemon's flight recorder, saved on request."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from db.engine.clock import utc_now
from db.modems import commands
from db.modems.commands import ModemAnswer, answer_to
from db.modems.readiness import live_hosts
from db.modems.status import modem_cards
from rules.refusals import Refusal

DAEMON_PATIENCE_S: Final = 5.0
_LOOK_EVERY_S: Final = 0.05

Sleep = Callable[[float], None]


def transcript(host: str, name: str, by: str) -> str:
    """The script for `python -m modem.sim` of the modem of that name or device, first of `host`. Raises Refusal."""
    now = utc_now()
    hosts = live_hosts(now)
    cards = [card for card in modem_cards(now) if card.host in hosts]
    named = [card for card in cards if name in (card.name, card.device)]
    card = min(named, key=lambda card: card.host != host, default=None)
    if card is None:
        names = ", ".join(card.name for card in cards) or "aucun"
        raise Refusal("Aucun service en marche n'a de modem « {name} » (modems : {names}).", name=name, names=names)
    if not card.speaks_at:
        raise Refusal("Le modem {name} est celui de ModemManager : il n'a pas de relevé AT.", name=card.shown)
    saved = saved_transcript(card.host, card.name, by)
    if saved is None:
        raise Refusal("Le service n'a encore rien échangé avec le modem {name}.", name=card.name)
    # The head that docs/hardware.md asks for, as far as it is known.
    network = " ".join(word for word in (card.operator, card.technology) if word)
    values = {"model": card.model, "network": network, "recorded": f"{now:%Y-%m-%d}"}
    return "".join(f"{name}: {value}\n" for name, value in values.items() if value) + saved.text


def saved_transcript(
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
