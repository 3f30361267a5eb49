"""The doctor's facts and findings, as values: facts are gathered elsewhere and judged by `modem.doctor.report`; every
thing that can be wrong is a table of rules/wording/doctor.toml. Between the modem and the network: registration,
reception, the service centre, reports, storage, the time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, cast

from db.modems.signal_history import WARNING_SHARE
from db.operations.monitoring import LastRefusal, StandingRefusal
from modem.discovery.verdicts import Verdict
from modem.driver.base.interface import Lack, StorageUse
from modem.driver.models.models import ModelRow
from modem.errors import ModemError
from rules.calendar import LOCAL
from rules.readiness import Judgement
from rules.sentences import DOCTOR, NOTHING, TEMPLATES, Sentence, coded, together

# missing     config.ini names none that exists
# unreadable  it exists and this user may not read it
# malformed   it does not hold 4 to 8 digits
# exposed     others may read it
PinFile = Literal["none", "good", "missing", "unreadable", "malformed", "exposed"]
# Why it is on no network: none where nobody tells more.
Unregistered = Literal["denied", "searching", "none", ""]
Database = Literal["current", "missing", "older", "newer", "away"]
# fault    nothing goes out, or not as it should, until somebody does something
# warning  it works, and will not always
# note     good to know
Severity = Literal["fault", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("fault", "warning", "note")
WEAK_DBM: Final = -105
# The state of a modem that no daemon has, if nothing is wrong with its port: nobody set it up.
NOT_EXAMINED: Final = "not_examined"
CLOCK_TOLERANCE: Final = timedelta(minutes=5)
_NO_SMS_HERE: Final = frozenset({50, 69, 350})
_SIM_REFUSED: Final = frozenset({8, 10, 21, 28, 29, 193})
_SMSC_UNKNOWN: Final = frozenset({330})
_SIM_FULL: Final = frozenset({208, 211, 320, 321, 322})


@dataclass(frozen=True, slots=True)
class Standing:
    """A modem's state (docs/reference/contract.md), why, and a locked card's tries: its daemon's word, or our own."""

    state: str = "ready"
    reason: Sentence = NOTHING
    pin_tries: int | None = None


@dataclass(frozen=True, slots=True)
class Modem:
    """One modem, as far as anybody knows.

    refusal    the network's last refusal of a message, and its time
    refusals   the codes with which it refused messages since it took one last
    path       the port that the doctor opened, as no daemon has it; `error` came instead of an answer
    usb        its device; None for a pty, a UART, or where the bus tells nothing
    row        its row in the table of models
    simulated  nothing reaches anybody, and that is meant
    ahead      of the box's clock before the service centre's
    """

    name: str
    device: str
    path: str | None = None
    pin_file: PinFile = "none"
    standing: Standing = Standing()
    refusal: LastRefusal | None = None
    error: ModemError | None = None
    usb: Verdict | None = None
    imei: str | None = None
    imsi: str | None = None
    model: str = ""
    row: ModelRow | None = None
    technology: str | None = None
    signal_dbm: int | None = None
    unregistered: Unregistered = ""
    ims: str = ""
    lacks: tuple[Lack, ...] = ()
    refusals: tuple[StandingRefusal, ...] = ()
    ahead: timedelta | None = None
    storages: tuple[StorageUse, ...] = ()
    has_number: bool = True
    simulated: bool = False

    @property
    def answered(self) -> bool:
        """A set-up went through, now or for the daemon."""
        return self.standing.state in ("ready", "not_registered", "paused", "suspended", "quarantined")


@dataclass(frozen=True, slots=True)
class Box:
    """This machine. `rules` are udev's; `manager`: a section's modem is ModemManager's; `odd`: keys that are taken
    otherwise than they read, each with its modem; `fault`: what stands against the database.
    """

    daemon: bool = True
    database: Database = "current"
    rules: bool = True
    manager: bool = False
    duty_phone: bool = True
    odd: tuple[tuple[str, Sentence], ...] = ()
    fault: Sentence = NOTHING


@dataclass(frozen=True, slots=True)
class Facts:
    """`usb` is all on the bus, `judgement` the readiness that all pages show, None where the database does not tell."""

    box: Box = field(default_factory=Box)
    usb: tuple[Verdict, ...] = ()
    modems: tuple[Modem, ...] = ()
    judgement: Judgement | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong, and what to do, on the modem's page too (`page`). `modem` is "" where it is the box's."""

    severity: Severity
    title: Sentence
    meaning: Sentence
    advice: Sentence
    page: Sentence
    modem: str = ""


def finding(code: str, modem: str = "", *, more: tuple[Sentence, ...] = (), **values: object) -> Finding:
    """The finding of this code with its values; `more` follows its meaning, or `daemons_word` where it has none."""

    def say(part: str) -> Sentence:
        template = f"{code}.{part}"
        wanted = {name: value for name, value in values.items() if f"{{{name}}}" in TEMPLATES[template]}
        return coded(template, **wanted)

    meaning = say("meaning") if "meaning" in DOCTOR[code] else cast(Sentence, values["daemons_word"])
    advice = say("advice")
    page = say("page") if "page" in DOCTOR[code] else advice
    severity = cast(Severity, DOCTOR[code]["severity"])
    return Finding(severity, say("title"), together(meaning, *more), advice, page, modem)


def network(facts: Facts) -> Iterator[Finding]:
    """The standing of every modem that answers with the network, and its means to test itself."""
    for modem in facts.modems:
        if modem.answered:
            if modem.unregistered:
                yield finding(f"network_{modem.unregistered}", modem.name)
            yield from _reception(modem)
            yield from _service(modem)
            if not modem.has_number and not facts.box.duty_phone:
                yield finding("no_selftest", modem.name)


def clocks(facts: Facts) -> Iterator[Finding]:
    """The box's clock against the network's; reported once, for the first modem that knows."""
    for modem in facts.modems:
        if modem.ahead is not None and abs(modem.ahead) > CLOCK_TOLERANCE:
            minutes = round(abs(modem.ahead) / timedelta(minutes=1))
            yield finding("clock_ahead" if modem.ahead > timedelta() else "clock_behind", modem.name, minutes=minutes)
            return


def _reception(modem: Modem) -> Iterator[Finding]:
    dbm, access = modem.signal_dbm, modem.row.access if modem.row else None
    if dbm is not None and dbm <= WEAK_DBM:
        yield finding("weak_signal", modem.name, dbm=dbm)
    if access in ("2G", "3G"):
        yield finding("no_4g", modem.name, access=access)
    elif access in ("4G", "5G") and modem.technology == "2G":
        yield finding("works_in_2g", modem.name)
    if modem.ims == "none":
        yield finding("no_ims", modem.name)


def _service(modem: Modem) -> Iterator[Finding]:
    """The needs of SMS: service centre, a way through the network, reports, a SIM that is taken and has room."""
    if "smsc" in modem.lacks or _refusals(modem, _SMSC_UNKNOWN):
        yield finding("no_service_centre", modem.name)
    if refusals := _refusals(modem, _NO_SMS_HERE):
        count = sum(refusal.times for refusal in refusals)
        yield finding("sms_refused_here", modem.name, count=count, codes=_codes(refusals))
    if "reports" in modem.lacks:
        yield finding("no_reports", modem.name)
    refusals = _refusals(modem, _SIM_REFUSED)
    suspended = modem.standing.state == "suspended"
    if refusals or suspended:
        more = (coded("codes", codes=_codes(refusals)),) if refusals else last_code(modem)
        yield finding("sim_suspended" if suspended else "sim_refused", modem.name, more=more)
    full = [use for use in modem.storages if use.total and use.used >= WARNING_SHARE * use.total]
    for use in full:
        yield finding("nearly_full", modem.name, place=use.name, used=use.used, total=use.total)
    if not full and _refusals(modem, _SIM_FULL):
        yield finding("was_full", modem.name)


def _refusals(modem: Modem, codes: frozenset[int]) -> list[StandingRefusal]:
    return [refusal for refusal in modem.refusals if refusal.code in codes]


def _codes(refusals: Sequence[StandingRefusal]) -> tuple[Sentence, ...]:
    """« CMS 21 le 24/11 à 14:32 »: a code without its time may be of any day."""
    return tuple(_at(f"CMS {refusal.code}", refusal.at) for refusal in refusals)


def last_code(modem: Modem) -> tuple[Sentence, ...]:
    """The network's last refusal of a message, and its time; empty if it accepted one since."""
    if modem.refusal is None or modem.refusal.over:
        return ()
    return (coded("last_code", refusal=_at(modem.refusal.code, modem.refusal.at)),)


def _at(code: str, at: datetime) -> Sentence:
    local = at.astimezone(LOCAL)
    return coded("code_at", refusal=code, day=f"{local:%d/%m}", time=f"{local:%H:%M}")
