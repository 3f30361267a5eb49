"""The loop of `plp jobs`, one step after the other; in threads beside it, what has its hour or waits for a network."""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial

from base.settings.values import Settings
from base.watchdog import Watchdog, alive, notify, watched
from db.engine.clock import utc_now
from db.engine.connection import UNAVAILABLE, connected
from db.mail.enqueue import mail_configured
from db.modems import status
from db.operations.incidents import close_incident
from db.operations.machine import behind, measure_disk, note_time
from db.operations.retention import clean_files
from db.people.members.saving import forget_acts
from plp.jobs.alarms.calling import wake
from plp.jobs.alarms.events import EVENTS_EVERY_S, FIRST_RETRY, note_events, post_events
from plp.jobs.alarms.telling import CHANNELS, JUDGE_EVERY_S, Duty, Patient, Watch, patient
from plp.jobs.autoreply import answer_texts
from plp.jobs.backup import back_up_when_due, export_nightly, keep_forgotten, try_monthly, try_requested
from plp.jobs.bulletins import mail_alerts, send_bulletins, tell_alone
from plp.jobs.imap.replying import send_replies
from plp.jobs.imap.watch import MAILBOX_EVERY_S, MailboxWatch
from plp.jobs.journal import export_head, seal_journal
from plp.jobs.morning_mail import tell_daily
from plp.jobs.planned import send_planned
from plp.jobs.retention import forget_nightly
from plp.jobs.smtp.postman import carry_mail
from plp.jobs.welcome import ask_renewal, send_welcome_mails, send_welcomes, watch_numbers
from plp.services.orders.automatic import send_proofs
from plp.services.people.proposals import forget_unconfirmed
from rules.readiness import SETTLED_S
from rules.refusals import Refusal
from rules.sentences import StoreFault

_log = logging.getLogger(__name__)
AGAIN_AFTER_S = 5.0
# Below what `plp run` and systemd allow: an errand in the middle of something has this long to come to its end.
END_WITHIN_S = 8.0
# A name, and work that runs until `stop` is set, on a database connection of its own; begun anew when it fails.
Work = Callable[[Settings, threading.Event], None]
Errand = tuple[str, Work]
IDLE_S = 2.0
# Each beat is 9 KB that an SD card takes; the page asks after a minute of silence.
HEARTBEAT_EVERY_S = 15
LOOK_EVERY_S = 20.0


@contextmanager
def running(errands: Sequence[Errand], settings: Settings, stop: threading.Event) -> Iterator[None]:
    """Run the errands during the block. One that does not end in time is abandoned, since its process ends too."""
    threads = [
        threading.Thread(target=_keep_at_it, args=(name, work, settings, stop), name=f"jobs-{name}", daemon=True)
        for name, work in errands
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        until = time.monotonic() + END_WITHIN_S
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
            if thread.is_alive():
                _log.warning("%s did not end in time", thread.name)


def _keep_at_it(name: str, work: Work, settings: Settings, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            with connected(), watched():
                work(settings, stop)
        except UNAVAILABLE:
            _log.warning("the database is away; %s waits", name)
        except Exception:  # noqa: BLE001
            _log.exception("%s failed, and begins anew", name)
        stop.wait(AGAIN_AFTER_S)


def by_date(do: Duty) -> Duty:
    """A duty that waits while the clock is behind: at a wrong date it would do what is not due, and again later."""
    return lambda settings, now: behind(now) is None and do(settings, now)


def do_each(duties: Iterable[tuple[str, Duty]], settings: Settings, now: datetime) -> bool:
    """True when one of them may have more at once. Raises the database's errors: without it none has anything to do."""
    busy = False
    for name, do in duties:
        alive()
        try:
            busy |= do(settings, now)
        except Refusal as refusal:
            _log.warning("%s: %s", name, refusal.template)
        except StoreFault as fault:
            _log.warning("%s: %s", name, fault)
        except UNAVAILABLE:
            raise
        except Exception:  # noqa: BLE001
            _log.exception("%s failed", name)
    return busy


def keep_looking(duties: Iterable[tuple[str, Duty]], every_s: float, settings: Settings, stop: threading.Event) -> None:
    """Do those of these duties that are due, again and again until `stop` is set."""
    while not stop.is_set():
        do_each(duties, settings, utc_now())
        alive(every_s)
        stop.wait(every_s)


# In this order, for a short while: True when more may be due at once. What waits for a network is an errand.
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
    ("events", note_events),
    ("seals", lambda _settings, now: seal_journal(now)),
    ("clock", lambda _settings, now: note_time(now)),
)
QUIET_STEPS = tuple((name, do) for name, do in STEPS if name != "waking")
# Those that have an hour; they have a thread of their own.
DUTIES: tuple[tuple[str, Duty], ...] = (
    ("proof of life", by_date(send_proofs)),
    ("plan B", by_date(export_nightly)),
    ("retention", by_date(forget_nightly)),
    ("disk", by_date(measure_disk)),
    ("journal", by_date(export_head)),
    ("daily", by_date(tell_daily)),
    ("dead numbers", by_date(watch_numbers)),
    ("renewal", by_date(ask_renewal)),
)
# In a thread of their own: another machine, or a slow stick, may keep them for minutes.
BACKUPS: tuple[tuple[str, Duty], ...] = (
    ("forgotten", keep_forgotten),
    ("backup", by_date(back_up_when_due)),
    ("backup drill", by_date(try_monthly)),
    ("backup trial", try_requested),
)
ERRANDS: tuple[Errand, ...] = (
    ("mail", carry_mail),
    ("alarms", partial(keep_looking, (("alarms", Watch().step),), JUDGE_EVERY_S)),
    *(
        (f"alarms by {channel.name}", partial(keep_looking, ((channel.name, patient(channel).step),), JUDGE_EVERY_S))
        for channel in CHANNELS
        if channel.waits
    ),
    ("events", partial(keep_looking, (("events", Patient("events", post_events, FIRST_RETRY).step),), EVENTS_EVERY_S)),
    ("mailbox", partial(keep_looking, (("mailbox", MailboxWatch().step),), MAILBOX_EVERY_S)),
    ("hours", partial(keep_looking, DUTIES, LOOK_EVERY_S)),
    ("backup", partial(keep_looking, BACKUPS, LOOK_EVERY_S)),
)


def step(settings: Settings, now: datetime) -> bool:
    """Do every step once; True when more may be due at once. One that fails stops no other."""
    return do_each(STEPS, settings, now)


def once_settled(errand: Errand, settled: threading.Event) -> Errand:
    """The errand; one that tells of incidents waits until these jobs have stood for a moment."""
    name, work = errand

    def waiting(settings: Settings, stop: threading.Event) -> None:
        while not (stop.is_set() or settled.wait(IDLE_S)):
            alive()
        if not stop.is_set():
            work(settings, stop)

    return (name, waiting) if name.startswith("alarms") else errand


def settle(host: str, settled: threading.Event, now: datetime) -> None:
    """End the incident that the modems' process opened while these jobs were away, before anybody is called about it.
    Jobs that end soon and are begun again and again do not come so far: they are missing all the time.
    """
    if not settled.is_set():
        close_incident("process", f"{host}/jobs", now)


def run(settings: Settings, stop: threading.Event) -> None:
    """Step until `stop` is set."""
    host, settled = settings.host, threading.Event()
    with connected(), running([once_settled(errand, settled) for errand in ERRANDS], settings, stop):
        beat_at: datetime | None = None
        settled_s = time.monotonic() + SETTLED_S
        watchdog = Watchdog()
        while not stop.is_set():
            watchdog.step()
            now = utc_now()
            try:
                due = beat_at is None or abs((now - beat_at).total_seconds()) >= HEARTBEAT_EVERY_S  # it may be set back
                if due and time.monotonic() >= settled_s:
                    settle(host, settled, now)
                    status.beat(host, "jobs", os.getpid(), now)
                    settled.set()
                    beat_at = now
                busy = step(settings, now) if settled.is_set() else do_each(QUIET_STEPS, settings, now)
            except UNAVAILABLE:
                _log.warning("the database is away; the jobs wait")
                busy = False
            if not busy:
                stop.wait(IDLE_S)
        notify("STOPPING=1")
        with suppress(*UNAVAILABLE):
            status.stop_beating(host, "jobs", utc_now())
