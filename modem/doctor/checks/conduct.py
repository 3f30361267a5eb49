"""The conduct of a modem: power, restarts, talkativeness; and the means to test itself."""

from collections.abc import Iterator
from typing import Final

from modem.doctor.checks.facts import Facts, Modem
from modem.doctor.checks.findings import Finding, finding

# Louder than this a modem gets in its own way; a Huawei before it is quieted says some sixty lines a minute.
FLOOD_PER_MIN: Final = 30.0
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
    if modem.heard.chatter >= FLOOD_PER_MIN:
        yield finding("talkative", modem.name, lines=round(modem.heard.chatter))
