"""A modem as a technician sees it: how it stands, what to do, and what may be asked of it now."""

from dataclasses import dataclass

from flask_babel import gettext as _

from console.hardware.words import ADVICE
from console.i18n.state_labels import MODEM_STATES
from db.engine.clock import utc_now
from db.modems.commands import open_requests
from db.modems.readiness import live_hosts
from db.modems.sims import SeenCard, waiting_cards
from db.modems.status import ModemCard, modem_cards
from db.operations.monitoring import LastRefusal, last_refusal

# What a person may take back into service; the rest comes back by itself, or needs hands.
RESUMABLE = frozenset({"out_of_service", "paused", "suspended"})
# Nobody is there to be restarted, or it restarts already.
_NOT_RESTARTABLE = frozenset({"absent", "starting"})


@dataclass(frozen=True, slots=True)
class ModemView:
    """`alive`: its daemon runs. `waiting` is the card that is in it now and that a person must accept.

    `asked` are the verbs of `db.modems.commands` that its daemon has not done yet. `refusal` is told of a modem that
    is not ready, and on a modem's own page.
    """

    card: ModemCard
    alive: bool
    waiting: SeenCard | None
    asked: tuple[str, ...]
    refusal: LastRefusal | None = None

    @property
    def tone(self) -> str:
        """The class that carries the state's colour; what a simulator does is proof of nothing."""
        if self.card.simulated and self.card.state == "ready":
            return "simulated"
        return MODEM_STATES[self.card.state][1] if self.card.state in MODEM_STATES else "failed"

    @property
    def advice(self) -> str:
        """What a person should do; empty when there is nothing."""
        if not self.alive:
            return str(_("Relancez « plp run » sur la machine %(host)s.", host=self.card.host))
        return str(ADVICE.get(self.card.state, ""))

    @property
    def is_modem(self) -> bool:
        """False for what is plugged in and cannot be used: a daemon listens to no request for it."""
        return self.card.is_modem

    @property
    def can_resume(self) -> bool:
        """It was taken out of service, by the network's doing or by ours."""
        return self.alive and self.card.state in RESUMABLE

    @property
    def can_restart(self) -> bool:
        """There is something that could be switched off and on."""
        return self.alive and self.is_modem and self.card.state not in _NOT_RESTARTABLE


def views() -> list[ModemView]:
    """All modems, by host and name."""
    now = utc_now()
    hosts = live_hosts(now)
    waiting = {(card.imei, card.imsi): card for card in waiting_cards()}
    return [
        ModemView(
            card=card,
            alive=card.host in hosts,
            waiting=waiting.get((card.imei or "", card.imsi or "")) if card.state == "quarantined" else None,
            asked=tuple(request.verb for request in open_requests(card.host, card.name)),
            refusal=last_refusal(card.host, card.name, now) if card.state != "ready" else None,
        )
        for card in modem_cards(now)
    ]
