"""A backup every night, or every hour; once a month one is restored into a separate database, as a test."""

import logging
import subprocess
import sys
from datetime import datetime

from db.engine.files import state_folder, write_whole
from db.operations.backups import FAILED, HELD, requested_trial, urgent_moment
from db.operations.incidents import close_incident, open_incident
from db.operations.runs import claim_run, due_slot, last_run, mark_run_done, run_of
from db.people.members.erasure import forgotten_list
from plp.jobs.retention import days_before
from plp.services.backup.archive import FORGOTTEN
from plp.services.backup.making import back_up
from plp.settings.values import Settings
from plp.watchdog import alive
from rules.calendar import LOCAL
from rules.people import MACHINE
from rules.sentences import CodedRefusal, coded

_log = logging.getLogger(__name__)

_DRILL_S = 3600


def keep_forgotten(settings: Settings, _now: datetime) -> bool:
    """Also keep the list of erased people outside the database."""
    path = state_folder(settings) / FORGOTTEN
    listed = forgotten_list().encode("ascii")
    if (path.read_bytes() if path.exists() else b"") != listed:
        write_whole(path, listed)
    return False


def back_up_when_due(settings: Settings, now: datetime) -> bool:
    """Make the backup of the night once its hour has come; with `hourly` also one every hour, and one when an alert is
    ordered or over. One that fails is tried again every half hour. True when one was made.
    """
    if not settings.backup.recipient:
        close_incident("backup_drill", settings.host, now)
        return False
    slots = [due_slot(settings.backup.at, now)]
    if settings.backup.hourly:
        slots += [f"{now.astimezone(LOCAL):%Y-%m-%d %H}:00", urgent_moment(days_before(now, 0))]
    for slot in filter(None, slots):
        alive(_DRILL_S)
        try:
            if back_up(settings, MACHINE, now, slot):
                return True
        except CodedRefusal as refusal:
            _log.warning("backup: %s", refusal)
    return False


def try_monthly(settings: Settings, now: datetime) -> bool:
    """Once a month restore the last backup into a separate database; True when it could be restored. A failure is an
    incident, and is retried every half hour. It runs in a separate process, which is bound to that other database and
    frees its memory at the end.
    """
    slot, run = due_slot(settings.backup.at, now), run_of("backup_drill", settings)
    last = last_run(run_of("backup", settings))
    if slot is None or last is None or not claim_run(run, slot[:7], settings.host, now):
        return False
    if _holds(settings, last.outcome, now, was_newest=True):
        mark_run_done(run, slot[:7], last.outcome, now)
        return True
    return False


def try_requested(settings: Settings, now: datetime) -> bool:
    """The same for a backup that somebody asked to test; True when that was done."""
    name = requested_trial(settings)
    if name is None:
        return False
    mark_run_done(run_of("backup_trial", settings), name, HELD if _holds(settings, name, now) else FAILED, now)
    return True


def _holds(settings: Settings, name: str, now: datetime, *, was_newest: bool = False) -> bool:
    alive(_DRILL_S)
    command = [sys.executable, "-m", "plp", "--config", str(settings.path), "restore", name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_DRILL_S, check=False)
    newest = last_run(run_of("backup", settings))
    if done.returncode and was_newest and newest is not None and newest.outcome != name:
        # A newer one was made meanwhile, and may have taken this one's place: it is tried next.
        _log.warning("backup drill: %s is no longer the newest", name)
        return False
    if done.returncode:
        _log.error("backup drill: %s", done.stderr.strip())
        open_incident("backup_drill", settings.host, coded("backup_drill_failed", name=name).stored, now)
    else:
        close_incident("backup_drill", settings.host, now)
    return not done.returncode
