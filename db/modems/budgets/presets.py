"""Normal use of consumer SIMs with unlimited texts, as Belgian operators call it; after `review_on`, look again.

A start, not a promise: a person chooses one. Orange, Telenet and Mobile Vikings give no figures that could be found.
"""

from dataclasses import dataclass
from datetime import date

from db.modems.budgets.limits import Limits


@dataclass(frozen=True, slots=True)
class Preset:
    """One operator's published terms. `source` is French, for the page."""

    key: str
    operator: str
    limits: Limits
    source: str
    read_of: date
    review_on: date


PRESETS = (
    Preset(
        "proximus",
        "Proximus",
        Limits(500, 10_000, 250),
        "conditions générales, citées par L'Avenir",
        date(2022, 4, 26),
        date(2027, 1, 31),
    ),
    Preset(
        "base",
        "BASE",
        Limits(350, 10_000, 0),
        "page « unlimited » du site de BASE, version de KPN Group Belgium ; L'Avenir cite encore 350 par jour en 2022",
        date(2022, 4, 26),
        date(2027, 1, 31),
    ),
)


def preset(key: str) -> Preset | None:
    """The preset with this key."""
    return next((known for known in PRESETS if known.key == key), None)
