"""The SIM: there, open, and accepted."""

from collections.abc import Iterator
from typing import Final

from modem.doctor.checks.facts import Facts, Finding, Modem, finding
from modem.errors import PinRequired, PukRequired, SimError, SimMissing

FEW_TRIES: Final = 2


def cards(facts: Facts) -> Iterator[Finding]:
    """Reasons why each card does not send, or one day may not."""
    for modem in facts.modems:
        if code := _card(modem):
            yield finding(code, modem.name, left=_tries_left(modem))
        if modem.pin_file == "exposed":
            yield finding("pin_exposed", modem.name)
    yield from _twins(facts)


def _twins(facts: Facts) -> Iterator[Finding]:
    """Two modems that answer with one IMSI: each message stays with one of them, their reports may not."""
    seen: dict[str, str] = {}
    for modem in facts.modems:
        if not modem.answered or modem.imsi is None:
            continue
        first = seen.setdefault(modem.imsi, modem.name)
        if first != modem.name:
            yield finding("sim_twin", modem.name, first=first, second=modem.name)


def _card(modem: Modem) -> str | None:
    state = modem.standing.state if modem.standing else ""
    told = modem.standing.told.code if modem.standing else ""
    if isinstance(modem.error, SimMissing) or told == "sim_missing":
        return "sim_missing"
    if isinstance(modem.error, PukRequired) or told == "puk_asked":
        return "sim_blocked"
    if isinstance(modem.error, PinRequired) or state == "pin":
        left = _tries_left(modem)
        if left is not None and left <= FEW_TRIES:
            return "pin_few_tries"
        return "pin_refused" if modem.pin_file in ("good", "exposed") else f"pin_{modem.pin_file}"
    if isinstance(modem.error, SimError) or state == "no_sim":
        return "sim_broken"
    return "sim_quarantined" if state == "quarantined" else None


def _tries_left(modem: Modem) -> int | None:
    told = modem.error.tries_left if isinstance(modem.error, PinRequired) else None
    return told if told is not None or modem.standing is None else modem.standing.pin_tries
