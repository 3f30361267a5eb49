"""The modems' process in place of the jobs: when these are gone from every host, it tells whoever is on duty, once.
Most of its imports come only then: a small board has little memory for each process (docs/adr/0195).
"""

import logging
import time
from datetime import datetime

from base.settings.values import Settings
from db.engine.connection import UNAVAILABLE
from db.modems.readiness import is_running, missing
from rules.readiness import Missing

_log = logging.getLogger(__name__)

LOOK_EVERY_S = 10.0
# Besides the time after which a process is missing: an upgrade or a restart is no news.
PATIENCE_S = 120.0


class StandIn:
    """`step` is called in a loop; it forgets what it saw when this process ends."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._due_s = 0.0
        self._since_s: float | None = None
        self._is_told = False

    def step(self, now: datetime) -> None:
        """Look whether the jobs live, when it is time."""
        now_s = time.monotonic()
        if now_s < self._due_s:
            return
        self._due_s = now_s + LOOK_EVERY_S
        gone = [] if is_running("jobs", now) else [other for other in missing(now) if other.process == "jobs"]
        if not gone:
            self._since_s, self._is_told = None, False
            return
        self._since_s = now_s if self._since_s is None else self._since_s
        if self._is_told or now_s - self._since_s < PATIENCE_S:
            return
        try:
            self._is_told = _tell(gone, self._settings, now)
        except UNAVAILABLE:
            raise
        except Exception:  # noqa: BLE001  (the modems go on)
            _log.exception("nobody could be told that the jobs are gone")
            self._is_told = True


def _tell(gone: list[Missing], settings: Settings, now: datetime) -> bool:
    """Open the incident, and order an SMS to the duty phone and to the first who is on duty; False to try again."""
    from db.operations.incidents import open_incident, open_incidents
    from db.people.duty import mobiles_on_duty
    from modem.sms.composition import compose
    from plp.jobs.alarms.channels.text import one_part
    from plp.services.orders.automatic import place_alarm
    from rules.calendar import clock
    from rules.people import roles_with
    from rules.readiness import silence_of
    from rules.refusals import NotReady

    words = [silence_of(other, clock(other.since)) for other in gone]
    ids = [
        open_incident("process", f"{other.host}/{other.process}", sentence.stored, now)
        for other, sentence in zip(gone, words, strict=True)
    ]
    opened_at = next(card.opened_at for card in open_incidents() if card.id == ids[0])
    composed = compose(one_part(f"PLP INCIDENT: {words[0]}"))
    called = dict.fromkeys(mobiles_on_duty(roles_with("hear_alarms"), now)[:1], "duty")
    if settings.sending.duty_phone:
        called.setdefault(settings.sending.duty_phone, "phone")
    try:
        for number, whose in called.items():
            # The same from every host, and from this one after a restart: one SMS.
            place_alarm(number, composed, f"stand-in:{ids[0]}:{opened_at.isoformat()}:{whose}", now, "call")
    except NotReady:
        return False
    _log.error("the jobs are gone; %d telephones are told by SMS", len(called))
    return True
