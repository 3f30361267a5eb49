"""Between the modem and the network: registration, reception, the service centre, reports, storage, the time; and the
conduct of a modem: power, restarts, the means to test itself.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from modem.doctor.checks.facts import Facts, Finding, Modem, finding
from rules.calendar import LOCAL
from rules.sentences import Sentence, coded

_DENIED, _SEARCHING = 3, 2
_REGISTERED: Final = frozenset({1, 5, 6, 7})
WEAK_DBM: Final = -105
NEARLY_FULL: Final = 0.8
CLOCK_TOLERANCE: Final = timedelta(minutes=5)
_NO_SMS_HERE: Final = frozenset({50, 69, 350})
_SIM_REFUSED: Final = frozenset({8, 10, 21, 28, 29, 193})
_SMSC_UNKNOWN: Final = frozenset({330})
_SIM_FULL: Final = frozenset({208, 211, 320, 321, 322})


def network(facts: Facts) -> Iterator[Finding]:
    """All that, for each modem that answers."""
    for modem in facts.modems:
        if modem.answered:
            for look in (_registration, _reception, _service, _refused, _storages):
                yield from look(modem)


def clocks(facts: Facts) -> Iterator[Finding]:
    """The box's clock against the network's; told once, by the first modem that knows."""
    for modem in facts.modems:
        ahead = modem.heard.clock_ahead
        if ahead is not None and abs(ahead) > CLOCK_TOLERANCE:
            minutes = round(abs(ahead) / timedelta(minutes=1))
            yield finding("clock_ahead" if ahead > timedelta() else "clock_behind", modem.name, minutes=minutes)
            return


def _registration(modem: Modem) -> Iterator[Finding]:
    told = set(modem.heard.registration.values())
    lost = modem.standing is not None and modem.standing.state == "not_registered"
    if told & _REGISTERED and not lost:
        return
    if _DENIED in told:
        yield finding("network_denied", modem.name)
    elif _SEARCHING in told:
        yield finding("network_searching", modem.name)
    elif told or lost:
        yield finding("network_none", modem.name)


def _reception(modem: Modem) -> Iterator[Finding]:
    dbm, access = modem.heard.signal_dbm, modem.row.access if modem.row else None
    if dbm is not None and dbm <= WEAK_DBM:
        yield finding("weak_signal", modem.name, dbm=dbm)
    if access in ("2G", "3G"):
        yield finding("no_4g", modem.name, access=access)
    elif access in ("4G", "5G") and modem.technology == "2G":
        yield finding("works_in_2g", modem.name)
    if modem.heard.ims == "none":
        yield finding("no_ims", modem.name)


def _service(modem: Modem) -> Iterator[Finding]:
    """The needs of SMS: registration, service centre, bearer."""
    if modem.heard.smsc == "" or modem.heard.still_refused(_SMSC_UNKNOWN):
        yield finding("no_service_centre", modem.name)
    codes = modem.heard.still_refused(_NO_SMS_HERE)
    if count := sum(modem.heard.refusals[code] for code in codes):
        yield finding("sms_refused_here", modem.name, count=count, codes=_told(modem, codes))
    elif modem.heard.bearer == 0:
        yield finding("sms_over_data_only", modem.name)
    if modem.heard.reports is False:
        yield finding("no_reports", modem.name)


def _refused(modem: Modem) -> Iterator[Finding]:
    codes = modem.heard.still_refused(_SIM_REFUSED)
    suspended = modem.standing is not None and modem.standing.state == "suspended"
    if codes or suspended:
        more = (coded("codes", codes=_told(modem, codes)),) if codes else last_code(modem)
        yield finding("sim_suspended" if suspended else "sim_refused", modem.name, more=more)


def _storages(modem: Modem) -> Iterator[Finding]:
    full = [use for use in modem.storages if use.total and use.used >= NEARLY_FULL * use.total]
    for use in full:
        yield finding("nearly_full", modem.name, place=use.name, used=use.used, total=use.total)
    if not full and modem.heard.still_refused(_SIM_FULL):
        yield finding("was_full", modem.name)


def _told(modem: Modem, codes: Sequence[int]) -> tuple[Sentence | str, ...]:
    """« CMS 21 le 24/11 à 14:32 »: a code without its time may be of any day."""
    at = modem.heard.refused_at
    return tuple(_at(f"CMS {code}", at[code]) if code in at else f"CMS {code}" for code in codes)


def last_code(modem: Modem) -> tuple[Sentence, ...]:
    """The network's last refusal of a message, and its time; empty where it took one since."""
    if modem.refusal is None or modem.refusal.over:
        return ()
    return (coded("last_code", refusal=_at(modem.refusal.code, modem.refusal.at)),)


def _at(code: str, at: datetime) -> Sentence:
    local = at.astimezone(LOCAL)
    return coded("code_at", refusal=code, day=f"{local:%d/%m}", time=f"{local:%H:%M}")


RESTARTS: Final = 3


def conduct(facts: Facts) -> Iterator[Finding]:
    """Of each modem that answers, or did."""
    for modem in facts.modems:
        yield from _conduct(modem)
        if modem.answered and not modem.has_number and not facts.box.duty_phone:
            yield finding("no_selftest", modem.name)


def _conduct(modem: Modem) -> Iterator[Finding]:
    if modem.heard.under_voltage:
        yield finding("under_voltage", modem.name)
    elif modem.heard.restarts >= RESTARTS:
        yield finding("restarts", modem.name, times=modem.heard.restarts)
