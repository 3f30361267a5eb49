"""From facts to findings, pure: the worst first, each modem's together."""

from collections.abc import Callable, Iterable
from typing import Final

from modem.doctor.checks.box import asleep, doubles, no_modem_yet, plugged_in, rules, service
from modem.doctor.checks.card import cards
from modem.doctor.checks.facts import Facts
from modem.doctor.checks.findings import SEVERITIES, Finding
from modem.doctor.checks.network import clocks, conduct, network
from modem.doctor.checks.port import daemons_word, ports

Look = Callable[[Facts], Iterable[Finding]]

# In the order in which somebody would look: nothing further down matters while something higher up is wrong.
LOOKS: Final[tuple[Look, ...]] = (
    service,
    plugged_in,
    no_modem_yet,
    doubles,
    ports,
    daemons_word,
    cards,
    network,
    conduct,
    clocks,
    rules,
    asleep,
)


def diagnose(facts: Facts) -> list[Finding]:
    """Everything that is to be said, by severity."""
    found = [finding for look in LOOKS for finding in look(facts)]
    return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))


def is_healthy(facts: Facts, findings: Iterable[Finding]) -> bool:
    """True when alerts go out, as every page judges it; warnings and notes do not stop them."""
    can_send = facts.judgement is None or facts.judgement.ready
    return can_send and all(finding.severity != "fault" for finding in findings)
