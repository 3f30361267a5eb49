"""Reception over a day as a drawing, in WIDTH units of time and HEIGHT units of signal; gaps stay gaps. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise, zip_longest
from typing import Literal

from db.modems.signal_history import EVERY, ModemSample

WIDTH, HEIGHT = 1440, 100
# 3GPP TS 27.007 § 8.5: what a modem can tell of, in dBm.
WEAKEST_DBM, STRONGEST_DBM = -113, -51
# A sample holds until the next one; when that does not come for so long, nobody knows.
HOLDS = 2 * EVERY + timedelta(minutes=1)

# other  registered, technology unknown · none  no network · unknown  nobody looked
Network = Literal["4G", "3G", "2G", "other", "none", "unknown"]
NETWORKS: tuple[Network, ...] = ("4G", "3G", "2G", "other", "none", "unknown")

# The network from x on, so many units wide · from when on it was this network, with the operator where one is known
Band = tuple[Network, float, float]
Change = tuple[datetime, Network, str | None]


@dataclass(frozen=True, slots=True)
class History:
    """`lines` are `points` of SVG polylines, `lasted` how long networks lasted, `losses` how often it was lost.
    `weakest_dbm` and `strongest_dbm` are None where no signal was ever known. `changes` are newest first.
    """

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
    """One state from `start` to `end`. A modem without a network may still report a signal, which is useless."""

    start: datetime
    end: datetime
    network: Network = "unknown"
    level: int | None = None
    operator: str | None = None


def history(samples: Sequence[ModemSample], since: datetime, until: datetime, holds: timedelta = HOLDS) -> History:
    """The drawing of `since` to `until`; `samples` are oldest first, hold for `holds` and may begin so much before."""
    spans = list(_spans(samples, since, until, holds))
    lasted = dict.fromkeys(NETWORKS, timedelta())
    for span in spans:
        lasted[span.network] += span.end - span.start
    levels = [span.level for span in spans if span.level is not None]
    stretches = [(network, list(run)) for network, run in groupby(spans, key=lambda span: span.network)]
    changes = [next(run) for _key, run in groupby(spans, key=lambda span: (span.network, span.operator))]

    def units(at: datetime) -> float:
        return round((at - since) / (until - since) * WIDTH, 1)

    def points(run: Sequence[_Span]) -> str:
        levels = [(span.start, span.level) for span in run] + [(run[-1].end, run[-1].level)]
        return " ".join(f"{units(at)},{height(level)}" for at, level in levels if level is not None)

    return History(
        bands=tuple(
            (network, units(run[0].start), round(units(run[-1].end) - units(run[0].start), 1))
            for network, run in stretches
        ),
        # One per stretch that had a signal all along, drawn to its end.
        lines=tuple(points([*run]) for known, run in groupby(spans, key=lambda span: span.level is not None) if known),
        lasted={network: span for network, span in lasted.items() if span},
        losses=sum(
            now == "none" and before not in ("none", "unknown") for (before, _), (now, _) in pairwise(stretches)
        ),
        weakest_dbm=min(levels, default=None),
        strongest_dbm=max(levels, default=None),
        changes=tuple((span.start, span.network, span.operator) for span in reversed(changes)),
    )


def height(dbm: int) -> float:
    """The distance of a level from the drawing's top."""
    within = min(max(dbm, WEAKEST_DBM), STRONGEST_DBM)
    return round((STRONGEST_DBM - within) / (STRONGEST_DBM - WEAKEST_DBM) * HEIGHT, 1)


def thinned(samples: Iterable[ModemSample], step: timedelta) -> list[ModemSample]:
    """One sample per `step`: without network where one of them was, else the weakest; an unknown signal is not that."""
    kept, unknown = [], STRONGEST_DBM + 1
    for start, group in groupby(samples, key=lambda sample: int(sample.at.timestamp() // step.total_seconds())):
        worst = min(group, key=lambda one: (one.registered, unknown if one.signal_dbm is None else one.signal_dbm))
        worst.at = datetime.fromtimestamp(start * step.total_seconds(), UTC)
        kept.append(worst)
    return kept


def _spans(samples: Sequence[ModemSample], since: datetime, until: datetime, holds: timedelta) -> Iterator[_Span]:
    """All of the time without holes, in order."""
    told_until = since
    for sample, following in zip_longest(samples, samples[1:]):
        start = max(sample.at, since)
        end = min(following.at if following else until, sample.at + holds, until)
        if end <= start:
            continue
        if start > told_until:
            yield _Span(told_until, start)
        if sample.registered:
            network: Network = next((known for known in NETWORKS[:3] if known == sample.technology), "other")
            yield _Span(start, end, network, sample.signal_dbm, sample.operator)
        else:
            yield _Span(start, end, "none")
        told_until = end
    if told_until < until:
        yield _Span(told_until, until)
