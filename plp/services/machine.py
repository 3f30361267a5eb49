"""Faults of this machine apart from its modems, acts of whoever looks after it, and a new box's first steps."""

import logging
import os
import shutil
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from base.settings.misfits import misfits
from base.settings.values import Settings, ZoneSettings
from db.alerts.templates import seed_templates
from db.engine import base, files, schema
from db.engine.clock import utc_now
from db.engine.connection import UNAVAILABLE, Database, connected, writing
from db.journal import audit, chain
from db.mail.claim import mail_servers
from db.modems import status
from db.modems.readiness import readiness
from db.modems.status import modems
from db.operations import database_roles, installation, lineage, runs, summons
from db.operations.machine import LEAST_FREE_BYTES, behind, forecast, latest_time, set_back
from db.operations.monitoring import last_taken
from db.people.accounts.accounts import accounts
from db.people.accounts.factors import factors
from db.people.members.listing import anybody_to_alert
from db.people.zone import create_zone, directory, known_zone, policy, write_policy, zone
from plp.services.zone import name_in_gsm
from rules.calendar import clock, day
from rules.numbers import has_telephone
from rules.readiness import SETTLED_S, Judgement, technician_in
from rules.refusals import NotReady, Refusal
from rules.sentences import CodedRefusal, Sentence, coded, refusing, stored_sentence

_log = logging.getLogger(__name__)
AT_ONCE = timedelta()
# After a power cut everything looks silent and late until every process has begun.
AWAKE = timedelta(minutes=2)
# A backup's night that failed and the next one, or so many hours: then people hear of it.
LATE, LATE_HOURLY = timedelta(hours=36), timedelta(hours=3)
# Of the zone, every field that somebody must fill; its question is in rules/wording/first_steps.toml.
ZONE_QUESTIONS = ("name", "code", "emergency", "phone")
# Each beat is a write that an SD card takes.
BEAT_EVERY_S = 20.0
_PULSE_ENDS_WITHIN_S = 2.0
# The step of a section of config.ini, and of a kind of fault; what has none spoils the last one.
_STEP_OF = {
    "console": "setup_certificate",
    "certificate": "setup_certificate",
    "mail": "setup_mail",
    "backup": "setup_backup",
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """One trouble. It is an incident once it has lasted for `lasting`."""

    kind: str
    subject: str
    sentence: Sentence
    lasting: timedelta


def machine_troubles(settings: Settings, now: datetime) -> Iterator[Trouble]:
    """All that exist now."""
    if lineage.recent_damage(now):
        yield Trouble("database", "", coded("database_was_damaged"), AT_ONCE)
    exposed = next((file.trouble for file in installation.secret_files(settings) if file.trouble), None)
    if exposed is not None:
        yield Trouble("secret_exposed", settings.host, exposed, AT_ONCE)
    if behind(now) and (latest := latest_time()):
        yield Trouble("clock", settings.host, coded("clock_behind", host=settings.host, latest=day(latest)), AWAKE)
    yield from _of_the_certificate(settings, now)
    yield from _of_backups(settings, now)
    free = shutil.disk_usage(files.state_folder(settings)).free
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
    run = runs.run_of("backup", settings)
    last, why = runs.last_run(run), stored_sentence(runs.last_failure(run)) or coded("backup_none_yet")
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
        yield Trouble("certificate", settings.host, coded("certificate_ends", end=day(card.ends_at)), AT_ONCE)


def sign_with_new_key(by: str, now: datetime) -> None:
    """Sign with this machine's key, made if missing: a new stretch of the journal begins."""
    with refusing():
        audit.make_key()
        if audit.key_id() == chain.key_of_database():
            raise CodedRefusal("journal_key_same", path=audit.key_file())
        while chain.seal_entries():
            pass
        with writing("seals"):
            chain.begin_stretch(by, now)


def believe_clock(by: str, now: datetime) -> None:
    """A person confirms that the clock is right, and that the time seen before was not."""
    if off := behind(now):
        with writing():
            set_back(now)
            audit.record_from(now, by, "clock_believed", seconds=round(off.total_seconds()))


def mark_opened(kind: summons.About, subjects: Collection[str] | None, by: str, now: datetime) -> None:
    """Somebody opened these in the console, or all of this kind for None: nobody is called about them any more."""
    if not summons.is_calling(kind):
        return
    with writing("waking"):
        settled = summons.settle_causes(kind, subjects, now)
        if settled is not None:
            summons.end_summons(settled, "opened", by, now)


def first_steps(settings: Settings, now: datetime, ready: Judgement | None = None) -> dict[str, bool]:
    """By code (rules/wording/first_steps.toml), in their order, True for what is done and has no shortcomings."""
    ready = ready or readiness(now)
    admins = [card for card in accounts() if card.active and card.has_password and "admin" in card.roles]
    real = [modem for modem in modems() if not modem.simulated]
    steps = {
        "setup_zone": True,
        "setup_certificate": settings.console.certificate is not None,
        "setup_admin": any(factors(card.id) for card in admins),
        "setup_modem": ready.ready and not ready.simulated,
        "setup_test": any(last_taken(modem.host, modem.name) for modem in real),
        "setup_technician": _technician_can_be_called(),
        "setup_members": anybody_to_alert(),
        "setup_mail": bool(settings.mail.sender),
        "setup_backup": runs.last_run(runs.run_of("backup", settings)) is not None,
        "setup_sound": True,
    }
    wrong = shortcomings(settings, now)
    return {step: is_done and step not in wrong for step, is_done in steps.items()}


def _technician_can_be_called() -> bool:
    technician = technician_in((card.service, card.contact) for card in directory())
    return technician is not None and has_telephone(technician[1])


def shortcomings(settings: Settings, now: datetime) -> dict[str, list[Sentence]]:
    """By first step, all faults in its result: `plp check` reports the same."""
    wrong = [("setup_zone", coded(f"setup_zone_{field}")) for field in unanswered()]
    wrong += [(_STEP_OF.get(section, "setup_sound"), sentence) for section, sentence in misfits(settings)]
    wrong += [(_STEP_OF.get(fault.kind, "setup_sound"), fault.sentence) for fault in machine_faults(settings, now)]
    for server in mail_servers(now):
        if server.host == settings.host and server.down_since_at is not None:
            wrong.append(("setup_mail", coded("mail_down", server=server.server, since=clock(server.down_since_at))))
    return base.grouped(wrong)


def unanswered() -> list[str]:
    """The fields of the zone that are still empty."""
    card = zone()
    return [field for field in ZONE_QUESTIONS if not getattr(card, field)]


def require_named_zone() -> None:
    """Raise NotReady while the zone has no name: the text's first words and its telephone number are missing."""
    if not zone().name:
        raise NotReady(
            "Aucun envoi : la zone de police n'a pas encore de nom. "
            "Un administrateur doit l'indiquer dans « Paramètres »."
        )


def bring_up_to_date(database: Database, settings: ZoneSettings, second_factor: bool = False) -> list[str]:
    """Make or upgrade the database; the names of migrations applied. `second_factor`: a new zone asks for one."""
    applied = schema.upgrade(database)
    chain.begin_chain(utc_now())
    seed(settings, second_factor)
    return applied


def migrate(database: Database, settings: Settings) -> list[str]:
    """Make or upgrade the database as its owner: PostgreSQL's roles get their rights on what is new."""
    applied = bring_up_to_date(database, settings.zone, second_factor=True)
    database_roles.apply_rights(settings.retention.audit_months)
    return applied


def seed(settings: ZoneSettings, second_factor: bool = False) -> None:
    """Fill a fresh database; one that has a zone only gets the ready-made alerts that it lacks."""
    with writing("seed"):
        known = known_zone()
        if known is None:
            create_zone(settings)
            if second_factor:
                write_policy(replace(policy(), second_factor=True))
        seed_templates(*name_in_gsm(known or settings), utc_now())


@contextmanager
def beating(host: str) -> Iterator[None]:
    """The console's sign of life during the block, in a thread, once it has stood for a moment."""
    stop = threading.Event()
    thread = threading.Thread(target=_beat, args=(host, stop), name="pulse", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(_PULSE_ENDS_WITHIN_S)
        with suppress(*UNAVAILABLE), connected():
            status.stop_beating(host, "console", utc_now())


def _beat(host: str, stop: threading.Event) -> None:
    pause_s = SETTLED_S
    while not stop.wait(pause_s):
        pause_s = BEAT_EVERY_S
        try:
            with suppress(*UNAVAILABLE), connected():
                status.beat(host, "console", os.getpid(), utc_now())
        except Exception:  # noqa: BLE001  (a console that answers and beats no more would be called missing)
            _log.exception("the console could give no sign of life")
