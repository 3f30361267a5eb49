"""Figures of the partnership, and its papers: what may be shown of few people, and when a date is near."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Literal

# Of a neighbourhood, no figure is about fewer people (docs/adr/0145).
FEWEST = 5
# In the place of such a figure.
FEW = "< 5"
Figure = int | float | str | None

# s: seconds, %: a share, n: a count. Those about people are hidden where they are few.
Unit = Literal["n", "s", "%"]
FIGURES: dict[str, Unit] = {
    "alerts": "n",
    "last_phone": "s",
    "people": "n",
    "received": "n",
    "sent": "n",
    "waiting": "n",
    "otherwise": "n",
    "share": "%",
    "feedbacks": "n",
    "feedback": "s",
    "bulletins": "n",
    "forwarded": "n",
    "forwarding": "s",
    "tips": "n",
    "gained": "n",
    "lost": "n",
    "dead": "n",
}
# The four states of an alert's people, which add up to them (docs/adr/0202-four-states-that-add-up.md).
STATES = ("received", "sent", "waiting", "otherwise")
OF_PEOPLE = ("people", *STATES, "gained", "lost", "dead")

PAPERS = ("charter", "rules", "minutes")
# Those that hold until a day.
LASTING = ("charter", "rules")
REMINDED = timedelta(days=60)


def middle(values: Sequence[float]) -> float | None:
    """The median; None of nothing."""
    return float(median(values)) if values else None


def share(part: int, whole: int) -> int | None:
    """A part in per cent; None of nothing."""
    return round(100 * part / whole) if whole else None


def guarded(values: dict[str, Figure]) -> dict[str, Figure]:
    """The figures of a neighbourhood, without those about one to four people."""
    few = {name for name in OF_PEOPLE if is_few(values[name])}
    if few & {"people", *STATES}:  # each is the rest of the others
        few |= {"share", *STATES}
    return {name: FEW if name in few else value for name, value in values.items()}


def is_few(value: Figure) -> bool:
    """True for a count of at least one person, and of fewer than may be shown."""
    return isinstance(value, int) and 0 < value < FEWEST


@dataclass(frozen=True, slots=True)
class Due:
    """Something of the papers to see to: `what` is charter, rules, ending or unchecked; `day` an ISO date, or empty."""

    what: str
    place: str
    day: str


def is_near(day: str, today: date) -> bool:
    """True for a day that has passed, or is so near that somebody has to see to it; False for none."""
    return bool(day) and date.fromisoformat(day) - today <= REMINDED
