"""Missing reports of a SIM's texts: an operator that accepts a burst and drops it reports nothing. The texts of the
last half hour are read in the order of sending (a CUSUM test): one without a report adds the more, the surer this SIM's
texts usually have theirs by that age; one with a report takes away; never below zero. Of all texts, and of each
operator's range; the threshold was chosen by trial (tests/rules/test_silence.py) (docs/adr/0098).
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
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
# A range's own earlier texts tell what is usual of it, from so many on.
_OWN_CURVE = 20
# Of a SIM's newest texts so many show from which ranges reports come. Each range gets one of the first few; after so
# many to one range the next goes to another: a report of that one shows that the range is silent, not the whole SIM.
NEWEST, NEWEST_WITHIN = 16, timedelta(minutes=2)
_FIRST_FEW, _IN_A_ROW = 4, 4
# When a whole SIM falls silent, so many of the missing reports may be of one range only by chance.
_A_FEW = 2


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


def silence(texts: Sequence[TextSent], earlier: Sequence[TextSent], now: datetime) -> Silence | None:
    """The present silence among `texts`, in the order of sending; None if there is none. What is usual is told by this
    SIM's `earlier` texts: without reports of these there is no silence to notice.
    """
    usual = {operator: _usual(earlier, operator) for operator in ("", *RANGES.values())}
    whole = _lasting(texts, usual, now)
    ranges = ((operator, [text for text in texts if range_of(text.msisdn) == operator]) for operator in RANGES.values())
    judged = (_lasting(those, usual, now, operator) for operator, those in ranges)
    silent = [lasting for lasting in judged if lasting is not None]
    if len(silent) == 1 and (whole is None or _others_come(texts, silent[0])):
        return silent[0]
    return whole or (replace(silent[0], operator="") if silent else None)


def _usual(earlier: Sequence[TextSent], operator: str) -> Callable[[timedelta], float]:
    """The share of texts with a report by an age, believed less of few; of the range's own where they are enough."""
    own = [text for text in earlier if range_of(text.msisdn) == operator]
    texts = own if len(own) >= _OWN_CURVE else earlier
    delays = sorted(text.reported_at - text.sent_at for text in texts if text.reported_at is not None)
    return lambda age: min(_AT_MOST, bisect_right(delays, age / _SLOWER) / (len(texts) + 2))


def _others_come(texts: Sequence[TextSent], lasting: Silence) -> bool:
    """True when the network reports on texts to other ranges, sent since a few of this one's are missing."""
    own = (text for text in texts if range_of(text.msisdn) == lasting.operator and text.sent_at >= lasting.since)
    since = [text.sent_at for text in own if text.reported_at is None][_A_FEW]
    later = (text for text in texts if text.sent_at > since and text.reported_at is not None)
    return any(range_of(text.msisdn) != lasting.operator for text in later)


def range_to_try(texts: Sequence[tuple[str, bool]]) -> str:
    """The operator whose range a SIM's next text tries, "" for none: of those without a report, while reports of others
    come, the one that had the fewest texts. `texts` are the newest numbers in the order of sending, each with whether
    it has its report.
    """
    sent = [range_of(msisdn) for msisdn, _reported in texts]
    heard = {range_of(msisdn) for msisdn, reported in texts if reported}
    silent = [name for name in RANGES.values() if name not in heard and (name in sent or len(sent) < _FIRST_FEW)]
    if not silent or (len(sent) >= _FIRST_FEW and not heard):
        return ""
    tried = min(silent, key=sent.count)
    in_a_row = sent[-_IN_A_ROW:] == [tried] * _IN_A_ROW
    return next((name for name in RANGES.values() if name in heard), tried) if in_a_row else tried


def _lasting(
    texts: Sequence[TextSent], usual: Mapping[str, Callable[[timedelta], float]], now: datetime, operator: str = ""
) -> Silence | None:
    doubt, missing, since = 0.0, 0, now
    for text in texts:
        if text.reported_at is not None:
            doubt += log(_STILL_COME)
        else:
            reported = usual[range_of(text.msisdn)](now - text.sent_at)
            doubt += log((1 - _STILL_COME * reported) / (1 - reported))
            missing += 1
            since = min(since, text.sent_at)
        if doubt <= 0:
            doubt, missing, since = 0.0, 0, now
    return Silence(since, missing, operator) if doubt >= _BELIEVED else None
