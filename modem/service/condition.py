"""Whether one SIM in one modem may send, from what the network said: pure, told the time, and it acts on nothing."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from modem.service.breaker import Breaker
from modem.service.pacing import is_due
from modem.service.policy import Remedy, Rule

HoldState = Literal["suspended", "paused", "out_of_service", "quarantined"]

# A SIM that the network bars is tried again with one message, less and less often.
SUSPENSIONS = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 60))
# A modem that takes messages and says nothing makes each of them UNCONFIRMED, and nobody resends those by himself. So
# many in a row, or of the last ten, and it is tried with one message, less and less often.
UNANSWERED_IN_A_ROW = 3
OF_THE_LAST, UNANSWERED_OF_THEM = 10, 5
SILENT_PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 10, 20, 60, 300, 900, 3600))
# From here on it takes a person's eyes.
_ALARMING = timedelta(minutes=5)
# Whose refusals may be the modem's own doing, so that they count against it.
_EVIDENCE = frozenset({"network", "unclear", "bearer", "pdu", "unknown", "modem"})

_LONGEST_HOLD = max(*SUSPENSIONS, *SILENT_PAUSES)


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
        self._answered: deque[bool] = deque(maxlen=OF_THE_LAST)
        self._silent_pauses = 0

    def may_send(self, now: datetime) -> bool:
        """False while a hold lasts, the breaker pauses, or a health check is due."""
        if self.hold is not None and self.hold.until is not None and is_due(self.hold.until, now, _LONGEST_HOLD):
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
        self._heard_back()
        self._suspensions = self._bearer_refusals = 0

    def refused(self, rule: Rule, reason: str, recipient: str, first_try: bool, now: datetime) -> Remedy:
        """The network refused one: what the modem needs. Holds and the breaker are set here."""
        self._heard_back()
        if rule.about in _EVIDENCE and first_try:
            self.breaker.failed(recipient, now)
        match rule.remedy:
            case "suspend":
                self._suspend(reason, now)
            case "retire":
                self.retire(f"La carte SIM est refusée par le réseau ({reason}) : vérifiez l'abonnement.")
            case "switch_bearer" if self._bearer_switched:
                self._retire_for_bearer(reason)
                return "none"
            case "switch_bearer":
                self._bearer_switched = True
            case "count_bearer":
                self._bearer_refusals += 1
                if self._bearer_refusals > 1:
                    self._retire_for_bearer(reason)
        return rule.remedy

    def unanswered(self, now: datetime) -> None:
        """A message went out and nobody said what became of it: after several the modem pauses."""
        self._answered.append(False)
        row = list(self._answered)[-UNANSWERED_IN_A_ROW:]
        in_a_row = len(row) == UNANSWERED_IN_A_ROW and not any(row)
        if not in_a_row and self._answered.count(False) < UNANSWERED_OF_THEM:
            return
        wait = SILENT_PAUSES[min(self._silent_pauses, len(SILENT_PAUSES) - 1)]
        self._silent_pauses += 1
        if self.hold is None or self.hold.until is not None:
            self.hold = _silent(wait, now)

    def _heard_back(self) -> None:
        self._answered.append(True)
        if all(self._answered):
            self._silent_pauses = 0

    def retire(self, sentence: str) -> None:
        """Out of service until a person or another card comes."""
        self.hold = Hold("out_of_service", sentence)

    def _retire_for_bearer(self, reason: str) -> None:
        self.retire(f"Le réseau n'offre pas de SMS à cette carte ({reason}) : vérifiez l'abonnement (VoLTE, 2G).")

    def _suspend(self, reason: str, now: datetime) -> None:
        wait = SUSPENSIONS[min(self._suspensions, len(SUSPENSIONS) - 1)]
        self._suspensions += 1
        minutes = int(wait.total_seconds() // 60)
        self.hold = Hold(
            "suspended",
            f"La carte SIM est refusée ({reason}) : nouvel essai dans {minutes} minutes. Vérifiez son crédit.",
            now + wait,
        )


def _silent(wait: timedelta, now: datetime) -> Hold:
    if wait < _ALARMING:
        sentence = (
            "Le modem prend des messages sans dire ce qu'ils deviennent : il attend, puis essaie un seul message."
        )
        return Hold("paused", sentence, now + wait)
    sentence = (
        "Le modem prend des messages sans dire ce qu'ils deviennent : nouvel essai dans "
        f"{int(wait.total_seconds() // 60)} minutes. Vérifiez son alimentation (port USB, hub), ou remplacez-le."
    )
    return Hold("out_of_service", sentence, now + wait)
