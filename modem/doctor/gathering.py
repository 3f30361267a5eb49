"""The doctor's facts: from the bus, the machine, the database, and from modems that no daemon uses; and the transcript
of one modem as a file. A modem that the daemon has is never touched: its worker gives its transcript, its row the
rest. Facts of this machine: files, rights, drivers.
"""

import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, cast, get_args

from db.engine.clock import utc_now
from db.engine.connection import UNAVAILABLE
from db.inbound.received import delays
from db.modems import signal_history
from db.modems.readiness import live_hosts, readiness
from db.modems.status import ModemCard, modem_cards
from db.operations.installation import Installation
from db.operations.monitoring import last_refusal, standing_refusals
from modem.daemon.recording import Recording, record, transcript_of
from modem.daemon.records.status import Status, read_pin
from modem.discovery.bus import bus_verdicts
from modem.doctor.checks.facts import Box, Database, Facts, Modem, PinFile, Standing, Unregistered
from modem.doctor.targets import Candidate, candidates
from modem.driver.base.interface import Lack, StorageUse
from modem.driver.models.models import for_model
from modem.errors import PortBusy, PortGone
from plp.settings.values import ModemSettings, Settings
from rules.readiness import Judgement
from rules.refusals import Refusal
from rules.sentences import StoreFault, coded

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
_PORT_MISSING: Final = "Modem {name} introuvable : branchez-le, ou vérifiez « device » dans config.ini."


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
    """All facts for the diagnosis; `wanted` is a modem's name or a path, None for everything. Raises Refusal.

    Takes up to half a minute where a modem must be opened. `root` is / except in tests.
    """
    with open_database(installation) as database:
        return facts_of(installation.settings(), database, wanted, root)


def facts_of(settings: Settings, database: Database, wanted: str | None, root: Path = ROOT) -> Facts:
    """As `gather`, with the database in the state `database`, and open if it is current."""
    host = settings.host
    verdicts = bus_verdicts()
    now = utc_now()
    daemon = database == "current" and host in live_hosts(now)
    cards = [card for card in modem_cards(now) if card.host == host] if daemon else []
    known = [card for card in cards if wanted in (None, card.name, card.device)]
    judgement = _judged(host, wanted, [card.name for card in known], now) if database == "current" else None
    modems = daemons_modems(settings, known, now)
    if not daemon or (wanted is not None and not known):
        modems = [asked_modem(candidate, database) for candidate in candidates(settings, verdicts or (), wanted)]
    sticks = [verdict for verdict in verdicts or () if verdict.kind == "modem"]
    return Facts(
        box=box_of(settings, daemon, database, root),
        usb=tuple(verdicts or ()),
        bus_seen=verdicts is not None,
        sleepers=tuple(stick.names for stick in sticks if may_sleep(root, stick.device.sys_path)),
        modems=tuple(modems),
        judgement=judgement,
    )


def _judged(host: str, wanted: str | None, names: Sequence[str], now: datetime) -> Judgement | None:
    """As on the pages: for this machine, or for the one modem requested, if the daemon has it."""
    if wanted is None:
        return readiness(now, host)
    return readiness(now, host, tuple(names)) if names else None


@contextmanager
def open_database(installation: Installation) -> Iterator[Database]:
    """The state of the database; connected to it in the block where it is current."""
    state: Database = "current"
    with ExitStack() as opened:
        try:
            opened.enter_context(installation.open_database())
        except StoreFault as fault:
            state = _STATES.get(fault.code, "away")
        except UNAVAILABLE:
            state = "away"
        yield state


def daemons_modems(settings: Settings, cards: Sequence[ModemCard], now: datetime) -> list[Modem]:
    """The facts of the running daemon about its modems."""
    return [
        replace(
            _modem(_section(settings, card.name), card, Standing(card.state, card.told, card.pin_tries)),
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


def _modem(section: ModemSettings, row: ModemCard | Status, standing: Standing, usb_id: str | None = None) -> Modem:
    """The facts that a daemon writes of a modem, and that the doctor's own look gives too."""
    return Modem(
        name=section.name,
        device=row.device,
        pin_file=pin_file(section.pin_file),
        standing=standing,
        imei=row.imei,
        imsi=row.imsi,
        model=row.model,
        row=for_model(row.model, row.model, usb_id) if row.model else None,
        technology=row.technology,
        signal_dbm=row.signal_dbm,
        unregistered=cast(Unregistered, row.unregistered or "none") if standing.state == "not_registered" else "",
        lacks=tuple(lack for lack in get_args(Lack) if lack in row.lacks.split()),
        has_number=bool(section.number),
        simulated=row.simulated,
    )


def _ahead(delays: Sequence[timedelta]) -> timedelta | None:
    """The lead of the box's clock, by the delays of texts, the newest first; None when it is unknown. A text may arrive
    hours late: of several, the fastest gives the time."""
    if delays and delays[0] < timedelta():
        return delays[0]
    return min(delays) if len(delays) >= _ENOUGH_TEXTS else None


def asked_modem(candidate: Candidate, database: Database) -> Modem:
    """A modem that no daemon has: facts from its path, then its own answers."""
    section = candidate.settings
    if candidate.path is None:
        absent = Status(section.device, simulated=section.device == "sim")
        return _modem(section, absent, Standing("absent", coded("not_plugged")))
    recording = _dialogue(candidate.path, section, database)
    status = recording.status
    standing = Standing(status.state, status.sentence, status.pin_tries)
    return replace(
        _modem(section, status, standing, candidate.usb.device.usb_id if candidate.usb else None),
        path=candidate.path,
        error=recording.error,
        usb=candidate.usb,
        ims=recording.ims,
        storages=recording.storages,
    )


def box_of(settings: Settings, daemon: bool, database: Database, root: Path = ROOT) -> Box:
    """This machine: what is installed, loaded and configured on it."""
    # A user's path may lack the system's own folders.
    programs = os.pathsep.join(str(root / folder) for folder in ("usr/sbin", "sbin", "usr/bin"))
    return Box(
        daemon=daemon,
        database=database,
        rules=any((root / folder / RULES_FILE).exists() for folder in _RULE_FOLDERS),
        modeswitch=shutil.which("usb_modeswitch", path=programs) is not None,
        option_driver=(root / "sys/bus/usb-serial/drivers/option1").exists(),
        manager=any(section.driver == "modemmanager" for section in settings.modems),
        duty_phone=settings.sending.duty_phone is not None,
    )


def may_sleep(root: Path, sys_path: str) -> bool:
    """True when the kernel may switch this USB device off while nobody uses it."""
    try:
        return (root / sys_path.lstrip("/") / "power/control").read_text().strip() == "auto"
    except OSError:
        return False


def _section(settings: Settings, name: str) -> ModemSettings:
    """The modem's section; one without a section has the defaults."""
    return next((modem for modem in settings.modems if modem.name == name), ModemSettings(name))


def transcript(installation: Installation, name: str, by: str) -> tuple[str, str]:
    """The script that `python -m modem.sim` plays, for the modem of that name, or at that path if no daemon has it; and
    in French the reason why the dialogue was incomplete, else "". Raises Refusal.
    """
    with open_database(installation) as database:
        now = utc_now()
        if database == "current" and (card := _running(name, installation.settings().host, now)):
            return _from_daemon(card, by, now)
        chosen = candidates(installation.settings(), bus_verdicts() or (), name)[0]
        return _from_modem(chosen, now, database)


def _running(name: str, host: str, now: datetime) -> ModemCard | None:
    """The modem of that name that a daemon has now; this machine's before another's."""
    hosts = live_hosts(now)
    cards = [card for card in modem_cards(now) if card.host in hosts and name in (card.name, card.device)]
    return min(cards, key=lambda card: card.host != host, default=None)


def _from_daemon(card: ModemCard, by: str, now: datetime) -> tuple[str, str]:
    saved = transcript_of(card.host, card.name, by)
    if saved is None:
        raise Refusal("Le service n'a encore rien échangé avec le modem {name}.", name=card.name)
    return _head(card.model, "", card.operator, card.technology, now) + saved.text, ""


def _dialogue(path: str, section: ModemSettings, database: Database) -> Recording:
    """No PIN is entered without the database: it is unknown whether the card refused it before."""
    return record(path, section if database == "current" else replace(section, pin_file=None))


def _from_modem(chosen: Candidate, now: datetime, database: Database) -> tuple[str, str]:
    if chosen.path is None:
        raise Refusal(_PORT_MISSING, name=chosen.name)
    recording = _dialogue(chosen.path, chosen.settings, database)
    if not recording.script and isinstance(recording.error, PortGone):
        raise Refusal(_PORT_MISSING, name=chosen.name)
    if isinstance(recording.error, PortBusy) and recording.error.holder:
        raise Refusal(
            "Le port du modem {name} est utilisé par {holder}.", name=chosen.name, holder=recording.error.holder
        )
    if not recording.script:
        raise Refusal("Le modem {name} n'a rien dit. {why}", name=chosen.name, why=_why(recording))
    status = recording.status
    head = _head(status.model, recording.firmware, status.operator, status.technology, now)
    return head + recording.script, _why(recording)


def _why(recording: Recording) -> str:
    return f"Le dialogue s'est arrêté avant la fin. {recording.status.sentence}" if recording.error else ""


def _head(model: str, firmware: str, operator: str | None, technology: str | None, now: datetime) -> str:
    """The head that docs/hardware.md asks for, as far as it is known."""
    network = " ".join(word for word in (operator, technology) if word)
    values = {"model": model, "firmware": firmware, "network": network, "recorded": f"{now:%Y-%m-%d}"}
    return "".join(f"{name}: {value}\n" for name, value in values.items() if value)
