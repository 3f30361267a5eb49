"""Each night the archive is made anew: whole or not at all, the newest seven kept, for its owner's eyes alone."""

from datetime import datetime
from pathlib import Path

from db.engine.files import mode_in, state_folder, write_whole
from db.operations.incidents import close_incident, open_incident
from db.operations.plan_b import archive_folder, roll, run_name
from db.operations.runs import claim_run, due_slot, mark_run_done
from db.people.members.forgotten import last_forgotten_at
from db.people.zone import zone
from db.settings.values import Settings
from plp.jobs.apart import apart
from plp.jobs.plan_b.archive import LEAST_PASSWORD, archive
from plp.rules.calendar import LOCAL
from plp.rules.sentences import CodedRefusal, coded

KEPT = 7
_PATTERN = "plan-b-*.zip"


def export_nightly(settings: Settings, now: datetime) -> bool:
    """Make the archive once its hour has come, once per night and machine, and again once somebody was forgotten whom
    an older one names; True when it was made.

    A failure is an incident, until the next archive; it is tried again every half hour, when the claim without an end
    lapses.
    """
    slot = due_slot(settings.plan_b.at, now)
    if settings.plan_b.password_file is None:
        return False
    # Each machine keeps its own: the one that breaks may be the other one.
    name = run_name(settings)
    is_due = slot is not None and claim_run(name, slot, settings.host, now)
    if not is_due and not _stale_archives(settings):
        return False
    try:
        path = export(settings, now)
    except (CodedRefusal, OSError) as error:
        why = error.strerror or str(error) if isinstance(error, OSError) else error.sentence
        open_incident("plan_b", settings.host, coded("plan_b_missed", why=why).stored, now)
        return False
    if slot is not None:
        mark_run_done(name, slot, path.name, now)
    close_incident("plan_b", settings.host, now)
    return True


def export(settings: Settings, now: datetime) -> Path:
    """Write the archive; older ones than the newest seven go. Raises CodedRefusal without a password, OSError."""
    folder = archive_folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(mode_in(state_folder(settings)))
    path = folder / _name(now)
    write_whole(path, apart(archive, roll(), zone(), password_of(settings), now))
    stale = [old for old in _stale_archives(settings) if old != path]
    for old in {*sorted(folder.glob(_PATTERN), reverse=True)[KEPT:], *stale}:
        old.unlink()
    return path


def _stale_archives(settings: Settings) -> list[Path]:
    """Archives that may name somebody who was forgotten since; a new one replaces them."""
    at = last_forgotten_at()
    return [path for path in archive_folder(settings).glob(_PATTERN) if at is not None and path.name <= _name(at)]


def _name(at: datetime) -> str:
    return f"plan-b-{at.astimezone(LOCAL):%Y-%m-%d-%H%M}.zip"


def password_of(settings: Settings) -> str:
    """The password of the archive, the first line of its file. Raises CodedRefusal."""
    path = settings.plan_b.password_file
    if path is None:
        raise CodedRefusal("plan_b_no_password")
    try:
        words = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else coded("not_text")
        raise CodedRefusal("plan_b_unreadable", path=path, why=why) from None
    password = words[0].strip() if words else ""
    if len(password) < LEAST_PASSWORD:
        raise CodedRefusal("plan_b_short", path=path, least=LEAST_PASSWORD)
    return password
