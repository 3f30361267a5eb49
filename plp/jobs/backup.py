"""Backups, one of which is tried every month, and plan B's archive of every night: AES-256, which 7-Zip opens."""

import io
import logging
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from pathlib import Path

from base.settings.reading import secret_in
from base.settings.values import Settings
from base.watchdog import alive
from db.engine.files import make_folder, state_folder, write_whole
from db.operations.incidents import close_incident, open_incident
from db.operations.plan_b import INCIDENT, Person, archive_folder, left_out, places, roll
from db.operations.runs import (
    FAILED,
    HELD,
    claim_run,
    due_slot,
    last_run,
    mark_run_done,
    requested_trial,
    run_of,
    urgent_moment,
)
from db.people.members.erasure import forgotten_list, last_forgotten_at
from db.people.zone import zone
from plp.jobs.retention import days_before
from plp.letters.letters import phone_tree
from plp.letters.rendering import paper
from plp.services.backup.archive import FORGOTTEN, back_up
from plp.services.backup.places import moved_at
from plp.services.people.exporting import written
from rules.calendar import LOCAL
from rules.people import MACHINE
from rules.refusals import required
from rules.sentences import CodedRefusal, Sentence, coded

_log = logging.getLogger(__name__)
_DRILL_S = 3600
KEPT = 7
_PATTERN = "plan-b-*.zip"
COLUMNS = tuple(column.name for column in fields(Person))
LEAST_PASSWORD = 12


def keep_forgotten(settings: Settings, _now: datetime) -> bool:
    """Also keep the list of erased people outside the database."""
    path = state_folder(settings) / FORGOTTEN
    listed = forgotten_list().encode("ascii")
    if (path.read_bytes() if path.exists() else b"") != listed:
        write_whole(path, listed)
    return False


def back_up_when_due(settings: Settings, now: datetime) -> bool:
    """Make the night's backup; if `hourly`, also the hour's and an alert's. Tried every half hour; True if made."""
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
    """Once a month restore the last backup into a separate database; True when that worked. Tried every half hour."""
    slot, run = due_slot(settings.backup.at, now), run_of("backup_drill", settings)
    last = last_run(run_of("backup", settings))
    if slot is None or last is None or last.ended_at < moved_at() or not claim_run(run, slot[:7], settings.host, now):
        return False
    if _holds(settings, last.outcome, now, was_newest=True):
        mark_run_done(run, slot[:7], last.outcome, now)
        return True
    return False


def try_requested(settings: Settings, now: datetime) -> bool:
    """The same for a backup whose test somebody requested; True when that was done."""
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


def export_nightly(settings: Settings, now: datetime) -> bool:
    """Make the archive once per night and machine, tried every half hour, and after an erasure; True when it was."""
    slot = due_slot(settings.plan_b.at, now)
    if settings.plan_b.password_file is None:
        return False
    # Each machine keeps its own: the one that breaks may be the other one.
    name = run_of("plan_b", settings)
    is_due = slot is not None and claim_run(name, slot, settings.host, now)
    if not is_due and not _stale_archives(settings):
        return False
    try:
        path = export(settings, now)
    except (CodedRefusal, OSError) as error:
        open_incident(INCIDENT, settings.host, coded("plan_b_missed", why=_why(error)).stored, now)
        return False
    close_incident(INCIDENT, settings.host, now)
    if slot is not None:
        mark_run_done(name, slot, path.name, now)
    return True


def _why(error: CodedRefusal | OSError) -> Sentence | str:
    if isinstance(error, CodedRefusal):
        return error.sentence
    return f"{error.strerror or error} ({error.filename})" if error.filename else error.strerror or str(error)


def export(settings: Settings, now: datetime) -> Path:
    """Write the archive; older ones than the newest seven go. Raises CodedRefusal without a password, OSError."""
    folder = archive_folder(settings)
    make_folder(folder)
    path = folder / _name(now)
    write_whole(path, archive(password_of(settings), now))
    stale = [old for old in _stale_archives(settings) if old != path]
    for old in {*sorted(folder.glob(_PATTERN), reverse=True)[KEPT:], *stale}:
        old.unlink()
    return path


def _stale_archives(settings: Settings) -> list[Path]:
    """Archives that may name somebody who was erased since; a new one replaces them."""
    at = last_forgotten_at()
    return [path for path in archive_folder(settings).glob(_PATTERN) if at is not None and path.name <= _name(at)]


def _name(at: datetime) -> str:
    return f"plan-b-{at.astimezone(LOCAL):%Y-%m-%d-%H%M}.zip"


def password_of(settings: Settings) -> str:
    """The password of the archive, the first line of its file. Raises CodedRefusal."""
    path = required(settings.plan_b.password_file, CodedRefusal("plan_b_no_password"))
    lines = secret_in(path, "plan_b", "password_file").splitlines()
    password = lines[0].strip() if lines else ""
    if len(password) < LEAST_PASSWORD:
        raise CodedRefusal("plan_b_short", path=path, least=LEAST_PASSWORD)
    return password


def archive(password: str, now: datetime) -> bytes:
    """The ZIP. Names of files are readable without the password, so they name nobody."""
    import pyzipper  # for a moment in the night

    people = roll()
    whole = io.BytesIO()
    with pyzipper.AESZipFile(whole, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as packed:
        packed.setpassword(password.encode())
        packed.setencryption(pyzipper.WZ_AES, nbits=256)
        packed.writestr("LISEZMOI.txt", readme(people, now))
        packed.writestr("members.csv", members_csv(people))
        packed.writestr("plan-b.html", phone_tree(places(), people, now))
    return whole.getvalue()


def members_csv(people: Sequence[Person]) -> bytes:
    """The list in the form that `plp member import` reads, in UTF-8 with the mark that Excel needs."""
    rows = [[*COLUMNS, "consent_sms", "consent_mail_group"]]
    for person in people:
        agreed = ("yes" if person.mobile else "no", "yes" if person.email else "no")
        rows.append([*(getattr(person, name) or "" for name in COLUMNS), *agreed])
    return written(rows)


def readme(people: Sequence[Person], now: datetime) -> bytes:
    """The archive's instructions, in French: how to alert without this machine."""
    words = paper(
        "plan_b.txt",
        "fr",
        zone(),
        now,
        texts=sum(person.mobile is not None for person in people),
        mails=sum(person.email is not None for person in people),
        left_out=left_out(),
    )
    return words.replace("\n", "\r\n").encode("utf-8-sig")
