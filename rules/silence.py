"""Missing reports of a SIM's texts: an operator that accepts a burst and drops it reports nothing (pure). The texts of
the last half hour are read in the order of sending (a CUSUM test). One without a report adds more, the more reliably
this SIM's usual texts had theirs by that age; one with a report reduces the sum. The sum never falls below zero, so
that "delivered, then nothing" is found as soon as "nothing at all". It is done for all texts together and for those of
each operator's range, and the threshold was chosen by trial: tests/rules/test_silence.py has a hundred alerts with
ordinary losses.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log
from typing import Final, NamedTuple

from rules.numbers import RANGES, range_of

# What was sent before says nothing of now; so a SIM that was silent is tried again after so long.
LATELY: Final = timedelta(minutes=30)
# So many earlier texts tell what is usual of a SIM.
USUAL_TEXTS: Final = 300
# A network that is slow today is twice as slow as usual, and tonight three phones of ten are off.
_SLOWER, _AT_MOST = 2, 0.7
# While an operator drops them, so many of the usual reports come all the same.
_STILL_COME = 0.05
# The odds at which it is believed, as a logarithm: about eight texts in a row without a report.
_BELIEVED = 9.0


class TextSent(NamedTuple):
    """A text that the network accepted. `reported_at` is when any final report arrived, None if none has yet."""

    msisdn: str
    sent_at: datetime
    reported_at: datetime | None


@dataclass(frozen=True, slots=True)
class Silence:
    """No report, or hardly one, of `texts` since `since`; `operator` has the range of their numbers, "" for any."""

    since: datetime
    texts: int
    operator: str = ""


def silence(texts: Sequence[TextSent], usual: Sequence[timedelta | None], now: datetime) -> Silence | None:
    """The present silence among `texts`, which are in the order of sending; None if there is none.

    `usual` are the delays of this SIM's earlier reports, None for a text that never had one. Without any earlier
    report, as for a new SIM, there is no silence to find.
    """
    delays = sorted(delay.total_seconds() for delay in usual if delay is not None)
    if not delays:
        return None
    curve = _Curve(delays, len(usual))
    whole = _lasting(texts, curve, now)
    ranges = ((operator, [text for text in texts if range_of(text.msisdn) == operator]) for operator in RANGES.values())
    partial = (_lasting(those, curve, now, operator) for operator, those in ranges)
    return whole or next((lasting for lasting in partial if lasting is not None), None)


class _Curve(NamedTuple):
    delays: Sequence[float]
    texts: int

    def share(self, age: timedelta) -> float:
        """The share of texts that has its report by that age, believed of few texts less than of many."""
        in_time = bisect_right(self.delays, age.total_seconds() / _SLOWER)
        return min(_AT_MOST, in_time / (self.texts + 2))


def _lasting(texts: Sequence[TextSent], curve: _Curve, now: datetime, operator: str = "") -> Silence | None:
    doubt, missing, since = 0.0, 0, now
    for text in texts:
        if text.reported_at is not None:
            doubt += log(_STILL_COME)
        else:
            share = curve.share(now - text.sent_at)
            doubt += log((1 - _STILL_COME * share) / (1 - share))
            missing += 1
            since = min(since, text.sent_at)
        if doubt <= 0:
            doubt, missing, since = 0.0, 0, now
    return Silence(since, missing, operator) if doubt >= _BELIEVED else None
