"""The health of one SIM in one modem, from the network's answers: pure, given the time, without actions. A refusal is
attributed to the SIM only when others are refused right after it. Then the modem is held and tried with one message at
a time, always to another recipient, soon at first: two dead numbers in a row in the queue look like a
refused SIM, and the third number shows the difference. The rule: docs/reference/modem-facts.md, "One recipient never
stops a SIM" (docs/adr/0022).
"""

from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from db.alerts.values import Claim
from modem.daemon.policy.error_table import Remedy, Rule
from modem.daemon.policy.pacing import is_due
from rules.sentences import Sentence, coded
from rules.states import LANE_NORMAL, LANE_URGENT

HoldState = Literal["suspended", "paused", "out_of_service", "quarantined"]

# So many recipients refused one after the other: what the book says of the SIM or the bearer is believed of it; of
# anything else three of them, or five of the last ten, say that it is not the recipients.
OF_THE_SIM, OF_ANYTHING = 2, 3
OF_THE_LAST, FAILED_OF_THEM = 10, 5
# So many one after the other are no chance, however well the SIM worked just before.
BEYOND_DOUBT = 4
# A SIM that took a message so lately is no reason to believe a recipient who is refused again.
LATELY = timedelta(minutes=10)
# Waits before the trials; then this one for as long as urgent work waits, and longer ones for the rest.
TRIALS = tuple(timedelta(seconds=seconds) for seconds in (1, 5, 15))
URGENT_TRIAL = timedelta(seconds=30)
LONG_TRIALS = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 60))
# A modem that takes messages and says nothing makes all of them UNCONFIRMED, and nobody resends those by himself. So
# many in a row, or of the last ten, and it is tried with one message, less and less often.
UNANSWERED_IN_A_ROW = 3
UNANSWERED_OF_THEM = 5
SILENT_PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 10, 20, 60, 300, 900, 3600))
# From here on it takes a person's eyes.
_ALARMING = timedelta(minutes=5)
# Looking does no harm and tells at once; whatever else a modem may need waits for a second refusal.
_HARMLESS = frozenset({"purge", "restore_smsc", "await_network", "probe"})
_HOLDING = frozenset({"suspend", "retire"})
# After these the next message goes out under other conditions: what was refused before says nothing of its recipient.
_MENDING = frozenset({"reopen", "switch_bearer", "no_sim", "sim_failure", "pin", "puk"})

_LONGEST_HOLD = max(*LONG_TRIALS, *SILENT_PAUSES)


@dataclass(frozen=True, slots=True)
class Hold:
    """A pause of sending, with its reason. `until` is None where only a person or another card ends it; from
    `urgent_at` on urgent work may try, one message at a time (None: nothing may before `until`).
    """

    state: HoldState
    sentence: Sentence
    until: datetime | None = None
    urgent_at: datetime | None = None

    @property
    def next_try_at(self) -> datetime | None:
        return self.urgent_at or self.until


QUARANTINE = Hold("quarantined", coded("sim_new"))


class Condition:
    """One SIM's state. `refused` returns what the modem needs; the worker does it."""

    def __init__(self) -> None:
        self.hold: Hold | None = None
        # The recipient of a refusal that says something of the SIM, None for a message that was taken.
        self._last: deque[str | None] = deque(maxlen=OF_THE_LAST)
        # Parts that were refused since the last one that was taken, with their recipients.
        self._suspects: dict[int, str] = {}
        self._taken_at: datetime | None = None
        self._trials = 0
        self._answered: deque[bool] = deque(maxlen=OF_THE_LAST)
        self._silent_pauses = 0
        self._silent_hold: Hold | None = None

    def lowest_lane(self, now: datetime) -> int | None:
        """The last lane that may be sent; None for none. While a SIM is held, only urgent work tries it."""
        if self.hold is None or self._is_over(self.hold, now):
            return LANE_NORMAL
        urgent_at = self.hold.urgent_at
        return LANE_URGENT if urgent_at is not None and is_due(urgent_at, now, URGENT_TRIAL) else None

    def rests(self, now: datetime) -> None:
        """Nothing waits that could try it: a hold that is over is not shown any longer."""
        if self.hold is not None and self._is_over(self.hold, now):
            self.hold = None

    def _is_over(self, hold: Hold, now: datetime) -> bool:
        return hold.until is not None and is_due(hold.until, now, _LONGEST_HOLD)

    def wait_s(self, now: datetime) -> float:
        """Seconds until urgent work may try; a long time when nothing is held."""
        if self.hold is None or self.hold.urgent_at is None or self.hold.urgent_at <= now:
            return 60.0
        return (self.hold.urgent_at - now).total_seconds()

    def sent(self, msisdn: str, now: datetime) -> list[int]:
        """The network accepted one: the SIM works, and the few refused just before were refused because of their
        recipients: returns their parts. After many refusals the SIM was the cause, and it works again.
        """
        few = len(self._row()) < BEYOND_DOUBT
        blamed = [part for part, whom in self._suspects.items() if few and whom != msisdn]
        if self._trials:  # what tripped it is explained
            self._last.clear()
        self.hold, self._trials, self._taken_at = None, 0, now
        self._suspects.clear()
        self._last.append(None)
        self.answered()
        return blamed

    def refused(self, rule: Rule, reason: str, claim: Claim, now: datetime) -> tuple[Remedy, bool]:
        """The network refused one: what the modem needs, and whether it counts as a try of the part; sets holds."""
        self.answered()
        if rule.about in ("recipient", "us"):
            return rule.remedy, True
        known = claim.last_reason != ""
        again = known and claim.msisdn in self._row()
        lately = self._taken_at is not None and now - self._taken_at < LATELY
        # Who was refused while this SIM, or another one, took the others says nothing more of any SIM.
        if not claim.retries and not (known and lately):
            self._last.append(claim.msisdn)
            self._suspects[claim.part_id] = claim.msisdn
        believed = self._is_believed(rule)
        counts = known and (lately or (not believed and (again or claim.retries > 0)))
        if believed and not (counts and len(self._row()) < BEYOND_DOUBT):
            return self._believe(rule, reason, now), False
        needed = rule.remedy in _HARMLESS or (again and rule.remedy not in _HOLDING)
        return self._remedy(rule.remedy if needed else "none"), counts

    def unanswered(self, now: datetime) -> None:
        """A message was sent and no answer came: after several the modem pauses."""
        self._answered.append(False)
        if self.hold is not None and self.hold.urgent_at is not None:  # that was its trial
            self.hold = replace(self.hold, urgent_at=now + URGENT_TRIAL)
        row = list(self._answered)[-UNANSWERED_IN_A_ROW:]
        in_a_row = len(row) == UNANSWERED_IN_A_ROW and not any(row)
        if not in_a_row and self._answered.count(False) < UNANSWERED_OF_THEM:
            return
        wait = SILENT_PAUSES[min(self._silent_pauses, len(SILENT_PAUSES) - 1)]
        self._silent_pauses += 1
        if self.hold is None or self.hold.until is not None:
            minutes = int(wait.total_seconds() // 60)
            long = wait >= _ALARMING
            why = coded("unanswered_long", minutes=minutes) if long else coded("unanswered")
            self.hold = self._silent_hold = Hold("out_of_service" if long else "paused", why, now + wait)

    def forgiven(self) -> "Condition":
        """A condition without earlier failures, except a swapped card."""
        anew = Condition()
        if self.hold is QUARANTINE:
            anew.hold = QUARANTINE
        return anew

    def try_now(self, now: datetime) -> None:
        """A person asks for a try: one message may go, and if it fails too the pauses go on where they were."""
        hold = self.hold
        if hold is None or hold is QUARANTINE:
            return
        self.hold = replace(hold, until=hold.until and now, urgent_at=now)
        if hold is self._silent_hold:
            self._silent_hold = self.hold

    def pulled_out(self) -> None:
        """It was without power: its silences say nothing more, what the network said of the SIM holds on."""
        self._answered.clear()
        self._silent_pauses = 0
        if self.hold is self._silent_hold:
            self.hold = None

    def answered(self) -> None:
        """The modem gave a result, whatever it says of the message."""
        self._answered.append(True)
        self._silent_pauses = 0

    def _row(self) -> set[str]:
        """The recipients refused since one was taken."""
        row: set[str] = set()
        for recipient in reversed(self._last):
            if recipient is None:
                break
            row.add(recipient)
        return row

    def _is_believed(self, rule: Rule) -> bool:
        if rule.about in ("sim", "bearer"):
            return len(self._row()) >= OF_THE_SIM
        failed = {recipient for recipient in self._last if recipient is not None}
        return len(self._row()) >= OF_ANYTHING or len(failed) >= FAILED_OF_THEM

    def _believe(self, rule: Rule, reason: str, now: datetime) -> Remedy:
        """Hold the modem until the next trial, and return what it needs before that."""
        first, trial = self._trials == 0, min(self._trials, len(TRIALS) + len(LONG_TRIALS) - 1)
        self._trials += 1
        urgent_at = now + (TRIALS[trial] if trial < len(TRIALS) else URGENT_TRIAL)
        state, sentence = _standing(rule, reason, first)
        until: datetime | None = urgent_at
        if trial >= len(TRIALS):
            until = None if state == "out_of_service" else now + LONG_TRIALS[trial - len(TRIALS)]
        self.hold = Hold(state, sentence, until, urgent_at)
        return self._remedy(rule.remedy if rule.remedy != "none" else "probe")

    def _remedy(self, remedy: Remedy) -> Remedy:
        if remedy in _MENDING:
            self._suspects.clear()
        return remedy


def _standing(rule: Rule, reason: str, first: bool) -> tuple[HoldState, Sentence]:
    """The state of a SIM that is believed to be refused by this rule. The other bearer gets its chance first."""
    if rule.about == "bearer" and not (rule.remedy == "switch_bearer" and first):
        return "out_of_service", coded("sms_not_offered", reason=reason)
    if rule.remedy == "retire":
        return "out_of_service", coded("sim_barred", reason=reason)
    if rule.remedy == "suspend":
        return "suspended", coded("sim_refused", reason=reason)
    return "paused", coded("refused_in_a_row")
