"""Between the modem and the network: registration, reception, the service centre, reports, storage, the time."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from db.operations.monitoring import StandingRefusal
from modem.doctor.checks.facts import Facts, Finding, Modem, finding
from rules.calendar import LOCAL
from rules.sentences import Sentence, coded

WEAK_DBM: Final = -105
NEARLY_FULL: Final = 0.8
CLOCK_TOLERANCE: Final = timedelta(minutes=5)
_NO_SMS_HERE: Final = frozenset({50, 69, 350})
_SIM_REFUSED: Final = frozenset({8, 10, 21, 28, 29, 193})
_SMSC_UNKNOWN: Final = frozenset({330})
_SIM_FULL: Final = frozenset({208, 211, 320, 321, 322})


def network(facts: Facts) -> Iterator[Finding]:
    """The standing of every modem that answers with the network, and its means to test itself."""
    for modem in facts.modems:
        if modem.answered:
            for look in (_registration, _reception, _service, _refused, _storages):
                yield from look(modem)
            if not modem.has_number and not facts.box.duty_phone:
                yield finding("no_selftest", modem.name)


def clocks(facts: Facts) -> Iterator[Finding]:
    """The box's clock against the network's; reported once, for the first modem that knows."""
    for modem in facts.modems:
        if modem.ahead is not None and abs(modem.ahead) > CLOCK_TOLERANCE:
            minutes = round(abs(modem.ahead) / timedelta(minutes=1))
            yield finding("clock_ahead" if modem.ahead > timedelta() else "clock_behind", modem.name, minutes=minutes)
            return


def _registration(modem: Modem) -> Iterator[Finding]:
    if modem.unregistered:
        yield finding(f"network_{modem.unregistered}", modem.name)


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
    """The needs of SMS: service centre, a way through the network, reports."""
    if "smsc" in modem.lacks or _refusals(modem, _SMSC_UNKNOWN):
        yield finding("no_service_centre", modem.name)
    if refusals := _refusals(modem, _NO_SMS_HERE):
        count = sum(refusal.times for refusal in refusals)
        yield finding("sms_refused_here", modem.name, count=count, codes=_codes(refusals))
    if "reports" in modem.lacks:
        yield finding("no_reports", modem.name)


def _refused(modem: Modem) -> Iterator[Finding]:
    refusals = _refusals(modem, _SIM_REFUSED)
    suspended = modem.standing is not None and modem.standing.state == "suspended"
    if refusals or suspended:
        more = (coded("codes", codes=_codes(refusals)),) if refusals else last_code(modem)
        yield finding("sim_suspended" if suspended else "sim_refused", modem.name, more=more)


def _storages(modem: Modem) -> Iterator[Finding]:
    full = [use for use in modem.storages if use.total and use.used >= NEARLY_FULL * use.total]
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
