"""What an urgent order would use of each SIM's budget, asked before it is taken: nothing stops it afterwards."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from peewee import chunked

from db.budgets.calendar import day_of
from db.budgets.limits import Limits
from db.budgets.room import Use, limits_of, use_of
from db.models import LANE_NORMAL, Broadcast, Modem, Part, SimRecipient, tuples
from db.readiness import live_hosts
from db.states import Part as PartState
from db.states import Stage

Kind = Literal["day", "month", "recipients"]

WARN_AT = 0.8
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Passed:
    """One budget after the order: `total` of `limit`; over it when `excess` is above zero."""

    imsi: str
    modem: str
    kind: Kind
    limit: int
    total: int

    @property
    def excess(self) -> int:
        return max(0, self.total - self.limit)


@dataclass(frozen=True, slots=True)
class _Share:
    """One SIM's people of an order."""

    imsi: str
    modem: str
    limits: Limits
    numbers: tuple[str, ...] = ()


def planned(numbers: Sequence[str], parts: int | Mapping[str, int], now: datetime) -> list[Passed]:
    """The budgets that would stand at 80 % or more with these people at `parts` each (or each at their own), those
    that are passed first.

    An estimate: who knows a SIM counts for it, the others for the SIM with the fewest, as modems of one speed would
    share them. Empty when no SIM that is ready has limits, without looking at the people.
    """
    shares = _ready(now)
    if not any(share.limits for share in shares):
        return []
    waiting = -(-_urgent_parts() // len(shares))
    found = [
        passed
        for share in _shared(shares, numbers)
        if share.limits
        for passed in _passed(share, parts, waiting, now)
        if passed.total >= WARN_AT * passed.limit
    ]
    return sorted(found, key=lambda passed: -passed.total / passed.limit)


def _ready(now: datetime) -> list[_Share]:
    rows = Modem.select(Modem.imsi, Modem.name).where(
        Modem.host.in_(live_hosts(now)), Modem.state == "ready", Modem.imsi.is_null(False)
    )
    return [_Share(imsi, name, limits_of(imsi)) for imsi, name in tuples(rows.order_by(Modem.host, Modem.name))]


def _urgent_parts() -> int:
    """What earlier alerts will still use."""
    waiting = (
        Part.select()
        .join(Broadcast, on=(Part.broadcast == Broadcast.id))
        .where(Broadcast.stage.in_([Stage.QUEUED, Stage.SCHEDULED]), Broadcast.lane < LANE_NORMAL)
        .where(Part.state == PartState.QUEUED)
    )
    return int(waiting.count())


def _shared(shares: list[_Share], numbers: Sequence[str]) -> list[_Share]:
    """Everybody to the SIM that they know, the others evenly."""
    theirs: dict[str, list[str]] = {share.imsi: [] for share in shares}
    strangers: list[str] = []
    homes = dict(_homes(numbers))
    for number in numbers:
        home = theirs.get(homes.get(number, ""))
        (strangers if home is None else home).append(number)
    for number in strangers:
        min(theirs.values(), key=len).append(number)
    return [replace(share, numbers=tuple(theirs[share.imsi])) for share in shares]


def _homes(numbers: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each number with the SIMs that sent to it, the last one last."""
    for chunk in chunked(numbers, _CHUNK):
        rows = SimRecipient.select(SimRecipient.msisdn, SimRecipient.imsi).where(SimRecipient.msisdn.in_(list(chunk)))
        yield from tuples(rows.order_by(SimRecipient.last_at))


def _passed(share: _Share, parts: int | Mapping[str, int], waiting: int, now: datetime) -> Iterator[Passed]:
    use: Use = use_of(share.imsi, now)
    own = len(share.numbers) * parts if isinstance(parts, int) else sum(parts[number] for number in share.numbers)
    more = own + waiting
    totals: tuple[tuple[Kind, int, int], ...] = (
        ("day", share.limits.day, use.day + more),
        ("month", share.limits.month, use.month + more),
        ("recipients", share.limits.recipients, use.recipients + _new(share, now) if share.limits.recipients else 0),
    )
    for kind, limit, total in totals:
        if limit:
            yield Passed(share.imsi, share.modem, kind, limit, total)


def _new(share: _Share, now: datetime) -> int:
    """How many of its people this SIM has not met this month."""
    met = 0
    for chunk in chunked(share.numbers, _CHUNK):
        known = SimRecipient.select().where(
            SimRecipient.imsi == share.imsi,
            SimRecipient.month == day_of(now)[:7],
            SimRecipient.msisdn.in_(list(chunk)),
        )
        met += known.count()
    return len(share.numbers) - met
