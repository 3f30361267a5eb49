"""One modem's worker: opens it, sends one part after the other, applies what it says. `step` never sleeps."""

import logging
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from db import outbox
from db.connection import UNAVAILABLE
from db.outbox import Claim, ClaimLost, Sender
from db.settings import ModemSettings
from modem.driver.protocol import LateReceipt, ModemDriver, ModemEvent, PortLost, ReportEvent, StoredEvent
from modem.errors import CommandError, ModemError, PortGone, SmsError, SubmitUnconfirmed
from modem.service import policy
from modem.service.devices import is_simulated
from modem.service.guard import may_dial
from modem.service.operators import operator_name
from modem.service.pacing import Lanes, is_due
from modem.service.reports import apply_network_report
from modem.service.status import Status, StatusBoard, trouble
from modem.sms import OutgoingPart

_log = logging.getLogger(__name__)

ABSENT_RETRY = timedelta(milliseconds=500)
FAULT_RETRIES = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 5, 10, 30, 60))
CHECK_EVERY = timedelta(seconds=10)
UNREGISTERED_CHECK_EVERY = timedelta(seconds=2)


class ModemWorker:
    """`present` says whether the port is there; `clock` gives aware UTC; `persist` repeats a write until it holds."""

    def __init__(
        self,
        host: str,
        settings: ModemSettings,
        driver: ModemDriver,
        present: Callable[[], bool],
        clock: Callable[[], datetime],
        persist: Callable[[Callable[[], object]], object],
    ) -> None:
        self._settings, self._driver, self._present = settings, driver, present
        self._clock, self._persist = clock, persist
        self._host = host
        self._board = StatusBoard(host, settings.name)
        self._lanes = Lanes(settings.urgent_messages_per_minute, settings.messages_per_minute)
        self.status = Status(
            device=settings.device,
            simulated=settings.device == "sim",
            messages_per_minute=settings.messages_per_minute,
            urgent_messages_per_minute=settings.urgent_messages_per_minute,
        )
        self._sender: Sender | None = None
        self._next: Claim | None = None
        self._unanswered: Claim | None = None
        self._heard: deque[ModemEvent] = deque()
        self._last_imsi: str | None = None
        self._refusal = ""
        self._link_held = False
        self._faults = 0
        self._open_at: datetime | None = None
        self._check_at: datetime | None = None
        self._suspended_until: datetime | None = None

    # -- what the daemon calls ---------------------------------------------------------------------------------

    def step(self, now: datetime) -> bool:
        """Do the next thing; True when there may be more to do at once. Only database errors leave it."""
        try:
            if self._sender is None:
                return self._try_to_open(now)
            self._hear(now)
            self._look_after(now)
            if self.status.state != "ready":
                # Another modem may take it, and a cancel or an opt-out must reach it.
                self._release_next("not_ready")
                return False
            return self._send_next(now)
        except ModemError as error:
            self._lose(error, now)
            return False

    def idle_s(self, now: datetime) -> float:
        """How long nothing happens unless somebody wakes the worker."""
        if self._sender is None:
            return 0.25
        return min(1.0, self._lanes.wait_s(now))

    def close(self) -> None:
        """Give the port back; a claim that was not handed over returns to the queue."""
        try:
            if self._sender is not None:
                self._hear(self._clock())
        except ModemError:
            _log.info("modem %s: gone before it was closed", self._settings.name)
        finally:
            self._release_next("stopped")
            self._driver.close()
            self._sender, self._link_held, self._unanswered = None, False, None

    # -- the port ----------------------------------------------------------------------------------------------

    def _try_to_open(self, now: datetime) -> bool:
        if not is_due(self._open_at, now, FAULT_RETRIES[-1]):
            return False
        if not self._present():
            raise PortGone(self._settings.device)
        if self.status.state in ("absent", "starting"):
            self._show("starting", "Le modem démarre.", now)
        identity = self._driver.open()
        self._faults = 0
        status = self.status
        status.model = f"{identity.manufacturer} {identity.model}".strip()
        status.imei, status.imsi, status.iccid = identity.imei, identity.imsi, identity.iccid
        status.simulated = is_simulated(identity.imsi) or self._settings.device == "sim"
        if identity.imsi is None:
            self._driver.close()
            self._show("no_sim", "La carte SIM ne dit pas qui elle est : retirez-la et remettez-la.", now)
            self._open_at = now + FAULT_RETRIES[-1]
            return False
        sender = Sender(self._host, self._settings.name, identity.imsi, status.simulated)
        if self._last_imsi not in (None, sender.imsi):
            self._suspended_until = None  # another card answers for itself
        self._sender, self._last_imsi = sender, sender.imsi
        # The port that was lost is not the one that was just opened.
        self._heard = deque(event for event in self._heard_so_far() if not isinstance(event, PortLost))
        self._check(now)
        return True

    def _lose(self, error: ModemError, now: datetime) -> None:
        """The modem cannot be used for now: say why, close it, and come back."""
        state, sentence = trouble(error)
        if state == "absent":
            wait = ABSENT_RETRY
        else:
            wait = FAULT_RETRIES[min(self._faults, len(FAULT_RETRIES) - 1)]
            self._faults += 1
        if self.status.state != state:
            _log.warning("modem %s: %s", self._settings.name, error)
        self._driver.close()
        self._sender, self._link_held, self._unanswered = None, False, None
        self._release_next("modem_lost")
        self.status.signal_dbm = None
        self._show(state, sentence, now)
        self._open_at = now + wait

    def _look_after(self, now: datetime) -> None:
        if self._suspended_until is not None and is_due(self._suspended_until, now, policy.SUSPENSION):
            self._suspended_until = None
            self._check_at = now
        if is_due(self._check_at, now, CHECK_EVERY):
            self._check(now)

    def _check(self, now: datetime) -> None:
        """Registration and signal, as they are now."""
        if self._suspended_until is not None:
            self._show("suspended", self._refusal, now)
            return
        registration = self._driver.registration()
        self.status.operator = operator_name(registration.operator)
        self.status.technology = registration.technology
        self.status.signal_dbm = self._driver.signal_dbm()
        if registration.registered:
            self._show("ready", "", now)
            self._check_at = now + CHECK_EVERY
        else:
            self._show("not_registered", "Pas de réseau : vérifiez l'antenne et la carte SIM.", now)
            self._check_at = now + UNREGISTERED_CHECK_EVERY

    def _show(self, state: str, sentence: str, now: datetime) -> None:
        self.status.state, self.status.sentence = state, sentence
        self._board.show(self.status, now)

    # -- what the modem says -----------------------------------------------------------------------------------

    def _hear(self, now: datetime) -> None:
        self._heard = self._heard_so_far()
        while self._heard:
            event = self._heard.popleft()
            try:
                self._apply(event, now)
            except ModemError:
                if isinstance(event, StoredEvent):
                    self._heard.append(event)  # still in the modem's storage; what came after it is not lost either
                raise

    def _heard_so_far(self) -> deque[ModemEvent]:
        return deque([*self._heard, *self._driver.drain_events()])

    def _apply(self, event: ModemEvent, now: datetime) -> None:
        match event:
            case PortLost():
                raise PortGone(self._settings.device)
            case ReportEvent(report):
                self._settle(lambda: apply_network_report(self._its(), report, now))
            case LateReceipt(reference):
                claim, self._unanswered = self._unanswered, None
                if claim is not None:
                    self._settle(lambda: outbox.mark_late(claim, reference, self._its(), now))
            case StoredEvent(report=True):
                found = self._driver.read_stored(event)
                if isinstance(found, ReportEvent):
                    self._settle(lambda: apply_network_report(self._its(), found.report, now))
                    # Only what the database has: a text at that place, perhaps a STOP, is not ours to delete.
                    self._driver.delete_stored(event)
            case _:
                _log.info("modem %s: a text came in and stays on the SIM", self._settings.name)

    # -- sending -----------------------------------------------------------------------------------------------

    def _send_next(self, now: datetime) -> bool:
        claim, self._next = self._next, None
        if claim is None:
            claim = self._claim(now)
        if claim is None:
            self._hold_link(False)
            return False
        if not may_dial(claim.msisdn):
            self._settle(lambda: outbox.mark_failed(claim, "guard", now))
            return True
        if claim.deadline_at <= now:
            self._settle(lambda: outbox.mark_released(claim, "deadline", now))
            return True
        self._hold_link(True)
        self._lanes.took(claim.lane, now)
        self._submit(claim)
        return True

    def _claim(self, now: datetime) -> Claim | None:
        lane = self._lanes.lowest(now)
        return None if lane is None else outbox.claim_part(self._its(), now, lane)

    def _submit(self, claim: Claim) -> None:
        """Hand a claimed part over; a defect of ours must not leave it in nobody's hands."""
        started = False

        def start() -> None:
            nonlocal started
            outbox.mark_pdu_started(claim, self._clock())
            started = True

        try:
            self._hand_over(claim, start)
        except ModemError:
            raise
        except Exception:
            if started:
                self._settle(lambda: outbox.mark_unconfirmed(claim, "defect", self._its(), self._clock()))
            else:
                self._settle(lambda: outbox.mark_released(claim, "defect", self._clock()))
            raise

    def _hand_over(self, claim: Claim, start: Callable[[], None]) -> None:
        """One submit, and what became of it."""
        try:
            receipt = self._driver.submit(_outgoing(claim, self._clock()), start)
        except ClaimLost:
            return
        except UNAVAILABLE:
            # The intent could not be written, so nothing went out.
            self._settle(lambda: outbox.mark_released(claim, "database", self._clock()))
        except SubmitUnconfirmed as error:
            self._unconfirmed(claim, error)
        except CommandError as error:
            self._refused(claim, error)
        except SmsError:
            _log.exception("part %d cannot be encoded", claim.part_id)
            self._settle(lambda: outbox.mark_failed(claim, "codec", self._clock()))
        except ModemError:
            self._settle(lambda: outbox.mark_released(claim, "modem_lost", self._clock()))
            raise
        else:
            self._sent(claim, receipt.reference)

    def _sent(self, claim: Claim, reference: int) -> None:
        now = self._clock()
        lane = self._lanes.lowest(now)
        if lane is None:
            self._settle(lambda: outbox.mark_sent(claim, reference, self._its(), now))
            return
        following = self._settle(lambda: outbox.mark_sent_and_claim(claim, reference, self._its(), now, lane))
        self._next = following if isinstance(following, Claim) else None

    def _unconfirmed(self, claim: Claim, error: SubmitUnconfirmed) -> None:
        self._settle(lambda: outbox.mark_unconfirmed(claim, "no_answer", self._its(), self._clock()))
        # A late receipt that is waiting already belongs to the one that was given up before.
        self._hear(self._clock())
        self._unanswered = claim
        if isinstance(error.__cause__, PortGone):
            raise error.__cause__

    def _refused(self, claim: Claim, error: CommandError) -> None:
        now = self._clock()
        reason = f"{error.kind} {error.code}" if error.code is not None else "ERROR"
        decision = policy.decide_for(error, claim.retries)
        match decision.action:
            case "sent":
                self._settle(lambda: outbox.mark_sent(claim, None, self._its(), now))
            case "retry":
                self._settle(lambda: outbox.mark_retry(claim, reason, now + decision.wait, now))
            case "fail":
                self._settle(lambda: outbox.mark_failed(claim, reason, now))
            case "suspend":
                self._settle(lambda: outbox.mark_released(claim, reason, now))
                self._suspended_until = now + decision.wait
                self._refusal = f"La carte SIM est refusée ({error.kind} {error.code}) : le modem attend cinq minutes."
                self._show("suspended", self._refusal, now)

    # -- small things ------------------------------------------------------------------------------------------

    def _its(self) -> Sender:
        if self._sender is None:
            raise PortGone(self._settings.device)
        return self._sender

    def _hold_link(self, hold: bool) -> None:
        if hold != self._link_held:
            self._driver.hold_link(hold)
            self._link_held = hold

    def _release_next(self, reason: str) -> None:
        claim, self._next = self._next, None
        if claim is not None:
            self._settle(lambda: outbox.mark_released(claim, reason, self._clock()))

    def _settle(self, write: Callable[[], object]) -> object:
        """A fact that must reach the database: kept in memory until it does. A lost claim is somebody else's."""
        try:
            return self._persist(write)
        except ClaimLost:
            return None


def _outgoing(claim: Claim, now: datetime) -> OutgoingPart:
    return OutgoingPart(
        msisdn=claim.msisdn,
        text=claim.text,
        encoding="ucs2" if claim.encoding == "ucs2" else "gsm7",
        seq=claim.seq,
        total=claim.total,
        reference=claim.reference,
        validity=claim.deadline_at - now,
    )
