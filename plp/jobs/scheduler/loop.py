"""The loop of `plp jobs`: one step after the other until `stop` is set, with the errands in threads beside it."""

import logging
import os
import threading
from contextlib import suppress
from datetime import datetime

from db.engine.clock import utc_now
from db.engine.connection import UNAVAILABLE, connected
from db.mail.sender import mail_configured
from db.modems import status
from db.operations.cleaning import clean_files
from db.operations.machine.clock import note_time
from db.people.members.acts import forget_acts
from db.settings.values import Settings
from plp.jobs.alarms.watch import keep_watch
from plp.jobs.alert_mail import mail_alerts
from plp.jobs.autoreply.judging import answer_texts
from plp.jobs.bulletins import send_bulletins
from plp.jobs.imap.replying import send_replies
from plp.jobs.imap.watch import watch_mailbox
from plp.jobs.journal import seal_journal
from plp.jobs.planned import send_planned
from plp.jobs.scheduler.errands import Errand, running
from plp.jobs.scheduler.hours import Duty, by_date, do_each, keep_backups, keep_hours
from plp.jobs.smtp.errand import carry_mail
from plp.jobs.unapproved_notice import tell_alone
from plp.jobs.waking.calling import wake
from plp.jobs.welcome import send_welcomes
from plp.jobs.welcome_mail import send_welcome_mails
from plp.services.people.registration import forget_unconfirmed
from plp.watchdog.supervision import Watchdog, notify

_log = logging.getLogger(__name__)

IDLE_S = 2.0
# Each beat is 9 KB that an SD card takes; the page asks after a minute of silence.
HEARTBEAT_EVERY_S = 15

# In this order, each a short while: True when there may be more at once. What waits for a network is an errand.
STEPS: tuple[tuple[str, Duty], ...] = (
    ("answers", answer_texts),
    ("waking", wake),
    ("planned", by_date(send_planned)),
    ("replies", send_replies),
    ("alerts by mail", mail_alerts),
    ("welcome", lambda settings, now: send_welcomes(settings.sending, now, mail_configured(settings.mail))),
    ("welcome mails", send_welcome_mails),
    ("bulletins", lambda settings, now: send_bulletins(settings.mail, now)),
    ("alone", tell_alone),
    ("cleaning", lambda _settings, now: clean_files(now)),
    ("acts", lambda _settings, now: forget_acts(now)),
    ("registrations", lambda _settings, now: forget_unconfirmed(now)),
    ("seals", lambda _settings, now: seal_journal(now)),
    ("clock", lambda _settings, now: note_time(now)),
)
ERRANDS: tuple[Errand, ...] = (
    Errand("mail", carry_mail),
    Errand("alarms", keep_watch),
    Errand("mailbox", watch_mailbox),
    Errand("hours", keep_hours),
    Errand("backup", keep_backups),
)


def step(settings: Settings, now: datetime) -> bool:
    """Do each step once; True when there may be more at once. One that fails stops no other."""
    return do_each(STEPS, settings, now)


def run(settings: Settings, stop: threading.Event) -> None:
    """Step until `stop` is set."""
    with connected(), running(ERRANDS, settings, stop):
        _beat_and_step(settings, stop)


def _beat_and_step(settings: Settings, stop: threading.Event) -> None:
    host = settings.host
    beat_at: datetime | None = None
    watchdog = Watchdog()
    while not stop.is_set():
        watchdog.step()
        now = utc_now()
        try:
            if beat_at is None or abs((now - beat_at).total_seconds()) >= HEARTBEAT_EVERY_S:  # it may be set back
                status.beat(host, "jobs", os.getpid(), now)
                beat_at = now
            busy = step(settings, now)
        except UNAVAILABLE:
            _log.warning("the database is away; the jobs wait")
            busy = False
        if not busy:
            stop.wait(IDLE_S)
    notify("STOPPING=1")
    with suppress(*UNAVAILABLE):
        status.stop_beating(host, "jobs")
