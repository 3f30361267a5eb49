"""Whether one SIM in one modem may send, from what the network said: pure, told the time, and it acts on nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from modem.service.breaker import Breaker
from modem.service.pacing import is_due
from modem.service.policy import Remedy, Rule

HoldState = Literal["suspended", "paused", "out_of_service", "quarantined"]

# A SIM that the network bars is tried again with one message, less and less often.
SUSPENSIONS = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 60))
# Whose refusals may be the modem's own doing, so that they count against it.
_EVIDENCE = frozenset({"network", "unclear", "bearer", "pdu", "unknown", "modem"})


@dataclass(frozen=True, slots=True)
class Hold:
    """Why nothing goes out. `until` is None where only a person or another card ends it. `sentence` is French."""

    state: HoldState
    sentence: str
    until: datetime | None = None


QUARANTINE = Hold(
    "quarantined",
    "Cette carte SIM est nouvelle dans ce modem : un technicien doit l'accepter avant qu'elle n'envoie.",
)


class Condition:
    """One SIM's standing. `refused` tells what the modem needs; the worker does it."""

    def __init__(self) -> None:
        self.hold: Hold | None = None
        self.breaker = Breaker()
        self._suspensions = 0
        self._bearer_refusals = 0
        self._bearer_switched = False

    def may_send(self, now: datetime) -> bool:
        """False while a hold lasts, the breaker pauses, or a health check is due."""
        if self.hold is not None and self.hold.until is not None and is_due(self.hold.until, now, SUSPENSIONS[-1]):
            self.hold = None
        return self.hold is None and self.breaker.allows(now)

    @property
    def one_at_a_time(self) -> bool:
        """The next message is a test: nothing may be claimed behind it."""
        return self.breaker.suspicious

    @property
    def shown(self) -> Hold | None:
        """What people are shown: the hold, or the breaker's pause."""
        if self.hold is not None or self.breaker.state != "open":
            return self.hold
        return Hold("paused", "Plusieurs envois refusés de suite : le modem attend, puis essaie un seul message.")

    def sent(self) -> None:
        """The network took one."""
        self.breaker.succeeded()
        self._suspensions = self._bearer_refusals = 0

    def refused(self, rule: Rule, reason: str, recipient: str, first_try: bool, now: datetime) -> Remedy:
        """The network refused one: what the modem needs. Holds and the breaker are set here."""
        if rule.about in _EVIDENCE and first_try:
            self.breaker.failed(recipient, now)
        match rule.remedy:
            case "suspend":
                self._suspend(reason, now)
            case "retire":
                self.retire(f"La carte SIM est refusée par le réseau ({reason}) : vérifiez l'abonnement.")
            case "switch_bearer" if self._bearer_switched:
                self.retire(
                    f"Le réseau n'offre pas de SMS à cette carte ({reason}) : vérifiez l'abonnement (VoLTE, 2G)."
                )
                return "none"
            case "switch_bearer":
                self._bearer_switched = True
            case "count_bearer":
                self._bearer_refusals += 1
                if self._bearer_refusals > 1:
                    self.retire(
                        f"Le réseau n'offre pas de SMS à cette carte ({reason}) : vérifiez l'abonnement (VoLTE, 2G)."
                    )
        return rule.remedy

    def retire(self, sentence: str) -> None:
        """Out of service until a person or another card comes."""
        self.hold = Hold("out_of_service", sentence)

    def _suspend(self, reason: str, now: datetime) -> None:
        wait = SUSPENSIONS[min(self._suspensions, len(SUSPENSIONS) - 1)]
        self._suspensions += 1
        minutes = int(wait.total_seconds() // 60)
        self.hold = Hold(
            "suspended",
            f"La carte SIM est refusée ({reason}) : nouvel essai dans {minutes} minutes. Vérifiez son crédit.",
            now + wait,
        )
