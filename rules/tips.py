"""Tips (« signalements »): who may report one, its possible outcomes, and what may be written about it."""

import re
from datetime import timedelta
from typing import Literal

from rules.refusals import FieldRefusal

Outcome = Literal["intervention", "inquiry", "known", "nothing", "elsewhere"]
OUTCOMES: tuple[Outcome, ...] = ("intervention", "inquiry", "known", "nothing", "elsewhere")
# What helped; the last of the others goes to the competent police station.
USEFUL: tuple[Outcome, ...] = ("intervention", "inquiry")
# Outcomes that are answered in words of the zone's own; « elsewhere » refers to the station instead.
ANSWERED: tuple[str, ...] = OUTCOMES[:-1]
TellerKind = Literal["member", "coordinator", "officer", "other"]
TELLERS: tuple[TellerKind, ...] = ("member", "coordinator", "officer", "other")
# Without an outcome for so long it is a task of the officers.
LATE_AFTER = timedelta(days=14)
# So long after an alert what comes in may be about it.
ABOUT_ALERT_FOR = timedelta(hours=24)
LONGEST_WORDS, LONGEST_STREET, LONGEST_PV = 500, 80, 40
# « LI.12.L1.001234/2026 »: more figures than a plate has.
_PV_FIGURES = 5
_PV = re.compile(r"[\w./ -]+")


def require_pv(number: str) -> None:
    """Raise FieldRefusal for what is not the number of an official report."""
    if number and not (_PV.fullmatch(number) and sum(map(str.isdigit, number)) >= _PV_FIGURES):
        raise FieldRefusal(
            "pv", "« {number} » n'est pas un numéro de PV. Exemple : LI.12.L1.001234/2026.", number=number
        )
