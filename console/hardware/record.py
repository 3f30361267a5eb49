"""The record of a modem in words and figures: its events, and a histogram of its submit times. Pure but for words."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from flask_babel import gettext as _

from console.i18n.audit_labels import deed
from console.i18n.labels import reason_words
from console.i18n.translate import said
from db.modems.events import Event

# Seconds at which a new bar begins: 1-6 s are usual (docs/reference/mission.md, "Facts that shape it"); the last bars
# are of a network in trouble.
BOUNDS_S = (1, 2, 3, 5, 8, 15, 30, 60)


@dataclass(frozen=True, slots=True)
class Bar:
    """Submits of `from_s` to `to_s` seconds, None for no end; `share` is of the longest bar, 0–100."""

    from_s: int
    to_s: int | None
    count: int
    share: int


@dataclass(frozen=True, slots=True)
class Submits:
    """`median_s` and `slowest_s` are of all of them together."""

    bars: tuple[Bar, ...]
    count: int
    median_s: float
    slowest_s: float


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """`who` is empty for what nobody did; `code` stands beside the words for support."""

    at: datetime
    words: str
    who: str
    code: str
    tone: str


def histogram(seconds: Sequence[float]) -> Submits | None:
    """Bars up to the last one that holds something; None without submits."""
    if not seconds:
        return None
    counts = [0] * (len(BOUNDS_S) + 1)
    for each in seconds:
        counts[bisect_right(BOUNDS_S, each)] += 1
    last = max(place for place, count in enumerate(counts) if count)
    starts, ends = (0, *BOUNDS_S), (*BOUNDS_S, None)
    bars = tuple(
        Bar(starts[place], ends[place], counts[place], round(100 * counts[place] / max(counts)))
        for place in range(last + 1)
    )
    return Submits(bars, len(seconds), median(seconds), max(seconds))


def shown(event: Event) -> ShownEvent:
    """The event as a line of the modem's page."""
    if event.entry is not None:
        told = deed(event.entry)
        done = f"{told.action} {told.subject.rpartition('/')[2]}"
        words = f"{done} · {told.detail}" if told.detail else done
        return ShownEvent(event.at, words, told.actor, "", "waiting")
    if event.what == "refused":
        words = reason_words(event.code)
        code = "" if words and event.code.islower() else event.code  # our own codes are no help to anybody
        return ShownEvent(event.at, words or _("refusé"), "", code, "doubt")
    if event.what == "began":
        return ShownEvent(event.at, said(event.told), "", "", "failed")
    return ShownEvent(event.at, _("Résolu : %(what)s", what=said(event.told)), "", "", "proven")
