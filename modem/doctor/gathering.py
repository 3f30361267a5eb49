"""The doctor's facts: from the bus, the machine and the daemon's rows. A modem that the daemon has is never touched; of
another one only its port is looked at, and whether a modem answers there.
"""

import stat
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, cast, get_args

from base.settings.misfits import oddities
from base.settings.values import ModemSettings, Settings
from db.engine.clock import utc_now
from db.engine.connection import UNAVAILABLE
from db.inbound.received import delays
from db.modems import signal_history
from db.modems.readiness import live_hosts, readiness
from db.modems.status import ModemCard, modem_cards
from db.operations.installation import Installation
from db.operations.monitoring import last_refusal, standing_refusals
from modem.daemon.records.status import Status, read_pin, trouble
from modem.discovery.bus import bus_verdicts
from modem.doctor.checks.facts import NOT_EXAMINED, Box, Database, Facts, Modem, PinFile, Standing, Unregistered
from modem.doctor.targets import Candidate, candidates
from modem.driver.base.interface import Lack, StorageUse
from modem.driver.base.port import in_use_by, own_service
from modem.driver.dialogue.setup import introduction
from modem.driver.models.models import for_model
from modem.errors import ModemError, PinRequired, PortBusy
from rules.sentences import NOTHING, Sentence, StoreFault, coded

# As it stands in udev/ (`python -m tools.udev_rules`).
RULES_FILE: Final = "70-plp-alerte.rules"
_RULE_FOLDERS: Final = ("etc/udev/rules.d", "run/udev/rules.d", "usr/lib/udev/rules.d", "lib/udev/rules.d")
ROOT: Final = Path("/")
_OTHERS_MAY: Final = stat.S_IRWXG | stat.S_IRWXO
_STATES: Final[dict[str, Database]] = {
    "database_none_yet": "missing",
    "database_older": "older",
    "database_of_development": "older",
    "database_newer": "newer",
}
# The daemon's rows for what is plugged in and cannot be used: the bus tells the same, but of a card that wants its PIN.
_NOTICE: Final = "usb-"
# Texts of so many days, and so many of them at least, tell whether the clock is ahead.
_TEXTS_TELL: Final = timedelta(days=3)
_ENOUGH_TEXTS: Final = 3


def pin_file(path: Path | None) -> PinFile:
    """The fault of a PIN's file, if any; its content is not output."""
    if path is None:
        return "none"
    try:
        read_pin(path)
    except FileNotFoundError:
        return "missing"
    except OSError:
        return "unreadable"
    except ValueError:
        return "malformed"
    return "exposed" if path.stat().st_mode & _OTHERS_MAY else "good"


def gather(installation: Installation, wanted: str | None, root: Path = ROOT) -> Facts:
    """All facts, of one modem's name or path (`wanted`) or of all; seconds for each silent port. Raises Refusal."""
    with open_database(installation) as (database, fault):
        settings = installation.settings()
        daemon = database == "current" and settings.host in live_hosts(utc_now())
        facts = facts_of(settings, database, wanted, daemon, root)
        return replace(facts, box=replace(facts.box, fault=fault))


def facts_of(settings: Settings, database: Database, wanted: str | None, daemon: bool, root: Path = ROOT) -> Facts:
    """As `gather`, with the database open if it is current. `daemon`: it runs; only modems unknown to it are asked."""
    host = settings.host
    verdicts = bus_verdicts()
    now = utc_now()
    cards = [card for card in modem_cards(now) if card.host == host] if daemon else []
    known = [card for card in cards if wanted in (None, card.name, card.device)]
    judgement = None  # as on the pages: for this machine, or for the one modem wanted, if the daemon has it
    if database == "current" and (wanted is None or known):
        judgement = readiness(now, host, () if wanted is None else tuple(card.name for card in known))
    modems = daemons_modems(settings, known, now)
    if not daemon or (wanted is not None and not known):
        modems = [asked_modem(candidate) for candidate in candidates(settings, verdicts, wanted)]
    return Facts(
        box=box_of(settings, daemon, database, root),
        usb=tuple(verdicts),
        modems=tuple(modems),
        judgement=judgement,
    )


@contextmanager
def open_database(installation: Installation) -> Iterator[tuple[Database, Sentence]]:
    """The state of the database, and what stands against it; connected to it in the block where it is current."""
    state: Database = "current"
    why = NOTHING
    with ExitStack() as opened:
        try:
            opened.enter_context(installation.open_database())
        except StoreFault as fault:
            state, why = _STATES.get(fault.code, "away"), fault.refusal.sentence
        except UNAVAILABLE:
            state = "away"
        yield state, why


def daemons_modems(settings: Settings, cards: Sequence[ModemCard], now: datetime) -> list[Modem]:
    """The facts of the running daemon about its modems."""
    sections = {section.name: section for section in settings.modems}
    return [
        replace(
            _modem(
                sections.get(card.name, ModemSettings(card.name)), card, Standing(card.state, card.told, card.pin_tries)
            ),
            refusal=last_refusal(card.host, card.name, now),
            refusals=tuple(standing_refusals(card.host, card.name, now)),
            ims=signal_history.ims_state(card.model, card.operator),
            ahead=_ahead(delays(card.imsi, now - _TEXTS_TELL) if card.imsi else []),
            storages=tuple(
                StorageUse(use.name, use.used, use.total) for use in signal_history.storages(card.host, card.name)
            ),
        )
        for card in cards
        if not card.name.startswith(_NOTICE) or card.state == "pin"
    ]


def _modem(section: ModemSettings, row: ModemCard | Status, standing: Standing) -> Modem:
    """The facts that a daemon writes of a modem; of the doctor's own look there are few."""
    return Modem(
        name=section.name,
        device=row.device,
        pin_file=pin_file(section.pin_file),
        standing=standing,
        imei=row.imei,
        imsi=row.imsi,
        model=row.model,
        row=for_model(row.model, row.model) if row.model else None,
        technology=row.technology,
        signal_dbm=row.signal_dbm,
        unregistered=cast(Unregistered, row.unregistered or "none") if standing.state == "not_registered" else "",
        lacks=tuple(lack for lack in get_args(Lack) if lack in row.lacks.split()),
        has_number=bool(section.number),
        simulated=row.simulated,
    )


def _ahead(delays: Sequence[timedelta]) -> timedelta | None:
    """The clock's lead by the delays of texts, the newest first, None: unknown. Some are late: the fastest tells."""
    delays = [delay for delay in delays if delay]  # none at all: its service centre told no time
    if delays and delays[0] < timedelta():
        return delays[0]
    return min(delays) if len(delays) >= _ENOUGH_TEXTS else None


def asked_modem(candidate: Candidate) -> Modem:
    """A modem that no daemon has: what its port shows, and whether a modem answers there. No PIN is entered."""
    section, path = candidate.settings, candidate.path
    status, error = Status(section.device, simulated=section.device == "sim"), None
    standing = Standing(NOT_EXAMINED)
    if path is None and section.driver == "at":
        standing = Standing("absent", coded("not_plugged"))
    elif path is not None:
        try:
            if owner := in_use_by(path):
                raise PortBusy(path, owner)
            status.imei = introduction(path)
        except ModemError as refused:
            error = refused
            if isinstance(error, PortBusy):  # what another user's process has open is hidden
                error.holder = error.holder or own_service()
            standing = Standing(*trouble(error), error.tries_left if isinstance(error, PinRequired) else None)
    return replace(_modem(section, status, standing), path=path, error=error, usb=candidate.usb)


def box_of(settings: Settings, daemon: bool, database: Database, root: Path = ROOT) -> Box:
    """This machine: what is installed, loaded and configured on it."""
    return Box(
        daemon=daemon,
        database=database,
        rules=any((root / folder / RULES_FILE).exists() for folder in _RULE_FOLDERS),
        manager=any(section.driver == "modemmanager" for section in settings.modems),
        duty_phone=settings.sending.duty_phone is not None,
        odd=tuple(
            (section.removeprefix("modem:"), sentence)
            for section, sentence in oddities(settings)
            if section.startswith("modem:")
        ),
    )
