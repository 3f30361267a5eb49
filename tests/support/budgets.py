"""People, and how much goes out to them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import (
    mark_pdu_started,
    mark_released,
    mark_sent,
)
from db.modems.budgets import passed, shares_of
from rules.orders.budgets import Passed
from tests.support.people import person


def send_all(sender, now, at_most=100):
    """The numbers that this SIM took, in order."""
    taken = []
    claim = claim_part(sender, now)
    while claim is not None and len(taken) < at_most:
        mark_pdu_started(claim, now)
        mark_sent(claim, len(taken), sender, now)
        taken.append(claim.msisdn)
        claim = claim_part(sender, now)
    if claim is not None:
        mark_released(claim, "test", now)
    return taken


def people(count, now):
    for number in range(count):
        person(number, now)


def planned(numbers: Sequence[str], parts: int | Mapping[str, int], now: datetime) -> list[Passed]:
    """Budgets near their limit after an order of `parts` each (or by number)."""
    return passed(shares_of(numbers, parts, now), now)
