"""Alarms: what is wrong becomes an incident, and people are told of its beginning and its end."""

import logging
import threading
from datetime import datetime

from db.clock import utc_now
from db.incidents import close_unseen, watch_incident
from db.refusals import Refusal
from db.settings import Settings
from jobs.alarms.telling import tell
from jobs.alarms.trouble import OWN_KINDS, SHARED_KINDS, findings

_log = logging.getLogger(__name__)

LOOK_EVERY_S = 20.0


def look(settings: Settings, now: datetime) -> None:
    """Open what is wrong, end what is over, and tell who must know."""
    found = findings(settings, now)
    for finding in found:
        watch_incident(finding.kind, finding.subject, finding.sentence, finding.lasting, now)
    seen = {(finding.kind, finding.subject) for finding in found}
    close_unseen(SHARED_KINDS, seen, now)
    # Another host's disk is another host's to see.
    close_unseen(OWN_KINDS, seen, now, subject=settings.host)
    tell(settings, now)


def keep_watch(settings: Settings, stop: threading.Event) -> None:
    """Look every 20 seconds until `stop` is set."""
    while not stop.is_set():
        try:
            look(settings, utc_now())
        except Refusal as refusal:
            _log.warning("alarms: %s", refusal.template)
        stop.wait(LOOK_EVERY_S)
