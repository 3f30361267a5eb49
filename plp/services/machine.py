"""Faults of this machine apart from its modems: its files, its clock, its disk and its backups. One list, which
incidents, `plp check` and the first steps use. Acts of the person who looks after the machine: a new key, a clock
confirmed, plan B downloaded, an alarm seen.
"""

import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from db.engine.connection import take_turn, writing
from db.engine.files import state_folder
from db.journal import audit
from db.journal.chain import key_of_database
from db.operations.installation import secret_files
from db.operations.lineage import recent_damage
from db.operations.machine import LEAST_FREE_BYTES, behind, forecast, latest_time, set_back
from db.operations.runs import last_failure, last_run, run_of
from db.operations.summons import About, end_summons, is_calling, settle_causes
from plp.settings.values import Settings
from rules.calendar import day
from rules.refusals import Refusal
from rules.sentences import CodedRefusal, Sentence, coded, refusing, stored_sentence

AT_ONCE = timedelta()
# After a power cut everything looks silent and late until every process has begun.
AWAKE = timedelta(minutes=2)
# A backup's night that failed and the next one, or so many hours: then people hear of it.
LATE, LATE_HOURLY = timedelta(hours=36), timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Trouble:
    """One trouble. It is an incident once it has lasted for `lasting`."""

    kind: str
    subject: str
    sentence: Sentence
    lasting: timedelta


def machine_troubles(settings: Settings, now: datetime) -> Iterator[Trouble]:
    """All that exist now."""
    if recent_damage(now):
        yield Trouble("database", "", coded("database_was_damaged"), AT_ONCE)
    exposed = next((file.trouble for file in secret_files(settings) if file.trouble), None)
    if exposed is not None:
        yield Trouble("secret_exposed", settings.host, exposed, AT_ONCE)
    if behind(now) and (latest := latest_time()):
        yield Trouble("clock", settings.host, coded("clock_behind", host=settings.host, latest=day(latest)), AWAKE)
    yield from _of_the_certificate(settings, now)
    yield from _of_backups(settings, now)
    free = shutil.disk_usage(state_folder(settings)).free
    if free < LEAST_FREE_BYTES:
        words = coded("disk_full", host=settings.host, megabytes=free // 1024**2)
        yield Trouble("disk", settings.host, words, AT_ONCE)
    elif (rate := forecast(settings.host, now)).is_soon:
        yield Trouble("disk_fills", settings.host, coded("disk_fills", host=settings.host, rate=rate.words), AT_ONCE)


def machine_faults(settings: Settings, now: datetime) -> list[Trouble]:
    """Those that nobody waits for: a backup that is not late yet is none."""
    return [trouble for trouble in machine_troubles(settings, now) if trouble.lasting <= AWAKE]


def _of_backups(settings: Settings, now: datetime) -> Iterator[Trouble]:
    if not settings.backup.recipient:
        return
    run = run_of("backup", settings)
    last, why = last_run(run), stored_sentence(last_failure(run)) or coded("backup_none_yet")
    lasting = LATE_HOURLY if settings.backup.hourly else LATE
    late = coded("backup_late", hours=round(lasting.total_seconds() / 3600), why=why)
    if last is None:
        yield Trouble("backup", settings.host, late, lasting)
    elif now - last.started_at > lasting:
        yield Trouble("backup", settings.host, late, AT_ONCE)


def _of_the_certificate(settings: Settings, now: datetime) -> Iterator[Trouble]:
    path = settings.console.certificate
    if path is None:
        return
    from plp.services.certificates import card_of  # most boxes have none, and need no memory for it

    try:
        card = card_of(path.read_bytes())
    except (OSError, Refusal):
        return  # the console does not start with it, and says so
    if card.ends_soon(now):
        words = coded("certificate_ends", end=day(card.ends_at))
        yield Trouble("certificate", settings.host, words, AT_ONCE)


def sign_with_new_key(by: str, now: datetime) -> None:
    """From now on the database's key is this machine's, which is made if missing. Earlier signatures can no longer be
    verified. Raises Refusal if it is already the database's.
    """
    with refusing(), writing():
        take_turn("seals")
        audit.make_key()
        if audit.key_id() == key_of_database():
            raise CodedRefusal("journal_key_same", path=audit.key_file())
        audit.record(now, by, "journal_key_made", key=audit.key_id())


def believe_clock(by: str, now: datetime) -> None:
    """A person confirms that the clock is right, and that the time seen before was not."""
    off = behind(now)
    if off is None:
        return
    with writing():
        set_back(now)
        audit.record_from(now, by, "clock_believed", seconds=round(off.total_seconds()))


def mark_opened(kind: About, subjects: Collection[str] | None, by: str, now: datetime) -> None:
    """Somebody opened these in the console, or all of this kind for None: nobody is called about them any more."""
    if not is_calling(kind):
        return
    with writing():
        take_turn("waking")
        settled = settle_causes(kind, subjects, now)
        if settled is not None:
            end_summons(settled, "opened", by, now)


def record_plan_b_taken(what: str, by: str, now: datetime) -> None:
    """Members' numbers leave the console: the journal records who downloaded them."""
    with writing():
        audit.record(now, by, "plan_b_taken", what)
