"""TP-Validity-Period, relative format (3GPP TS 23.040 § 9.2.3.12.1)."""

from datetime import timedelta
from typing import Final

SHORTEST: Final = timedelta(minutes=5)
LONGEST: Final = timedelta(weeks=63)
_BANDS: Final = (
    # up to, in steps of, the octet that stands for no step at all
    (timedelta(hours=12), timedelta(minutes=5), -1),
    (timedelta(hours=24), timedelta(minutes=30), 119),
    (timedelta(days=30), timedelta(days=1), 166),
    (LONGEST, timedelta(weeks=1), 192),
)


def tp_vp(validity: timedelta) -> int:
    """The smallest octet that stands for at least `validity`, which is clamped to 5 minutes … 63 weeks."""
    validity = min(max(validity, SHORTEST), LONGEST)
    step, base = next((step, base) for up_to, step, base in _BANDS if validity <= up_to)
    return base - (-validity // step)  # minus the floor of the negative: rounded up
