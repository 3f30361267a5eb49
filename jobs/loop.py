"""`plp jobs`: what happens by itself, step after step, until told to stop."""

import logging
import os
import threading
from contextlib import suppress
from datetime import datetime

from db import modems
from db.clock import utc_now
from db.connection import UNAVAILABLE, connected
from db.refusals import Refusal
from db.settings import Settings
from jobs.welcome import send_welcomes

_log = logging.getLogger(__name__)

IDLE_S = 2.0
HEARTBEAT_EVERY_S = 5


def step(settings: Settings, now: datetime) -> bool:
    """Do what is due; True when there may be more at once."""
    try:
        return send_welcomes(settings.sending, now)
    except Refusal as refusal:
        _log.warning("welcome: %s", refusal.template)
        return False


def run(settings: Settings, stop: threading.Event) -> None:
    """Step until `stop` is set."""
    host = settings.host
    beat_at: datetime | None = None
    with connected():
        while not stop.is_set():
            now = utc_now()
            try:
                if beat_at is None or abs((now - beat_at).total_seconds()) >= HEARTBEAT_EVERY_S:  # it may be set back
                    modems.beat(host, "jobs", os.getpid(), now)
                    beat_at = now
                busy = step(settings, now)
            except UNAVAILABLE:
                _log.warning("the database is away; the jobs wait")
                busy = False
            if not busy:
                stop.wait(IDLE_S)
        with suppress(*UNAVAILABLE):
            modems.stop_beating(host, "jobs")
