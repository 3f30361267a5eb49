"""Reception over a day as a drawing: a line where there was signal, a band for the network under it, gaps as gaps.
Pure. Distances are in `WIDTH` units for the whole time and `HEIGHT` units for the signal's range.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise, zip_longest
from typing import Literal

from db.modems.signal_history import EVERY, Sample

WIDTH, HEIGHT = 1440, 100
# 3GPP TS 27.007 § 8.5: what a modem can tell of, in dBm.
WEAKEST_DBM, STRONGEST_DBM = -113, -51
# A sample holds until the next one; when that does not come for so long, nobody knows.
HOLDS = 2 * EVERY + timedelta(minutes=1)

# other  registered, technology unknown · none  no network · unknown  nobody looked
Network = Literal["4G", "3G", "2G", "other", "none", "unknown"]
NETWORKS: tuple[Network, ...] = ("4G", "3G", "2G", "other", "none", "unknown")
_TOLD: tuple[Network, ...] = ("4G", "3G", "2G")
_REGISTERED: tuple[Network, ...] = (*_TOLD, "other")


# The network from x on, so many units wide · from when on it was this network, with the operator where one is known
Band = tuple[Network, float, float]
Change = tuple[datetime, Network, str | None]


@dataclass(frozen=True, slots=True)
class History:
    """`lines` are `points` of SVG polylines, `lasted` how long networks lasted, `losses` how often it was lost.
    `weakest_dbm` and `strongest_dbm` are None where no signal was ever known. `changes` are newest first.
    """

    since: datetime
    until: datetime
    bands: tuple[Band, ...]
    lines: tuple[str, ...]
    lasted: dict[Network, timedelta]
    losses: int
    weakest_dbm: int | None
    strongest_dbm: int | None
    changes: tuple[Change, ...]

    @property
    def is_empty(self) -> bool:
        """Nobody looked at this modem in the whole time."""
        return set(self.lasted) <= {"unknown"}


@dataclass(frozen=True, slots=True)
class _Span:
    """One state from `start` to `end`; `sample` is None where nobody looked."""

    start: datetime
    end: datetime
    sample: Sample | None

    @property
    def network(self) -> Network:
        if self.sample is None:
            return "unknown"
        if not self.sample.registered:
            return "none"
        return next((network for network in _TOLD if network == self.sample.technology), "other")

    @property
    def level(self) -> int | None:
        """Its signal in dBm; a modem that is on no network may still tell of one, which is no use to anybody."""
        return self.sample.signal_dbm if self.sample and self.sample.registered else None


def history(samples: Sequence[Sample], since: datetime, until: datetime, holds: timedelta = HOLDS) -> History:
    """The drawing of `since` to `until`; `samples` are oldest first, hold for `holds` and may begin so much before."""
    spans = list(_spans(samples, since, until, holds))
    lasted = dict.fromkeys(NETWORKS, timedelta())
    for span in spans:
        lasted[span.network] += span.end - span.start
    levels = [span.level for span in spans if span.level is not None]
    stretches = [(network, list(run)) for network, run in groupby(spans, key=lambda span: span.network)]
    scale = WIDTH / (until - since).total_seconds()
    return History(
        since=since,
        until=until,
        bands=tuple(
            (network, _units(run[0].start - since, scale), _units(run[-1].end - run[0].start, scale))
            for network, run in stretches
        ),
        lines=tuple(_lines(spans, since, until)),
        lasted={network: span for network, span in lasted.items() if span},
        losses=sum(now == "none" and before in _REGISTERED for (before, _), (now, _) in pairwise(stretches)),
        weakest_dbm=min(levels, default=None),
        strongest_dbm=max(levels, default=None),
        changes=tuple(_changes(spans))[::-1],
    )


def height(dbm: int) -> float:
    """The distance of a level from the drawing's top."""
    within = min(max(dbm, WEAKEST_DBM), STRONGEST_DBM)
    return round((STRONGEST_DBM - within) / (STRONGEST_DBM - WEAKEST_DBM) * HEIGHT, 1)


def thinned(samples: Iterable[Sample], step: timedelta) -> list[Sample]:
    """One sample per `step`: without network where one of them was, else the weakest."""
    kept = []
    for start, group in groupby(samples, key=lambda sample: int(sample.at.timestamp() // step.total_seconds())):
        worst = min(group, key=lambda sample: (sample.registered, _told(sample.signal_dbm)))
        kept.append(replace(worst, at=datetime.fromtimestamp(start * step.total_seconds(), UTC)))
    return kept


def _told(dbm: int | None) -> int:
    """The signal for comparing: an unknown one is not the weakest."""
    return STRONGEST_DBM + 1 if dbm is None else dbm


def _spans(samples: Sequence[Sample], since: datetime, until: datetime, holds: timedelta) -> Iterator[_Span]:
    """All of the time without holes, in order."""
    told_until = since
    for sample, following in zip_longest(samples, samples[1:]):
        start = max(sample.at, since)
        end = min(following.at if following else until, sample.at + holds, until)
        if end <= start:
            continue
        if start > told_until:
            yield _Span(told_until, start, None)
        yield _Span(start, end, sample)
        told_until = end
    if told_until < until:
        yield _Span(told_until, until, None)


def _lines(spans: Iterable[_Span], since: datetime, until: datetime) -> Iterator[str]:
    """One line per stretch that had a signal all along, drawn to its end."""
    scale = WIDTH / (until - since).total_seconds()
    for known, run in groupby(spans, key=lambda span: span.level is not None):
        if known:
            stretch = list(run)
            points = [(span.start, span.level) for span in stretch] + [(stretch[-1].end, stretch[-1].level)]
            yield " ".join(f"{_units(at - since, scale)},{height(level)}" for at, level in points if level is not None)


def _changes(spans: Iterable[_Span]) -> Iterator[Change]:
    """Each new network or operator, the first too."""
    last: tuple[Network, str | None] | None = None
    for span in spans:
        operator = span.sample.operator if span.sample and span.sample.registered else None
        if (span.network, operator) != last:
            last = span.network, operator
            yield span.start, span.network, operator


def _units(span: timedelta, scale: float) -> float:
    return round(span.total_seconds() * scale, 1)
