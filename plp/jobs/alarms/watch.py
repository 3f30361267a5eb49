"""Alarms: what is wrong becomes an incident, and people hear of its beginning and its end."""

from datetime import datetime, timedelta

from db.alerts.queue.decisions import free_stranded
from db.modems.readiness import readiness
from db.operations.incidents import close_unseen, watch_incident
from plp.jobs.alarms.telling import tell
from plp.jobs.alarms.trouble import OWN_KINDS, SHARED_KINDS, findings
from plp.settings.values import Settings

LOOK_EVERY = timedelta(seconds=20)
# Whether an alert can go out is looked at more often: who waits for one cannot wait for us.
JUDGE_EVERY_S = 2.0


def look(settings: Settings, now: datetime) -> None:
    """Open incidents for the troubles of now, end those that are over, and tell people of both.

    What a person handed to a modem that can send no more is anybody's again.
    """
    free_stranded(now)
    troubles = findings(settings, now)
    for trouble in troubles:
        watch_incident(trouble.kind, trouble.subject, trouble.sentence.stored, trouble.lasting, now)
    seen = {(trouble.kind, trouble.subject) for trouble in troubles}
    close_unseen(SHARED_KINDS, seen, now)
    # Another host's disk is another host's to see.
    close_unseen(OWN_KINDS, seen, now, subject=settings.host)
    tell(settings, now)


class Watch:
    """Last known readiness to send, and the time at which the next look is due in any case."""

    def __init__(self) -> None:
        self._seen: tuple[object, ...] = ()
        self._due_at: datetime | None = None

    def step(self, settings: Settings, now: datetime) -> bool:
        """Look every 20 seconds, and at once when readiness to send changed. Never true: no more is to be done."""
        judged = readiness(now)
        seen = (judged.urgent_waits, judged.code, *(modem.state for modem in judged.modems))
        soon = self._due_at is not None and timedelta() < self._due_at - now <= LOOK_EVERY
        if seen != self._seen or not soon:  # the clock may be set back
            self._seen, self._due_at = seen, now + LOOK_EVERY
            look(settings, now)
        return False
