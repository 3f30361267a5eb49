"""One part after the other: claim, hand over, record the result. What the modem needs is returned, not done. The
guards of this modem, whatever the console orders, shown as incidents until they are over. Nothing is lost: parts over
the ceiling wait, and one to a number that is never dialled failed with the code `guard`.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from base.settings.values import ModemSettings
from db.alerts.queue import marks
from db.alerts.queue.blame import refusals_of
from db.alerts.queue.choosing import something_waits
from db.alerts.queue.claim import claim_part, claim_rest, is_still_due
from db.alerts.queue.reports import NetworkReport, apply_reports
from db.alerts.values import Claim, Sender
from db.engine.connection import UNAVAILABLE
from db.modems.readiness import ready_sims
from db.operations.incidents import close_incident, open_incident
from modem.daemon.policy import error_table
from modem.daemon.policy.blame import verdict
from modem.daemon.policy.error_table import Remedy
from modem.daemon.policy.pacing import Lanes, is_due
from modem.daemon.policy.sim_health import URGENT_TRIAL, Condition
from modem.daemon.worker.hearing import Settle
from modem.driver.base.interface import ModemDriver
from modem.errors import CommandError, ModemError, ModemTimeout, NotHandedOver, PortGone, SmsError, SubmitUnconfirmed
from modem.sms.message import OutgoingPart
from rules.numbers import may_dial
from rules.sentences import coded
from rules.states import LANE_URGENT

# So many submits without a result, one after the other, and the modem is set up anew.
SILENCES = 3
_log = logging.getLogger(__name__)
# So long after the last wrong number its incident is over.
CALM = timedelta(hours=1)
# After a longer wait, for the database or for the modem's link, its card may be another one.
HEARD_WITHIN = timedelta(seconds=5)
# What waits in a modem may be a STOP: it is read before anything is sent, unless that takes longer.
MOMENT = timedelta(seconds=1)


class Sending:
    """The parts that go through one modem. `condition` is of its SIM.

    `take_reports` gives the reports that came during a submit: they are written with its receipt, in one commit.
    `start` records that this part may be sent, in the database and outside it. Raises ClaimLost if it must not.
    `refused` is called with a number that is never dialled.
    """

    def __init__(
        self,
        driver: ModemDriver,
        settle: Settle,
        lanes: Lanes,
        clock: Callable[[], datetime],
        take_reports: Callable[[Sender, datetime], Sequence[NetworkReport]],
        start: Callable[[Claim, datetime], None],
        refused: Callable[[datetime], None],
    ) -> None:
        self._driver, self._settle, self._lanes, self._clock = driver, settle, lanes, clock
        self._take_reports, self._start, self._refused_number = take_reports, start, refused
        self.condition = Condition()
        # Submits that nobody answered, by the driver's number, until their receipt comes after all or the port closes.
        self.unanswered: dict[int, Claim] = {}
        self.remedy: Remedy = "none"
        # Submits in a row that got no answer at all: one may be an accident, several are a modem that does not work.
        self.silences = 0
        # When the modem was heard or looked at last.
        self.heard_at = clock()
        self._next: Claim | None = None
        self._link_held = False
        # The part that is handed over may have reached the network.
        self._started = False
        # The last turn lost the port in the middle of a submit.
        self.breaks_off = False

    def turn(self, sender: Sender) -> bool:
        """Send the next part; True when more may follow. Sets `remedy`. Raises ModemError of the port."""
        self.remedy, self.breaks_off = "none", False
        claim = self._due(sender)
        if claim is None:
            self.condition.rests(self._clock())
        if claim is not None and not self._link_held:
            # Opening the link takes as long as the modem likes, and it may fail: the part is looked at again.
            self._next = claim
            self._hold_link(True)
            claim = self._due(sender)
        if claim is None:
            self._hold_link(False)
            return False
        now = self._clock()
        if not timedelta() <= now - self.heard_at <= HEARD_WITHIN:
            self._next = claim  # for the next step, which hears the modem first
            return True
        if not may_dial(claim.msisdn):
            self._settle(lambda: marks.mark_failed(claim, "guard", now))
            self._refused_number(now)
            return True
        if claim.deadline_at <= now:
            self._settle(lambda: marks.mark_released(claim, "deadline", now))
            return True
        # A modem that takes messages whole gets the rest of it too; None where some of it went out before.
        goes_whole = claim.total > 1 and "whole" in self._driver.capabilities
        whole = claim_rest(claim, sender, now) if goes_whole else claim
        if whole is None:
            if is_still_due(claim, sender, now):
                self._settle(lambda: marks.mark_failed(claim, "codec", now))
            else:
                self._settle(lambda: marks.mark_released(claim, "overtaken", now))
            return True
        for part in whole.parts:
            self._lanes.took(part.lane, now)
        self._submit(whole, sender)
        return True

    def release_next(self, reason: str) -> None:
        """Return the claimed part to the queue: another modem may take it, or a cancel or STOP may arrive."""
        claim, self._next = self._next, None
        if claim is not None:
            self._settle(lambda: marks.mark_released(claim, reason, self._clock()))

    def doubt(self, receipts: int, sender: Sender) -> None:
        """The modem's last receipts may be of texts to nobody."""
        self._settle(lambda: marks.mark_doubted(sender, receipts, self._clock()))

    def urgent_waits(self, sender: Sender | None, since: datetime) -> bool:
        """True when urgent work could go out, and need not wait any longer for what is done since then."""
        now = self._clock()
        if sender is None or not is_due(since + MOMENT, now, MOMENT) or self.condition.lowest_lane(now) is None:
            return False
        return something_waits(LANE_URGENT, sender, now)

    @property
    def has_claim(self) -> bool:
        return self._next is not None

    def port_closed(self) -> None:
        self._link_held = False
        self.unanswered.clear()

    def _due(self, sender: Sender) -> Claim | None:
        """The part claimed before, unless it was stopped or a more urgent one waits: then the next one is claimed.
        Whatever was written before may have waited for the database for long, so each asks for the time anew.
        """
        if self._next is not None and not is_still_due(self._next, sender, self._clock()):
            self.release_next("overtaken")
        if self._next is not None:
            claim, self._next = self._next, None
            return claim
        now = self._clock()
        lane, allowed = self._lanes.lowest(now), self.condition.lowest_lane(now)
        return None if lane is None or allowed is None else claim_part(sender, now, min(lane, allowed))

    def _submit(self, claim: Claim, sender: Sender) -> None:
        """Hand a claimed part over; after a defect of this program its claim does not stay open."""
        self._started = False

        def start() -> None:
            self._start(claim, self._clock())
            self._started = True

        try:
            self._hand_over(claim, sender, start)
        except ModemError:
            raise
        except Exception:
            if self._started:
                self._settle(lambda: marks.mark_unconfirmed(claim, "defect", sender, self._clock()))
            else:  # to the tail: it must not be what this modem fails on again and again
                self._retry(claim, error_table.OUR_DEFECT, "defect", self._clock(), counts=True)
            raise

    def _hand_over(self, claim: Claim, sender: Sender, start: Callable[[], None]) -> None:
        try:
            reference = self._driver.submit(_outgoing(claim, self._clock()), start)
        except marks.ClaimLost:
            return
        except UNAVAILABLE:
            # The intent could not be written, so nothing went out.
            self._settle(lambda: marks.mark_released(claim, "database", self._clock()))
        except SubmitUnconfirmed as error:
            self._unconfirmed(claim, sender, error)
        except NotHandedOver:
            self._not_handed_over(claim)
        except CommandError as error:
            self._refused(claim, sender, error)
        except SmsError:
            _log.exception("part %d cannot be encoded", claim.part_id)
            self._settle(lambda: marks.mark_failed(claim, "codec", self._clock()))
        except ModemError as error:
            self.silences += 1
            self.breaks_off = isinstance(error, PortGone)
            if self._started:  # the driver should have said so; sent twice is worse than unconfirmed
                self._settle(lambda: marks.mark_unconfirmed(claim, "no_answer", sender, self._clock()))
            else:
                self._settle(lambda: marks.mark_released(claim, "modem_lost", self._clock()))
            raise
        else:
            self._sent(claim, sender, reference)

    def _sent(self, claim: Claim, sender: Sender, reference: int) -> None:
        now = self._clock()
        self.silences = 0
        blamed = self.condition.sent(claim.msisdn, now)
        lane = self._lanes.lowest(now)
        if lane is None:
            self._settle(lambda: marks.mark_sent(claim, reference, sender, now))
        else:
            reports = self._take_reports(sender, now)
            settled = self._settle(
                lambda: (marks.mark_sent_and_claim(claim, reference, sender, now, lane, reports, self._clock()),)
            )
            if isinstance(settled, tuple):
                self._next = settled[0]
            elif reports:  # the claim was lost, and they with it
                self._settle(lambda: apply_reports(reports, now))
        if blamed:
            self._settle(lambda: marks.mark_blamed(blamed))

    def _unconfirmed(self, claim: Claim, sender: Sender, error: SubmitUnconfirmed) -> None:
        cause = error.__cause__
        reason = "no_reference" if error.is_answered else "no_answer"
        if isinstance(cause, CommandError):
            reason = error_table.reason_of(cause)
        self._settle(lambda: marks.mark_unconfirmed(claim, reason, sender, self._clock()))
        if error.is_answered:  # a report may show that it was sent
            self.silences = 0
            self.condition.answered()
            return
        if isinstance(cause, CommandError):
            # The modem did answer, so no receipt will come; what it said still speaks of the bearer or the network.
            self._judge(claim, cause, self._clock())
            return
        self.silences += 1
        self.breaks_off = isinstance(cause, PortGone)
        self.condition.unanswered(self._clock())
        if error.submit is not None:
            self.unanswered[error.submit] = claim
        if isinstance(cause, ModemError):
            raise cause
        if self.silences >= SILENCES:
            raise ModemTimeout("+CMGS")

    def _not_handed_over(self, claim: Claim) -> None:
        """It returns to its place; a modem that ends one command after the other is set up anew."""
        self._settle(lambda: marks.mark_released(claim, "not_handed_over", self._clock()))
        self.silences += 1
        if self.silences >= SILENCES:
            raise ModemTimeout("AT+CMGS")

    def _refused(self, claim: Claim, sender: Sender, error: CommandError) -> None:
        now = self._clock()
        self.silences = 0
        rule, reason = error_table.rule_for(error), error_table.reason_of(error)
        counts = self._judge(claim, error, now)
        if rule.fate == "sent":
            self._settle(lambda: marks.mark_sent(claim, None, sender, now))
        elif rule.fate == "fail":
            self._settle(lambda: marks.mark_failed(claim, reason, now))
        elif rule.about == "either":
            self._blame(claim, sender, rule, reason, now)
        else:
            self._retry(claim, rule, reason, now, counts)

    def _blame(self, claim: Claim, sender: Sender, rule: error_table.Rule, reason: str, now: datetime) -> None:
        """The PDU's refusal, or a modem that lost its mind (docs/adr/0205)."""
        before = refusals_of(claim, sender, error_table.reasons_of(rule))
        is_the_parts, goes_elsewhere, self.remedy = verdict(before)
        wait = None if is_the_parts else rule.wait(before.here)
        if wait is None:
            self._settle(lambda: marks.mark_failed(claim, reason, now))
        else:
            others = [other for other in ready_sims(now) if sender.imsi not in other and sender.seat not in other]
            other = others[0] if goes_elsewhere and others else None
            self._settle(lambda: marks.mark_retry(claim, reason, now + wait, now, through=other))

    def _retry(self, claim: Claim, rule: error_table.Rule, reason: str, now: datetime, counts: bool) -> None:
        # Nobody's fault yet: it must wait for the next trial.
        wait = rule.wait(claim.retries) if counts else min(rule.wait(0) or URGENT_TRIAL, URGENT_TRIAL)
        if wait is None:
            self._settle(lambda: marks.mark_failed(claim, reason, now))
        else:
            self._settle(lambda: marks.mark_retry(claim, reason, now + wait, now, counts))

    def _judge(self, claim: Claim, error: CommandError, now: datetime) -> bool:
        """Sets `remedy`; True when the refusal counts as a try of the part."""
        self.remedy, counts = self.condition.refused(
            error_table.rule_for(error), error_table.reason_of(error), claim, now
        )
        return counts

    def _hold_link(self, hold: bool) -> None:
        if hold != self._link_held:
            self._driver.hold_link(hold)
            self._link_held = hold


def _outgoing(claim: Claim, now: datetime) -> OutgoingPart:
    validity = None if error_table.without_validity(claim.last_reason) else claim.deadline_at - now
    return OutgoingPart(
        msisdn=claim.msisdn,
        text="".join(part.text for part in claim.parts),
        encoding="ucs2" if claim.encoding == "ucs2" else "gsm7",
        seq=1 if claim.rest else claim.seq,
        total=1 if claim.rest else claim.total,
        reference=claim.reference,
        validity=validity,
    )


class Guarding:
    """The two incidents of one modem: `guard_ceiling` and `guard_number`."""

    def __init__(self, host: str, settings: ModemSettings, is_full: Callable[[datetime], bool]) -> None:
        self._subject = modem = f"{host}/{settings.name}"
        self._is_full = is_full
        self._refused_at: datetime | None = None
        # What stands from before this process began is not known yet.
        self._told: dict[str, bool | None] = {"guard_ceiling": None, "guard_number": None}
        self._sentences = {
            "guard_ceiling": coded("guard_ceiling", modem=modem, limit=settings.hour_limit).stored,
            "guard_number": coded("guard_number", modem=modem).stored,
        }

    def refused(self, now: datetime) -> None:
        """The queue had a number that is never dialled."""
        self._refused_at = now

    def look(self, now: datetime) -> None:
        """Open what is wrong and end what is over; tried again at the next step while the database is away."""
        self._tell("guard_ceiling", self._is_full(now), now)
        refused = self._refused_at is not None and timedelta() <= now - self._refused_at < CALM
        self._tell("guard_number", refused, now)

    def _tell(self, kind: str, is_wrong: bool, now: datetime) -> None:
        if self._told[kind] is is_wrong:
            return
        try:
            if is_wrong:
                open_incident(kind, self._subject, self._sentences[kind], now)
            else:
                close_incident(kind, self._subject, now)
        except UNAVAILABLE:
            return
        self._told[kind] = is_wrong
