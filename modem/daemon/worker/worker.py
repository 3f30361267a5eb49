"""One modem's worker: opens it, keeps it well, lets it send. `step` never sleeps."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from base.settings.values import ModemSettings
from db.alerts.queue.marks import mark_pdu_started
from db.alerts.queue.recovery import handed_over_lately
from db.alerts.values import Claim, Sender
from db.engine.connection import UNAVAILABLE
from db.journal import audit
from db.modems import commands, sims
from db.modems.budgets import apply_configured
from db.modems.status import save_modem
from modem.daemon.policy.error_table import CARD_ERRORS, Remedy
from modem.daemon.policy.pacing import HOUR, Lanes, is_due
from modem.daemon.policy.recovery import Recovery
from modem.daemon.policy.sim_health import QUARANTINE, Condition, Hold
from modem.daemon.records.status import STARTING, Status
from modem.daemon.worker import past
from modem.daemon.worker.hearing import Hearing, Settle, Storages
from modem.daemon.worker.registration import Ringing, Watching, ask_network
from modem.daemon.worker.sending import SILENCES, Guarding, Sending
from modem.driver.base.interface import ModemDriver, ModemIdentity
from modem.errors import ModeLost, ModemError, ModemTimeout, PinRequired, PortGone, SimError
from rules.orders.budgets import Limits
from rules.sentences import Sentence, coded

_log = logging.getLogger(__name__)

ACCEPTED_CHECK_EVERY = timedelta(seconds=1)
REQUESTS_EVERY = timedelta(seconds=1)
ALARMS = frozenset({"out_of_service", "suspended", "quarantined"})


class ModemWorker:
    """`present` returns whether the port exists; `usb_reset` and `power_cycle` are the ladder's last steps (False: not
    possible here).

    `save_transcript` keeps the flight recorder's lines; `start` is the witness's. `clock` gives aware UTC; `persist`
    repeats a write until it succeeds, and returns None for a claim that now belongs to another.
    """

    def __init__(
        self,
        host: str,
        settings: ModemSettings,
        driver: ModemDriver,
        present: Callable[[], bool],
        clock: Callable[[], datetime],
        persist: Settle,
        usb_reset: Callable[[], bool] = lambda: False,
        save_transcript: Callable[[datetime], None] = lambda now: None,
        start: Callable[[Claim, datetime], None] = mark_pdu_started,
        power_cycle: Callable[[], bool] = lambda: False,
    ) -> None:
        self._host, self._settings, self._driver = host, settings, driver
        self._present, self._clock, self._save_transcript = present, clock, save_transcript
        self.status = Status(
            device=settings.device,
            simulated=settings.device == "sim",
            messages_per_minute=settings.messages_per_minute,
            urgent_messages_per_minute=settings.urgent_messages_per_minute,
            lacks="at" if settings.driver == "modemmanager" else "",
        )
        self._written: Status | None = None
        lanes = Lanes(settings.urgent_messages_per_minute, settings.messages_per_minute, settings.hour_limit)
        self._lanes = lanes
        self._guarding = guarding = Guarding(host, settings, lanes.guard.is_full)
        self._storages = Storages(driver, persist, lambda since: self._sending.urgent_waits(self._sender, since))
        self._hearing = Hearing(settings.name, driver, persist, self._storages)
        self._sending = Sending(driver, persist, lanes, clock, self._hearing.take_reports, start, guarding.refused)
        self._watching = Watching(host, settings.name, driver, self.status)
        self._recovery = Recovery(settings.name, driver, usb_reset, power_cycle)
        self._ringing = Ringing(driver)
        self._sender: Sender | None = None
        self._last_imsi: str | None = None
        self._silences = 0
        self._alarmed = ""
        self._suspension: Hold | None = None
        self._accepted_at: datetime | None = None
        self._obey_at: datetime | None = None
        self._restarted_at: datetime | None = None

    # -- what the daemon calls ---------------------------------------------------------------------------------

    def step(self, now: datetime) -> bool:
        """Do the next thing; True when more may be done at once. Only database errors leave it."""
        self._sending.heard_at = now
        try:
            self._hear(now, self._sending.has_claim)
            self._obey(now)
            busy = self._try_to_open(now) if self._sender is None else self._send(self._sender, now)
        except ModemError as error:
            return self._trouble(error, now)
        self._silences = 0
        return busy

    def _send(self, sender: Sender, now: datetime) -> bool:
        if not self._looks_well(sender, now):
            self._sending.release_next("not_ready")
        elif self._sending.turn(sender):
            self._give(self._sending.remedy, now)
            if self._sender is not None:
                self._storages.catch_up(sender, now)
            return True
        else:
            self._ringing.look(now)
        return self._sending.condition.hold is not QUARANTINE and self._storages.look_if_due(sender, now)

    def idle_s(self, now: datetime) -> float:
        """The seconds until something is due, unless somebody wakes the worker."""
        if self._sender is None:
            return 0.25
        return max(0.0, min(1.0, self._lanes.wait_s(now), self._sending.condition.wait_s(now)))

    def put_back(self, reason: str) -> None:
        self._sending.release_next(reason)

    def close(self) -> None:
        """Give the port back; a claim that was not handed over returns to the queue."""
        try:
            self._hear(self._clock())
        except ModemError:
            _log.info("modem %s: gone before it was closed", self._settings.name)
        finally:
            self._sending.release_next("restart")
            self._close_port()
            self._save_transcript(self._clock())

    # -- the port ----------------------------------------------------------------------------------------------

    def _try_to_open(self, now: datetime) -> bool:
        if not self._recovery.may_open(now):
            return False
        if not self._present():
            self._is_out()
            self._show(*self._recovery.absent(now), now)
            return False
        before = None
        if self._settings.driver != "modemmanager":  # it keeps the dialogue, and gives each result to its SMS
            before = past.before(self._host, self._settings.name, self._restarted_at, now)
        if before and before.submits and self.status.state != "out_of_service":
            self._show("starting", coded("answers_older"), now)
        elif self.status.state in ("absent", "starting"):
            self._show(*STARTING, now)
        identity = self._driver.open(before)
        self._recovery.opened(now)
        self.status.identify(identity)
        if identity.imsi is None:
            raise SimError("the card does not say who it is")
        sender = self._admit(identity, identity.imsi, now)
        self._hearing.port_opened()
        self._storages.port_opened()
        self._ringing.port_opened()
        self._watching.soon()
        return self._looks_well(sender, now)

    def _is_out(self) -> None:
        """A stick that worked here is out, and has no power: it answers nothing older when it comes back."""
        if self._last_imsi is not None:
            self._restarted_at = self._clock()  # the step began before its submit did

    def _admit(self, identity: ModemIdentity, imsi: str, now: datetime) -> Sender:
        """Take the card that is in: another one answers for itself, and a swapped one waits for a person."""
        if imsi != self._last_imsi:
            self._sending.condition = Condition()
            self._lanes.guard.another_sim(handed_over_lately(imsi, now, HOUR))
        accepted = sims.apply_seen(self._host, self._settings.name, identity.imei, imsi, identity.iccid, now)
        condition = self._sending.condition
        accepted = accepted or self._settings.device == "sim"  # our own simulator's card is nobody's
        if not accepted:
            condition.hold = QUARANTINE
        elif condition.hold is QUARANTINE:
            condition.hold = None
        settings = self._settings
        limits = Limits(settings.day_limit, settings.month_limit, settings.month_recipients_limit)
        apply_configured(imsi, self._host, settings.name, limits)
        stick = None if accepted else identity.imei
        self._sender = sender = Sender(self._host, self._settings.name, imsi, self.status.simulated, stick)
        self._last_imsi = imsi
        return sender

    def _close_port(self) -> None:
        self._driver.close()
        self._port_is_closed()

    def _port_is_closed(self) -> None:
        """Hear out the port's last events: a late receipt means nothing at the next one."""
        try:
            self._hear(self._clock())
        except ModemError:
            _log.info("modem %s: gone before all that it said was read", self._settings.name)
        finally:
            self._sender = None
            self._sending.port_closed()
            self._watching.forget()

    # -- may it send? ------------------------------------------------------------------------------------------

    def _looks_well(self, sender: Sender, now: datetime) -> bool:
        """`_may_send`; what waits in a modem that was just opened is read first."""
        may_send = self._may_send(sender, now)
        if self._sending.condition.hold is not QUARANTINE:
            self._storages.empty_at_start(sender, now)
        return may_send

    def _may_send(self, sender: Sender, now: datetime) -> bool:
        """Check the modem when due, show its state; True when a part may be sent."""
        condition = self._sending.condition
        if condition.hold is QUARANTINE and is_due(self._accepted_at, now, ACCEPTED_CHECK_EVERY):
            self._accepted_at = now + ACCEPTED_CHECK_EVERY
            if sims.accepted_since(self.status.imei or "", self.status.imsi or ""):
                condition.hold, self._sender = None, replace(sender, stick=None)
        if self._watching.is_due(now):
            self._watching.look(now)
            self._sending.heard_at = self._clock()
            if self._sending.silences < SILENCES:
                self._recovery.well(now)
        hold, is_registered = self._suspension or condition.hold, self._watching.registered
        self.status.next_try_at = hold.next_try_at if hold else None
        if hold is not None and (is_registered or hold.state != "paused"):
            self._show(hold.state, hold.sentence, now)
        elif is_registered:
            self._show("ready", self._storages.sentence, now)
        else:
            self._show("not_registered", coded("no_network"), now)
        self._guarding.look(now)
        return self._suspension is None and is_registered and condition.lowest_lane(now) is not None

    def _show(self, state: str, sentence: Sentence, now: datetime) -> None:
        alarm = state in ALARMS and state != self._alarmed and self._suspension is None
        self.status.state, self.status.sentence = state, sentence
        if self.status != self._written:
            with suppress(*UNAVAILABLE):  # else the next change is written
                save_modem(self._host, self._settings.name, self.status.columns(), now)
                self._written = replace(self.status)
        if alarm or state == "ready":
            self._alarmed = state
        if alarm:
            _log.warning("modem %s: %s", self._settings.name, state)
            with suppress(*UNAVAILABLE):  # the modem's own row says it as soon as it can
                audit.record(now, "plp", f"modem_{state}", f"{self._host}/{self._settings.name}")

    def _hear(self, now: datetime, part_follows: bool = False) -> None:
        if self._sender is not None:
            self._hearing.hear(self._sender, self._sending.unanswered, now, part_follows)

    # -- what people and the network's refusals ask for ---------------------------------------------------

    def _obey(self, now: datetime) -> None:
        """Obey the requests of people. Raises ModemError."""
        if not is_due(self._obey_at, now, REQUESTS_EVERY):
            return
        self._obey_at = now + REQUESTS_EVERY
        requests = commands.open_requests(self._host, self._settings.name)
        self._suspension = next((_suspension(request) for request in requests if request.verb == "suspend"), None)
        for request in requests:
            match request.verb:
                case "resume" | "try":
                    self._try_again(request.verb, now)
                case "restart":
                    # First: while nothing can be written it would be restarted again at every step.
                    commands.mark_done(request.id, now)
                    self._give("restart", now)
                case "transcript":
                    self._save_transcript(now)
                case "ussd":
                    if ask_network(self._driver, self._sender, request, (self._host, self._settings.name), now):
                        self._watching.soon()
                    continue
                case "suspend" | "doctor":
                    continue
            commands.mark_done(request.id, now)

    def _try_again(self, verb: str, now: datetime) -> None:
        """At once: with `resume`, for which a person takes responsibility, as if nothing had failed before."""
        if verb == "resume":
            self._sending.condition = self._sending.condition.forgiven()
            self._recovery.open_soon()
        else:
            self._sending.condition.try_now(now)
            self._recovery.try_now()
        self._watching.soon()

    def _give(self, remedy: Remedy, now: datetime) -> None:
        """Do what the last refusal, or a person, asks of the modem. Raises ModemError."""
        if error := CARD_ERRORS.get(remedy):
            raise error
        match remedy:
            case "reopen":
                self._sending.release_next("reopen")
                self._close_port()
                self._recovery.open_soon()
            case "restart":
                self._sending.release_next("reopen")
                self._port_is_closed()
                self._show(*self._recovery.restart(now), now)
            case "switch_bearer":
                self._driver.switch_bearer()
            case "purge" if self._sender:
                self._storages.purge(self._sender, now)
            case "restore_smsc":
                self._driver.restore_smsc()
            case "await_network":
                self._watching.soon()
            case "probe":
                self._driver.probe()
                self._watching.soon()

    # -- trouble -----------------------------------------------------------------------------------------------

    def _trouble(self, error: ModemError, now: datetime) -> bool:
        """The modem failed: probe it first; else close it, and try later. True if it continues at once."""
        if isinstance(error, ModemTimeout) and self._sender is not None:
            self._silences += 1
            # One silence may be an accident; a modem that answers AT and nothing else does not work.
            if self._silences < SILENCES and self._sending.silences < SILENCES:
                try:
                    self._driver.probe()
                except ModemError as silence:
                    error = silence
                else:
                    _log.warning("modem %s: %s, but it answers AT", self._settings.name, error)
                    return True
        if isinstance(error, PortGone):
            self._is_out()
            if not self._sending.breaks_off:  # a person pulled it; one that goes with each PDU has no power for it
                self._sending.condition.pulled_out()
        if isinstance(error, ModeLost) and self._sender is not None:
            self._sending.doubt(error.receipts, self._sender)
        self._sending.release_next("modem_lost")
        self._port_is_closed()
        self.status.pin_tries = error.tries_left if isinstance(error, PinRequired) else None
        before = self.status.state
        state, sentence = self._recovery.lost(error, now)
        if state != before:
            _log.warning("modem %s: %s (%s: %s)", self._settings.name, state, type(error).__name__, error)
            self._save_transcript(now)
        self.status.next_try_at = None if state == "absent" else self._recovery.opens_at
        self._show(state, sentence, now)
        return False


def _suspension(request: commands.ModemRequest) -> Hold:
    reason = request.reason.rstrip(".")
    return Hold("out_of_service", coded("suspended_by", who=request.asked_by, reason=reason))
