"""Budgets of SIMs: what operators count, the presets of their terms, and what an order would leave of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
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
        """True for any limit."""
        return bool(self.day or self.month or self.recipients)


@dataclass(frozen=True, slots=True)
class Use:
    """A SIM's count of today and this month."""

    day: int
    month: int
    recipients: int


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


def passed_budgets(shares: Sequence[Share], uses: Mapping[str, Use], waiting: int) -> list[Passed]:
    """Budgets at 80 % or more after an order, passed ones first. `uses` by IMSI; `waiting` are the parts that earlier
    alerts will still use, of all SIMs together.
    """
    each_waits = -(-waiting // max(1, len(shares)))
    after: list[Passed] = []
    for share in (share for share in shares if share.limits):
        limits, use, more = share.limits, uses[share.imsi], share.parts + each_waits
        after += (
            Passed(share.imsi, share.modem, "day", limits.day, use.day + more),
            Passed(share.imsi, share.modem, "month", limits.month, use.month + more),
            Passed(share.imsi, share.modem, "recipients", limits.recipients, use.recipients + share.new),
        )
    near = [budget for budget in after if budget.limit and budget.total >= WARN_AT * budget.limit]
    return sorted(near, key=lambda budget: -budget.total / budget.limit)


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
