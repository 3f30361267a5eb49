"""An urgent order's share of every SIM's budget, estimated before it is taken: nothing stops it afterwards."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from peewee import chunked

from db.engine.base import tuples
from db.models.broadcasts import Broadcast, Part
from db.models.modem_records import SimRecipient
from db.models.zone import Modem
from db.modems.budgets.limits import limits_of, use_of
from db.modems.readiness import live_hosts
from rules.calendar import day_of
from rules.orders.budgets import Passed, Share, passed_budgets
from rules.states import LANE_NORMAL, PartState, Stage

_CHUNK = 500
_WILL_GO = (Stage.AWAITING_APPROVAL, Stage.SCHEDULED, Stage.QUEUED, Stage.PAUSED)


def shares_of(numbers: Sequence[str], parts: int | Mapping[str, int], now: datetime) -> list[Share]:
    """The shares of an order of so many parts a number, or by number. An estimate: who knows a SIM counts for it, the
    others for the SIM with the fewest. Outside transactions: reading a hundred thousand people takes its time.
    """
    shares = _ready(now)
    return _shared(shares, numbers, parts, now) if any(share.limits for share in shares) else shares


def passed(shares: Sequence[Share], now: datetime) -> list[Passed]:
    """Budgets at 80 % or more after the order, passed ones first. Short, for inside the transaction."""
    uses = {share.imsi: use_of(share.imsi, now) for share in shares if share.limits}
    return passed_budgets(shares, uses, _urgent_parts()) if uses else []


def _ready(now: datetime) -> list[Share]:
    rows = Modem.select(Modem.imsi, Modem.name).where(
        Modem.host.in_(live_hosts(now)), Modem.state == "ready", Modem.imsi.is_null(False)
    )
    return [Share(imsi, name, limits_of(imsi)) for imsi, name in tuples(rows.order_by(Modem.host, Modem.name))]


def _urgent_parts() -> int:
    """Parts that earlier alerts will still use, also one that is paused or waits for its second person."""
    waiting = (
        Part.select()
        .join(Broadcast, on=(Part.broadcast == Broadcast.id))
        .where(Broadcast.stage.in_(_WILL_GO), Broadcast.lane < LANE_NORMAL)
        .where(Part.state == PartState.QUEUED)
    )
    return int(waiting.count())


def _shared(shares: list[Share], numbers: Sequence[str], parts: int | Mapping[str, int], now: datetime) -> list[Share]:
    """Everybody to the SIM that they know, the others evenly."""
    theirs: dict[str, list[str]] = {share.imsi: [] for share in shares}
    strangers: list[str] = []
    homes = dict(_homes(numbers))
    for number in numbers:
        home = theirs.get(homes.get(number, ""))
        (strangers if home is None else home).append(number)
    for number in strangers:
        min(theirs.values(), key=len).append(number)
    return [_with(share, theirs[share.imsi], parts, now) if share.limits else share for share in shares]


def _with(share: Share, numbers: list[str], parts: int | Mapping[str, int], now: datetime) -> Share:
    own = len(numbers) * parts if isinstance(parts, int) else sum(parts[number] for number in numbers)
    return replace(share, parts=own, new=_new(share.imsi, numbers, now) if share.limits.recipients else 0)


def _homes(numbers: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each number with the SIMs that sent to it, the last one last."""
    for chunk in chunked(numbers, _CHUNK):
        rows = SimRecipient.select(SimRecipient.msisdn, SimRecipient.imsi).where(SimRecipient.msisdn.in_(list(chunk)))
        yield from tuples(rows.order_by(SimRecipient.last_at))


def _new(imsi: str, numbers: list[str], now: datetime) -> int:
    """Number of these people whom this SIM has not met this month."""
    met = 0
    for chunk in chunked(numbers, _CHUNK):
        known = SimRecipient.select().where(
            SimRecipient.imsi == imsi,
            SimRecipient.month == day_of(now)[:7],
            SimRecipient.msisdn.in_(list(chunk)),
        )
        met += known.count()
    return len(numbers) - met
