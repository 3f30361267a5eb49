"""The thread of `plp jobs` that sends mail: one per host."""

import threading
from contextlib import closing
from math import inf

from db.engine.base import database
from db.engine.clock import utc_now
from db.engine.host_lock import Taken, alone
from db.mail.sender import mail_configured
from db.settings.values import Settings
from plp.jobs.smtp.postman import Postman
from plp.watchdog.threads import alive

IDLE_S = 1.0


def carry_mail(settings: Settings, stop: threading.Event) -> None:
    """Send queued mail until `stop` is set. Returns early when another process of this host does it."""
    if not mail_configured(settings.mail):
        alive(inf)
        stop.wait()
        return
    try:
        with (
            alone("post", settings, database.obj) as turn,
            closing(Postman(settings.mail, settings.host, stop)) as postman,
        ):
            while turn.is_held() and not stop.is_set():
                alive()
                if not postman.step(utc_now()):
                    stop.wait(IDLE_S)
    except Taken:
        return
