"""A backup each night, and each month one of them is restored into a database of its own, to see that it can be."""

import logging
import subprocess
import sys
from datetime import datetime, timedelta

from db.engine.files import state_folder, write_whole
from db.operations.backup.files import FORGOTTEN, kind_of
from db.operations.backup.places import FAILED, HELD, asked_trial
from db.operations.incidents import close_incident, close_unseen, open_incident, watch_incident
from db.operations.runs import claim_run, due_slot, last_run, mark_run_done, run_of
from db.people.members.forgotten import forgotten_list
from db.settings.values import Settings
from plp.services.backup.making import MinuteCopies, back_up
from plp.watchdog.threads import alive
from rules.people import MACHINE
from rules.sentences import CodedRefusal, coded

_log = logging.getLogger(__name__)

_DRILL_S = 3600
_MINUTES_LATE = timedelta(minutes=10)
_minute_copies = MinuteCopies()


def keep_forgotten(settings: Settings, _now: datetime) -> bool:
    """Keep the list of people who were forgotten outside the database too."""
    path = state_folder(settings) / FORGOTTEN
    listed = forgotten_list().encode("ascii")
    if (path.read_bytes() if path.exists() else b"") != listed:
        write_whole(path, listed)
    return False


def back_up_nightly(settings: Settings, now: datetime) -> bool:
    """Make the backup once its hour has come; one that fails is tried again every half hour. True when it was made."""
    slot = due_slot(settings.backup.at, now)
    if slot is None or not settings.backup.recipient:
        return False
    alive(_DRILL_S)
    try:
        return bool(back_up(settings, MACHINE, now, slot))
    except CodedRefusal as refusal:
        _log.warning("backup: %s", refusal)
        return False


def keep_minute(settings: Settings, now: datetime) -> bool:
    """Keep what changed, each minute, where it is asked for; what stands against it for ten minutes is an incident."""
    if settings.backup.each_minute and kind_of(settings) == "sqlite":
        try:
            _minute_copies.step(settings, now)
        except CodedRefusal as refusal:
            told = coded("backup_minute", why=refusal.sentence).stored
            watch_incident("backup_minute", settings.host, told, _MINUTES_LATE, now)
            return False
    # Also where it is not asked for any more, or no backup is.
    over = ("backup_minute",) if settings.backup.recipient else ("backup_minute", "backup_drill")
    close_unseen(over, set(), now, subject=settings.host)
    return False


def try_monthly(settings: Settings, now: datetime) -> bool:
    """Once a month restore the last backup into a database of its own; True when it held. One that does not is an
    incident, and is tried again every half hour.

    In a process of its own: it is bound to that other database, and its memory goes with it.
    """
    slot, run, last = (
        due_slot(settings.backup.at, now),
        run_of("backup_drill", settings),
        last_run(run_of("backup", settings)),
    )
    if slot is None or last is None or not claim_run(run, slot[:7], settings.host, now):
        return False
    if _holds(settings, last.outcome, now):
        mark_run_done(run, slot[:7], last.outcome, now)
        return True
    return False


def try_asked(settings: Settings, now: datetime) -> bool:
    """The same for a backup that somebody asked to try; True when that was done."""
    name = asked_trial(settings)
    if name is None:
        return False
    mark_run_done(run_of("backup_trial", settings), name, HELD if _holds(settings, name, now) else FAILED, now)
    return True


def _holds(settings: Settings, name: str, now: datetime) -> bool:
    alive(_DRILL_S)
    command = [sys.executable, "-m", "plp", "--config", str(settings.path), "restore", name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_DRILL_S, check=False)
    if done.returncode:
        _log.error("backup drill: %s", done.stderr.strip())
        open_incident("backup_drill", settings.host, coded("backup_drill_failed", name=name).stored, now)
    else:
        close_incident("backup_drill", settings.host, now)
    return not done.returncode
