"""Budgets of SIMs, as operators count them: presets, the SIM for each person of an order, and what it would leave."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import inf
from typing import Literal

Kind = Literal["day", "month", "recipients"]

MOST = 10_000_000
WARN_AT = 0.8


@dataclass(frozen=True, slots=True)
class Limits:
    """Parts a day and a month, distinct recipients a month; 0 is none."""

    day: int = 0
    month: int = 0
    recipients: int = 0

    def __bool__(self) -> bool:
        return bool(self.day or self.month or self.recipients)


class Use(Limits):
    """A SIM's count of the same, of today and this month."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Share:
    """One SIM's part of an order: how many parts, and to how many people that it has not met this month."""

    imsi: str
    modem: str
    limits: Limits
    parts: int = 0
    new: int = 0


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


class _Sim:
    """One SIM while an order is shared out: what is left of its budgets, and whom it has `met` this month."""

    def __init__(self, share: Share, use: Use, met: Collection[str], waiting: int) -> None:
        self.share, self._met = share, met
        self.messages = messages_left(share.limits, use) - waiting
        self._recipients = share.limits.recipients - use.recipients if share.limits.recipients else inf

    def preference(self, number: str) -> tuple[bool, int]:
        """Lowest first: a person whom it already met is no new recipient; then the one with the least to do."""
        return number not in self._met, self.share.parts

    def has_room(self, number: str, parts: int) -> bool:
        return self.messages >= parts and (self._recipients > 0 or number in self._met)

    def take(self, number: str, parts: int) -> None:
        new = number not in self._met
        self.share = replace(self.share, parts=self.share.parts + parts, new=self.share.new + new)
        self.messages -= parts
        self._recipients -= new


def messages_left(limits: Limits, use: Use) -> float:
    """Parts that the day and the month leave; infinite without a limit."""
    left = (limit - used for limit, used in ((limits.day, use.day), (limits.month, use.month)) if limit)
    return min(left, default=inf)


def shared_out(
    shares: Sequence[Share],
    uses: Mapping[str, Use],
    parts: Mapping[str, int],
    homes: Mapping[str, str],
    met: Mapping[str, Collection[str]],
    waiting: int,
) -> list[Share]:
    """The order of these `parts` by number on these SIMs: everybody by the SIM that they know (`homes`) while its
    budgets have room, else by one that has; over a budget only where none has, as claims do
    (`db.alerts.queue.choosing`). `uses`, and the people `met` this month, are by IMSI.
    """
    before = _waiting_by_sim(shares, uses, waiting)
    sims = {share.imsi: _Sim(share, uses[share.imsi], met.get(share.imsi, ()), before[share.imsi]) for share in shares}
    for number, count in parts.items():
        home = sims.get(homes.get(number, ""))
        if home is None or not home.has_room(number, count):
            fitting = [sim for sim in sims.values() if sim.has_room(number, count)]
            home = min(fitting or ([home] if home else sims.values()), key=lambda sim: sim.preference(number))
        home.take(number, count)
    return [sim.share for sim in sims.values()]


def _waiting_by_sim(shares: Sequence[Share], uses: Mapping[str, Use], waiting: int) -> dict[str, int]:
    """Parts that earlier alerts will still use, evenly, never more than a SIM has room for while another has."""
    left = {share.imsi: messages_left(share.limits, uses[share.imsi]) for share in shares}
    by_sim: dict[str, int] = {}
    for place, share in enumerate(sorted(shares, key=lambda share: left[share.imsi])):  # the fullest first
        evenly = -(-waiting // (len(shares) - place))
        by_sim[share.imsi] = int(max(0, min(evenly, left[share.imsi])))
        waiting -= by_sim[share.imsi]
    if waiting > 0:  # into none
        by_sim = {imsi: count + -(-waiting // len(shares)) for imsi, count in by_sim.items()}
    return by_sim


def passed_budgets(shares: Sequence[Share], uses: Mapping[str, Use], waiting: int) -> list[Passed]:
    """Budgets at 80 % or more after the order, passed ones first; `waiting`: parts that earlier alerts still use."""
    before = _waiting_by_sim(shares, uses, waiting)
    after: list[Passed] = []
    for share in (share for share in shares if share.limits and share.parts):
        limits, use, more = share.limits, uses[share.imsi], share.parts + before[share.imsi]
        after += (
            Passed(share.imsi, share.modem, "day", limits.day, use.day + more),
            Passed(share.imsi, share.modem, "month", limits.month, use.month + more),
        )
        if share.new:
            after.append(Passed(share.imsi, share.modem, "recipients", limits.recipients, use.recipients + share.new))
    near = [budget for budget in after if budget.limit and budget.total >= WARN_AT * budget.limit]
    return sorted(near, key=lambda budget: -budget.total / budget.limit)


def times_left(shares: Sequence[Share], uses: Mapping[str, Use]) -> int | None:
    """The times that the month still allows the same order after it, nobody being new; None without a monthly limit."""
    parts = sum(share.parts for share in shares)
    if not parts or not all(share.limits.month for share in shares):
        return None
    left = (share.limits.month - uses[share.imsi].month - share.parts for share in shares)
    return sum(max(0, messages) for messages in left) // parts


@dataclass(frozen=True, slots=True)
class Preset:
    """One operator's published terms. `source` is French, for the page."""

    key: str
    operator: str
    limits: Limits
    source: str
    read_of: date = date(2022, 4, 26)
    review_on: date = date(2027, 1, 31)


# Normal use of consumer SIMs with unlimited texts, as Belgian operators call it; after `review_on`, look again. A
# start, not a promise: a person chooses one. Orange, Telenet and Mobile Vikings give no figures in public.
PRESETS = (
    Preset("proximus", "Proximus", Limits(500, 10_000, 250), "conditions générales, citées par L'Avenir"),
    Preset(
        "base",
        "BASE",
        Limits(350, 10_000, 0),
        "page « unlimited » du site de BASE, version de KPN Group Belgium ; L'Avenir cite encore 350 par jour en 2022",
    ),
)
