"""An urgent order's share of every SIM's budget, estimated before it is taken: nothing stops it afterwards."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from peewee import chunked

from db.engine.base import tuples
from db.models.broadcasts import Broadcast, Part
from db.models.modem_records import SimRecipient
from db.modems.budgets.limits import limits_of, use_of
from db.modems.reporting import filtered_sims, ready_sims
from rules.calendar import day_of
from rules.orders import budgets
from rules.orders.budgets import Passed, Share, Use, passed_budgets, shared_out
from rules.states import LANE_NORMAL, PartState, Stage

_CHUNK = 500
_WILL_GO = (Stage.AWAITING_APPROVAL, Stage.SCHEDULED, Stage.QUEUED, Stage.PAUSED)


def shares_of(numbers: Sequence[str], parts: int | Mapping[str, int], now: datetime) -> list[Share]:
    """The shares of an order of so many parts a number, or by number, on the SIMs that can send; an estimate. Outside
    transactions: reading a hundred thousand people takes its time.
    """
    ready, filtered = ready_sims(now), filtered_sims()
    useful = [sim for sim in ready if sim[0] not in filtered] or ready
    shares = [Share(imsi, seat.partition("/")[2], limits_of(imsi)) for imsi, seat in useful]
    if not any(share.limits for share in shares):
        return shares
    homes, met = _known(numbers, now)
    by_number = {number: parts if isinstance(parts, int) else parts[number] for number in numbers}
    return shared_out(shares, _uses(shares, now), by_number, homes, met, _urgent_parts())


def passed(shares: Sequence[Share], now: datetime) -> list[Passed]:
    """Budgets at 80 % or more after the order, passed ones first. Short, for inside the transaction."""
    if not any(share.limits for share in shares):
        return []
    return passed_budgets(shares, _uses(shares, now), _urgent_parts())


def times_left(shares: Sequence[Share], now: datetime) -> int | None:
    """The number of times that the same order can go out again this month; None without a limit of the month."""
    return budgets.times_left(shares, _uses(shares, now))


def _uses(shares: Sequence[Share], now: datetime) -> dict[str, Use]:
    return {share.imsi: use_of(share.imsi, now) for share in shares}


def _urgent_parts() -> int:
    """Parts that earlier alerts will still use, also one that is paused or waits for its second person."""
    waiting = (
        Part.select()
        .join(Broadcast, on=(Part.broadcast == Broadcast.id))
        .where(Broadcast.stage.in_(_WILL_GO), Broadcast.lane < LANE_NORMAL)
        .where(Part.state == PartState.QUEUED)
    )
    return int(waiting.count())


def _known(numbers: Sequence[str], now: datetime) -> tuple[dict[str, str], dict[str, set[str]]]:
    """By number the SIM that sent to it last, and by SIM those numbers that it met this month."""
    homes: dict[str, str] = {}
    met: dict[str, set[str]] = {}
    month = day_of(now)[:7]
    columns = SimRecipient.select(SimRecipient.msisdn, SimRecipient.imsi, SimRecipient.month)
    for chunk in chunked(numbers, _CHUNK):
        rows = columns.where(SimRecipient.msisdn.in_(list(chunk))).order_by(SimRecipient.last_at)
        for number, imsi, met_in in tuples(rows):
            homes[number] = imsi
            if met_in == month:
                met.setdefault(imsi, set()).add(number)
    return homes, met
